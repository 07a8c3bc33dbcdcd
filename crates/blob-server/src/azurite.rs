//! A blob service of a test's own.

use crate::keeper::Keeper;
use crate::program::program;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The account that every emulator of Azure's storage has, and its key; public knowledge.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// What Azurite says before its address, when it can be connected to.
const LISTENS: &str = "listens on http://127.0.0.1:";

/// How long a start may take; seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A private Azurite on a port of the loopback address, with its data in a folder of its own. Dropped,
/// it ends and its data are removed.
#[derive(Debug)]
pub struct Azurite {
    port: u16,
    keeper: Mutex<Keeper>,
}

impl Azurite {
    /// Starts one. None, and a loud word about it, where Azurite isn't installed.
    pub fn start() -> Option<Self> {
        let mut keeper = Keeper::of(&program()?);
        let port = run_up(&mut keeper, 0);
        Some(Self { port, keeper: Mutex::new(keeper) })
    }

    /// The port of 127.0.0.1 that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The account's name.
    pub fn account(&self) -> &'static str {
        ACCOUNT
    }

    /// The account's key, in base 64.
    pub fn key(&self) -> &'static str {
        KEY
    }

    /// How a client of Azure's is told of it.
    pub fn connection_string(&self) -> String {
        self.connection_string_through(self.port)
    }

    /// The same through a proxy on another port, as [`Proxy`](crate::Proxy) is one.
    pub fn connection_string_through(&self, port: u16) -> String {
        format!(
            "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};\
             BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
        )
    }

    /// Kills it in the middle of whatever it does, as the death of its machine would. What it has
    /// acknowledged is there after a [restart](Self::restart).
    pub fn kill(&self) {
        self.keeper().die();
    }

    /// Starts it again after [`kill`](Self::kill), on the same port with the same data.
    pub fn restart(&self) {
        run_up(&mut self.keeper(), self.port);
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        // A test that failed in here leaves a keeper that others can still end.
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the process and waits until it listens; on which port.
fn run_up(keeper: &mut Keeper, port: u16) -> u16 {
    let until = Instant::now() + PATIENCE;
    keeper.start(port);
    loop {
        let log = keeper.log();
        if let Some(port) = port_in(&log) {
            return port;
        }
        let in_use = log.contains("EADDRINUSE");
        if Instant::now() > until || (log.contains("Exit due to") && !in_use) {
            keeper.kill();
            panic!("Azurite doesn't start:\n{log}");
        }
        if in_use {
            // Somebody's connection goes out from this port for the moment.
            keeper.kill();
            keeper.start(port);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn port_in(log: &str) -> Option<u16> {
    let (_, after) = log.split_once(LISTENS)?;
    // A line that has no end yet may lack digits.
    after.split_once('\n')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_counts_when_its_line_has_ended() {
        let log = "Azurite Blob service successfully listens on http://127.0.0.1:3890";
        assert_eq!(port_in(log), None);
        assert_eq!(port_in(&format!("starting\n{log}7\n")), Some(38907));
        assert_eq!(port_in("starting on 127.0.0.1:0\n"), None);
    }
}
