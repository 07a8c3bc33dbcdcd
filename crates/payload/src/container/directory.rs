//! A directory of this machine, or of a file system that several share.

use super::listing::{Blob, Page, Pages};
use super::{ContainerError, Opened};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use object_store::local::LocalFileSystem;
use std::collections::BinaryHeap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Files that are removed by one task: a task for each costs more than the removal.
const TOGETHER: usize = 64;
/// Names of a folder that are held at once, sorted.
const WINDOW: usize = 20_000;

pub(super) fn open(path: &Path) -> Result<Opened, ContainerError> {
    let store = LocalFileSystem::new_with_prefix(path).map_err(|_| {
        ContainerError::wrong(
            "its directory isn't there: `cresset payload --create-container` makes it",
        )
    })?;
    let store = store.with_fsync(true);
    let folders = Folders { root: path.to_owned(), window: Mutex::default() };
    Ok(Opened { store: Arc::new(store), pages: Arc::new(Arc::new(folders)) })
}

/// Makes the directory; whether it wasn't there.
pub(super) fn create(path: &Path) -> Result<bool, ContainerError> {
    let failed = |error: io::Error| ContainerError::Directory(error.kind());
    if path.is_dir() {
        return Ok(false);
    }
    fs::create_dir_all(path).map_err(failed)?;
    // So that it is there after a power cut, too.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = fs::File::open(parent.unwrap_or(Path::new("."))).map_err(failed)?;
    parent.sync_all().map_err(failed)?;
    Ok(true)
}

/// Blobs as files in folders, in the order of their names.
struct Folders {
    root: PathBuf,
    window: Mutex<Window>,
}

/// Part of a large folder, so that a page doesn't read all of it again.
#[derive(Default)]
struct Window {
    folder: PathBuf,
    /// Names in order, all that there were between the first and the last.
    names: Vec<String>,
    /// Whether there were more after the last one.
    more: bool,
}

impl Pages for Arc<Folders> {
    fn page<'a>(
        &'a self,
        prefix: &'a str,
        token: Option<String>,
        most: usize,
    ) -> BoxFuture<'a, object_store::Result<Page>> {
        let (folders, prefix) = (Arc::clone(self), prefix.to_owned());
        off_thread(move || folders.list(&prefix, token.as_deref(), most))
    }

    fn together(&self) -> usize {
        TOGETHER
    }

    fn delete<'a>(
        &'a self,
        names: &'a [String],
    ) -> Option<BoxFuture<'a, (u64, Option<object_store::Error>)>> {
        let (folders, names) = (Arc::clone(self), names.to_owned());
        let deleting = off_thread(move || Ok(folders.remove_all(&names)));
        Some(
            async move {
                match deleting.await {
                    Ok((count, error)) => (count, error.map(told)),
                    Err(error) => (0, Some(error)),
                }
            }
            .boxed(),
        )
    }
}

/// Does what may wait for a disk where it keeps nobody else waiting.
fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> BoxFuture<'static, object_store::Result<T>> {
    async move { tokio::task::spawn_blocking(work).await?.map_err(told) }.boxed()
}

fn told(error: io::Error) -> object_store::Error {
    match error.kind() {
        ErrorKind::NotFound => {
            object_store::Error::NotFound { path: String::new(), source: error.into() }
        }
        _ => object_store::Error::Generic { store: "directory", source: error.into() },
    }
}

impl Folders {
    /// Removes files: how many are gone, and why not all.
    fn remove_all(&self, names: &[String]) -> (u64, Option<io::Error>) {
        let (mut count, mut failed) = (0, None);
        for name in names {
            let inside = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
            let removed = match inside {
                true => self.remove(name),
                false => Err(io::Error::from(ErrorKind::InvalidInput)),
            };
            match removed {
                Ok(()) => count += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => count += 1,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        (count, failed)
    }

    /// Removes a file, and the folders that it was the last one in.
    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.root.join(name);
        fs::remove_file(&path)?;
        let above = path.ancestors().skip(1).take_while(|folder| *folder != self.root);
        for folder in above {
            // Somebody else's file is in it, or has just been put there.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Blobs whose names begin with `prefix` and come after `token`, a name without the folder that the
    /// prefix names.
    fn list(&self, prefix: &str, token: Option<&str>, most: usize) -> io::Result<Page> {
        let (prefix, begin) = prefix.split_at(prefix.rfind('/').map_or(0, |at| at + 1));
        let folder = self.root.join(prefix);
        let mut found = Vec::new();
        let after: Vec<&str> = token.unwrap_or(begin).split('/').collect();
        let after = if token.is_none() && begin.is_empty() { &[] } else { &after[..] };
        let walk = Walk { folders: self, most };
        match walk.folder(&folder, prefix, Some(begin), after, &mut found) {
            Err(error) if error.kind() == ErrorKind::NotFound && self.root.is_dir() => {}
            outcome => outcome?,
        }
        let full = found.len() >= most;
        let next = found.last().filter(|_| full).map(|blob| blob.name[prefix.len()..].to_owned());
        Ok(Page { blobs: found, next })
    }

    /// The next names of a folder in order, and whether there are more.
    fn names(
        &self,
        folder: &Path,
        from: Option<&str>,
        inclusive: bool,
    ) -> io::Result<(Vec<String>, bool)> {
        let comes = |name: &str| match from {
            None => true,
            Some(from) if inclusive => name >= from,
            Some(from) => name > from,
        };
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = from.is_some_and(|from| {
            let (first, last) = (window.names.first(), window.names.last());
            window.folder == folder
                && first.is_some_and(|first| first.as_str() <= from)
                && last.is_some_and(|last| from < last.as_str())
        });
        if holds {
            let at = window.names.partition_point(|name| !comes(name));
            return Ok((window.names[at..].to_vec(), window.more));
        }
        let (names, more) = smallest(folder, comes)?;
        if more {
            *window = Window { folder: folder.to_owned(), names: names.clone(), more };
        }
        Ok((names, more))
    }
}

/// A walk through folders in the order of names, until there are enough blobs.
struct Walk<'f> {
    folders: &'f Folders,
    most: usize,
}

impl Walk<'_> {
    /// Tells of what lies in a folder: names that begin with `begin`, after the one whose parts are
    /// `after`.
    fn folder(
        &self,
        folder: &Path,
        prefix: &str,
        begin: Option<&str>,
        after: &[&str],
        found: &mut Vec<Blob>,
    ) -> io::Result<()> {
        let begin = begin.unwrap_or_default();
        let mut from = after.first().map(|name| (*name).to_owned());
        let mut inclusive = true;
        loop {
            let (names, more) = self.folders.names(folder, from.as_deref(), inclusive)?;
            let Some(last) = names.last().cloned() else { return Ok(()) };
            for name in names {
                let past = !begin.is_empty() && !name.starts_with(begin) && name.as_str() > begin;
                if found.len() >= self.most || past {
                    return Ok(());
                }
                let deeper = match after {
                    [first, rest @ ..] if **first == name && !rest.is_empty() => rest,
                    [first] if **first == name && *first != begin => continue,
                    _ => &[],
                };
                self.entry(folder, prefix, &name, deeper, found)?;
            }
            if !more {
                return Ok(());
            }
            (from, inclusive) = (Some(last), false);
        }
    }

    /// A file is told of, a folder walked; what has gone meanwhile is passed over.
    fn entry(
        &self,
        folder: &Path,
        prefix: &str,
        name: &str,
        after: &[&str],
        found: &mut Vec<Blob>,
    ) -> io::Result<()> {
        let path = folder.join(name);
        let data = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            data => data?,
        };
        if data.is_dir() {
            let prefix = format!("{prefix}{name}/");
            return match self.folder(&path, &prefix, None, after, found) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                outcome => outcome,
            };
        }
        if data.is_file() && after.is_empty() {
            let put = Timestamp::try_from(data.modified()?).unwrap_or(Timestamp::MAX);
            found.push(Blob { name: format!("{prefix}{name}"), put, size: data.len() });
        }
        Ok(())
    }
}

/// The first names of a folder that come, in order, and whether there are more: in bounded memory.
fn smallest(folder: &Path, comes: impl Fn(&str) -> bool) -> io::Result<(Vec<String>, bool)> {
    let (mut heap, mut more) = (BinaryHeap::new(), false);
    for entry in fs::read_dir(folder)? {
        // What isn't text isn't ours.
        let Ok(name) = entry?.file_name().into_string() else { continue };
        if !comes(&name) {
            continue;
        }
        heap.push(name);
        if heap.len() > WINDOW {
            heap.pop();
            more = true;
        }
    }
    Ok((heap.into_sorted_vec(), more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(names: &[&str]) -> (tempfile::TempDir, Folders) {
        let root = tempfile::tempdir().unwrap();
        for name in names {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"{}").unwrap();
        }
        let folders = Folders { root: root.path().to_owned(), window: Mutex::default() };
        (root, folders)
    }

    fn all(folders: &Folders, prefix: &str, most: usize) -> Vec<String> {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let page = folders.list(prefix, token.as_deref(), most).unwrap();
            assert!(page.blobs.len() <= most);
            names.extend(page.blobs.into_iter().map(|blob| blob.name));
            token = page.next;
            if token.is_none() {
                return names;
            }
        }
    }

    #[test]
    fn pages_of_any_size_cover_each_blob_once() {
        let names = [
            "1/a/1/x",
            "1/a/1/y",
            "1/a/10/x",
            "1/a/2/x",
            "1/b/1/x",
            "1/b/1/x#1",
            "10/a/1/x",
            "view/1/a/1/x",
        ];
        let (_root, folders) = folders(&names);
        for most in 1..10 {
            assert_eq!(all(&folders, "", most), names, "pages of {most}");
            assert_eq!(all(&folders, "1/", most), names[..6], "pages of {most}");
            assert_eq!(all(&folders, "1/a/", most), names[..4], "pages of {most}");
            assert_eq!(all(&folders, "7/", most), [""; 0], "a folder that isn't there");
        }
    }

    #[test]
    fn a_folder_is_read_in_parts() {
        let (root, folders) = folders(&[]);
        let count = WINDOW + 50;
        for n in 0..count {
            let folder = root.path().join(format!("1/{n}/1"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("x"), b"{}").unwrap();
        }
        let names = all(&folders, "1/", 1000);
        assert_eq!(names.len(), count);
        assert!(names.is_sorted());
    }
}
