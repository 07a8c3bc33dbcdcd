//! A PostgreSQL server to test on: the one that `CRESSET_POSTGRES` names, or a private one from the
//! distribution's binaries.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Names the server.
const VARIABLE: &str = "CRESSET_POSTGRES";
/// Where distributions put the binaries, by version.
const BINARIES: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// Runs the server until the pipe that is its input ends: with the tests, however these end.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=200 -c fsync=on >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
rm -rf "$2"
"#;

static SERVER: LazyLock<Option<Server>> = LazyLock::new(Server::find);

struct Server {
    url: String,
    /// Holds the pipe; dropped by the process's end.
    _keeper: Option<Child>,
}

/// The URL of a database for tests. Without a server the tests end here: loudly, and in CI as a
/// failure.
pub(crate) fn url() -> String {
    if let Some(server) = &*SERVER {
        return server.url.clone();
    }
    let told = format!(
        "\n*** SKIPPED: no PostgreSQL: install the package postgresql, or set {VARIABLE} to the URL of a database ***\n\n"
    );
    // Past the tests' capture.
    drop(std::io::stderr().write_all(told.as_bytes()));
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    std::process::exit(i32::from(in_ci));
}

impl Server {
    fn find() -> Option<Self> {
        if let Some(url) = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty()) {
            return Some(Self { url, _keeper: None });
        }
        let binaries = binaries()?;
        let mut log = String::new();
        for _ in 0..3 {
            let folder = tempfile::tempdir().expect("a temporary folder").keep();
            initialize(&binaries, &folder);
            let port = free_port();
            let mut keeper = start(&binaries, &folder, port);
            if is_up(&binaries, port) {
                let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                return Some(Self { url, _keeper: Some(keeper) });
            }
            // Perhaps somebody else took the port.
            log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            drop(keeper.stdin.take());
            drop(keeper.wait());
        }
        panic!("PostgreSQL doesn't start:\n{log}");
    }
}

/// The newest version's folder.
fn binaries() -> Option<PathBuf> {
    let versions = BINARIES.iter().filter_map(|root| std::fs::read_dir(root).ok()).flatten();
    let folders = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let there = folders.filter(|folder| folder.join("initdb").exists());
    let version = |folder: &PathBuf| {
        let name = folder.parent()?.file_name()?.to_str()?.to_owned();
        name.parse::<u32>().ok()
    };
    there.max_by_key(version)
}

/// A command that runs as somebody: PostgreSQL refuses to be run by root, which then has to be the
/// user that its package made.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout.trim_ascii() == b"0"
}

fn initialize(binaries: &Path, folder: &Path) {
    if is_root() {
        let owned = Command::new("chown").arg("postgres").arg(folder).status();
        assert!(owned.is_ok_and(|status| status.success()), "the folder is given to postgres");
    }
    let mut command = unprivileged(&binaries.join("initdb"));
    command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"]);
    let output = command.arg(folder.join("data")).current_dir("/").output().expect("initdb runs");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

fn start(binaries: &Path, folder: &Path, port: u16) -> Child {
    let mut command = unprivileged(Path::new("sh"));
    command.args(["-c", KEEPER, "keeper"]).arg(binaries).arg(folder).arg(port.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    command.spawn().expect("sh runs")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn is_up(binaries: &Path, port: u16) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        let mut command = Command::new(binaries.join("pg_isready"));
        command.args(["-q", "-h", "127.0.0.1", "-p"]).arg(port.to_string());
        if command.status().is_ok_and(|status| status.success()) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
