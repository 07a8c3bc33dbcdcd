//! Content codings: gzip and zstd, both ways (RFC 9110, section 8.4).

use crate::limits::too_large;
use cresset_interaction::{ErrorKind, Failure};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use http::{HeaderMap, header};
use std::io::{self, Read, Write};

/// Windows of more than 16 MiB cost the receiver too much.
const ZSTD_WINDOW: u32 = 24;

/// A coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// None.
    Identity,
    /// `gzip`
    Gzip,
    /// `zstd`
    Zstd,
}

impl Coding {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The coding of a request's body.
    pub(crate) fn of_request(headers: &HeaderMap) -> Result<Self, Failure> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else {
            return Ok(Self::Identity);
        };
        match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "identity" | "" => Ok(Self::Identity),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            _ => {
                let problem = "Content-Encoding must be gzip, zstd or identity";
                Err(Failure::new(ErrorKind::UnsupportedMediaType, "not-supported", problem))
            }
        }
    }

    /// The coding that the client likes best for an answer; zstd among equals.
    pub(crate) fn of_answer(headers: &HeaderMap) -> Self {
        let mut best = (0.0, Self::Identity);
        for line in headers.get_all(header::ACCEPT_ENCODING) {
            for item in line.to_str().unwrap_or_default().split(',') {
                let (name, rest) = item.split_once(';').unwrap_or((item, ""));
                let quality =
                    rest.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse::<f32>().ok());
                let coding = match name.trim() {
                    "gzip" => Self::Gzip,
                    "zstd" => Self::Zstd,
                    _ => continue,
                };
                let quality = quality.unwrap_or(0.0);
                if quality > best.0 || (quality > 0.0 && quality == best.0 && coding == Self::Zstd)
                {
                    best = (quality, coding);
                }
            }
        }
        best.1
    }
}

/// Unpacks a body of at most `limit` bytes; stops at the first byte beyond.
pub(crate) fn decoded(coding: Coding, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    let limit_and_one = limit as u64 + 1;
    let unpacked = match coding {
        Coding::Identity => return Ok(bytes.to_vec()),
        Coding::Gzip => MultiGzDecoder::new(bytes).take(limit_and_one).read_to_end(&mut out),
        Coding::Zstd => zstd::stream::read::Decoder::with_buffer(bytes).and_then(|mut decoder| {
            decoder.window_log_max(ZSTD_WINDOW)?;
            decoder.take(limit_and_one).read_to_end(&mut out)
        }),
    };
    match unpacked {
        Ok(_) if out.len() > limit => Err(too_large(limit)),
        Ok(_) => Ok(out),
        Err(_) => {
            let problem = format!("the body is not valid {}", coding.name());
            Err(Failure::bad_request("structure", problem))
        }
    }
}

/// Packs an answer piece by piece.
pub(crate) enum Packer {
    /// As it is.
    Identity,
    /// gzip
    Gzip(GzEncoder<Vec<u8>>),
    /// zstd
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Packer {
    pub(crate) fn new(coding: Coding) -> io::Result<Self> {
        Ok(match coding {
            Coding::Identity => Self::Identity,
            Coding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), Compression::fast())),
            Coding::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), 1)?),
        })
    }

    /// What goes out for this piece; perhaps nothing yet.
    pub(crate) fn pack(&mut self, piece: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(piece),
            Self::Gzip(encoder) => {
                encoder.write_all(&piece)?;
                Ok(std::mem::take(encoder.get_mut()))
            }
            Self::Zstd(encoder) => {
                encoder.write_all(&piece)?;
                Ok(std::mem::take(encoder.get_mut()))
            }
        }
    }

    /// What is left.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(Vec::new()),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(coding: Coding, text: &[u8]) -> Vec<u8> {
        let mut packer = Packer::new(coding).unwrap();
        let mut out = packer.pack(text.to_vec()).unwrap();
        out.extend(packer.finish().unwrap());
        out
    }

    #[test]
    fn what_is_packed_unpacks() {
        for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd] {
            assert_eq!(decoded(coding, &packed(coding, b"hello"), 5).unwrap(), b"hello");
        }
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        for coding in [Coding::Gzip, Coding::Zstd] {
            let bomb = packed(coding, &vec![0; 1 << 20]);
            assert!(bomb.len() < 20_000);
            assert_eq!(decoded(coding, &bomb, 1000).unwrap_err().kind, ErrorKind::TooLarge);
            assert_eq!(decoded(coding, b"no", 1000).unwrap_err().kind, ErrorKind::BadRequest);
        }
    }

    #[test]
    fn the_client_chooses_the_coding() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            Coding::of_answer(&headers)
        };
        assert_eq!(of("gzip, deflate, br, zstd"), Coding::Zstd);
        assert_eq!(of("gzip;q=1.0, zstd;q=0.5"), Coding::Gzip);
        assert_eq!(of("br, gzip;q=0"), Coding::Identity);
    }
}
