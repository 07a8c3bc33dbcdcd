//! Entering index keys that were announced.

use super::PostgresStore;
use crate::write::{Answer, Request};
use crate::{dead_letters, unindexed};
use cresset_store::*;
use std::sync::Arc;

impl Indexer for PostgresStore {
    fn index(
        &self,
        scope: &Scope,
        announcements: Vec<Announcement>,
    ) -> StoreFuture<'_, Vec<Verdict>> {
        let scope = scope.clone();
        let announcements = Arc::new(announcements);
        Box::pin(async move {
            let mut types = announcements.iter().map(|announced| announced.key.resource_type);
            let allowed = types.try_for_each(|of| scope.may_write(of));
            let request = || Request::Index(Arc::clone(&announcements));
            let mut verdicts = self.writing(&scope, allowed, request, verdicts).await?;
            let collection = self.opened(&scope).await?;
            let shared = &collection.shared;
            unindexed::settle_early(shared, &announcements, &mut verdicts).await?;
            Ok(verdicts)
        })
    }

    fn bury(&self, letter: DeadLetter) -> StoreFuture<'_, ()> {
        Box::pin(dead_letters::bury(&self.connections, &self.location.base, letter))
    }

    fn dead_letters(&self) -> StoreFuture<'_, u64> {
        Box::pin(dead_letters::count(&self.connections, &self.location.base))
    }
}

fn verdicts(answer: Answer) -> Option<Vec<Verdict>> {
    match answer {
        Answer::Verdicts(verdicts) => Some(verdicts),
        _ => None,
    }
}
