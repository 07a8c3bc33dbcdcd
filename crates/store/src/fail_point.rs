use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Ends the process here when the environment names this point, as `before-commit`, or the third
/// time with `before-commit:3`; with `before-commit:3:stall` the thread stops here and the process
/// goes on. For crash tests.
pub fn fail_point(name: &str) {
    static NAMED: LazyLock<Option<(String, AtomicUsize, bool)>> = LazyLock::new(|| {
        let named = std::env::var("CRESSET_FAIL_POINT").ok()?;
        let mut parts = named.split(':');
        let point = parts.next()?.to_owned();
        let times = parts.next().and_then(|times| times.parse().ok()).unwrap_or(1);
        Some((point, AtomicUsize::new(times), parts.next() == Some("stall")))
    });
    let Some((point, left, stall)) = &*NAMED else { return };
    if point != name || left.fetch_sub(1, Ordering::Relaxed) != 1 {
        return;
    }
    if !stall {
        std::process::abort();
    }
    loop {
        std::thread::park();
    }
}
