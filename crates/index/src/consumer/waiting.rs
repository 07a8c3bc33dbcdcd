//! Announcements whose versions can't be seen yet.

use super::item::Item;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause, and the longest.
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(200);
/// The pause of one that can't be entered.
const FAILING: Duration = Duration::from_secs(1);

/// An announcement that came early, or one that comes for the first time.
pub(super) struct Turn {
    pub(super) item: Item,
    /// How long it waits if it is still early.
    pause: Duration,
    /// Since when it can't be entered by itself.
    pub(super) failing: Option<Instant>,
}

impl Turn {
    pub(super) fn first(item: Item) -> Self {
        Self { item, pause: SHORTEST, failing: None }
    }
}

/// Those that wait.
#[derive(Default)]
pub(super) struct Waiting {
    turns: Vec<(Instant, Turn)>,
}

impl Waiting {
    /// Keeps one for its next turn.
    pub(super) fn keep(&mut self, turn: Turn) {
        let next = Instant::now() + turn.pause;
        let pause = (turn.pause * 2).min(LONGEST);
        self.turns.push((next, Turn { pause, ..turn }));
    }

    /// Keeps one that fails until it is known whether others do, too.
    pub(super) fn keep_failing(&mut self, turn: Turn, since: Instant) {
        self.turns.push((Instant::now() + FAILING, Turn { failing: Some(since), ..turn }));
    }

    /// When the next one has its turn.
    pub(super) fn next(&self) -> Option<Instant> {
        self.turns.iter().map(|(next, _)| *next).min()
    }

    /// Takes out those whose turn it is.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Turn> {
        let due = self.turns.extract_if(.., |(next, _)| *next <= now);
        due.map(|(_, turn)| turn).collect()
    }

    /// Takes out all.
    pub(super) fn all(&mut self) -> Vec<Turn> {
        self.turns.drain(..).map(|(_, turn)| turn).collect()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.turns.iter().map(|(_, turn)| &turn.item)
    }
}
