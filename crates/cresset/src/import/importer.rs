//! The front of the pipeline: reads documents and sends their entries off.

use super::bundle::{self, Document};
use super::chunk::{Chunk, Entry, Names};
use super::committer::Committer;
use super::loader::Loader;
use super::refusals::Refusals;
use super::source::{self, Form};
use super::workers::Workers;
use crate::failure::CommandFailure;
use crate::store::OpenedStore;
use cresset_search::Registry;
use cresset_store::Scope;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle as ThreadHandle;
use tokio::task::JoinHandle;

/// Entries in a chunk at most.
const CHUNK: usize = 256;
/// Bytes of NDJSON in a chunk.
const CHUNK_BYTES: usize = 1 << 20;
/// The largest document that is taken apart in memory.
const LARGEST: u64 = 1 << 30;

/// What an import did.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) created: u64,
    pub(crate) same: u64,
    pub(crate) different: u64,
    pub(crate) refused: u64,
    pub(crate) seconds: f64,
    pub(crate) refusals: Option<PathBuf>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { created, same, different, refused, seconds, refusals } = self;
        let rate = (created + same + different + refused) as f64 / seconds.max(1e-9);
        write!(f, "{created} created, {same} same, {different} different, {refused} refused")?;
        write!(f, "; {seconds:.1} s, {rate:.0} resources/s")?;
        match refusals {
            Some(path) => write!(f, "\nwhat was different or refused: {}", path.display()),
            None => Ok(()),
        }
    }
}

/// An import under way.
pub(crate) struct Importer {
    chunks: SyncSender<Chunk>,
    threads: Vec<ThreadHandle<()>>,
    loading: JoinHandle<Result<Summary, CommandFailure>>,
    number: u64,
}

impl Importer {
    /// Starts the pipeline.
    pub(crate) fn new(
        opened: &OpenedStore,
        registry: Arc<Registry>,
        scope: Scope,
        refusals: Option<PathBuf>,
    ) -> io::Result<Self> {
        let (chunks, prepared, threads) = Workers::start(&registry)?.split();
        let committer = Committer::new(Arc::clone(&opened.store), scope, Refusals::new(refusals)?);
        let loader = Loader::new(committer);
        let loading = tokio::spawn(loader.run(prepared));
        Ok(Self { chunks, threads, loading, number: 0 })
    }

    /// Waits until everything is committed.
    pub(crate) async fn finish(self) -> Result<Summary, CommandFailure> {
        drop(self.chunks);
        let summary = self.loading.await?;
        Workers::join(self.threads);
        summary
    }

    /// Takes a file, or a directory's files in name order.
    pub(crate) async fn path(&mut self, path: &Path) -> Result<(), CommandFailure> {
        for file in source::files(path)? {
            let name = file.to_string_lossy().into_owned();
            let outcome = match source::form(&name) {
                Some(Form::Tar) => self.archive(&name, source::open(&file)?).await,
                form => self.document(&name, form, &mut source::open(&file)?).await,
            };
            outcome.map_err(|error| {
                CommandFailure::Failed(format!("{name} can't be imported: {error}").into())
            })?;
        }
        Ok(())
    }

    async fn archive(&mut self, name: &str, reader: Box<dyn Read>) -> io::Result<()> {
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let inner = entry.path()?.to_string_lossy().into_owned();
            let form = source::form(&inner);
            if entry.header().entry_type().is_file() && form.is_some_and(|form| form != Form::Tar) {
                let mut reader = source::unpacked(&inner, &mut entry)?;
                self.document(&format!("{name}/{inner}"), form, &mut reader).await?;
            }
        }
        Ok(())
    }

    async fn document(
        &mut self,
        name: &str,
        form: Option<Form>,
        reader: &mut dyn Read,
    ) -> io::Result<()> {
        if form == Some(Form::Ndjson) {
            return self.ndjson(name, reader).await;
        }
        let mut text = Vec::new();
        if reader.take(LARGEST + 1).read_to_end(&mut text)? as u64 > LARGEST {
            let problem = "the document is larger than 1 GiB: split it, or use NDJSON";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
        }
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        let (entries, names) = match bundle::document(&text).map_err(invalid)? {
            Document::Bundle(None) => return Ok(()),
            Document::Bundle(Some(at)) => {
                let parts = bundle::parts(&text, at).map_err(invalid)?;
                (parts.entries, parts.names)
            }
            Document::Resource => {
                (vec![Entry { number: 1, resource: Ok(0..text.len()), id: None }], Names::new())
            }
        };
        let (source, text, names): (Arc<str>, _, _) =
            (name.into(), Arc::new(text), Arc::new(names));
        let mut entries = entries.into_iter().peekable();
        while entries.peek().is_some() {
            let entries = entries.by_ref().take(CHUNK).collect();
            let (source, text, names) =
                (Arc::clone(&source), Arc::clone(&text), Arc::clone(&names));
            self.send(source, text, names, entries).await?;
        }
        Ok(())
    }

    /// Takes a resource from each line.
    pub(crate) async fn ndjson(&mut self, name: &str, reader: &mut dyn Read) -> io::Result<()> {
        let mut reader = BufReader::with_capacity(1 << 20, reader);
        let (source, names): (Arc<str>, _) = (name.into(), Arc::new(Names::new()));
        let (mut text, mut entries, mut line) = (Vec::new(), Vec::new(), 0);
        loop {
            let start = text.len();
            let read = reader.by_ref().take(LARGEST).read_until(b'\n', &mut text)?;
            line += 1;
            if !text[start..].trim_ascii().is_empty() {
                entries.push(Entry { number: line, resource: Ok(start..text.len()), id: None });
            }
            if read == 0 || entries.len() >= CHUNK || text.len() >= CHUNK_BYTES {
                let text = Arc::new(std::mem::take(&mut text));
                let (source, names) = (Arc::clone(&source), Arc::clone(&names));
                self.send(source, text, names, std::mem::take(&mut entries)).await?;
            }
            if read == 0 {
                return Ok(());
            }
        }
    }

    /// Hands a chunk to the workers; waits while they have enough to do.
    async fn send(
        &mut self,
        source: Arc<str>,
        text: Arc<Vec<u8>>,
        names: Arc<Names>,
        entries: Vec<Entry>,
    ) -> io::Result<()> {
        let chunk = Chunk { number: self.number, source, text, names, entries };
        self.number += 1;
        let ended = || io::Error::other("the import has ended early; the reason follows");
        tokio::task::block_in_place(|| self.chunks.send(chunk)).map_err(|_| ended())
    }
}
