//! Files, and what they are packed in.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// The files under a path in name order; a file is itself.
pub(crate) fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else if form(&entry.to_string_lossy()).is_some() {
            found.push(entry);
        }
    }
    Ok(found)
}

/// What a name says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Ndjson,
    Tar,
}

/// The form of a file by its name, packing aside; `None` for names that say nothing.
pub(crate) fn form(name: &str) -> Option<Form> {
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    let ending = name.rsplit('.').next().filter(|ending| ending.len() < name.len());
    match ending?.to_ascii_lowercase().as_str() {
        "json" => Some(Form::Json),
        "ndjson" | "jsonl" => Some(Form::Ndjson),
        "tar" => Some(Form::Tar),
        _ => None,
    }
}

/// Opens a file and unpacks it on the way.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = BufReader::with_capacity(1 << 20, File::open(path)?);
    unpacked(&path.to_string_lossy(), file)
}

/// Unpacks by name.
pub(crate) fn unpacked<'r>(name: &str, reader: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    if name.ends_with(".gz") {
        return Ok(Box::new(flate2::read::MultiGzDecoder::new(reader)));
    }
    if name.ends_with(".zst") {
        let mut decoder = zstd::Decoder::new(reader)?;
        // Archives made with --long need a larger window than the default allows.
        decoder.window_log_max(27)?;
        return Ok(Box::new(decoder));
    }
    Ok(Box::new(reader))
}
