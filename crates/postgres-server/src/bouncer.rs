//! PgBouncer in front of a server.

use crate::binaries::{free_port, give_away, unprivileged};
use crate::server::Server;
use cresset_test_service::missing;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Where distributions put it.
const PROGRAMS: [&str; 2] = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"];

/// Stops it when the pipe that is its input ends.
const KEEPER: &str = r#"
trap '' INT
"$1" -q "$2/pgbouncer.ini" >/dev/null 2>&1 </dev/null &
bouncer=$!
cat >/dev/null
kill -KILL "$bouncer"
wait "$bouncer"
rm -rf "$2"
"#;

/// A private PgBouncer in transaction mode: each transaction may run on another of a few sessions.
/// Dropped, it ends.
#[derive(Debug)]
pub struct Bouncer {
    port: u16,
    keeper: Child,
}

impl Bouncer {
    /// Starts it with `sessions` sessions on the server. None, and a loud word about it, without the
    /// distribution's package.
    pub fn start(server: &Server, sessions: usize) -> Option<Self> {
        let program = PROGRAMS.iter().map(Path::new).find(|program| program.exists());
        let Some(program) = program else {
            missing("PgBouncer", "install the package pgbouncer");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        let port = free_port();
        configure(&folder, server.port(), port, sessions);
        give_away(&folder);
        let mut command = unprivileged(Path::new("sh"));
        command.args(["-c", KEEPER, "keeper"]).arg(program).arg(&folder);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let bouncer = Self { port, keeper: command.spawn().expect("sh runs") };
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PgBouncer doesn't start:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }

    /// The URL of the server's database through it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

fn configure(folder: &Path, server: u16, port: u16, sessions: usize) {
    let folder_name = folder.display();
    // With `any` everybody is the user that the database's entry names.
    let configuration = format!(
        "[databases]\n\
         postgres = host=127.0.0.1 port={server} dbname=postgres user=postgres\n\
         [pgbouncer]\n\
         listen_addr = 127.0.0.1\n\
         listen_port = {port}\n\
         unix_socket_dir =\n\
         auth_type = any\n\
         pool_mode = transaction\n\
         default_pool_size = {sessions}\n\
         max_client_conn = 500\n\
         server_lifetime = 5\n\
         logfile = {folder_name}/log\n"
    );
    std::fs::write(folder.join("pgbouncer.ini"), configuration).expect("its configuration");
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing depends on how the shell ends.
        drop(self.keeper.wait());
    }
}
