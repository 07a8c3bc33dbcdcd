//! Puts prepared chunks in order, leaves out what is there already, and commits the rest.

use super::chunk::{PreparedChunk, PreparedEntry};
use super::importer::Summary;
use super::refusals::Refusals;
use crate::failure::CommandFailure;
use crate::progress::Progress;
use cresset_fhir::definitions::Definitions;
use cresset_interaction::Prepared;
use cresset_store::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// Resources in one commit. More would sort better; this many, twice over, fit the memory.
const BATCH: usize = 28_000;
/// Bytes of packed bodies in one commit.
const BATCH_BYTES: usize = 48 << 20;

/// The end of the pipeline.
pub(crate) struct Loader {
    store: Arc<dyn Store>,
    scope: Scope,
    refusals: Refusals,
    summary: Summary,
    progress: Progress,
    gathered: Vec<Gathered>,
    bytes: usize,
    committing: Option<JoinHandle<Result<Committed, StoreError>>>,
}

struct Gathered {
    source: Arc<str>,
    entry: u64,
    prepared: Prepared,
}

impl Loader {
    pub(crate) fn new(store: Arc<dyn Store>, scope: Scope, refusals: Refusals) -> Self {
        Self {
            store,
            scope,
            refusals,
            summary: Summary::default(),
            progress: Progress::new("resources imported"),
            gathered: Vec::new(),
            bytes: 0,
            committing: None,
        }
    }

    /// Loads all chunks, in the order of their numbers.
    pub(crate) async fn run(
        mut self,
        mut prepared: Receiver<PreparedChunk>,
    ) -> Result<Summary, CommandFailure> {
        let mut early: BTreeMap<u64, PreparedChunk> = BTreeMap::new();
        let mut next = 0;
        while let Some(chunk) = prepared.recv().await {
            early.insert(chunk.number, chunk);
            while let Some(chunk) = early.remove(&next) {
                next += 1;
                for entry in chunk.entries {
                    self.take(&chunk.source, entry)?;
                }
                if self.gathered.len() >= BATCH || self.bytes >= BATCH_BYTES {
                    self.flush().await?;
                }
            }
        }
        self.flush().await?;
        self.settle().await?;
        self.summary.seconds = self.progress.finish();
        self.summary.refusals = self.refusals.finish()?;
        Ok(self.summary)
    }

    fn take(&mut self, source: &Arc<str>, entry: PreparedEntry) -> std::io::Result<()> {
        match entry.outcome {
            Ok(prepared) => {
                self.bytes += prepared.payload.as_kept().len();
                let (source, entry) = (Arc::clone(source), entry.number);
                self.gathered.push(Gathered { source, entry, prepared });
                Ok(())
            }
            Err(reasons) => {
                self.summary.refused += 1;
                self.refusals.note(source, entry.number, None, "refused", &reasons)
            }
        }
    }

    /// Commits what was gathered, in the background; the commit before it is waited for, so that
    /// what that wrote is seen here.
    async fn flush(&mut self) -> Result<(), CommandFailure> {
        let gathered = std::mem::take(&mut self.gathered);
        self.bytes = 0;
        self.settle().await?;
        let keys: Vec<Key> = gathered.iter().map(|g| g.prepared.key.clone()).collect();
        let mut there: HashMap<Key, Payload> = HashMap::new();
        for stored in self.store.read(&self.scope, &keys).await?.into_iter().flatten() {
            // A deletion counts as there: an import does not bring back what was deleted.
            let payload = stored.payload().cloned().unwrap_or_else(|| Payload::encode(b"", None));
            there.insert(stored.key, payload);
        }
        let count = gathered.len() as u64;
        let mut writes = Vec::with_capacity(gathered.len());
        for Gathered { source, entry, prepared } in gathered {
            let Prepared { key, payload, index } = prepared;
            match there.get(&key) {
                Some(known) if known.text()? == payload.text()? => self.summary.same += 1,
                Some(_) => self.different(&source, entry, &key)?,
                None => {
                    there.insert(key.clone(), payload.clone());
                    let action = Action::Put { payload, index };
                    writes.push(Write { key, precondition: Precondition::Unknown, action });
                }
            }
        }
        self.summary.created += writes.len() as u64;
        self.commit(writes);
        self.progress.add(count);
        Ok(())
    }

    fn commit(&mut self, writes: Vec<Write>) {
        if writes.is_empty() {
            return;
        }
        let (store, scope) = (Arc::clone(&self.store), self.scope.clone());
        let principal = Some(Arc::clone(&scope.principal().name));
        let provenance = Provenance { principal, request: None, origin: Some("import".into()) };
        let batch = Batch { writes, provenance, ..Batch::default() };
        self.committing = Some(tokio::spawn(async move { store.commit(&scope, batch).await }));
    }

    async fn settle(&mut self) -> Result<(), CommandFailure> {
        if let Some(committing) = self.committing.take() {
            committing.await??;
        }
        Ok(())
    }

    fn different(&mut self, source: &str, entry: u64, key: &Key) -> std::io::Result<()> {
        self.summary.different += 1;
        let definitions = Definitions::r4();
        let of = definitions.resource_type_numbered(key.resource_type.0);
        let of = of.map_or("?", |of| definitions.resource_type_name(of));
        let reason =
            "a resource with this id and other contents is there already; it was left as it is";
        let resource = Some(format!("{of}/{}", key.id));
        self.refusals.note(source, entry, resource, "different", &[reason.to_owned()])
    }
}
