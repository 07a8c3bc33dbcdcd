//! An open collection: its writer, and a pool of readers.

use crate::connection::{self, Role};
use crate::error::{Context, Outcome};
use crate::schema;
use crate::settings::Settings;
use crate::vocabulary::Vocabulary;
use crate::writer::Writer;
use cresset_store::{Incarnation, StoreError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a read may wait for a connection before the client is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// One collection's connections.
#[derive(Debug)]
pub(crate) struct OpenCollection {
    pub(crate) path: PathBuf,
    pub(crate) incarnation: Incarnation,
    writer: Option<Writer>,
    readers: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
    /// Searches at a time: fewer than readers, so that reads by key find one however long searches
    /// take.
    searches: Arc<Semaphore>,
    reader_cache: u64,
}

/// A connection that reads, and what it knows.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) vocabulary: Vocabulary,
}

impl OpenCollection {
    pub(crate) fn open(path: &Path, settings: &Settings, writes: bool) -> Outcome<Self> {
        let writer = match writes {
            true => Some(Writer::start(path, settings.writer_cache, new_incarnation())?),
            false => None,
        };
        let reader_cache = settings.reader_cache;
        let connection = connection::open(path, Role::Reader, reader_cache)?;
        let incarnation = schema::setting(&connection, "incarnation")?.unwrap_or_default();
        let reader = Reader { connection, vocabulary: Vocabulary::default() };
        Ok(Self {
            path: path.to_owned(),
            incarnation: Incarnation(incarnation as u64),
            writer,
            readers: Mutex::new(vec![reader]),
            permits: Arc::new(Semaphore::new(settings.readers)),
            searches: Arc::new(Semaphore::new((settings.readers * 3 / 4).max(1))),
            reader_cache,
        })
    }

    /// The folder that the file is in.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// The writer, if this process writes.
    pub(crate) fn writer(&self) -> Outcome<&Writer> {
        self.writer.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// Leave to use a reader. It goes where the reader is used: whoever asked may have gone before
    /// the work ends.
    pub(crate) async fn permit(&self, purpose: Purpose) -> Outcome<Permit> {
        let search = match purpose {
            Purpose::Read => None,
            Purpose::Search => Some(leave(&self.searches, "other searches take long").await?),
        };
        let reader = leave(&self.permits, "all readers are in use").await?;
        Ok(Permit { _reader: reader, _search: search })
    }

    /// Reads one thing outside any transaction of its own: a single statement is a snapshot.
    pub(crate) fn quickly<T>(&self, read: impl FnOnce(&mut Reader) -> Outcome<T>) -> Outcome<T> {
        let mut reader = self.take()?;
        let outcome = read(&mut reader);
        self.give_back(reader);
        outcome
    }

    /// Reads several things from one snapshot.
    pub(crate) fn snapshot<T>(&self, read: impl FnOnce(&mut Reader) -> Outcome<T>) -> Outcome<T> {
        let mut reader = self.take()?;
        reader.connection.execute_batch("BEGIN").context("beginning a read")?;
        reader.vocabulary.forget_parameters();
        let outcome = read(&mut reader);
        let ended = reader.connection.execute_batch("COMMIT").context("ending a read");
        // A reader whose transaction can't be ended isn't used again.
        if ended.is_ok() {
            self.give_back(reader);
        }
        outcome.and_then(|value| ended.map(|()| value))
    }

    fn take(&self) -> Outcome<Reader> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(reader) => Ok(reader),
            None => Ok(Reader {
                connection: connection::open(&self.path, Role::Reader, self.reader_cache)?,
                vocabulary: Vocabulary::default(),
            }),
        }
    }

    fn give_back(&self, reader: Reader) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
}

/// What a reader is wanted for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Read,
    /// It may take long.
    Search,
}

/// Leave to use a reader until it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    _reader: OwnedSemaphorePermit,
    _search: Option<OwnedSemaphorePermit>,
}

async fn leave(of: &Arc<Semaphore>, reason: &'static str) -> Outcome<OwnedSemaphorePermit> {
    match tokio::time::timeout(PATIENCE, Arc::clone(of).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(_)) | Err(_) => {
            Err(StoreError::Busy { reason, retry_after: Duration::from_secs(1) })
        }
    }
}

/// A number that no earlier life of the sequence had: the time, to the nanosecond.
fn new_incarnation() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(1, |d| d.as_nanos() as u64)
}
