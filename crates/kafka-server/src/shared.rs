//! The broker that the tests of a process share.

use crate::broker::Broker;
use crate::topic;
use cresset_test_service::in_ci;
use std::sync::LazyLock;

/// Names a broker to test on, as `host:port`.
const VARIABLE: &str = "CRESSET_KAFKA_BROKER";

/// Ended by the process's end.
static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| {
    if let Some(bootstrap) = std::env::var(VARIABLE).ok().filter(|named| !named.is_empty()) {
        return Some(Shared { bootstrap, _broker: None });
    }
    let broker = Broker::start()?;
    Some(Shared { bootstrap: broker.bootstrap(), _broker: Some(broker) })
});

/// A broker that others use too: nobody can end it, and each test takes topics of its own.
#[derive(Debug)]
pub struct Shared {
    bootstrap: String,
    /// Runs as long as this is there; none if the broker isn't ours.
    _broker: Option<Broker>,
}

impl Shared {
    /// Where clients begin (`bootstrap.servers`).
    pub fn bootstrap(&self) -> String {
        self.bootstrap.clone()
    }

    /// Makes a topic, and waits until each of its partitions takes messages. No other test, of any
    /// process, may have one of this name.
    pub fn create_topic(&self, name: &str, partitions: i32) {
        topic::create(&self.bootstrap, name, partitions);
    }
}

impl Broker {
    /// The broker of this process: the one that `CRESSET_KAFKA_BROKER` names, or a private one. Without
    /// one the tests of this process end here: loudly, and in CI as a failure.
    pub fn shared() -> &'static Shared {
        Self::shared_if_there().unwrap_or_else(|| std::process::exit(i32::from(in_ci())))
    }

    /// The same, for tests beside which others don't need one.
    pub fn shared_if_there() -> Option<&'static Shared> {
        SHARED.as_ref()
    }
}
