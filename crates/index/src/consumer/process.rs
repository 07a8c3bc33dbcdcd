//! From records to announcements, and what becomes of them.

use super::item::{Item, Taken};
use super::sets::{Added, Sets};
use super::waiting::{Turn, Waiting};
use super::{Shared, Tally};
use crate::message::Record;
use cresset_store::{
    Catalogue, CollectionName, DeadLetter, Indexer, Principal, Scope, StoreError, Verdict,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

/// How often sets are looked at.
const ROUND: Duration = Duration::from_millis(500);

/// Takes batches to the database.
pub(super) struct Processor {
    pub(super) shared: Arc<Shared>,
    pub(super) indexer: Arc<dyn Indexer>,
    principal: Arc<Principal>,
    sets: Sets,
    pub(super) waiting: Waiting,
    /// When the database last gave verdicts.
    pub(super) answered: Option<Instant>,
}

impl Processor {
    pub(super) fn new(shared: Arc<Shared>, indexer: Arc<dyn Indexer>) -> Self {
        let principal = Arc::new(Principal::unrestricted("remote-index"));
        let (sets, waiting) = (Sets::default(), Waiting::default());
        Self { shared, indexer, principal, sets, waiting, answered: None }
    }

    /// Works until the end is told; what is early then gets one more try.
    pub(super) async fn run(mut self, mut batches: Receiver<Option<Vec<Taken>>>) {
        loop {
            let round = Instant::now() + ROUND;
            let next = self.waiting.next().map_or(round, |next| next.min(round));
            let batch = tokio::select! {
                batch = batches.recv() => match batch.flatten() {
                    Some(batch) => batch,
                    None => break,
                },
                () = tokio::time::sleep_until(next) => Vec::new(),
            };
            let mut turns = self.waiting.due(Instant::now());
            turns.extend(self.read(batch).await.into_iter().map(Turn::first));
            self.enter_all(turns).await;
            self.give_up_sets();
            self.tell_oldest(&[]);
        }
        let last = self.waiting.all();
        self.enter_all(last).await;
    }

    /// Reads records: those that can't be read are buried.
    async fn read(&mut self, batch: Vec<Taken>) -> Vec<Item> {
        let mut items = Vec::with_capacity(batch.len());
        for taken in batch {
            match Record::read(&taken.payload, &self.shared.settings.instance) {
                Ok(Record::Foreign) => self.finish(&[taken], Tally::Ignored),
                Ok(Record::Whole(message)) => {
                    items.push(Item { message: *message, records: vec![taken] });
                }
                Ok(Record::Part(share)) => match self.sets.add(share, taken) {
                    Added::Waiting => {}
                    Added::Repeated(taken) => self.shared.progress().finish(taken.ticket),
                    Added::Complete(item) => items.push(*item),
                    Added::Unreadable(records, e) => self.bury(&records, &e.to_string()).await,
                },
                Err(error) => self.bury(&[taken], &error.to_string()).await,
            }
        }
        items
    }

    /// Enters each collection's, in the order of their versions.
    async fn enter_all(&mut self, turns: Vec<Turn>) {
        self.tell_oldest(&turns);
        let mut collections: BTreeMap<(CollectionName, u32), Vec<Turn>> = BTreeMap::new();
        for turn in turns {
            let of = &turn.item.message.collection;
            let is_ours = {
                let progress = self.shared.progress();
                turn.item.records.iter().any(|taken| progress.holds(taken.ticket))
            };
            // Whoever has the partition now takes it again.
            if is_ours {
                collections.entry((of.name.clone(), of.generation)).or_default().push(turn);
            }
        }
        for mut turns in collections.into_values() {
            turns.sort_by(|a, b| {
                let [a, b] = [a, b].map(|turn| &turn.item.message.announcement);
                (&a.key, a.version).cmp(&(&b.key, b.version))
            });
            match self.scope(&turns) {
                Ok(scope) => self.enter(&scope, turns).await,
                Err(error) => self.discard_unknown(turns, &error),
            }
        }
    }

    /// The right to enter keys of these, which are all of one collection. A catalogue keeps one
    /// generation of a collection, and there may be messages of two: each time a new one.
    fn scope(&self, turns: &[Turn]) -> Result<Scope, StoreError> {
        let none = || StoreError::UnknownCollection(String::new());
        let of = &turns.first().ok_or_else(none)?.item.message.collection;
        let catalogue = Catalogue::new();
        catalogue.enter(cresset_store::Collection {
            name: of.name.clone(),
            generation: of.generation,
            kind: of.kind,
            fhir_version: Arc::clone(&of.fhir_version),
        })?;
        catalogue.scope(&of.name, &self.principal)
    }

    /// Nothing is to be entered where no collection is.
    pub(super) fn discard_unknown(&self, turns: Vec<Turn>, error: &StoreError) {
        tracing::warn!("{} announcements are discarded: {error}", turns.len());
        for turn in turns {
            self.finish(&turn.item.records, Tally::Unknown);
        }
    }

    /// Does what follows from verdicts.
    pub(super) fn settle(&mut self, turns: Vec<Turn>, verdicts: &[Verdict]) {
        for (turn, verdict) in turns.into_iter().zip(verdicts) {
            let tally = match verdict {
                Verdict::Entered => Tally::Entered,
                Verdict::Aborted => Tally::Aborted,
                Verdict::Foreign => Tally::Foreign,
                Verdict::Overtaken => Tally::Overtaken,
                Verdict::Early => {
                    self.shared.counters.count(Tally::Early, 1);
                    let waited = turn.item.since().map_or(Duration::MAX, |since| since.elapsed());
                    if waited < self.shared.settings.max_ready_time {
                        self.waiting.keep(turn);
                        continue;
                    }
                    // If the version is there after all, the list of what isn't indexed has it.
                    Tally::Expired
                }
            };
            self.finish(&turn.item.records, tally);
        }
    }

    /// A message is done with.
    fn finish(&self, records: &[Taken], tally: Tally) {
        let mut progress = self.shared.progress();
        records.iter().for_each(|taken| progress.finish(taken.ticket));
        drop(progress);
        self.shared.counters.count(tally, 1);
    }

    /// Keeps records for people, however long that takes.
    pub(super) async fn bury(&self, records: &[Taken], problem: &str) {
        tracing::error!("an announcement is kept as a dead letter: {problem}");
        for taken in records {
            let mut attempt = 0;
            let letter = DeadLetter {
                topic: self.shared.settings.topic.clone(),
                partition: taken.ticket.partition,
                offset: taken.ticket.offset,
                problem: problem.to_owned(),
                message: taken.payload.clone(),
            };
            while let Err(error) = self.indexer.bury(letter.clone()).await {
                if !self.may_repeat(&mut attempt, &error).await {
                    return;
                }
            }
        }
        self.finish(records, Tally::Buried);
    }

    fn give_up_sets(&mut self) {
        let patience = self.shared.settings.max_ready_time;
        let expired = self.sets.expired(patience, &self.shared.progress());
        for records in expired {
            tracing::warn!("{} parts are given up: others are missing", records.len());
            self.finish(&records, Tally::Expired);
        }
    }

    fn tell_oldest(&self, now: &[Turn]) {
        let all = now.iter().map(|turn| &turn.item).chain(self.waiting.items());
        let oldest = all.map(|item| item.message.announcement.updated).min();
        self.shared.counters.oldest(self.shared.member, oldest);
    }
}
