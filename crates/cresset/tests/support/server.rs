//! The `cresset` binary as a process of a test's own.

use super::http::Client;
use super::place::Place;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// A command line of the binary under test: the one built with the test, or `CRESSET_TEST_BINARY`.
pub(crate) fn cresset(args: &[&str]) -> Command {
    let own = || env!("CARGO_BIN_EXE_cresset").into();
    let mut command = Command::new(std::env::var_os("CRESSET_TEST_BINARY").unwrap_or_else(own));
    command.env_remove("CRESSET_FAIL_POINT").args(args);
    command
}

/// Runs a command to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    cresset(args).output().expect("the binary runs")
}

/// A running server. Dropped, it is killed: this child and no other process.
pub(crate) struct Server {
    /// The FHIR base: `http://127.0.0.1:PORT/fhir`.
    pub(crate) base: String,
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts `cresset serve` on a free loopback port and waits until it says where it listens. Its
    /// log goes to `{data_dir}.log`.
    pub(crate) fn start(data_dir: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::on(&Place::data(data_dir), args, env)
    }

    /// [`start`](Self::start) on any kind of store.
    pub(crate) fn on(place: &Place, args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::listening_on("127.0.0.1:0", place, args, env)
    }

    /// [`start`](Self::start) at a given loopback address.
    pub(crate) fn listening(
        address: &str,
        data_dir: &Path,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> Self {
        Self::listening_on(address, &Place::data(data_dir), args, env)
    }

    /// [`on`](Self::on) at a given loopback address.
    pub(crate) fn listening_on(
        address: &str,
        place: &Place,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> Self {
        Self::try_listening_on(address, place, args, env)
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The same, or what it says when it doesn't start.
    pub(crate) fn try_listening_on(
        address: &str,
        place: &Place,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> Result<Self, String> {
        let log = place.log();
        let mut child = cresset(&["serve", "--listen", address])
            .args(place.options())
            .args(args)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(appended(&log))
            .spawn()
            .expect("the binary starts");
        let stdout = child.stdout.take().expect("its standard output is ours");
        let mut base = None;
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            match line.trim().split_once("  ") {
                Some(("FHIR R4", url)) => base = Some(url.trim().to_owned()),
                // The last line.
                Some(("metrics", _)) => break,
                _ => {}
            }
        }
        let Some(base) = base else {
            let status = child.wait().expect("it ends");
            return Err(format!("the server did not start ({status}): {}", text(&log)));
        };
        let authority = base.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        // Its base may be under another name.
        let listens = if address.ends_with(":0") { authority } else { Some(address) };
        let address = listens.and_then(|a| a.parse().ok()).expect("an address and a port");
        Ok(Self { base, child, address, log })
    }

    /// A client with a connection of its own.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged, and its predecessors on the same directory.
    pub(crate) fn log(&self) -> String {
        text(&self.log)
    }

    /// Kills it as a power cut would, and waits until it's gone.
    pub(crate) fn kill9(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Sends SIGTERM, without waiting.
    pub(crate) fn terminate(&self) {
        signal(self.pid(), "-TERM");
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn stop(self) -> ExitStatus {
        self.terminate();
        self.wait(Duration::from_secs(60))
    }

    /// Stops it, and fails with its log unless it ends with 0.
    pub(crate) fn stop_cleanly(self) {
        let log = self.log.clone();
        let status = self.stop();
        assert_eq!(status.code(), Some(0), "{status}: {}", text(&log));
    }

    /// Waits for its own end.
    pub(crate) fn wait(mut self, at_most: Duration) -> ExitStatus {
        let until = Instant::now() + at_most;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server did not end within {at_most:?}: {}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Signals a process that the caller has started and not yet waited for.
pub(crate) fn signal(pid: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{signal} can't be sent");
}

pub(crate) fn appended(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).expect("the log can be written")
}

pub(crate) fn text(path: &Path) -> String {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}
