use crate::connection;
use crate::router::router;
use crate::server::Server;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How often the measurements are tidied up.
const UPKEEP: Duration = Duration::from_secs(5);
/// A pause after an error of `accept`: out of file descriptors, most often.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` completes, and then finishes what was accepted, within the time that
/// [`crate::Settings::shutdown_grace`] gives.
///
/// # Errors
/// None so far: what goes wrong with a connection ends that connection.
pub async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let upkeep = tokio::spawn(upkeep(Arc::clone(&server)));
    let mut connections = JoinSet::new();
    tokio::select! {
        () = accept(&listener, &server, &mut connections, &stopped) => {}
        () = shutdown => {}
    }
    drop(listener);
    server.drain();
    stop.send_replace(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(server.settings.shutdown_grace, all).await.is_err() {
        tracing::warn!(connections = connections.len(), "gave up waiting for requests to end");
        connections.abort_all();
    }
    upkeep.abort();
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    server: &Arc<Server>,
    connections: &mut JoinSet<()>,
    stopped: &watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(server.settings.connections));
    let router = router(Arc::clone(server));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let (router, server, stopped) = (router.clone(), Arc::clone(server), stopped.clone());
        connections.spawn(async move {
            connection::serve(stream, router, &server.settings, stopped).await;
            drop(slot);
        });
    }
}

/// Histograms collect samples until somebody folds them into their buckets.
async fn upkeep(server: Arc<Server>) {
    let Some(metrics) = &server.metrics else {
        return;
    };
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        metrics.0.run_upkeep();
    }
}
