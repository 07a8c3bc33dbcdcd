//! An external merge sort of index keys.

use crate::error::{Context, Outcome, corrupt};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes of keys that are sorted in memory at a time.
const RUN: usize = 96 << 20;

/// A key of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) parameter: u32,
    pub(crate) value: &'a [u8],
    pub(crate) resource: u64,
}

/// Keys on their way to be sorted: a run in memory, and those before it in unnamed files. Each is
/// kept as its length (2 bytes) and then bytes that compare as the keys do.
pub(crate) struct SortedEntries {
    folder: PathBuf,
    arena: Vec<u8>,
    places: Vec<u32>,
    runs: Vec<File>,
}

impl SortedEntries {
    pub(crate) fn new(folder: &Path) -> Outcome<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            arena: Vec::new(),
            places: Vec::new(),
            runs: Vec::new(),
        })
    }

    /// Takes a key.
    pub(crate) fn push(&mut self, parameter: u32, value: &[u8], resource: u64) -> Outcome<()> {
        if self.arena.len() + value.len() + 64 > RUN {
            self.spill()?;
        }
        let length =
            u16::try_from(value.len() + 12).map_err(|_| corrupt("an index value is too long"))?;
        let place = u32::try_from(self.arena.len()).map_err(|_| corrupt("a run is too long"))?;
        self.places.push(place);
        self.arena.extend_from_slice(&length.to_le_bytes());
        self.arena.extend_from_slice(&parameter.to_be_bytes());
        self.arena.extend_from_slice(value);
        self.arena.extend_from_slice(&resource.to_be_bytes());
        Ok(())
    }

    /// Gives all keys in order, each once as it was taken.
    pub(crate) fn finish(
        &mut self,
        mut visit: impl FnMut(Entry<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        self.sort();
        if self.runs.is_empty() {
            let places = std::mem::take(&mut self.places);
            return places.iter().try_for_each(|place| visit(entry(record(&self.arena, *place))));
        }
        self.spill()?;
        self.arena = Vec::new();
        let mut readers = Vec::new();
        for run in &mut self.runs {
            run.rewind().context("sorting index keys")?;
            readers.push(BufReader::with_capacity(1 << 20, run));
        }
        let mut heap = BinaryHeap::new();
        for (index, reader) in readers.iter_mut().enumerate() {
            heap.extend(next(reader)?.map(|record| Reverse((Record(record), index))));
        }
        while let Some(Reverse((Record(record), index))) = heap.pop() {
            visit(entry(&record))?;
            heap.extend(next(&mut readers[index])?.map(|record| Reverse((Record(record), index))));
        }
        Ok(())
    }

    fn sort(&mut self) {
        let arena = &self.arena;
        self.places.sort_unstable_by(|a, b| order(record(arena, *a), record(arena, *b)));
    }

    fn spill(&mut self) -> Outcome<()> {
        if self.places.is_empty() {
            return Ok(());
        }
        self.sort();
        // An unnamed file: nothing of it is left behind, however this process ends.
        let file = tempfile::tempfile_in(&self.folder).context("sorting index keys")?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        for place in &self.places {
            let record = record(&self.arena, *place);
            let length = (record.len() as u16).to_le_bytes();
            out.write_all(&length)
                .and_then(|()| out.write_all(record))
                .context("sorting index keys")?;
        }
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error);
        self.runs.push(file.context("sorting index keys")?);
        self.arena.clear();
        self.places.clear();
        Ok(())
    }
}

/// A record that has left its arena.
#[derive(PartialEq, Eq)]
struct Record(Vec<u8>);

impl Ord for Record {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        order(&self.0, &other.0)
    }
}

impl PartialOrd for Record {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn order(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
    let (a, b) = (entry(a), entry(b));
    (a.parameter, a.value, a.resource).cmp(&(b.parameter, b.value, b.resource))
}

fn record(arena: &[u8], place: u32) -> &[u8] {
    let place = place as usize;
    let length = u16::from_le_bytes([arena[place], arena[place + 1]]);
    &arena[place + 2..place + 2 + usize::from(length)]
}

fn entry(record: &[u8]) -> Entry<'_> {
    let (head, resource) = record.split_at(record.len() - 8);
    let (parameter, value) = head.split_at(4);
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    Entry { parameter: number(parameter) as u32, value, resource: number(resource) }
}

fn next(reader: &mut impl Read) -> Outcome<Option<Vec<u8>>> {
    let mut length = [0; 2];
    match reader.read_exact(&mut length) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome.context("sorting index keys")?,
    }
    let mut record = vec![0; usize::from(u16::from_le_bytes(length))];
    reader.read_exact(&mut record).context("sorting index keys")?;
    Ok(Some(record))
}
