//! Transactions: all of a Bundle or nothing of it (R4, section 3.1.0.11.2).
//!
//! 1. [`plan`]: every entry becomes a piece of [`Work`], in the specification's order (DELETE, POST,
//!    PUT and PATCH, GET); conditions are searched for, ids given, identities noted.
//! 2. [`references`]: `urn:uuid` and conditional references are replaced by what they stand for.
//! 3. [`ready`]: each resource is validated, indexed and packed, on all cores.
//! 4. One commit, guarded by the conditions, and the answer in the order of the entries.

mod commit;
mod identities;
mod plan;
mod ready;
pub(crate) mod references;
mod respond;

use crate::context::Context;
use crate::criteria::ATTEMPTS;
use crate::failure::{ErrorKind, Failure};
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::patch_interaction::Patch;
use crate::prepare::Prepared;
use crate::request::parsed;
use crate::service::Service;
use crate::{bundle_entry, entity_tag::IfMatch};
use cresset_fhir::json::Json;
use cresset_store::{Key, Precondition, Stored};

/// What an entry comes to.
#[derive(Debug)]
enum Work {
    /// A resource to be written.
    Put { key: Key, resource: Json, precondition: Precondition, stated: bool },
    /// A version to be patched.
    Patch { stored: Box<Stored>, patch: Patch, if_match: Option<IfMatch> },
    /// A resource that is ready to be written.
    Ready { prepared: Box<Prepared>, precondition: Precondition, stated: bool },
    /// A deletion.
    Delete { key: Key, precondition: Precondition, stated: bool },
    /// A conditional deletion that matches nothing.
    Nothing,
    /// A conditional create of what is there.
    Existing(Key),
    /// Something to be read after the commit.
    Read(Box<bundle_entry::Entry>),
    /// A resource with problems.
    Refused(Box<Failure>),
}

impl Service {
    pub(crate) async fn transaction(
        &self,
        context: &Context,
        entries: Vec<Json>,
        bytes: &[u8],
    ) -> Result<Outcome, Failure> {
        if let Some(outcome) = self.attempt(context, entries, bytes.len()).await? {
            return Ok(outcome);
        }
        // What a condition relied on has changed: from the beginning. The resources of the first
        // attempt are gone by now, which is what keeps a large Bundle from being held twice.
        for _ in 1..ATTEMPTS {
            let bundle = heavy(bytes.len(), || parsed(bytes, &self.limits))?;
            let (_, entries) = bundle_entry::entries(bundle)?;
            if let Some(outcome) = self.attempt(context, entries, bytes.len()).await? {
                return Ok(outcome);
            }
        }
        let problem = "what the transaction's conditions rely on kept changing; try again";
        Err(Failure::new(ErrorKind::Conflict, "conflict", problem))
    }

    /// `None` when a condition no longer held at the commit.
    async fn attempt(
        &self,
        context: &Context,
        entries: Vec<Json>,
        bytes: usize,
    ) -> Result<Option<Outcome>, Failure> {
        let mut plan = self.plan(context, entries).await?;
        heavy(bytes, || self.make_ready(&mut plan, bytes))?;
        let Some(done) = self.commit_plan(context, &mut plan).await? else {
            return Ok(None);
        };
        self.transaction_response(context, plan, done).await.map(Some)
    }
}
