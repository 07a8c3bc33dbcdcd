use std::time::Duration;

/// How a copy goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Changes in one commit at most.
    pub changes: usize,
    /// Bytes of contents in one commit, about: one body may go beyond.
    pub bytes: usize,
    /// How often a source that is followed is asked for more.
    pub poll: Duration,
    /// How long a store that is busy is waited for in all before the copy gives up.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            changes: 20_000,
            bytes: 16 << 20,
            poll: Duration::from_millis(200),
            patience: Duration::from_secs(300),
        }
    }
}
