//! Several `cresset serve` on one database.

use crate::support::dose::Dice;
use crate::support::http::Client;
use crate::support::place::Place;
use crate::support::server::Server;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What links are made of, whichever front end makes them.
const OPTIONS: [&str; 2] = ["--base-url", "http://records.test"];

/// Front ends that keep their addresses when they are started again.
pub(crate) struct FrontEnds {
    place: Place,
    addresses: Vec<SocketAddr>,
    running: Vec<Mutex<Option<Server>>>,
}

impl FrontEnds {
    pub(crate) fn start(count: usize, place: Place) -> Self {
        let addresses: Vec<SocketAddr> = (0..count).map(|_| free_address()).collect();
        let start = |address: &SocketAddr| {
            Server::listening_on(&address.to_string(), &place, &OPTIONS, &[])
        };
        let servers: Vec<Server> = addresses.iter().map(start).collect();
        let running = servers.into_iter().map(|server| Mutex::new(Some(server))).collect();
        Self { place, addresses, running }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// A connection to each.
    pub(crate) fn doors(&self) -> Vec<Client> {
        self.addresses.iter().map(|address| Client::new(*address)).collect()
    }

    /// Kills one at once, and starts it again.
    pub(crate) fn kill_one(&self, dice: &mut Dice) {
        let at = dice.below(self.running.len() as u64) as usize;
        let mut running = self.running[at].lock().expect("nobody panicked");
        if let Some(server) = running.take() {
            server.kill9();
        }
        *running = self.start_again(at);
    }

    /// One starts only when it can reach the database: which may be just starting itself.
    fn start_again(&self, at: usize) -> Option<Server> {
        let address = self.addresses[at].to_string();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Ok(server) = Server::try_listening_on(&address, &self.place, &OPTIONS, &[]) {
                return Some(server);
            }
            assert!(Instant::now() < until, "a front end doesn't start again");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until each answers a read and a write is possible, and tells how long that took.
    pub(crate) fn are_back(&self, within: Duration) -> Duration {
        let started = Instant::now();
        for address in &self.addresses {
            let mut client = Client::new(*address);
            let name = format!("/fhir/Basic/back-{}", address.port());
            loop {
                let body = format!(
                    r#"{{"resourceType":"Basic","id":"back-{}","code":{{"text":"x"}}}}"#,
                    address.port()
                );
                let written = client.request("PUT", &name, &[], body.as_bytes());
                let read = client.get("/fhir/Patient?_count=1");
                let status = (written.map(|w| w.status).ok(), read.map(|r| r.status).ok());
                if matches!(status, (Some(200 | 201), Some(200))) {
                    break;
                }
                assert!(
                    started.elapsed() < within,
                    "{address} isn't back: {status:?}: {}",
                    self.log()
                );
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        started.elapsed()
    }

    /// The end of what they have logged.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.place.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

/// One that nobody listens on.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}
