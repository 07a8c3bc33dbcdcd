//! The first step: what has changed, and the versions that changes name.

use crate::error::CopyError;
use crate::settings::Settings;
use crate::side::Side;
use cresset_store::{
    Change, ChangeKind, Cursor, HistoryQuery, HistoryRange, Key, ReplicaState, StoreError, Version,
};
use std::collections::{HashMap, VecDeque};

/// Versions of a resource asked for at a time, where one was purged.
const HISTORY_PAGE: usize = 200;

/// Consecutive changes with what they made.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) changes: Vec<(Change, ReplicaState)>,
    /// The last of them.
    pub(crate) cursor: Cursor,
}

/// Reads on from a cursor.
#[derive(Debug)]
pub(crate) struct Reader {
    from: Side,
    settings: Settings,
    cursor: Cursor,
    /// Read, and without contents yet.
    waiting: VecDeque<Change>,
    /// How many of them to ask for.
    at_once: usize,
}

impl Reader {
    pub(crate) fn new(from: Side, settings: Settings, cursor: Cursor) -> Self {
        let at_once = settings.changes;
        Self { from, settings, cursor, waiting: VecDeque::new(), at_once }
    }

    /// The next changes; `None` when there are no more.
    pub(crate) async fn next(&mut self) -> Result<Option<Chunk>, CopyError> {
        let chunk = self.chunk().await;
        chunk.map_err(CopyError::at(&self.from.place))
    }

    async fn chunk(&mut self) -> Result<Option<Chunk>, StoreError> {
        let Side { store, scope, .. } = &self.from;
        if self.waiting.is_empty() {
            let page = store.changes(scope, self.cursor, self.settings.changes).await?;
            self.cursor = page.cursor;
            self.waiting = page.changes.into();
        }
        let named = |change: &Change| (change.key.clone(), change.version);
        let has_contents = |change: &&Change| change.kind != ChangeKind::Purge;
        let asked = self.waiting.iter().filter(has_contents).take(self.at_once).map(named);
        let asked: Vec<_> = asked.collect();
        let found = match asked.is_empty() {
            true => Vec::new(),
            false => store.read_versions(scope, &asked, self.settings.bytes).await?,
        };
        // Large contents: asking for those for which there is no room is work for nothing.
        self.at_once = match found.len() < asked.len() {
            true => (found.len() * 2).max(16),
            false => (self.at_once * 2).min(self.settings.changes).max(1),
        };
        let mut found = found.into_iter();
        let mut changes = Vec::with_capacity(self.waiting.len());
        while let Some(change) = self.waiting.front() {
            let state = match change.kind {
                ChangeKind::Purge => ReplicaState::Purge { kept: Vec::new() },
                _ => match found.next() {
                    Some(stored) => stored.map_or(ReplicaState::Gone, |stored| stored.state.into()),
                    None => break,
                },
            };
            changes.extend(self.waiting.pop_front().map(|change| (change, state)));
        }
        let Some((last, _)) = changes.last() else { return Ok(None) };
        let cursor = Cursor { seq: last.seq, ..self.cursor };
        self.look_at_purges(&mut changes).await?;
        Ok(Some(Chunk { changes, cursor }))
    }

    /// What a purge removed isn't told, but what is left. Asked after the versions were read, so that
    /// what was read and isn't left any more is purged later in the sequence at the latest.
    async fn look_at_purges(
        &self,
        changes: &mut [(Change, ReplicaState)],
    ) -> Result<(), StoreError> {
        let mut left: HashMap<Key, Vec<Version>> = HashMap::new();
        for (change, state) in changes {
            let ReplicaState::Purge { kept } = state else { continue };
            if !left.contains_key(&change.key) {
                left.insert(change.key.clone(), self.left(&change.key).await?);
            }
            kept.clone_from(&left[&change.key]);
        }
        Ok(())
    }

    /// The versions of a resource that are there.
    async fn left(&self, key: &Key) -> Result<Vec<Version>, StoreError> {
        let mut query = HistoryQuery::all(HistoryRange::Instance(key.clone()), HISTORY_PAGE);
        let mut left = Vec::new();
        loop {
            let page = self.from.store.history(&self.from.scope, query.clone()).await?;
            left.extend(page.versions.iter().map(|stored| stored.version));
            query.after = page.next;
            if query.after.is_none() {
                return Ok(left);
            }
        }
    }
}
