use std::time::Duration;

/// How much an embedded store may take.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Bytes of page cache for the writer of a collection.
    pub writer_cache: u64,
    /// Bytes of page cache for each reader of a collection.
    pub reader_cache: u64,
    /// Readers of a collection at a time.
    pub readers: usize,
    /// How long a search may take.
    pub search_timeout: Duration,
    /// How searches are planned.
    pub plans: Plans,
}

/// Which way of answering a search is taken; all of them find the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plans {
    /// The cheapest by estimate.
    #[default]
    Cheapest,
    /// Always walk and look, whatever it costs: for tests.
    Walk,
    /// Always take whole sets: for tests.
    Sets,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            writer_cache: 128 << 20,
            reader_cache: 16 << 20,
            readers: 8,
            search_timeout: Duration::from_secs(20),
            plans: Plans::Cheapest,
        }
    }
}

impl Settings {
    /// For a server on a machine with so many bytes of memory: a sixteenth of it for the readers'
    /// caches. The operating system caches the file as well.
    pub fn for_memory(bytes: u64) -> Self {
        let default = Self::default();
        let share = bytes / 16 / default.readers as u64;
        Self { reader_cache: share.clamp(default.reader_cache, 128 << 20), ..default }
    }
}
