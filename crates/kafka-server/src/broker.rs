//! A broker of a test's own.

use crate::builder::Builder;
use crate::keeper::Keeper;
use crate::ports::address;
use crate::settings::Listener;
use crate::topic;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long another's connection may occupy a port after a kill.
const PATIENCE: Duration = Duration::from_secs(180);

/// What a shell says of a process that SIGKILL or SIGTERM ended; of Java too, when it ended in order.
const KILLED: &str = "137";
const STOPPED: &str = "143";

/// A private Kafka of one node on ports of the loopback address, with its data in a folder of its own.
/// Topics exist when they were [created](Self::create_topic). Dropped, it ends and its data are removed.
#[derive(Debug)]
pub struct Broker {
    listeners: Vec<Listener>,
    keeper: Mutex<Keeper>,
}

impl Broker {
    /// Starts one. None, and a loud word about it, without Kafka's jars or Java.
    pub fn start() -> Option<Self> {
        Self::builder().start()
    }

    /// One that is to be told more before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn of(keeper: Keeper, listeners: Vec<Listener>) -> Self {
        Self { listeners, keeper: Mutex::new(keeper) }
    }

    /// Where clients begin (`bootstrap.servers`): without encryption, and without anybody's name.
    pub fn bootstrap(&self) -> String {
        self.bootstrap_for("PLAINTEXT")
    }

    /// The same for another protocol.
    pub(crate) fn bootstrap_for(&self, protocol: &str) -> String {
        let found = self.listeners.iter().find(|(name, _)| *name == protocol);
        address(found.expect("it listens for this protocol").1)
    }

    /// Makes a topic, and waits until each of its partitions takes messages.
    pub fn create_topic(&self, name: &str, partitions: i32) {
        topic::create(&self.bootstrap(), name, partitions);
    }

    /// Kills it with SIGKILL, in the middle of whatever it does. What it has acknowledged is there after
    /// a [restart](Self::restart).
    pub fn kill(&self) {
        let mut keeper = self.keeper();
        let status = keeper.end("KILL");
        assert!(
            status == KILLED,
            "the broker was killed; its status is {status}:\n{}",
            keeper.log()
        );
    }

    /// Lets it end in order.
    pub fn stop(&self) {
        let mut keeper = self.keeper();
        let status = keeper.end("TERM");
        assert!(
            status == STOPPED,
            "the broker was stopped; its status is {status}:\n{}",
            keeper.log()
        );
    }

    /// Starts it again after [`kill`](Self::kill) or [`stop`](Self::stop), on the same ports with the
    /// same data.
    pub fn restart(&self) {
        let until = Instant::now() + PATIENCE;
        // Somebody's connection may go out from one of its ports for the moment.
        while self.keeper().start().is_err() {
            assert!(Instant::now() < until, "the broker's ports {:?} stay taken", self.listeners);
        }
    }

    /// What it has said since its last start: warnings and worse.
    pub fn log(&self) -> String {
        self.keeper().log()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.keeper().folder().to_owned()
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        // A test that failed in here leaves a keeper that others can still end.
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
