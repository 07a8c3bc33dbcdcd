use cresset_store::Consistency;
use std::time::Duration;

/// How much of a database one process may take.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Connections that read, at most.
    pub readers: usize,
    /// Connections that write, at most; a collection needs one while it commits, or two where another
    /// process fills its index.
    pub writers: usize,
    /// How long a search may take.
    pub search_timeout: Duration,
    /// How long a statement of a commit may take.
    pub write_timeout: Duration,
    /// How long a statement may wait for another one's lock.
    pub lock_timeout: Duration,
    /// How long a call may wait for a connection.
    pub patience: Duration,
    /// What every look at the index waits for, where another process fills it.
    pub consistency: Consistency,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            readers: 8,
            writers: 4,
            search_timeout: Duration::from_secs(20),
            write_timeout: Duration::from_secs(120),
            lock_timeout: Duration::from_secs(20),
            patience: Duration::from_secs(5),
            consistency: Consistency::Eventual,
        }
    }
}
