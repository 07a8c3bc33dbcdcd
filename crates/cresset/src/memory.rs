//! How much memory there is.

/// Bytes of memory that this process may use: the machine's, or its control group's if that is less;
/// 2 GiB where neither can be told.
pub(crate) fn available() -> u64 {
    let machine = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(group).min().unwrap_or(2 << 30)
}

/// `MemTotal` of Linux's `/proc/meminfo`.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read() {
        let text = "MemTotal:       24632172 kB\nMemFree:        22001872 kB\n";
        assert_eq!(total(text), Some(24_632_172 << 10));
        assert_eq!(total("MemFree: 1 kB"), None);
        assert!(available() > 0);
    }
}
