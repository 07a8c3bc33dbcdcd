//! Where bodies are put: a container of an object store.

mod azure;
mod crypto;
mod directory;
mod failure;
mod listing;
mod place;
mod s3;

pub use failure::ContainerError;
pub use listing::{Blob, Page};
pub use place::{Bucket, Place, Secret};

use cresset_store::{Breaker, Turn};
use failure::Failing;
use futures::{FutureExt, StreamExt};
use listing::{Cloud, Pages};
use object_store::client::{HttpConnector, HttpRequest, ReqwestConnector};
use object_store::list::PaginatedListStore;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, RetryConfig};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Requests on their way to it at once, of all who use it.
const REQUESTS: usize = 64;
/// Deletions on their way at once.
const DELETIONS: usize = 32;
/// Failures in a row after which it is taken to be down, and for how long.
const FAILURES: u32 = 8;
const REST: Duration = Duration::from_secs(2);
/// How long one request may take, and all its repetitions together.
const TIMEOUT: Duration = Duration::from_secs(10);
const RETRY_TIMEOUT: Duration = Duration::from_secs(15);

/// A container that is open: bounded in what it is asked for at once, and known to be down when it is.
pub struct Container {
    place: Place,
    text: String,
    store: Arc<dyn ObjectStore>,
    pages: Arc<dyn Pages>,
    breaker: Breaker,
    requests: Semaphore,
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Container").field("place", &self.text).finish_non_exhaustive()
    }
}

/// What a kind of object store gives.
struct Opened {
    store: Arc<dyn ObjectStore>,
    pages: Arc<dyn Pages>,
}

impl Opened {
    /// A service, or why it can't be one.
    fn cloud(
        built: object_store::Result<impl ObjectStore + PaginatedListStore>,
    ) -> Result<Self, ContainerError> {
        let store = Arc::new(built.map_err(|error| ContainerError::of("open", error))?);
        Ok(Self { pages: Arc::new(Cloud::new(Arc::clone(&store))), store })
    }
}

impl Container {
    /// Opens it, without asking it anything.
    ///
    /// # Errors
    /// When the place can't be one, or its connection would not be encrypted.
    pub fn open(place: &Place) -> Result<Self, ContainerError> {
        let opened = match place {
            Place::AzureBlob { connection_string, container } => {
                azure::open(connection_string, container)?
            }
            Place::S3(bucket) => s3::open(bucket)?,
            Place::Directory(path) => directory::open(path)?,
        };
        let Opened { store, pages } = opened;
        let (breaker, requests) = (Breaker::new(FAILURES, REST), Semaphore::new(REQUESTS));
        Ok(Self { place: place.clone(), text: place.to_string(), store, pages, breaker, requests })
    }

    /// Makes it where it doesn't exist; whether it had to.
    ///
    /// # Errors
    /// When that isn't allowed, or not possible here.
    pub async fn create(place: &Place) -> Result<bool, ContainerError> {
        match place {
            Place::AzureBlob { connection_string, container } => {
                azure::create(connection_string, container).await
            }
            Place::S3(bucket) => s3::create(bucket).await,
            Place::Directory(path) => directory::create(path),
        }
    }

    /// Where it is, for messages; without secrets.
    pub fn place(&self) -> &str {
        &self.text
    }

    /// What a store remembers of it.
    pub(crate) fn kind_and_name(&self) -> (String, String) {
        (self.place.kind().to_owned(), self.place.container())
    }

    /// Asks whether it is there.
    ///
    /// # Errors
    /// When it isn't, or can't be reached.
    pub async fn check(&self) -> Result<(), ContainerError> {
        self.page("", None, 1).await.map(drop)
    }

    /// Puts a body, durably.
    pub(crate) async fn put(&self, name: &str, body: Vec<u8>) -> Result<(), ContainerError> {
        let path = path(name)?;
        let bytes = body.len();
        self.ask("put", async { self.store.put(&path, body.into()).await.map(drop) }).await?;
        metrics::counter!("cresset_payload_bytes_total", "operation" => "put")
            .increment(bytes as u64);
        Ok(())
    }

    /// Puts a blob where there is none of this name; one that is there stays as it is.
    pub(crate) async fn put_new(&self, name: &str, body: Vec<u8>) -> Result<(), ContainerError> {
        let path = path(name)?;
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let put = async {
            match self.store.put_opts(&path, body.into(), create).await {
                // Also when our own answer was lost and it was asked again.
                Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
                outcome => outcome.map(drop),
            }
        };
        self.ask("put", put).await
    }

    /// A body; `None` when there is none of this name.
    ///
    /// # Errors
    /// When it can't be had.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, ContainerError> {
        let path = path(name)?;
        let got = async { self.store.get(&path).await?.bytes().await };
        match self.ask("get", got).await {
            Ok(bytes) => {
                metrics::counter!("cresset_payload_bytes_total", "operation" => "get")
                    .increment(bytes.len() as u64);
                Ok(Some(bytes.into()))
            }
            Err(ContainerError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a body of this name.
    ///
    /// # Errors
    /// When it can't be asked.
    pub async fn has(&self, name: &str) -> Result<bool, ContainerError> {
        let path = path(name)?;
        match self.ask("head", async { self.store.head(&path).await.map(drop) }).await {
            Ok(()) => Ok(true),
            Err(ContainerError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a body away; fine when it is gone already.
    ///
    /// # Errors
    /// When it may still be there.
    pub async fn delete(&self, name: &str) -> Result<(), ContainerError> {
        let path = path(name)?;
        match self.ask("delete", self.store.delete(&path)).await {
            Err(ContainerError::NotFound) => Ok(()),
            outcome => outcome,
        }
    }

    /// Takes bodies away: how many of them, and why not all.
    pub(crate) async fn delete_all(&self, names: &[String]) -> (u64, Option<ContainerError>) {
        let some = names.chunks(self.pages.together()).map(|names| self.delete_some(names).boxed());
        let some: Vec<_> = some.collect();
        let mut outcomes = futures::stream::iter(some).buffer_unordered(DELETIONS);
        let (mut count, mut failed) = (0, None);
        while let Some((some, error)) = outcomes.next().await {
            count += some;
            failed = failed.or(error);
        }
        (count, failed)
    }

    async fn delete_some(&self, names: &[String]) -> (u64, Option<ContainerError>) {
        let count = names.len() as u64;
        let (mut done, one) = (0, names.first().map_or("", String::as_str));
        let outcome = match self.pages.delete(names) {
            None => self.delete(one).await,
            Some(deleting) => {
                let deleting = async {
                    let (some, error) = deleting.await;
                    done = some;
                    error.map_or(Ok(()), Err)
                };
                self.ask("delete", deleting).await
            }
        };
        outcome.err().map_or((count, None), |error| (done, Some(error)))
    }

    /// A page of the blobs whose names begin with `prefix`, which ends in `/` or is empty.
    ///
    /// # Errors
    /// When they can't be listed.
    pub async fn page(
        &self,
        prefix: &str,
        token: Option<String>,
        most: usize,
    ) -> Result<Page, ContainerError> {
        self.ask("list", self.pages.page(prefix, token, most)).await
    }

    /// Asks the object store, if it isn't known to be down, when it is this request's turn.
    async fn ask<T>(
        &self,
        operation: &'static str,
        request: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, ContainerError> {
        if !self.breaker.lets_through() {
            metrics::counter!("cresset_payload_requests_total", "operation" => operation, "outcome" => "refused").increment(1);
            return Err(ContainerError::Unavailable);
        }
        let _turn = self.requests.acquire().await.map_err(|_| ContainerError::Unavailable)?;
        let started = Instant::now();
        let answer = request.await.map_err(|error| ContainerError::of(operation, error));
        let failed = matches!(answer, Err(ContainerError::Unavailable));
        match self.breaker.note(!failed) {
            Some(Turn::Opened) => tracing::warn!("the payload store is taken to be down"),
            Some(Turn::Closed) => tracing::info!("the payload store answers again"),
            None => {}
        }
        let outcome = match &answer {
            Ok(_) => "done",
            Err(ContainerError::NotFound) => "missing",
            Err(_) => "failed",
        };
        metrics::histogram!("cresset_payload_request_seconds", "operation" => operation)
            .record(started.elapsed().as_secs_f64());
        metrics::counter!("cresset_payload_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
        answer
    }
}

/// Names have characters that a path would otherwise encode.
fn path(name: &str) -> Result<Path, ContainerError> {
    Path::parse(name).map_err(|_| ContainerError::Name)
}

/// A few repetitions with growing, random pauses.
fn retries() -> RetryConfig {
    let backoff = object_store::BackoffConfig {
        init_backoff: Duration::from_millis(50),
        max_backoff: Duration::from_secs(2),
        base: 3.,
    };
    RetryConfig { backoff, max_retries: 3, retry_timeout: RETRY_TIMEOUT }
}

/// Sends a request that makes a container; whether it had to be made.
async fn create(
    endpoint: &reqwest::Url,
    request: HttpRequest,
    made: u16,
) -> Result<bool, ContainerError> {
    let client = ReqwestConnector::default().connect(&client(endpoint)?);
    let client = client.map_err(|error| ContainerError::of("create", error))?;
    let response = client.execute(request).await.map_err(|error| {
        let said = failure::without_queries(&error.to_string());
        tracing::warn!(error = said, "the payload store failed");
        ContainerError::Unavailable
    })?;
    match response.status().as_u16() {
        status if status == made => Ok(true),
        409 => Ok(false),
        401 | 403 => Err(ContainerError::Refused),
        status => Err(ContainerError::Configured(format!(
            "the container can't be created: the service answered {status}"
        ))),
    }
}

/// Without encryption only on this machine.
fn client(endpoint: &reqwest::Url) -> Result<ClientOptions, ContainerError> {
    let is_here = match endpoint.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    let plain = endpoint.scheme() != "https";
    if plain && !is_here {
        return Err(ContainerError::wrong("its endpoint must begin with https://"));
    }
    Ok(ClientOptions::new()
        .with_allow_http(plain)
        .with_timeout(TIMEOUT)
        .with_connect_timeout(Duration::from_secs(3))
        .with_pool_max_idle_per_host(REQUESTS))
}
