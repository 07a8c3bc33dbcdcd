//! A proxy between a client and a blob service, with faults.

use crate::forward::{NoAnswer, forward};
use crate::rule::{Fault, Rule};
use crate::tally::Tally;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// A reverse proxy for HTTP/1.1 on a port of the loopback address, which runs on a thread of its own. Where
/// the server isn't there, connections end without an answer. Dropped, it ends with its connections.
///
/// A request counts, and faults strike, when it has come whole; an answer goes out when it is whole.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    state: Arc<State>,
    runtime: Option<Runtime>,
}

#[derive(Debug)]
struct State {
    server: u16,
    rules: Mutex<Vec<Rule>>,
    tally: Tally,
    /// Changes when stalled requests are to go on.
    released: watch::Sender<()>,
}

impl Proxy {
    /// Starts one before the server on this port of 127.0.0.1.
    pub fn start(server: u16) -> Self {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build().expect("a thread");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("it need not block");
        let state = Arc::new(State {
            server,
            rules: Mutex::default(),
            tally: Tally::default(),
            released: watch::Sender::default(),
        });
        runtime.spawn(serve(listener, Arc::clone(&state)));
        Self { port, state, runtime: Some(runtime) }
    }

    /// The port of 127.0.0.1 that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Adds a rule after those that are there: the first that strikes a request decides.
    pub fn add(&self, rule: Rule) {
        self.state.rules().push(rule);
    }

    /// Takes all rules back. What is stalled stays so until it is [released](Self::release).
    pub fn clear(&self) {
        self.state.rules().clear();
    }

    /// Lets all go on that is stalled now.
    pub fn release(&self) {
        self.state.released.send_replace(());
    }

    /// How many requests with this method have come.
    pub fn requests(&self, method: &str) -> usize {
        self.state.tally.now().came.get(method).copied().unwrap_or(0)
    }

    /// How many of them the server has answered, whatever became of its answers.
    pub fn forwarded(&self, method: &str) -> usize {
        self.state.tally.now().forwarded.get(method).copied().unwrap_or(0)
    }

    /// How often a rule has struck.
    pub fn struck(&self) -> usize {
        self.state.tally.now().struck
    }

    /// How many requests are stalled now.
    pub fn stalled(&self) -> usize {
        self.state.tally.now().stalled
    }

    /// How many requests were under way at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.state.tally.now().most_at_once
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Tests on a runtime of their own may not wait for this one.
            runtime.shutdown_background();
        }
    }
}

async fn serve(listener: std::net::TcpListener, state: Arc<State>) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    loop {
        // What fails here is the client's connection, and the client knows.
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(serve_connection(stream, Arc::clone(&state)));
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<State>) {
    let service = service_fn(|request| state.answer(request));
    let mut builder = Builder::new();
    builder.preserve_header_case(true);
    // An error is a request without an answer, and ends the connection.
    drop(builder.serve_connection(TokioIo::new(stream), service).await);
}

impl State {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, NoAnswer> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
        let method = head.method.clone();
        let _under_way = self.tally.arrive(method.as_str());
        let struck = self.struck(&method, &head.uri);
        if let Some((fault, false)) = struck
            && let Some(answer) = self.suffer(fault).await?
        {
            return Ok(answer);
        }
        let answer = forward(self.server, Request::from_parts(head, Full::new(body))).await?;
        self.tally.forwarded(method.as_str());
        if let Some((fault, true)) = struck
            && let Some(answer) = self.suffer(fault).await?
        {
            return Ok(answer);
        }
        Ok(answer)
    }

    /// The fault of the first rule that strikes, and whether it does so afterwards.
    fn struck(&self, method: &Method, uri: &Uri) -> Option<(Fault, bool)> {
        let mut rules = self.rules();
        let rule = rules.iter_mut().find_map(|rule| rule.strikes(method, uri).then_some(rule))?;
        self.tally.now().struck += 1;
        Some((rule.fault, rule.afterwards))
    }

    /// What a fault does: an answer, none at all, or only time passes.
    async fn suffer(&self, fault: Fault) -> Result<Option<Response<Full<Bytes>>>, NoAnswer> {
        match fault {
            Fault::Answer(status) => {
                let mut answer = Response::new(Full::default());
                *answer.status_mut() = StatusCode::from_u16(status).map_err(|_| NoAnswer)?;
                return Ok(Some(answer));
            }
            Fault::Cut => return Err(NoAnswer),
            Fault::Stall => {
                // In this order, so that whoever sees it stalled can release it.
                let mut released = self.released.subscribe();
                let _stalled = self.tally.stall();
                // An error is the end of the proxy.
                released.changed().await.map_err(|_| NoAnswer)?;
            }
            Fault::Delay(time) => tokio::time::sleep(time).await,
        }
        Ok(None)
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
