//! An open collection.

use crate::connection::Connections;
use crate::names::Names;
use crate::schema_type::SchemaType;
use crate::vocabulary::Vocabulary;
use crate::writer::Writer;
use cresset_store::Incarnation;
use std::sync::Arc;

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
    pub(crate) vocabulary: Vocabulary,
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
        schema_type: SchemaType,
        name: String,
        incarnation: Incarnation,
    ) -> Self {
        let vocabulary = Vocabulary::on(connections.timeline.clone());
        let shared = Shared { connections, names, schema_type, name, incarnation, vocabulary };
        let shared = Arc::new(shared);
        Self { writer: Writer::start(Arc::clone(&shared)), shared }
    }
}
