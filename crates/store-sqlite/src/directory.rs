//! The directory of an embedded store: its lock and its files.

use crate::error::{Context, Outcome};
use cresset_store::Collection;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// How a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// Alone, for reading and writing.
    Write,
    /// Beside a writer, for reading.
    Read,
}

/// Why a directory can't be opened for writing.
#[derive(Debug)]
pub struct LockError {
    /// The lock file.
    pub path: PathBuf,
    /// What the lock file says of its holder.
    pub holder: String,
}

impl std::fmt::Display for LockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (path, holder) = (self.path.display(), self.holder.trim());
        write!(
            f,
            "another process writes this store ({holder}, by {path}): stop it, or use its HTTP interface"
        )
    }
}

impl std::error::Error for LockError {}

/// An opened directory; the lock lasts as long as it does.
#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    _lock: Option<File>,
}

impl Directory {
    pub(crate) fn open(root: &Path, mode: OpenMode) -> Outcome<Self> {
        if mode == OpenMode::Read {
            return Ok(Self { root: root.to_owned(), _lock: None });
        }
        fs::create_dir_all(root).context("making the store's directory")?;
        let lock = lock(&root.join("lock"))?;
        Ok(Self { root: root.to_owned(), _lock: Some(lock) })
    }

    /// The file of a collection: `{tenant}/{datasource}/{collection}.db`, with the generation in the
    /// name from the second on.
    pub(crate) fn file(&self, collection: &Collection) -> PathBuf {
        let name = &collection.name;
        let file = match collection.generation {
            0 => format!("{}.db", name.collection),
            generation => format!("{}.{generation}.db", name.collection),
        };
        self.root.join(&*name.tenant).join(&*name.datasource).join(file)
    }

    /// Makes the folder of a collection, durably.
    pub(crate) fn prepare(&self, collection: &Collection) -> Outcome<PathBuf> {
        let file = self.file(collection);
        let folder = file.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).context("making a collection's directory")?;
        let mut at = Some(folder);
        while let Some(path) = at.filter(|path| path.starts_with(&self.root)) {
            File::open(path).and_then(|d| d.sync_all()).context("making a directory durable")?;
            at = path.parent();
        }
        Ok(file)
    }

    /// Unlinks a collection's files.
    pub(crate) fn unlink(&self, collection: &Collection) -> Outcome<()> {
        let file = self.file(collection);
        for suffix in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(suffix);
            match fs::remove_file(&name) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).context("removing a collection's file");
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn lock(path: &Path) -> Outcome<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(path).context("opening the lock file")?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).context("reading the lock file")?;
            return Err(std::io::Error::other(LockError { path: path.to_owned(), holder }))
                .context("locking the store");
        }
        Err(TryLockError::Error(error)) => return Err(error).context("locking the store"),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "process {}", std::process::id()))
        .context("writing the lock file")?;
    Ok(file)
}
