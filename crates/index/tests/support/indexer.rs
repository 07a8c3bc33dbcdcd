//! A database that does as it is told.

use cresset_store::{Announcement, DeadLetter, Indexer, Scope, StoreError, StoreFuture, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

type Answer = dyn Fn(&Announcement) -> Result<Verdict, StoreError> + Send + Sync;

/// Remembers what is entered, after asking a script what it is to answer.
pub(crate) struct Scripted {
    script: Box<Answer>,
    entered: Mutex<BTreeMap<(String, String), u64>>,
    letters: Mutex<BTreeSet<(i32, i64)>>,
}

impl Scripted {
    pub(crate) fn new(
        script: impl Fn(&Announcement) -> Result<Verdict, StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self { script: Box::new(script), entered: Mutex::default(), letters: Mutex::default() }
    }

    /// The latest version of each resource, by collection and id.
    pub(crate) fn entered(&self) -> MutexGuard<'_, BTreeMap<(String, String), u64>> {
        self.entered.lock().expect("no test fails in here")
    }

    /// Partitions and offsets.
    pub(crate) fn letters(&self) -> BTreeSet<(i32, i64)> {
        self.letters.lock().expect("no test fails in here").clone()
    }
}

impl Indexer for Scripted {
    fn index(
        &self,
        scope: &Scope,
        announcements: Vec<Announcement>,
    ) -> StoreFuture<'_, Vec<Verdict>> {
        let collection = scope.collection().name.collection.to_string();
        Box::pin(async move {
            // All of them or none.
            let verdicts: Vec<Verdict> =
                announcements.iter().map(|a| (self.script)(a)).collect::<Result<_, _>>()?;
            for (announcement, verdict) in announcements.iter().zip(&verdicts) {
                if *verdict == Verdict::Entered {
                    let key = (collection.clone(), announcement.key.id.to_string());
                    let mut entered = self.entered();
                    let version = entered.entry(key).or_default();
                    *version = announcement.version.number().max(*version);
                }
            }
            Ok(verdicts)
        })
    }

    fn bury(&self, letter: DeadLetter) -> StoreFuture<'_, ()> {
        let mut letters = self.letters.lock().expect("no test fails in here");
        letters.insert((letter.partition, letter.offset));
        Box::pin(std::future::ready(Ok(())))
    }

    fn dead_letters(&self) -> StoreFuture<'_, u64> {
        Box::pin(std::future::ready(Ok(self.letters().len() as u64)))
    }
}
