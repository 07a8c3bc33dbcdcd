//! Parsing, checking, indexing and packing, on as many threads as there are cores.

use super::chunk::{Chunk, Entry, PreparedChunk, PreparedEntry};
use cresset_fhir::json::{self, Json, Limits};
use cresset_interaction::{Failure, Prepared, References, prepare};
use cresset_search::Registry;
use cresset_store::ResourceId;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Chunks under way at most, on either side of the workers.
const UNDER_WAY: usize = 4;

/// The workers, and the ways to and from them.
pub(crate) struct Workers {
    pub(crate) chunks: SyncSender<Chunk>,
    pub(crate) prepared: tokio::sync::mpsc::Receiver<PreparedChunk>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(registry: &Arc<Registry>) -> std::io::Result<Self> {
        let (chunks, waiting) = sync_channel(UNDER_WAY);
        let (done, prepared) = tokio::sync::mpsc::channel(UNDER_WAY);
        let waiting = Arc::new(Mutex::new(waiting));
        let count = thread::available_parallelism().map_or(2, usize::from);
        let start = |_| {
            let (waiting, done) = (Arc::clone(&waiting), done.clone());
            let worker = Worker {
                references: References::new(registry.definitions()),
                registry: Arc::clone(registry),
            };
            let name = "cresset-import".to_owned();
            thread::Builder::new().name(name).spawn(move || worker.run(&waiting, &done))
        };
        let threads = (0..count).map(start).collect::<std::io::Result<_>>()?;
        Ok(Self { chunks, prepared, threads })
    }

    /// Waits for the threads; the channels must be closed.
    pub(crate) fn join(threads: Vec<JoinHandle<()>>) {
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("an import worker had panicked");
            }
        }
    }

    pub(crate) fn split(
        self,
    ) -> (SyncSender<Chunk>, tokio::sync::mpsc::Receiver<PreparedChunk>, Vec<JoinHandle<()>>) {
        (self.chunks, self.prepared, self.threads)
    }
}

struct Worker {
    registry: Arc<Registry>,
    references: References,
}

impl Worker {
    fn run(
        &self,
        waiting: &Mutex<Receiver<Chunk>>,
        done: &tokio::sync::mpsc::Sender<PreparedChunk>,
    ) {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(chunk) = next else { return };
            if done.blocking_send(self.prepare(&chunk)).is_err() {
                return;
            }
        }
    }

    fn prepare(&self, chunk: &Chunk) -> PreparedChunk {
        let entries = chunk
            .entries
            .iter()
            .map(|entry| PreparedEntry { number: entry.number, outcome: self.entry(chunk, entry) });
        PreparedChunk {
            number: chunk.number,
            source: Arc::clone(&chunk.source),
            entries: entries.collect(),
        }
    }

    fn entry(&self, chunk: &Chunk, entry: &Entry) -> Result<Prepared, Vec<String>> {
        let extent = entry.resource.clone().map_err(|problem| vec![problem])?;
        let mut resource = json::parse(&chunk.text[extent], &Limits::default())
            .map_err(|error| vec![error.to_string()])?;
        let id = match &entry.id {
            Some(id) => id.clone(),
            None => own_id(&resource)?,
        };
        self.references.rewrite(&mut resource, &chunk.names);
        prepare(&self.registry, resource, id).map_err(|failure| reasons(&failure))
    }
}

fn own_id(resource: &Json) -> Result<ResourceId, Vec<String>> {
    let id = resource.get("id").and_then(Json::as_str);
    let missing = "it has no id, and none can be made for it: a second import would make another";
    let id = id.ok_or_else(|| vec![missing.to_owned()])?;
    ResourceId::new(id).map_err(|error| vec![error.to_string()])
}

fn reasons(failure: &Failure) -> Vec<String> {
    let reason = |issue: &cresset_interaction::OutcomeIssue| match &issue.expression {
        Some(place) => format!("{place}: {}", issue.diagnostics),
        None => issue.diagnostics.clone(),
    };
    failure.issues.iter().map(reason).collect()
}
