use std::sync::Arc;
use std::time::Duration;

/// The limits of a server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme and authority for links, such as `https://fhir.example.org`, when the `Host` header
    /// isn't to be believed; without a slash at its end.
    pub base_url: Option<Arc<str>>,
    /// Bytes of a request's body, before and after decompression.
    pub max_body: usize,
    /// Headers of a request.
    pub max_headers: usize,
    /// Bytes of a request's headers.
    pub max_header_bytes: usize,
    /// How long a request's headers may take to arrive, and a connection may idle.
    pub header_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long a request that writes nothing may take to be answered. Writes are finished.
    pub request_timeout: Duration,
    /// Requests at a time.
    pub concurrency: usize,
    /// Bodies over a megabyte at a time; others wait a little. Each may cost several times its
    /// length while it is worked on.
    pub large_bodies: usize,
    /// Connections at a time; others wait.
    pub connections: usize,
    /// How long a shutdown waits for requests.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: None,
            max_body: 128 << 20,
            // hyper's own limit, beyond which it answers 431 by itself.
            max_headers: 100,
            max_header_bytes: 64 << 10,
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(120),
            request_timeout: Duration::from_secs(60),
            concurrency: 512,
            large_bodies: std::thread::available_parallelism().map_or(2, usize::from).max(2),
            connections: 4096,
            shutdown_grace: Duration::from_secs(30),
        }
    }
}
