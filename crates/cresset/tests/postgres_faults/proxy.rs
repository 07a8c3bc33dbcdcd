//! A proxy between a front end and PostgreSQL that cuts the connection at a commit.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

/// What begins a transaction that writes, and what ends one.
const BEGIN: &[u8] = b"READ COMMITTED, READ WRITE";
const COMMIT: &[u8] = b"COMMIT\0";
/// How long a server is left without its client, before it hears that this is gone.
const HELD: Duration = Duration::from_millis(600);

/// When the next commit's connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Cut {
    Never = 0,
    /// The server never gets the commit.
    Before = 1,
    /// The server commits, and its answer is lost.
    After = 2,
    /// The server gets the commit, and nobody waits for what it says.
    While = 3,
    /// The server never gets the commit, and takes the client for alive for a while.
    Silently = 4,
}

const CUTS: [Cut; 5] = [Cut::Never, Cut::Before, Cut::After, Cut::While, Cut::Silently];

/// The proxy; it ends with the process.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    server: u16,
    next: AtomicU8,
    cuts: AtomicUsize,
}

impl Proxy {
    pub(crate) fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State { server, next: AtomicU8::new(0), cuts: AtomicUsize::new(0) });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || state.serve(&client));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address)
    }

    /// Cuts at the next commit.
    pub(crate) fn arm(&self, cut: Cut) {
        self.state.next.store(cut as u8, Ordering::SeqCst);
    }

    /// How often it has cut.
    pub(crate) fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

impl State {
    fn serve(&self, client: &TcpStream) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.server)) else { return };
        let (Ok(answers), Ok(back)) = (server.try_clone(), client.try_clone()) else { return };
        // Answers go back on a thread of their own, until it is told to keep one.
        let keeps = Arc::new(AtomicU8::new(0));
        let keep = Arc::clone(&keeps);
        let answering = std::thread::spawn(move || forward_answers(answers, back, &keep));
        self.forward_requests(client, &server, &keeps);
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
        let _ = answering.join();
    }

    /// Until an end, or a cut.
    fn forward_requests(&self, mut client: &TcpStream, mut server: &TcpStream, keeps: &AtomicU8) {
        let mut buffer = vec![0; 1 << 16];
        let mut writes = false;
        loop {
            let read = client.read(&mut buffer).unwrap_or(0);
            let sent = &buffer[..read];
            writes |= contains(sent, BEGIN);
            let commits = writes && contains(sent, COMMIT);
            let cut = if commits { self.disarm() } else { Cut::Never };
            if cut == Cut::Silently {
                // The client is gone, the server doesn't know.
                let _ = client.shutdown(Shutdown::Both);
                std::thread::sleep(HELD);
            }
            if read == 0 || matches!(cut, Cut::Before | Cut::Silently) {
                return;
            }
            keeps.store(u8::from(cut == Cut::After), Ordering::SeqCst);
            if server.write_all(sent).is_err() || cut == Cut::While {
                return;
            }
            if cut == Cut::After {
                // Until the answer has come, and was kept.
                while keeps.load(Ordering::SeqCst) == 1 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                return;
            }
            writes &= !commits;
        }
    }

    fn disarm(&self) -> Cut {
        let next = self.next.swap(Cut::Never as u8, Ordering::SeqCst);
        self.cuts.fetch_add(usize::from(next != 0), Ordering::SeqCst);
        CUTS[usize::from(next)]
    }
}

/// Until an end, or until one has to be kept.
fn forward_answers(mut server: TcpStream, mut client: TcpStream, keeps: &AtomicU8) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = server.read(&mut buffer).unwrap_or(0);
        if keeps.load(Ordering::SeqCst) == 1 || read == 0 {
            keeps.store(0, Ordering::SeqCst);
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        if client.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
