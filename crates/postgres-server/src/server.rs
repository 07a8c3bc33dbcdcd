//! A server of a test's own.

use crate::binaries::{folder, free_port, give_away, run, unprivileged};
use cresset_test_service::missing;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Stops the server and removes its files when the pipe that is its input ends: with the tests,
/// however these end.
const KEEPER: &str = r#"
trap '' INT
cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop
rm -rf "$2"
"#;

/// A private PostgreSQL server on a port of the loopback address; anybody on this machine may do
/// everything on it. Dropped, it ends.
#[derive(Debug)]
pub struct Server {
    pub(crate) binaries: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// Holds the pipe.
    keeper: Child,
}

/// What a server is to be like.
#[derive(Debug, Default)]
pub struct Builder {
    settings: Vec<(String, String)>,
    files: Vec<(String, Vec<u8>)>,
    authentication: Option<String>,
}

impl Builder {
    /// Sets one of PostgreSQL's settings.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts a file that only the server can read into its data directory.
    #[must_use]
    pub fn file(mut self, name: &str, contents: &[u8]) -> Self {
        self.files.push((name.to_owned(), contents.to_vec()));
        self
    }

    /// Whom it lets in, as the lines of `pg_hba.conf`; everybody on this machine without this.
    #[must_use]
    pub fn authentication(mut self, lines: &str) -> Self {
        self.authentication = Some(lines.to_owned());
        self
    }

    /// Starts it. None, and a loud word about it, without the distribution's package.
    pub fn start(self) -> Option<Server> {
        let Some(binaries) = folder() else {
            missing("PostgreSQL", "install the package postgresql");
            return None;
        };
        let server = Server::prepared(binaries);
        let mut command = unprivileged(&server.binaries.join("initdb"));
        command.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        run(command.arg("-D").arg(server.data()), "initdb");
        for (name, contents) in &self.files {
            server.write(name, contents);
        }
        if let Some(lines) = &self.authentication {
            server.write("pg_hba.conf", lines.as_bytes());
        }
        for (name, value) in &self.settings {
            server.set(name, value);
        }
        server.run_up();
        Some(server)
    }
}

impl Server {
    /// Starts one as it comes.
    pub fn start() -> Option<Self> {
        Self::builder().start()
    }

    /// One that is to be told more before it starts.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The URL of its database, for its superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The port of 127.0.0.1 that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL, in a transaction unless it is a single statement; the rows as lines of text.
    pub fn sql(&self, sql: &str) -> String {
        let mut command = Command::new(self.binaries.join("psql"));
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d"]).arg(self.url()).arg("-c").arg(sql);
        run(&mut command, "psql")
    }

    /// Sets one of PostgreSQL's settings, in force from the next start or [`reload`](Self::reload).
    pub fn set(&self, name: &str, value: &str) {
        let path = self.data().join("postgresql.auto.conf");
        let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("its settings");
        writeln!(file, "{name} = '{value}'").expect("its settings can be written");
    }

    /// Lets it read its settings again.
    pub fn reload(&self) {
        run(self.pg_ctl().arg("reload"), "pg_ctl reload");
    }

    /// Restarts it without any care: all its processes abort, and it recovers from its log.
    pub fn restart_immediately(&self) {
        let mut command = self.pg_ctl();
        command.args(["-w", "-t", "60", "-m", "immediate", "-l"]).arg(self.log()).arg("restart");
        self.quietly(&mut command, "pg_ctl restart");
    }

    /// Kills all its processes at once, as the death of its machine would.
    pub fn kill9(&self) {
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let pid = pid.lines().next().expect("its first line is a process").to_owned();
        let children = Command::new("ps").args(["-o", "pid=", "--ppid", &pid]).output();
        let children = String::from_utf8(children.expect("ps runs").stdout).expect("numbers");
        let killed = Command::new("kill").args(["-9", &pid]).status();
        assert!(killed.is_ok_and(|status| status.success()), "the server can be killed");
        // Some may have gone with their parent already.
        let mut kill = Command::new("kill");
        let kill = kill.arg("-9").args(children.split_whitespace()).stderr(Stdio::null());
        drop(kill.status());
    }

    /// Starts it again after [`kill9`](Self::kill9).
    pub fn run_up(&self) {
        let mut command = self.pg_ctl();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200",
            self.port
        );
        command.args(["-w", "-t", "60", "-o", &options, "-l"]).arg(self.log()).arg("start");
        self.quietly(&mut command, "pg_ctl start");
    }

    /// A folder of its own, and somebody who removes it in the end.
    pub(crate) fn prepared(binaries: PathBuf) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        give_away(&folder);
        let mut command = unprivileged(Path::new("sh"));
        command.args(["-c", KEEPER, "keeper"]).arg(&binaries).arg(&folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = command.spawn().expect("sh runs");
        Self { binaries, folder, port: free_port(), keeper }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn pg_ctl(&self) -> Command {
        let mut command = unprivileged(&self.binaries.join("pg_ctl"));
        command.arg("-D").arg(self.data());
        command
    }

    /// Without a pipe that the server would inherit and hold open.
    pub(crate) fn quietly(&self, command: &mut Command, doing: &str) {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = quiet.status().unwrap_or_else(|error| panic!("{doing}: {error}"));
        let log = || std::fs::read_to_string(self.log()).unwrap_or_default();
        assert!(status.success(), "{doing}: {status}: {}", log());
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn write(&self, name: &str, contents: &[u8]) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.data().join(name);
        std::fs::write(&path, contents).expect("a file of the server's is written");
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&path, private).expect("it is made private");
        give_away(&path);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing depends on how the shell ends.
        drop(self.keeper.wait());
    }
}
