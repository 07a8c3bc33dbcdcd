//! The server that the tests of a process share.

use crate::bouncer::Bouncer;
use crate::server::Server;
use cresset_test_service::in_ci;
use std::sync::LazyLock;

/// Names a server to test on.
const VARIABLE: &str = "CRESSET_POSTGRES";

/// The URL, and the server if it is a private one; dropped by the process's end.
static SHARED: LazyLock<Option<(String, Option<Server>)>> = LazyLock::new(|| {
    if let Some(url) = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty()) {
        return Some((url, None));
    }
    let server = Server::start()?;
    Some((server.url(), Some(server)))
});

/// Sessions of PgBouncer: fewer than clients have connections.
const SESSIONS: usize = 6;

/// A private server and PgBouncer before it; dropped by the process's end.
static BEHIND_BOUNCER: LazyLock<Option<(Server, Bouncer)>> = LazyLock::new(|| {
    let server = Server::start()?;
    let bouncer = Bouncer::start(&server, SESSIONS)?;
    Some((server, bouncer))
});

/// The URL of a database for tests: that of `CRESSET_POSTGRES`, or of a private server. Without one the
/// tests of this process end here: loudly, and in CI as a failure.
pub fn url() -> String {
    url_if_there().unwrap_or_else(|| std::process::exit(i32::from(in_ci())))
}

/// The same, for tests beside which others don't need a database.
pub fn url_if_there() -> Option<String> {
    SHARED.as_ref().map(|(url, _)| url.clone())
}

/// The URL of a private server's database through PgBouncer. Without these the tests of this process end
/// here: loudly, and in CI as a failure.
pub fn bouncer_url() -> String {
    match &*BEHIND_BOUNCER {
        Some((_, bouncer)) => bouncer.url(),
        None => std::process::exit(i32::from(in_ci())),
    }
}
