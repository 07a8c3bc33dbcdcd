//! Where the programs are, and as whom they run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where distributions put PostgreSQL's programs, by version.
const VERSIONS: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// The folder of the newest version's programs.
pub(crate) fn folder() -> Option<PathBuf> {
    let versions = VERSIONS.iter().filter_map(|root| std::fs::read_dir(root).ok()).flatten();
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
pub(crate) fn unprivileged(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // Whoever runs the tests may have a working directory that postgres can't enter.
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout.trim_ascii() == b"0"
}

/// Gives a file or folder to whom [`unprivileged`] commands run as.
pub(crate) fn give_away(path: &Path) {
    if is_root() {
        let given = Command::new("chown").arg("-R").arg("postgres").arg(path).status();
        assert!(given.is_ok_and(|status| status.success()), "{} has an owner", path.display());
    }
}

/// Runs a command to its end; panics with what it says when it fails.
pub(crate) fn run(command: &mut Command, doing: &str) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{doing}: {e}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{doing}: {}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A port of the loopback address that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
