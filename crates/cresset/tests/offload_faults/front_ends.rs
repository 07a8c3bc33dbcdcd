//! Servers on one configuration that keep their addresses when they are started again.

use crate::rig::Rig;
use crate::support::dose::Dice;
use crate::support::http::Client;
use crate::support::server::Server;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What links are made of, whichever front end makes them.
const OPTIONS: [&str; 2] = ["--base-url", "http://records.test"];
/// Where a server may be told to die.
const POINTS: [&str; 4] =
    ["offload-before-commit", "offload-after-commit", "offload-before-discard", "before-commit"];

pub(crate) struct FrontEnds<'r> {
    rig: &'r Rig,
    running: Vec<(SocketAddr, Mutex<Option<Server>>)>,
}

impl<'r> FrontEnds<'r> {
    pub(crate) fn start(rig: &'r Rig, count: usize) -> Self {
        let running = (0..count).map(|_| (free_address(), Mutex::default())).collect();
        let all = Self { rig, running };
        (0..count).for_each(|at| all.run_up(&mut all.at(at), at, &[]));
        all
    }

    /// A connection to each.
    pub(crate) fn doors(&self) -> Vec<Client> {
        self.running.iter().map(|(address, _)| Client::new(*address)).collect()
    }

    /// Kills one at once, and starts it again.
    pub(crate) fn kill_one(&self, dice: &mut Dice) {
        let at = self.any(dice);
        let mut running = self.at(at);
        if let Some(server) = running.take() {
            server.kill9();
        }
        self.run_up(&mut running, at, &[]);
    }

    /// Starts one so that it dies at a point, waits for that, and starts it again. Says whether it died of
    /// itself.
    pub(crate) fn crash_one(&self, dice: &mut Dice) -> bool {
        let at = self.any(dice);
        let mut running = self.at(at);
        if let Some(server) = running.take() {
            server.kill9();
        }
        let point = POINTS[dice.below(POINTS.len() as u64) as usize];
        let point = format!("{point}:{}", 1 + dice.below(12));
        self.run_up(&mut running, at, &[("CRESSET_FAIL_POINT", &point)]);
        let until = Instant::now() + Duration::from_secs(2);
        let mut died = false;
        if let Some(mut server) = running.take() {
            while !died && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(10));
                died = server.child.try_wait().expect("a child can be waited for").is_some();
            }
        }
        self.run_up(&mut running, at, &[]);
        died
    }

    /// All, with nothing in memory.
    pub(crate) fn restart_all(&self) {
        for at in 0..self.running.len() {
            let mut running = self.at(at);
            if let Some(server) = running.take() {
                server.stop_cleanly();
            }
            self.run_up(&mut running, at, &[]);
        }
    }

    /// A start that needs the object store may come while it is down.
    fn run_up(&self, running: &mut Option<Server>, at: usize, more: &[(&str, &str)]) {
        let address = self.running[at].0.to_string();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match self.rig.try_server(&address, &OPTIONS, more) {
                Ok(server) => return *running = Some(server),
                // A point may strike while it starts.
                Err(_) if !more.is_empty() => return,
                Err(problem) => assert!(Instant::now() < until, "{problem}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The end of what they have logged.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.rig.place().log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    fn any(&self, dice: &mut Dice) -> usize {
        dice.below(self.running.len() as u64) as usize
    }

    fn at(&self, at: usize) -> MutexGuard<'_, Option<Server>> {
        self.running[at].1.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that nobody listens on.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}
