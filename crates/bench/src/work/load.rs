//! Loading: whole-patient transactions, each Bundle once.

use crate::bench::{Bench, say};
use crate::closed_loop::{Player, Script};
use crate::connection::Call;
use crate::measurement::Runs;
use crate::{BenchError, bundle};
use bytes::Bytes;
use http::Method;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Sends the Bundles of `directory`, counting resources as operations.
pub(crate) async fn run(bench: &mut Bench, directory: &Path) -> Result<(), BenchError> {
    let files = transactions(directory, bench.options.bundles.unwrap_or(usize::MAX))?;
    let clients = usize::from(bench.options.load_clients.max(1));
    let time = Duration::from_secs(bench.options.load_seconds);
    let resources: u64 = files.iter().map(|file| file.entries).sum();
    say(&format!("loading {} transactions, {resources} resources", files.len()));
    let script = Load {
        path: bench.target.path("").trim_end_matches('/').to_owned(),
        files: files.into(),
        next: Arc::default(),
    };
    let run = bench.once("load, resources", clients, time, &script).await?;
    let begun = script.next.load(Ordering::Relaxed).min(script.files.len());
    if begun < script.files.len() {
        bench.report.left_out.push(format!(
            "loading: {} of {} transactions, for which the time did not last",
            script.files.len() - begun,
            script.files.len()
        ));
    }
    bench.report.add(Runs(vec![run]));
    Ok(())
}

/// A file with a transaction in it.
#[derive(Clone, Debug)]
struct File {
    path: PathBuf,
    entries: u64,
}

/// The transactions in a directory, in the order of their names. They are looked at
/// beforehand, so that the measurement reads them from the page cache and not the disk.
fn transactions(directory: &Path, most: usize) -> Result<Vec<File>, BenchError> {
    let failed = |source| BenchError::File { path: directory.into(), source };
    let entries = directory.read_dir().map_err(failed)?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort_unstable();
    let files: Vec<_> = paths.into_iter().filter_map(transaction).take(most).collect();
    if files.is_empty() {
        return Err(BenchError::NoBundles { path: directory.into() });
    }
    Ok(files)
}

fn transaction(path: PathBuf) -> Option<File> {
    let bytes = std::fs::read(&path).ok()?;
    let outline: bundle::Outline = serde_json::from_slice(&bytes).ok()?;
    let entries = outline.transaction_entries()?;
    Some(File { path, entries })
}

struct Load {
    path: String,
    files: Arc<[File]>,
    next: Arc<AtomicUsize>,
}

impl Script for Load {
    fn player(&self, _client: usize) -> Box<dyn Player> {
        Box::new(Loader {
            path: if self.path.is_empty() { "/".into() } else { self.path.clone() },
            files: self.files.clone(),
            next: self.next.clone(),
        })
    }
}

struct Loader {
    path: String,
    files: Arc<[File]>,
    next: Arc<AtomicUsize>,
}

impl Player for Loader {
    fn next(&mut self) -> Option<Call> {
        let file = self.files.get(self.next.fetch_add(1, Ordering::Relaxed))?;
        let body = std::fs::read(&file.path).ok()?;
        let mut call = Call::with_body(Method::POST, self.path.clone(), Bytes::from(body));
        call.operations = file.entries;
        Some(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_transactions_in_name_order() {
        let directory = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).expect("a file");
        };
        write("b.json", r#"{"resourceType":"Bundle","type":"transaction","entry":[{},{}]}"#);
        write("a.json", r#"{"resourceType":"Bundle","type":"transaction","entry":[{}]}"#);
        write("c.json", r#"{"resourceType":"Bundle","type":"collection","entry":[{}]}"#);
        write("d.txt", "not JSON");
        let files = transactions(directory.path(), usize::MAX).expect("two");
        let entries: Vec<_> = files.iter().map(|file| file.entries).collect();
        assert_eq!(entries, [1, 2]);
        assert_eq!(transactions(directory.path(), 1).expect("one").len(), 1);
        let empty = tempfile::tempdir().expect("a directory");
        assert!(matches!(transactions(empty.path(), 1), Err(BenchError::NoBundles { .. })));
    }
}
