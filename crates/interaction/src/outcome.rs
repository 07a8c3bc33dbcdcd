use crate::BundleParts;
use crate::failure::Failure;
use cresset_fhir::json::Json;
use cresset_store::{Timestamp, Version};

/// Kinds of success; [`Success::status`] gives the HTTP status of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// Done, or found.
    Ok,
    /// There is something new.
    Created,
    /// Done, and nothing to say.
    NoContent,
    /// The client has it already.
    NotModified,
}

/// What a request led to.
#[derive(Debug)]
pub struct Outcome {
    /// The kind.
    pub success: Success,
    /// FHIR JSON.
    pub contents: Contents,
    /// The version that it is about, for `ETag` and `Last-Modified`.
    pub version: Option<(Version, Timestamp)>,
    /// Where the version is, relative to the base: `Patient/1/_history/1`.
    pub location: Option<String>,
}

/// The body of an answer.
#[derive(Debug)]
pub enum Contents {
    /// None.
    Empty,
    /// All of it.
    Bytes(Vec<u8>),
    /// A Bundle that is written out piece by piece.
    Bundle(BundleParts),
}

impl Outcome {
    /// 200 with a body.
    pub fn ok(bytes: Vec<u8>) -> Self {
        Self::new(Success::Ok, Contents::Bytes(bytes))
    }

    pub(crate) fn json(json: &Json) -> Self {
        Self::ok(json.to_bytes())
    }

    pub(crate) fn new(success: Success, contents: Contents) -> Self {
        Self { success, contents, version: None, location: None }
    }

    #[must_use]
    pub(crate) fn with_version(mut self, version: Version, updated: Timestamp) -> Self {
        self.version = Some((version, updated));
        self
    }
}

impl Contents {
    /// All of it at once; `None` when there is none.
    ///
    /// # Errors
    /// When a stored resource can't be decoded.
    pub fn collect(self) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Empty => Ok(None),
            Self::Bytes(bytes) => Ok(Some(bytes)),
            Self::Bundle(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend_from_slice(&part?);
                }
                Ok(Some(all))
            }
        }
    }
}
