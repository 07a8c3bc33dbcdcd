//! Orphans are found and taken away, beside everything else that goes on.
//!
//! A page of blobs is listed first, and the database asked about it second. Every commit has a deadline from its
//! first put to its beginning, and comes to its end soon after that: so what was old when it was listed, and
//! has no row when the database is asked, will never have one. A commit that took longer all the same looks for
//! its bodies before anybody is told of it.

mod rows;
mod token;

pub use token::{Token, TokenError};

use crate::blob_name::{BlobName, Prefix};
use crate::container::{Blob, Container};
use crate::offload::Settings;
use cresset_store::{Key, Scope, Store, StoreError, Version};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};
use token::Stage;
use uuid::Uuid;

/// Blobs or rows looked at together.
const PAGE: usize = 1000;
/// Requests on their way at once.
const TOGETHER: usize = 32;
/// How long a commit may take once it has begun: locks, writes, and asking what became of it.
const ENDING: Duration = Duration::from_secs(180);
/// How far the clocks of this machine and of the object store may be apart.
const CLOCKS: Duration = Duration::from_secs(300);

/// A comparison of a collection's rows with its bodies.
pub struct Reconcile<'r> {
    /// The store itself, without offload around it.
    pub store: &'r dyn Store,
    /// The collection.
    pub scope: &'r Scope,
    /// Where its bodies are.
    pub container: &'r Container,
    /// The part of the container that it keeps to.
    pub prefix: Prefix,
    /// Whether orphans are only counted.
    pub dry_run: bool,
    /// Blobs that are younger are left alone.
    pub grace: Duration,
    /// After so long it ends with the page that it is at.
    pub most: Option<Duration>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Blobs looked at.
    pub scanned: u64,
    /// Those that a row tells of.
    pub matched: u64,
    /// Those that are too young to judge.
    pub young: u64,
    /// Those that no row tells of.
    pub orphaned: u64,
    /// Those of them that were taken away, and their bytes.
    pub deleted: u64,
    /// Bytes of what is orphaned.
    pub bytes: u64,
    /// Those whose names are no bodies'. They are left alone.
    pub foreign: u64,
    /// Versions looked at whose bodies must be in the container.
    pub rows: u64,
    /// Versions whose bodies aren't there: as `type/id/version`.
    pub missing: Vec<String>,
    /// How many they are, with those that aren't named.
    pub missing_count: u64,
}

/// Missing bodies that are named at most; the others are counted.
const NAMED: usize = 1000;

impl Settings {
    /// How old a blob without a row must be to be an orphan.
    pub fn grace(&self) -> Duration {
        2 * (self.deadline + ENDING) + CLOCKS
    }
}

impl Reconcile<'_> {
    /// Goes through all of it, or from where a token says; `page` is told after each page how far it
    /// has got. Ends with what was found since it began, and a token if there is more to do.
    ///
    /// # Errors
    /// When the store or the container fails; the last token that `page` was told stays good.
    pub async fn run(
        &self,
        from: Option<Token>,
        mut page: impl FnMut(&Report, &Token),
    ) -> Result<(Report, Option<Token>), StoreError> {
        let started = Instant::now();
        let (mut report, mut at) = (
            Report::default(),
            match from {
                Some(token) => token,
                None => Token::start(self.container.place(), &self.prefix),
            },
        );
        loop {
            let next = match at.stage.clone() {
                Stage::Blobs { part, page } => self.blobs(part, page, &mut report).await?,
                Stage::Rows { after } => self.rows(after, &mut report).await?,
            };
            let Some(stage) = next else { return Ok((report, None)) };
            at.stage = stage;
            page(&report, &at);
            if self.most.is_some_and(|most| started.elapsed() >= most) {
                return Ok((report, Some(at)));
            }
        }
    }

    /// A page of blobs, and what comes after it.
    async fn blobs(
        &self,
        part: usize,
        page: Option<String>,
        report: &mut Report,
    ) -> Result<Option<Stage>, StoreError> {
        let Some(begin) = self.prefix.parts().nth(part) else {
            return Ok(Some(Stage::Rows { after: None }));
        };
        // Before the listing, so that nothing is older than it was.
        let grace = SignedDuration::try_from(self.grace).unwrap_or(SignedDuration::MAX);
        let old = Timestamp::now().checked_sub(grace).unwrap_or(Timestamp::MIN);
        let listed = self.container.page(&begin, page, PAGE).await?;
        self.judge(listed.blobs, old, report).await?;
        Ok(Some(match listed.next {
            Some(next) => Stage::Blobs { part, page: Some(next) },
            None => Stage::Blobs { part: part + 1, page: None },
        }))
    }

    /// Takes orphans away.
    async fn judge(
        &self,
        blobs: Vec<Blob>,
        old: Timestamp,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        report.scanned += blobs.len() as u64;
        let (mut bodies, mut orphans) = (Vec::new(), Vec::new());
        for blob in blobs {
            match self.read_name(&blob.name) {
                Name::Body(name) => bodies.push((blob, name)),
                Name::Unfinished if blob.put < old => orphans.push(blob),
                Name::Unfinished => report.young += 1,
                Name::Foreign => report.foreign += 1,
            }
        }
        let asked: Vec<(Key, Version)> =
            bodies.iter().map(|(_, name)| (name.key.clone(), name.version)).collect();
        let rows = self.versions(&asked).await?;
        for ((blob, name), row) in bodies.into_iter().zip(rows) {
            match row {
                Some(key) if key == name.payload_key => report.matched += 1,
                _ if blob.put >= old => report.young += 1,
                _ => orphans.push(blob),
            }
        }
        report.orphaned += orphans.len() as u64;
        report.bytes += orphans.iter().map(|blob| blob.size).sum::<u64>();
        if !self.dry_run {
            let names: Vec<String> = orphans.into_iter().map(|blob| blob.name).collect();
            let (deleted, failed) = self.container.delete_all(&names).await;
            report.deleted += deleted;
            failed.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    /// The keys that the rows of these versions tell of.
    async fn versions(&self, asked: &[(Key, Version)]) -> Result<Vec<Option<Uuid>>, StoreError> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store.read_versions(self.scope, asked, usize::MAX).await?;
        let key = |row: &Option<cresset_store::Stored>| match row.as_ref().and_then(|r| r.payload())
        {
            Some(payload) => {
                Ok(payload.offloaded()?.map(|elsewhere| Uuid::from_bytes(elsewhere.key)))
            }
            None => Ok(None),
        };
        let keys: Vec<_> = rows.iter().map(key).collect::<Result<_, StoreError>>()?;
        // Fewer answers than questions must not make orphans of the rest.
        if keys.len() == asked.len() {
            return Ok(keys);
        }
        Err(StoreError::Corrupt(
            "the store told of fewer versions than it was asked for".to_owned(),
        ))
    }

    fn read_name(&self, whole: &str) -> Name {
        let Some(name) = self.prefix.name(whole) else { return Name::Foreign };
        if let Ok(name) = BlobName::parse(name) {
            return Name::Body(name);
        }
        // What a directory holds of a put that was cut short.
        match name.split_once('#') {
            Some((name, number))
                if BlobName::parse(name).is_ok() && number.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Name::Unfinished
            }
            _ => Name::Foreign,
        }
    }
}

enum Name {
    Body(BlobName),
    Unfinished,
    Foreign,
}
