//! The machine a report was made on.

use crate::latency::Latencies;
use serde::Serialize;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Writes of the disk's own measurement: enough for a stable median, over in seconds even
/// on a disk that turns.
const DISK_WRITES: usize = 300;
const DISK_TIME: Duration = Duration::from_secs(5);

/// What a reader must know to judge the figures.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) cpu: String,
    pub(crate) memory_bytes: u64,
    /// Median of a 4 KiB append followed by `fdatasync`, in milliseconds.
    pub(crate) fdatasync_ms: Option<f64>,
}

impl Machine {
    /// Looks at this machine, and measures the disk under `directory`.
    pub(crate) fn inspect(directory: &Path) -> io::Result<Self> {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: cpu_model(&read("/proc/cpuinfo")).unwrap_or_else(|| "unknown".into()),
            memory_bytes: total_memory(&read("/proc/meminfo")).unwrap_or(0),
            fdatasync_ms: fdatasync(directory)?.map(|median| median.as_secs_f64() * 1e3),
        })
    }
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().into())
}

fn total_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// The median time of making 4 KiB durable at the end of a file in `directory`.
fn fdatasync(directory: &Path) -> io::Result<Option<Duration>> {
    let path = directory.join(format!(".cresset-bench-{}", std::process::id()));
    let measured = File::create_new(&path).and_then(append_and_sync);
    let removed = std::fs::remove_file(&path);
    let samples = measured?;
    removed?;
    Ok(samples.quantile(0.5))
}

fn append_and_sync(mut file: File) -> io::Result<Latencies> {
    let block = [0x5a; 4096];
    let mut samples = Vec::with_capacity(DISK_WRITES);
    let begun = Instant::now();
    while samples.len() < DISK_WRITES && begun.elapsed() < DISK_TIME {
        let start = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        samples.push(start.elapsed());
    }
    Ok(samples.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_proc() {
        let cpuinfo = "processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\nprocessor\t: 1\n";
        assert_eq!(cpu_model(cpuinfo).as_deref(), Some("Some CPU @ 2.0GHz"));
        assert_eq!(cpu_model("Features : fp"), None);
        assert_eq!(total_memory("MemTotal:  2048 kB\nMemFree: 1 kB\n"), Some(2_097_152));
    }

    #[test]
    fn measures_the_disk_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let machine = Machine::inspect(directory.path()).expect("a machine");
        assert!(machine.cores > 0 && machine.fdatasync_ms.is_some());
        assert_eq!(directory.path().read_dir().expect("the directory").count(), 0);
    }
}
