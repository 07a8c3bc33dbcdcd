//! How a connection is made: to which of the URL's hosts, encrypted or not.

use crate::error::told;
use crate::location::Location;
use crate::tls::Mode;
use crate::transaction::random;
use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use postgres_openssl::MakeTlsConnector;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode};
use tokio_postgres::error::{Error, SqlState};
use tokio_postgres::{Client, Config};

/// Makes connections for a pool.
pub(crate) struct Dialer {
    /// One for each host.
    hosts: Vec<Config>,
    mode: Mode,
    encryption: String,
    connector: MakeTlsConnector,
    /// How long a host may take to answer; there are others to ask.
    patience: Duration,
    /// The host that let us in last; it is asked first.
    last: AtomicUsize,
    timeline: Timeline,
}

/// The highest timeline that this process has seen the database on. Each promotion of a standby begins a
/// higher one, so a server on a lower one is a primary that was replaced, and doesn't know it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline(Arc<AtomicU32>);

/// A connection, whose end is that of its task.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    task: JoinHandle<()>,
    /// Where the server doesn't tell, none.
    timeline: Option<u32>,
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) struct NoConnection(pub(crate) String);

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Dialer {
    pub(crate) fn new(
        location: &Location,
        connector: MakeTlsConnector,
        patience: Duration,
        timeline: Timeline,
    ) -> Self {
        Self {
            hosts: location.each_host(),
            mode: location.tls.mode,
            encryption: location.tls.told(),
            connector,
            patience,
            last: AtomicUsize::new(0),
            timeline,
        }
    }

    /// In which order the hosts are asked.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.hosts.len()).collect();
        let shuffled = |host: &Config| host.get_load_balance_hosts() == LoadBalanceHosts::Random;
        if self.hosts.first().is_some_and(shuffled) {
            order.sort_by_cached_key(|_| random());
        } else {
            let last = self.last.load(Ordering::Relaxed);
            order.sort_by_key(|at| *at != last);
        }
        order
    }

    async fn dial(&self, host: &Config) -> Result<Session, String> {
        let by_socket = matches!(host.get_hosts(), [Host::Unix(_)]);
        // As libpq: nobody listens in on a socket of the machine's own.
        let attempts = if by_socket { Mode::Disable.attempts() } else { self.mode.attempts() };
        let mut problem = String::new();
        for mode in attempts {
            match self.attempt(host, *mode).await {
                Ok(session) => return self.of_today(session).await,
                Err(error) => {
                    let another = may_differ(&error);
                    problem = told(&error);
                    if is_tls(&error) {
                        problem = format!("{problem} ({})", self.encryption);
                    }
                    if !another {
                        break;
                    }
                }
            }
        }
        Err(problem)
    }

    async fn attempt(&self, host: &Config, mode: SslMode) -> Result<Session, Error> {
        let mut host = host.clone();
        host.ssl_mode(mode);
        let (client, connection) = host.connect(self.connector.clone()).await?;
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %told(&error), "a connection ended");
            }
        });
        Ok(Session { client, task, timeline: None })
    }

    /// The session, unless its server was replaced by another.
    async fn of_today(&self, mut session: Session) -> Result<Session, String> {
        session.timeline = timeline(&session).await;
        if !self.timeline.is_current(session.timeline) {
            return Err("another server was promoted since: it is no primary any more (if it is \
                        meant to be one, restart this process)"
                .to_owned());
        }
        Ok(session)
    }
}

impl Manager for Dialer {
    type Type = Session;
    type Error = NoConnection;

    async fn create(&self) -> Result<Session, NoConnection> {
        let mut problems = Vec::new();
        for at in self.order() {
            let host = &self.hosts[at];
            let problem = match timeout(self.patience, self.dial(host)).await {
                Ok(Ok(session)) => {
                    self.last.store(at, Ordering::Relaxed);
                    return Ok(session);
                }
                Ok(Err(problem)) => problem,
                Err(_) => "no answer in time".to_owned(),
            };
            problems.push(format!("{}: {problem}", crate::location::address(host)));
        }
        Err(NoConnection(problems.join("; ")))
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<NoConnection> {
        if session.client.is_closed() || !self.timeline.is_current(session.timeline) {
            return Err(RecycleError::message("its server is gone"));
        }
        Ok(())
    }
}

impl Timeline {
    /// The highest seen; 0 as long as no server has told one.
    pub(crate) fn highest(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether a server on this timeline is the one that writes, as far as is known. Remembers it.
    fn is_current(&self, timeline: Option<u32>) -> bool {
        timeline.is_none_or(|timeline| self.0.fetch_max(timeline, Ordering::Relaxed) <= timeline)
    }
}

/// The server's timeline. Some that aren't quite PostgreSQL don't tell.
async fn timeline(client: &Client) -> Option<u32> {
    let sql = "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)";
    let rows = client.query_typed(sql, &[]).await.ok()?;
    let digits: &str = rows.first()?.try_get(0).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// Whether the server may do with the other kind of connection: as with libpq, when TLS failed, or when
/// its `pg_hba.conf` doesn't let this one in.
fn may_differ(error: &Error) -> bool {
    is_tls(error) || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

/// Whether encryption was the problem; the library says so only in words.
fn is_tls(error: &Error) -> bool {
    error.to_string().contains("TLS handshake")
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}
