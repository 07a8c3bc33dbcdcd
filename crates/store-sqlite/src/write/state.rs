//! What the writer remembers between commits.

use crate::error::{Context, Outcome};
use crate::physical::id_value;
use crate::schema;
use crate::vocabulary::Vocabulary;
use cresset_store::{Key, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// Surrogates to remember at most, some 100 bytes each.
const REMEMBERED: usize = 200_000;

/// The setting that holds the time of the last commit.
const CLOCK: &str = "clock";

/// Counters and caches; all of it can be read from the file again.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) deferred: bool,
    pub(crate) last_seq: u64,
    pub(crate) last_batch: i64,
    last_resource: u64,
    last_time: i64,
    surrogates: HashMap<Key, u64>,
    /// The resource whose row is inserted next; it may refer to itself.
    being_entered: Option<(Key, u64)>,
}

impl State {
    pub(crate) fn load(connection: &Connection) -> Outcome<Self> {
        let largest = |sql: &'static str| {
            connection
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .context("reading the writer's state")
        };
        Ok(Self {
            vocabulary: Vocabulary::default(),
            deferred: schema::setting(connection, "deferred")?.is_some_and(|v| v != 0),
            last_seq: largest("SELECT coalesce(max(seq), 0) FROM change")? as u64,
            last_batch: largest("SELECT coalesce(max(batch), 0) FROM batch")?,
            last_resource: largest("SELECT coalesce(max(r), 0) FROM resource")? as u64,
            last_time: schema::setting(connection, CLOCK)?.unwrap_or(0),
            surrogates: HashMap::new(),
            being_entered: None,
        })
    }

    /// Forgets what a rolled back transaction may have left.
    pub(crate) fn reload(&mut self, connection: &Connection) -> Outcome<()> {
        self.vocabulary.forget();
        *self = Self::load(connection)?;
        Ok(())
    }

    /// The time of a commit: the machine's, but never before an earlier commit's, even when the
    /// machine's clock was set back: who polls by time would miss what comes. Times that replicas
    /// bring don't count.
    pub(crate) fn tick(&mut self) -> Timestamp {
        self.last_time = self.last_time.max(Timestamp::now().milliseconds());
        Timestamp::from_milliseconds(self.last_time)
    }

    /// Keeps the time with the commit.
    pub(crate) fn keep_time(&self, connection: &Connection) -> Outcome<()> {
        schema::set_setting(connection, CLOCK, self.last_time)
    }

    pub(crate) fn next_seq(&mut self) -> u64 {
        self.last_seq += 1;
        self.last_seq
    }

    /// The surrogate of a resource; a row without a version is made if it has none.
    pub(crate) fn enter_resource(&mut self, connection: &Connection, key: &Key) -> Outcome<u64> {
        if let Some(resource) = self.known(connection, key)? {
            return Ok(resource);
        }
        let resource = self.last_resource + 1;
        connection
            .prepare_cached("INSERT INTO resource VALUES(?1, ?2, ?3, 0, 0, 0, 0, NULL, NULL, NULL)")
            .and_then(|mut s| s.execute((resource as i64, key.resource_type.0, id_value(&key.id))))
            .context("entering a resource")?;
        self.last_resource = resource;
        self.remember(key, resource);
        Ok(resource)
    }

    /// The surrogate for a resource about to be inserted.
    pub(crate) fn next_resource(&mut self, key: &Key) -> u64 {
        self.last_resource += 1;
        self.remember(key, self.last_resource);
        self.being_entered = Some((key.clone(), self.last_resource));
        self.last_resource
    }

    fn known(&mut self, connection: &Connection, key: &Key) -> Outcome<Option<u64>> {
        if let Some(resource) = self.surrogates.get(key) {
            return Ok(Some(*resource));
        }
        if let Some((_, resource)) = self.being_entered.as_ref().filter(|(k, _)| k == key) {
            return Ok(Some(*resource));
        }
        let found = connection
            .prepare_cached("SELECT r FROM resource WHERE type = ?1 AND id = ?2")
            .and_then(|mut s| {
                s.query_row((key.resource_type.0, id_value(&key.id)), |row| row.get::<_, i64>(0))
                    .optional()
            })
            .context("looking up a resource")?;
        Ok(found.map(|resource| {
            self.remember(key, resource as u64);
            resource as u64
        }))
    }

    pub(crate) fn remember(&mut self, key: &Key, resource: u64) {
        if self.surrogates.len() >= REMEMBERED {
            self.surrogates.clear();
        }
        self.surrogates.insert(key.clone(), resource);
    }
}
