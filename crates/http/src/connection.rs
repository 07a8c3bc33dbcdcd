//! One connection: HTTP/1.1, or HTTP/2 for whoever starts with its preface.

use crate::settings::Settings;
use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The smallest buffer that hyper takes.
const LEAST_BUFFER: usize = 8192;

/// Serves a connection until it ends, or until `stop` says so and the request under way is done.
pub(crate) async fn serve(
    stream: TcpStream,
    router: Router,
    settings: &Settings,
    stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let Some(two) =
        tokio::time::timeout(settings.header_timeout, is_http2(&stream)).await.ok().flatten()
    else {
        return;
    };
    let io = TokioIo::new(stream);
    let service = TowerToHyperService::new(router);
    if two {
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(settings.max_header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_streams(100)
            .keep_alive_interval(Some(Duration::from_secs(30)))
            .serve_connection(io, service);
        let connection = std::pin::pin!(connection);
        run(connection, stop, |c| c.graceful_shutdown()).await;
    } else {
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(settings.header_timeout)
            .max_buf_size(settings.max_header_bytes.max(LEAST_BUFFER))
            .serve_connection(io, service);
        let connection = std::pin::pin!(connection);
        run(connection, stop, |c| c.graceful_shutdown()).await;
    }
}

/// Drives a connection; errors of a client's making end it and are nobody else's business.
async fn run<C>(
    mut connection: std::pin::Pin<&mut C>,
    mut stop: watch::Receiver<bool>,
    graceful: impl Fn(std::pin::Pin<&mut C>),
) where
    C: Future<Output = Result<(), hyper::Error>>,
{
    let stopping = async { stop.wait_for(|stop| *stop).await.is_ok() };
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping => graceful(connection.as_mut()),
    }
    let _ = connection.await;
}

/// Looks at the first bytes without taking them; `None` when there are none to come.
async fn is_http2(stream: &TcpStream) -> Option<bool> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0";
    let mut first = [0; PREFACE.len()];
    let length = stream.peek(&mut first).await.ok().filter(|n| *n > 0)?;
    Some(length >= 3 && PREFACE.starts_with(&first[..length]))
}
