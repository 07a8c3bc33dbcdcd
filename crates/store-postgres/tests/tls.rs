//! libpq's modes of encryption, against servers with certificates of all kinds.

use cresset_postgres_server::Server;
use cresset_store_postgres::{PostgresStore, Settings};
use cresset_test_service::{Authority, Signed};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// Who may come in how.
const AUTHENTICATION: &str = "
hostssl   all sure    127.0.0.1/32 trust
hostnossl all plain   127.0.0.1/32 trust
hostssl   all proven  127.0.0.1/32 trust clientcert=verify-ca
host      all postgres 127.0.0.1/32 trust
";

/// A server whose certificate is for `localhost`, and the files of those who connect to it.
struct Rig {
    server: Server,
    folder: tempfile::TempDir,
}

impl Rig {
    fn start() -> Option<Self> {
        let (ours, others) = (Authority::new("ours"), Authority::new("others"));
        let own = ours.sign("localhost", &["localhost"]);
        let server = Server::builder()
            .setting("ssl", "on")
            .setting("ssl_ca_file", "root.crt")
            .file("root.crt", &ours.pem())
            .file("server.crt", &own.certificate)
            .file("server.key", &own.key)
            .authentication(AUTHENTICATION)
            .start()?;
        for user in ["sure", "plain", "proven"] {
            server.sql(&format!("CREATE USER {user}"));
        }
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "ours.crt", &ours.pem());
        write(folder.path(), "others.crt", &others.pem());
        for (name, Signed { certificate, key }) in
            [("me", ours.sign("me", &["me"])), ("stranger", others.sign("me", &["me"]))]
        {
            write(folder.path(), &format!("{name}.crt"), &certificate);
            write(folder.path(), &format!("{name}.key"), &key);
        }
        Some(Self { server, folder })
    }

    /// Connects as `user` to the server under the name `host`; a name that begins with `@` stands for
    /// the file of that name. Tells whether the connection is encrypted.
    async fn connect(&self, user: &str, host: &str, options: &[(&str, &str)]) -> Outcome {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("try{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let port = self.server.port();
        let mut url = format!("postgres://{user}@{host}:{port}/postgres?application_name={name}");
        // Whatever the name, it is this machine.
        url.push_str("&hostaddr=127.0.0.1");
        for (option, value) in options {
            let value = match value.strip_prefix('@') {
                Some(file) => self.folder.path().join(file).display().to_string(),
                None => (*value).to_owned(),
            };
            url.push_str(&format!("&{option}={value}"));
        }
        let store = PostgresStore::open(&url, Settings::default()).await;
        let store = store.map_err(|error| error.to_string())?;
        let sql = format!(
            "SELECT s.ssl FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
             WHERE a.application_name = '{name}'"
        );
        let encrypted = self.server.sql(&sql);
        drop(store);
        match encrypted.as_str() {
            "t" => Ok(true),
            "f" => Ok(false),
            other => panic!("one connection is expected, not {other:?}"),
        }
    }
}

/// Whether the connection is encrypted, or why there is none.
type Outcome = Result<bool, String>;

fn write(folder: &Path, name: &str, contents: &[u8]) {
    let path = folder.join(name);
    std::fs::write(&path, contents).expect("a file is written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it is private");
}

fn refused(outcome: &Outcome, why: &[&str]) {
    let Err(told) = outcome else { panic!("{outcome:?} instead of {why:?}") };
    for part in why {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
}

const ENCRYPTED: Outcome = Ok(true);
const PLAIN: Outcome = Ok(false);

#[tokio::test(flavor = "multi_thread")]
async fn the_modes_are_those_of_libpq() {
    let Some(rig) = Rig::start() else { return };
    let mode = |mode| [("sslmode", mode)];
    // A server that takes both.
    assert_eq!(rig.connect("postgres", "localhost", &[]).await, ENCRYPTED);
    assert_eq!(rig.connect("postgres", "localhost", &mode("disable")).await, PLAIN);
    assert_eq!(rig.connect("postgres", "localhost", &mode("allow")).await, PLAIN);
    assert_eq!(rig.connect("postgres", "localhost", &mode("prefer")).await, ENCRYPTED);
    assert_eq!(rig.connect("postgres", "localhost", &mode("require")).await, ENCRYPTED);
    // One that takes encrypted connections only.
    assert_eq!(rig.connect("sure", "localhost", &mode("allow")).await, ENCRYPTED);
    assert_eq!(rig.connect("sure", "localhost", &mode("prefer")).await, ENCRYPTED);
    refused(&rig.connect("sure", "localhost", &mode("disable")).await, &["28000", "localhost:"]);
    // One that takes the others only.
    assert_eq!(rig.connect("plain", "localhost", &mode("prefer")).await, PLAIN);
    refused(&rig.connect("plain", "localhost", &mode("require")).await, &["28000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_believed_by_its_authority_and_its_name() {
    let Some(rig) = Rig::start() else { return };
    let with = |mode, root| [("sslmode", mode), ("sslrootcert", root)];
    for mode in ["require", "verify-ca", "verify-full"] {
        let good = rig.connect("postgres", "localhost", &with(mode, "@ours.crt")).await;
        assert_eq!(good, ENCRYPTED, "{mode}");
        let unknown = rig.connect("postgres", "localhost", &with(mode, "@others.crt")).await;
        let file = rig.folder.path().join("others.crt").display().to_string();
        refused(&unknown, &["certificate verify failed", &format!("sslmode={mode}"), &file]);
    }
    // Another name than the certificate's.
    for host in ["db.example", "127.0.0.1"] {
        let name = rig.connect("postgres", host, &with("verify-ca", "@ours.crt")).await;
        assert_eq!(name, ENCRYPTED, "verify-ca doesn't look at the name");
        let name = rig.connect("postgres", host, &with("verify-full", "@ours.crt")).await;
        refused(&name, &["mismatch", "sslmode=verify-full"]);
    }
    // Those whom this machine believes don't know ours, whether it has such a list or not.
    let system = rig.connect("postgres", "localhost", &[("sslrootcert", "system")]).await;
    refused(&system, &["sslrootcert"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_shows_the_certificate_that_a_server_demands() {
    let Some(rig) = Rig::start() else { return };
    let of = |who: &'static str, key: &'static str| {
        [
            ("sslmode", "verify-full"),
            ("sslrootcert", "@ours.crt"),
            ("sslcert", who),
            ("sslkey", key),
        ]
    };
    let none = rig.connect("proven", "localhost", &of("", "")[..2]).await;
    refused(&none, &["client certificate"]);
    assert_eq!(rig.connect("proven", "localhost", &of("@me.crt", "@me.key")).await, ENCRYPTED);
    // One by somebody whom the server doesn't know.
    let stranger = rig.connect("proven", "localhost", &of("@stranger.crt", "@stranger.key")).await;
    refused(&stranger, &["localhost:"]);
    let mixed = rig.connect("proven", "localhost", &of("@me.crt", "@stranger.key")).await;
    refused(&mixed, &["sslkey", "stranger.key", "isn't the key of"]);
    let key = rig.folder.path().join("me.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("it is set");
    let open = rig.connect("proven", "localhost", &of("@me.crt", "@me.key")).await;
    refused(&open, &["sslkey", "me.key", "chmod 600"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_encryption_is_used_where_that_is_allowed() {
    let Some(server) = Server::start() else { return };
    for mode in ["disable", "allow", "prefer"] {
        let url = format!("{}?sslmode={mode}", server.url());
        PostgresStore::open(&url, Settings::default()).await.expect("it is used");
    }
    let url = format!("{}?sslmode=require", server.url());
    let told = PostgresStore::open(&url, Settings::default()).await.map(|_| true);
    refused(&told.map_err(|e| e.to_string()), &["does not support TLS", "sslmode=require"]);
}
