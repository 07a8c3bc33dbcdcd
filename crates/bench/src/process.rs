//! What a process has used, as Linux tells under `/proc/PID`.

use serde::Serialize;
use std::io;
use std::path::PathBuf;

/// Ticks in a second of the times in `/proc/PID/stat`: `USER_HZ`, which Linux has fixed at
/// 100 for every architecture it still has, whatever the kernel's own clock is.
pub(crate) const TICKS_PER_SECOND: f64 = 100.0;

/// A process that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Process(PathBuf);

/// What a process has used since it started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Snapshot {
    ticks: u64,
    peak_memory: Option<u64>,
    written: Option<u64>,
}

/// What a process used during a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Usage {
    /// User and system time of all its threads, and of children it has waited for.
    pub(crate) cpu_seconds: f64,
    /// The most memory it ever had resident, in bytes, since it started.
    pub(crate) peak_memory: Option<u64>,
    /// Bytes it caused to be written to storage.
    pub(crate) bytes_written: Option<u64>,
}

impl Process {
    pub(crate) fn of(pid: u32) -> Self {
        Self(PathBuf::from(format!("/proc/{pid}")))
    }

    /// The process that this is.
    pub(crate) fn own() -> Self {
        Self(PathBuf::from("/proc/self"))
    }

    pub(crate) fn snapshot(&self) -> io::Result<Snapshot> {
        let stat = std::fs::read_to_string(self.0.join("stat"))?;
        let ticks = ticks(&stat)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "stat has another form"))?;
        // Another user's io is not readable; the rest still is.
        let field = |file: &str, name| {
            let text = std::fs::read_to_string(self.0.join(file)).ok()?;
            number_after(&text, name)
        };
        Ok(Snapshot {
            ticks,
            peak_memory: field("status", "VmHWM:").map(|kibibytes| kibibytes * 1024),
            written: field("io", "write_bytes:"),
        })
    }
}

impl Snapshot {
    pub(crate) fn since(&self, earlier: &Self) -> Usage {
        Usage {
            cpu_seconds: self.ticks.saturating_sub(earlier.ticks) as f64 / TICKS_PER_SECOND,
            peak_memory: self.peak_memory,
            bytes_written: self
                .written
                .zip(earlier.written)
                .map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

/// `utime`, `stime`, `cutime` and `cstime` (fields 14 to 17, proc(5)) together.
fn ticks(stat: &str) -> Option<u64> {
    // The name in field 2 may hold blanks and parentheses, so counting begins after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_ascii_whitespace().collect();
    let times = fields.get(11..15)?;
    times.iter().map(|time| time.parse::<u64>().ok()).sum()
}

/// The number on the line that starts with `name`.
fn number_after(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "4242 (hfs) (x y) S 1 4242 4242 0 -1 4194304 5000 0 12 0 \
                        1500 250 30 7 20 0 9 0 123456 999999 8888 184467 1 1 0 0 0 0 0";

    #[test]
    fn sums_the_times_after_a_name_with_parentheses() {
        assert_eq!(ticks(STAT), Some(1787));
        assert_eq!(ticks("1 (short) S 1 2"), None);
        assert_eq!(ticks("no name"), None);
    }

    #[test]
    fn finds_numbers() {
        let status = "Name:\tx\nVmPeak:\t  9000 kB\nVmHWM:\t   5120 kB\nVmRSS:\t 4096 kB\n";
        assert_eq!(number_after(status, "VmHWM:"), Some(5120));
        assert_eq!(number_after(status, "VmSwap:"), None);
        let io = "rchar: 1\nwrite_bytes: 81920\ncancelled_write_bytes: 5\n";
        assert_eq!(number_after(io, "write_bytes:"), Some(81920));
    }

    #[test]
    fn subtracts_what_was_used_before() {
        let then = Snapshot { ticks: 100, peak_memory: Some(1), written: Some(10) };
        let now = Snapshot { ticks: 350, peak_memory: Some(2), written: Some(15) };
        let used = Usage { cpu_seconds: 2.5, peak_memory: Some(2), bytes_written: Some(5) };
        assert_eq!(now.since(&then), used);
    }

    #[test]
    fn reads_its_own() {
        let snapshot = Process::own().snapshot().expect("/proc/self");
        assert!(snapshot.peak_memory.is_some_and(|bytes| bytes > 100_000));
        assert!(Process::of(u32::MAX).snapshot().is_err());
    }
}
