//! As much of Kafka's protocol as making a topic takes: requests without tagged fields, over a
//! connection each.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// Sends a request, and returns the answer's body.
pub(crate) fn exchange(address: &str, kind: i16, version: i16, body: &[u8]) -> Result<Body> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    for number in [kind, version] {
        request.extend(number.to_be_bytes());
    }
    // The number of the request, which comes back, and the client's name.
    request.extend(1_i32.to_be_bytes());
    string(&mut request, "cresset-kafka-server");
    request.extend(body);
    let mut sent = Vec::new();
    length(&mut sent, request.len());
    sent.extend(request);
    stream.write_all(&sent)?;
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let mut answer = vec![0; usize::try_from(i32::from_be_bytes(size)).map_err(Error::other)?];
    stream.read_exact(&mut answer)?;
    let mut body = Body { bytes: answer, at: 0 };
    match body.number()? {
        1 => Ok(body),
        other => Err(Error::other(format!("an answer to request {other} instead of 1"))),
    }
}

/// Appends the length of an array.
pub(crate) fn length(to: &mut Vec<u8>, length: usize) {
    to.extend(i32::try_from(length).expect("a short request").to_be_bytes());
}

/// Appends a text.
pub(crate) fn string(to: &mut Vec<u8>, text: &str) {
    to.extend(i16::try_from(text.len()).expect("a short text").to_be_bytes());
    to.extend(text.as_bytes());
}

/// An answer, which is read from its begin to its end.
pub(crate) struct Body {
    bytes: Vec<u8>,
    at: usize,
}

impl Body {
    fn take<const COUNT: usize>(&mut self) -> Result<[u8; COUNT]> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk());
        self.at += COUNT;
        taken.copied().ok_or_else(|| Error::new(ErrorKind::UnexpectedEof, "a short answer"))
    }

    /// A truth value.
    pub(crate) fn truth(&mut self) -> Result<bool> {
        Ok(self.take::<1>()? != [0])
    }

    /// A number of 16 bits.
    pub(crate) fn short(&mut self) -> Result<i16> {
        self.take().map(i16::from_be_bytes)
    }

    /// A number of 32 bits, such as an array's length.
    pub(crate) fn number(&mut self) -> Result<i32> {
        self.take().map(i32::from_be_bytes)
    }

    /// A text; an absent one is empty.
    pub(crate) fn string(&mut self) -> Result<String> {
        let length = self.short()?.max(0);
        let text = (0..length).map(|_| self.take().map(|[byte]| byte)).collect::<Result<_>>()?;
        String::from_utf8(text).map_err(Error::other)
    }
}
