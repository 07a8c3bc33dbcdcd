//! Entering keys, whatever the database says for the moment.

use super::Tally;
use super::process::Processor;
use super::waiting::Turn;
use cresset_store::{Scope, StoreError, Verdict};
use std::time::Duration;
use tokio::time::Instant;

/// Attempts at several announcements before each half is tried by itself, and at one before it is
/// suspected to be what is wrong.
const TOGETHER: u32 = 3;
const ALONE: u32 = 8;
/// The first pause between attempts, and the longest.
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(5);

/// What came of attempts.
enum Tried {
    Settled(Vec<Verdict>),
    Unknown(StoreError),
    /// The database answers, but doesn't enter these.
    Failing(StoreError),
    Stopped,
}

impl Processor {
    /// Enters announcements of one collection; one that fails while others don't is buried.
    pub(super) async fn enter(&mut self, scope: &Scope, turns: Vec<Turn>) {
        let begun = Instant::now();
        let mut groups = vec![turns];
        while let Some(mut turns) = groups.pop() {
            match self.try_to_enter(scope, &turns).await {
                Tried::Settled(verdicts) => {
                    self.answered = Some(Instant::now());
                    self.settle(turns, &verdicts);
                }
                Tried::Unknown(error) => self.discard_unknown(turns, &error),
                Tried::Failing(_) if turns.len() > 1 => {
                    let second = turns.split_off(turns.len() / 2);
                    groups.extend([second, turns]);
                }
                Tried::Failing(error) => {
                    for turn in turns {
                        self.judge(turn, begun, &error).await;
                    }
                }
                // Not finished: whoever comes next takes them again.
                Tried::Stopped => return,
            }
        }
    }

    /// One that fails by itself: it is buried only if others were entered since it first failed.
    async fn judge(&mut self, turn: Turn, begun: Instant, error: &StoreError) {
        let since = turn.failing.unwrap_or(begun);
        if self.answered.is_some_and(|answered| answered > since) {
            let problem = format!("it can't be entered: {}", without_contents(error));
            self.bury(&turn.item.records, &problem).await;
        } else {
            self.waiting.keep_failing(turn, since);
        }
    }

    async fn try_to_enter(&self, scope: &Scope, turns: &[Turn]) -> Tried {
        let (mut attempt, mut failed) = (0, 0);
        let is_known = turns.iter().any(|turn| turn.failing.is_some());
        let patience = if turns.len() > 1 || is_known { TOGETHER } else { ALONE };
        loop {
            let all = turns.iter().map(|turn| turn.item.message.announcement.clone()).collect();
            let error = match self.indexer.index(scope, all).await {
                Ok(verdicts) if verdicts.len() == turns.len() => return Tried::Settled(verdicts),
                Ok(_) => StoreError::Corrupt("there isn't a verdict for each announcement".into()),
                Err(error @ StoreError::UnknownCollection(_)) => return Tried::Unknown(error),
                Err(error) => error,
            };
            if !matches!(error, StoreError::Busy { .. } | StoreError::InDoubt) {
                failed += 1;
            }
            // While the database doesn't even count letters nobody else is to blame.
            if failed >= patience && self.indexer.dead_letters().await.is_ok() {
                return Tried::Failing(error);
            }
            if !self.may_repeat(&mut attempt, &error).await {
                return Tried::Stopped;
            }
        }
    }

    /// Waits before another attempt; false at the end.
    pub(super) async fn may_repeat(&self, attempt: &mut u32, error: &StoreError) -> bool {
        if self.shared.stops() && *attempt >= TOGETHER {
            return false;
        }
        self.shared.counters.count(Tally::Retried, 1);
        if attempt.is_power_of_two() || *attempt == 0 {
            let said = without_contents(error);
            tracing::warn!("attempt {} to enter index keys failed: {said}", *attempt + 1);
        }
        let longest = SHORTEST.saturating_mul(1 << (*attempt).min(16)).min(LONGEST);
        *attempt = attempt.saturating_add(1);
        let mut stop = self.shared.stop.clone();
        let told = async move { drop(stop.wait_for(|stops| *stops).await) };
        if tokio::time::timeout(random(longest), told).await.is_ok() {
            // The last attempts follow each other sooner.
            tokio::time::sleep(random(SHORTEST)).await;
        }
        true
    }
}

/// From half of `longest` up to it: members that failed together don't come back together.
fn random(longest: Duration) -> Duration {
    let half = longest / 2;
    let (number, _) = uuid::Uuid::new_v4().as_u64_pair();
    half + Duration::from_nanos(number % u64::try_from(half.as_nanos()).unwrap_or(1).max(1))
}

/// What an error says, without what an engine may quote.
fn without_contents(error: &StoreError) -> String {
    match error {
        StoreError::Backend { context, .. } => format!("{context} failed"),
        other => other.to_string(),
    }
}
