//! Who used the processors during a measurement: the server, the load, and anyone else.

use crate::BenchError;
use crate::process::{Process, Snapshot, TICKS_PER_SECOND, Usage};
use serde::Serialize;

/// Watches the server's process, this one, and the machine.
pub(crate) struct Watch {
    server: Option<(u32, Process)>,
}

/// What was used up to a moment.
pub(crate) struct Moment {
    server: Option<Snapshot>,
    load: Snapshot,
    machine_ticks: Option<u64>,
}

/// What was used between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Used {
    /// By the server, when its process is watched.
    pub(crate) server: Option<Usage>,
    /// CPU seconds of this program, which shares the machine with the server.
    pub(crate) load_cpu_seconds: f64,
    /// CPU seconds of all others, the hypervisor among them. With many of these, the
    /// measurement says little.
    pub(crate) others_cpu_seconds: Option<f64>,
}

impl Watch {
    pub(crate) fn new(pid: Option<u32>) -> Self {
        Self { server: pid.map(|pid| (pid, Process::of(pid))) }
    }

    pub(crate) fn now(&self) -> Result<Moment, BenchError> {
        let look = |pid, process: &Process| {
            let snapshot = process.snapshot();
            snapshot.map_err(|source| BenchError::Process { pid, source })
        };
        let server = self.server.as_ref().map(|(pid, process)| look(*pid, process));
        Ok(Moment {
            server: server.transpose()?,
            load: look(std::process::id(), &Process::own())?,
            machine_ticks: std::fs::read_to_string("/proc/stat")
                .ok()
                .and_then(|stat| busy_ticks(&stat)),
        })
    }
}

impl Moment {
    pub(crate) fn since(&self, earlier: &Self) -> Used {
        let server = self.server.zip(earlier.server);
        let server = server.map(|(now, then)| now.since(&then));
        let load_cpu_seconds = self.load.since(&earlier.load).cpu_seconds;
        let machine = self.machine_ticks.zip(earlier.machine_ticks);
        let others = machine.zip(server).map(|((now, then), server)| {
            let all = now.saturating_sub(then) as f64 / TICKS_PER_SECOND;
            (all - server.cpu_seconds - load_cpu_seconds).max(0.0)
        });
        Used { server, load_cpu_seconds, others_cpu_seconds: others }
    }
}

/// Ticks that all processors together did not idle: user, nice, system, irq, softirq and
/// steal of the first line of `/proc/stat`, which leaves out idle and iowait (proc(5)).
fn busy_ticks(stat: &str) -> Option<u64> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<u64> =
        line.split_ascii_whitespace().map_while(|field| field.parse().ok()).collect();
    Some(fields.get(..3)?.iter().sum::<u64>() + fields.get(5..8)?.iter().sum::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_what_is_not_idle() {
        let stat = "cpu  100 20 30 4000 500 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n";
        assert_eq!(busy_ticks(stat), Some(171));
        assert_eq!(busy_ticks("intr 1 2"), None);
        assert_eq!(busy_ticks("cpu  1 2"), None);
    }

    #[test]
    fn watches_itself() {
        let watch = Watch::new(Some(std::process::id()));
        let before = watch.now().expect("/proc");
        let used = watch.now().expect("/proc").since(&before);
        assert!(used.server.is_some() && used.others_cpu_seconds.is_some());
        let unwatched = Watch::new(None).now().expect("/proc").since(&before);
        assert!(unwatched.others_cpu_seconds.is_none());
    }
}
