//! A small blocking HTTP/1.1 client: one connection, `GET` only.

use serde::Deserialize;
use serde_json::Value as Json;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest answer that is read, in bytes.
const LONGEST: u64 = 1 << 30;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The base URL is none that this client understands.
    #[error("the base URL must be http://HOST:PORT/PATH")]
    Base,
    /// The connection failed, or what came isn't HTTP.
    #[error("the server can't be asked: {0}")]
    Connection(#[from] io::Error),
    /// The body isn't the JSON that was expected.
    #[error("the answer isn't a FHIR Bundle in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The server answered with an error.
    #[error("the server answered {status}: {diagnostics}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the OperationOutcome says.
        diagnostics: String,
    },
}

/// A connection to a FHIR server.
#[derive(Debug)]
pub struct Client {
    authority: String,
    base_path: String,
    stream: Option<BufReader<TcpStream>>,
}

/// What the oracle looks at in a searchset.
#[derive(Debug, Default, Deserialize)]
pub struct Page {
    /// `Bundle.total`.
    pub total: Option<u64>,
    /// `Bundle.entry`.
    #[serde(default)]
    pub entry: Vec<Entry>,
    /// `Bundle.link`.
    #[serde(default)]
    pub link: Vec<PageLink>,
}

/// `Bundle.entry`.
#[derive(Debug, Deserialize)]
pub struct Entry {
    /// The resource, of which the rest isn't kept.
    pub resource: Head,
    /// Why it is there.
    #[serde(default)]
    pub search: SearchMode,
}

/// Type and id of a resource.
#[derive(Debug, Deserialize)]
pub struct Head {
    /// Its type.
    #[serde(rename = "resourceType")]
    pub resource_type: String,
    /// Its id; an OperationOutcome has none.
    #[serde(default)]
    pub id: String,
}

/// `Bundle.entry.search`.
#[derive(Debug, Default, Deserialize)]
pub struct SearchMode {
    /// `match`, `include` or `outcome`.
    #[serde(default)]
    pub mode: String,
}

/// `Bundle.link`.
#[derive(Debug, Deserialize)]
pub struct PageLink {
    relation: String,
    url: String,
}

impl Client {
    /// A client of the server with this base URL, `http://HOST:PORT/PATH`.
    ///
    /// # Errors
    /// [`ClientError::Base`].
    pub fn new(base: &str) -> Result<Self, ClientError> {
        let rest = base.strip_prefix("http://").ok_or(ClientError::Base)?;
        let (authority, path) = rest.trim_end_matches('/').split_once('/').unwrap_or((rest, ""));
        let base_path = if path.is_empty() { String::new() } else { format!("/{path}") };
        let authority = authority.trim_end_matches('/').to_owned();
        Ok(Self { authority, base_path, stream: None })
    }

    /// The base URL's path, without a slash at its end.
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Asks for a page of results at an absolute path.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn page(&mut self, path: &str) -> Result<Page, ClientError> {
        Ok(serde_json::from_slice(&self.get(path)?)?)
    }

    /// Asks for a resource at an absolute path.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn get_json(&mut self, path: &str) -> Result<Json, ClientError> {
        Ok(serde_json::from_slice(&self.get(path)?)?)
    }

    /// The path of the page after this one.
    pub fn next(&self, bundle: &Json) -> Option<String> {
        let links = bundle["link"].as_array()?;
        path_of(links.iter().find(|link| link["relation"] == "next")?["url"].as_str()?)
    }

    fn get(&mut self, path: &str) -> Result<Vec<u8>, ClientError> {
        let is_reused = self.stream.is_some();
        let mut answer = self.exchange(path);
        if answer.is_err() {
            self.stream = None;
        }
        // A server may close a connection that was idle; asking again changes nothing there.
        if is_reused && answer.is_err() {
            answer = self.exchange(path);
            if answer.is_err() {
                self.stream = None;
            }
        }
        let (status, body) = answer?;
        if status == 200 {
            return Ok(body);
        }
        let outcome: Json = serde_json::from_slice(&body).unwrap_or_default();
        let issue = &outcome["issue"][0];
        let text = |name: &str| issue[name].as_str().unwrap_or_default().to_owned();
        let diagnostics = format!("{}: {}", text("code"), text("diagnostics"));
        Err(ClientError::Refused { status, diagnostics })
    }

    fn exchange(&mut self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connect(&self.authority)?),
        };
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/fhir+json\r\n\
             Prefer: handling=strict\r\n\r\n",
            self.authority
        );
        stream.get_mut().write_all(head.as_bytes())?;
        let (status, body, closes) = read_answer(stream)?;
        if closes {
            self.stream = None;
        }
        Ok((status, body))
    }
}

impl Page {
    /// The path of the page after this one.
    pub fn next(&self) -> Option<String> {
        path_of(&self.link.iter().find(|link| link.relation == "next")?.url)
    }
}

/// Path and query of an absolute URL.
fn path_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    Some(rest[rest.find('/')?..].to_owned())
}

fn connect(authority: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(authority)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

fn read_answer(stream: &mut impl BufRead) -> io::Result<(u16, Vec<u8>, bool)> {
    let status = line(stream)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(malformed)?;
    let (mut length, mut chunked, mut closes) = (None, false, false);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        match header.split_once(':').map(|(name, value)| (name, value.trim())) {
            Some(("content-length", value)) => length = value.parse::<u64>().ok(),
            Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
            Some(("connection", value)) => closes = value == "close",
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = u64::from_str_radix(line(stream)?.trim(), 16).map_err(|_| malformed())?;
            take(stream, size, &mut body)?;
            line(stream)?;
            if size == 0 {
                break;
            }
        }
    } else {
        take(stream, length.ok_or_else(malformed)?, &mut body)?;
    }
    Ok((status, body, closes))
}

fn take(stream: &mut impl BufRead, length: u64, into: &mut Vec<u8>) -> io::Result<()> {
    if into.len() as u64 + length > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    match stream.take(length).read_to_end(into)? as u64 == length {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.take(65_536).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.trim_end_matches('\r').to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer isn't HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_whole_or_in_chunks() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
                       3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        for (answer, closes) in [(whole, false), (chunked, true)] {
            let (status, body, end) = read_answer(&mut answer.as_bytes()).expect("an answer");
            assert_eq!((status, body.as_slice(), end), (200, &b"hello"[..], closes));
        }
        for broken in ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "x\r\n\r\n"] {
            assert!(read_answer(&mut broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn links_are_followed_by_their_path() {
        assert_eq!(path_of("http://s.org/fhir/Patient?x=1").as_deref(), Some("/fhir/Patient?x=1"));
        let client = Client::new("http://127.0.0.1:1/fhir/").expect("a base");
        assert_eq!((client.base_path(), client.authority.as_str()), ("/fhir", "127.0.0.1:1"));
    }
}
