//! Validates, indexes and packs the resources of a transaction on all cores.

use super::Work;
use super::plan::Plan;
use crate::failure::{Failure, OutcomeIssue};
use crate::prepare::prepare;
use crate::service::Service;
use cresset_fhir::json::Json;
use cresset_store::Precondition;
use std::collections::HashMap;
use std::sync::Mutex;

/// Below this many bytes a second thread costs more than it brings.
const PARALLEL_BYTES: usize = 256 << 10;
/// Entries that a thread takes at a time.
const CHUNK: usize = 32;
/// Problems told of one transaction.
const MOST_ISSUES: usize = 100;

impl Service {
    pub(super) fn make_ready(&self, plan: &mut Plan, bytes: usize) -> Result<(), Failure> {
        let names = &plan.names;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if bytes < PARALLEL_BYTES { 1 } else { cores.min(16) };
        let queue = Mutex::new(plan.work.chunks_mut(CHUNK));
        let take = || queue.lock().unwrap_or_else(|e| e.into_inner()).next();
        let run = || {
            while let Some(chunk) = take() {
                chunk.iter_mut().for_each(|work| self.ready(work, names));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(run);
            }
            run();
        });
        refused(&plan.work)
    }

    fn ready(&self, work: &mut Work, names: &HashMap<String, String>) {
        let (prepared, precondition, stated) = match work {
            Work::Put { key, resource, precondition, stated } => {
                let mut resource = std::mem::replace(resource, Json::Null);
                self.roles.rewrite(&mut resource, names);
                (prepare(&self.registry(), resource, key.id.clone()), *precondition, *stated)
            }
            Work::Patch { stored, patch, if_match } => {
                let prepared = self.patched(stored, patch, *if_match);
                (prepared, Precondition::Version(stored.version), if_match.is_some())
            }
            _ => return,
        };
        *work = match prepared {
            Ok(prepared) => Work::Ready { prepared: Box::new(prepared), precondition, stated },
            Err(failure) => Work::Refused(Box::new(failure)),
        };
    }
}

/// One failure with the problems of all entries, each named.
fn refused(work: &[Work]) -> Result<(), Failure> {
    let mut all: Option<Failure> = None;
    for (index, work) in work.iter().enumerate() {
        let Work::Refused(failure) = work else {
            continue;
        };
        let failure = failure.as_ref().clone().in_entry(index);
        match &mut all {
            None => all = Some(failure),
            Some(all) if all.issues.len() < MOST_ISSUES => all.issues.extend(failure.issues),
            Some(all) => {
                all.issues.truncate(MOST_ISSUES);
                let more = "further entries have problems too";
                all.issues.push(OutcomeIssue::error("incomplete", more));
                break;
            }
        }
    }
    all.map_or(Ok(()), Err)
}
