use crate::settings::Settings;
use crate::tenants::Tenants;
use cresset_interaction::Failure;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What all requests share.
#[derive(Debug)]
pub struct Server {
    pub(crate) tenants: Arc<dyn Tenants>,
    pub(crate) settings: Settings,
    requests: Semaphore,
    pub(crate) large_bodies: Semaphore,
    pub(crate) metrics: Option<Metrics>,
    draining: AtomicBool,
}

pub(crate) struct Metrics(pub(crate) PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Server {
    /// A server of these tenants.
    pub fn new(tenants: Arc<dyn Tenants>, settings: Settings) -> Self {
        let requests = Semaphore::new(settings.concurrency);
        let large_bodies = Semaphore::new(settings.large_bodies);
        let draining = AtomicBool::new(false);
        Self { tenants, settings, requests, large_bodies, metrics: None, draining }
    }

    /// With what `/metrics` shows; [`crate::install_metrics`] gives it, once in a process.
    #[must_use]
    pub fn with_metrics(mut self, handle: PrometheusHandle) -> Self {
        self.metrics = Some(Metrics(handle));
        self
    }

    /// From here on the server says that it isn't ready, so that load balancers leave it alone.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// One of the places for requests, until it is dropped.
    ///
    /// # Errors
    /// 503 when there is none.
    pub(crate) fn place(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.requests.try_acquire().map_err(|_| {
            Failure::busy(
                "the server is handling as many requests as it can; try again in a second",
            )
        })
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.settings.concurrency - self.requests.available_permits()
    }
}
