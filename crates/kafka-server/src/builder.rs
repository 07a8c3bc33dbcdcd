//! What a broker is to be like.

use crate::broker::Broker;
use crate::keeper::Keeper;
use crate::ports::free;
use crate::program::class_path;
use crate::settings::{Listener, properties};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long others may go on taking its port before the broker has it.
const PATIENCE: Duration = Duration::from_secs(180);

/// What a broker is to be like before it starts.
#[derive(Debug, Default)]
pub struct Builder {
    properties: Vec<(String, String)>,
    format: Vec<String>,
    listeners: Vec<&'static str>,
}

impl Builder {
    /// Sets one of the server's properties, as in `server.properties`; the last one of a name counts.
    #[must_use]
    pub fn property(mut self, name: &str, value: &str) -> Self {
        self.properties.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Tells the program that makes the storage more; without spaces.
    pub(crate) fn format(mut self, argument: &str) -> Self {
        self.format.push(argument.to_owned());
        self
    }

    /// Lets it listen for a protocol beside the plain one.
    pub(crate) fn listener(mut self, protocol: &'static str) -> Self {
        self.listeners.push(protocol);
        self
    }

    /// Starts it. None, and a loud word about it, without Kafka's jars or Java.
    pub fn start(self) -> Option<Broker> {
        self.start_with(|_, builder| builder)
    }

    /// The same with files that are put into the broker's folder, and what follows from them.
    pub(crate) fn start_with(self, add: impl FnOnce(&Path, Self) -> Self) -> Option<Broker> {
        let mut keeper = Keeper::of(&class_path()?);
        let folder = keeper.folder().to_owned();
        let builder = add(&folder, self);
        let until = Instant::now() + PATIENCE;
        let mut formatted = false;
        loop {
            let [controller, plain, other, another] = free();
            let others = builder.listeners.iter().copied().zip([other, another]);
            let listeners: Vec<Listener> =
                [("PLAINTEXT", plain)].into_iter().chain(others).collect();
            keeper.configure(&properties(&folder, controller, &listeners, &builder.properties));
            if !formatted {
                keeper.format(&builder.formatting());
                formatted = true;
            }
            if keeper.start().is_ok() {
                return Some(Broker::of(keeper, listeners));
            }
            assert!(Instant::now() < until, "no port stays free until the broker has it");
        }
    }

    /// With a cluster's id, which has 16 bytes in base 64; nobody asks for it.
    fn formatting(&self) -> Vec<String> {
        let id = ["--cluster-id", "Q3Jlc3NldC1rYWZrYS0xMA"].map(str::to_owned);
        id.into_iter().chain(self.format.iter().cloned()).collect()
    }
}
