//! An open collection.

use crate::connection::Connections;
use crate::error::Outcome;
use crate::names::Names;
use crate::schema_type::SchemaType;
use crate::tables::Opened;
use crate::vocabulary::Vocabulary;
use crate::writer::Writer;
use cresset_store::{Announcer, Collection, Incarnation, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What all calls on a collection share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) connections: Arc<Connections>,
    pub(crate) names: Names,
    pub(crate) schema_type: SchemaType,
    /// What people call it.
    pub(crate) name: String,
    /// The one that was opened; another process may have made a new one since.
    pub(crate) incarnation: Incarnation,
    /// The form of this program's tables.
    pub(crate) form: i32,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) collection: Arc<Collection>,
    /// Who tells another process what to index; without, each commit does it.
    pub(crate) announcer: Option<Arc<dyn Announcer>>,
    /// Whether another process ever had anything to index here.
    remote: AtomicBool,
}

impl Shared {
    /// Whether something may wait for another process to index it.
    pub(crate) fn is_remote(&self) -> bool {
        self.remote.load(Ordering::Relaxed)
    }

    /// Remembers that something may.
    pub(crate) fn note_remote(&self, remote: bool) {
        if remote {
            self.remote.store(true, Ordering::Relaxed);
        }
    }

    /// Refuses a collection that isn't the one that was opened any more: another one of that name, or
    /// one whose tables this program is too old for. Opened again, it turns out which.
    pub(crate) fn is_still(&self, incarnation: i64, oldest_form: i32) -> Outcome<()> {
        if incarnation.unsigned_abs() == self.incarnation.0 && oldest_form <= self.form {
            return Ok(());
        }
        Err(StoreError::UnknownCollection(self.name.clone()))
    }
}

/// A collection and its writer.
#[derive(Debug)]
pub(crate) struct OpenCollection {
    pub(crate) shared: Arc<Shared>,
    pub(crate) writer: Writer,
}

impl OpenCollection {
    pub(crate) fn new(
        connections: Arc<Connections>,
        names: Names,
        collection: Arc<Collection>,
        announcer: Option<Arc<dyn Announcer>>,
        Opened { incarnation, schema_type, remote }: Opened,
        form: i32,
    ) -> Self {
        let name = collection.name.to_string();
        let remote = AtomicBool::new(remote || announcer.is_some());
        let vocabulary = Vocabulary::on(connections.timeline.clone());
        let shared = Shared {
            connections,
            names,
            schema_type,
            name,
            incarnation,
            form,
            vocabulary,
            collection,
            announcer,
            remote,
        };
        let shared = Arc::new(shared);
        Self { writer: Writer::start(Arc::clone(&shared)), shared }
    }
}
