use cresset_store::{Consistency, Provenance, Scope, Seq};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What surrounds a request: on whose behalf, under which URL, with which preferences.
#[derive(Clone, Debug)]
pub struct Context {
    /// The collection and the principal.
    pub scope: Scope,
    /// The FHIR base for links, without a slash at its end: `http://host/fhir`.
    pub base_url: Arc<str>,
    /// Names the request in logs and provenance.
    pub request_id: Arc<str>,
    /// `Prefer: handling=…`
    pub handling: Handling,
    /// `Prefer: return=…`, when it was given.
    pub prefer_return: Option<PreferReturn>,
    /// What searches have to know of, where the index may lag.
    pub consistency: Consistency,
    /// How far the request's own writes have got.
    pub reached: Reached,
}

/// The place in the change sequence of the last write of a request.
#[derive(Clone, Debug, Default)]
pub struct Reached(Arc<AtomicU64>);

impl Reached {
    pub(crate) fn note(&self, seq: Seq) {
        self.0.fetch_max(seq.0, Ordering::Relaxed);
    }

    /// It, if anything was written.
    pub fn seq(&self) -> Option<Seq> {
        Some(Seq(self.0.load(Ordering::Relaxed))).filter(|seq| seq.0 > 0)
    }
}

/// What to do about parameters that are not understood (R4 search, section 3.1.1.3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handling {
    /// Refuse the request.
    Strict,
    /// Go on without them, and say so.
    #[default]
    Lenient,
}

/// What a write answers with (R4 RESTful API, section 3.1.0.1.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreferReturn {
    /// Nothing.
    Minimal,
    /// The resource.
    Representation,
    /// An `OperationOutcome`.
    OperationOutcome,
}

impl Context {
    pub(crate) fn provenance(&self) -> Provenance {
        Provenance {
            principal: Some(Arc::clone(&self.scope.principal().name)),
            request: Some(Arc::clone(&self.request_id)),
            origin: Some("http".into()),
        }
    }
}
