//! Leaves out what is there already, commits the rest, and counts.

use super::importer::Summary;
use super::loader::Gathered;
use super::refusals::Refusals;
use crate::failure::CommandFailure;
use crate::progress::Progress;
use cresset_fhir::definitions::Definitions;
use cresset_interaction::Prepared;
use cresset_store::*;
use std::collections::HashMap;
use std::sync::Arc;

/// Commits one gathering after another.
pub(crate) struct Committer {
    store: Arc<dyn Store>,
    scope: Scope,
    refusals: Refusals,
    summary: Summary,
    progress: Progress,
}

impl Committer {
    pub(crate) fn new(store: Arc<dyn Store>, scope: Scope, refusals: Refusals) -> Self {
        let (summary, progress) = (Summary::default(), Progress::new("resources imported"));
        Self { store, scope, refusals, summary, progress }
    }

    /// Commits what isn't there yet.
    pub(crate) async fn commit(mut self, gathered: Vec<Gathered>) -> Result<Self, CommandFailure> {
        let count = gathered.len() as u64;
        let there = self.there(&gathered).await?;
        let mut writes: Vec<Write> = Vec::with_capacity(gathered.len());
        let mut here: HashMap<Key, usize> = HashMap::with_capacity(gathered.len());
        for Gathered { source, entry } in gathered {
            let Prepared { key, payload, index } = match entry.outcome {
                Ok(prepared) => prepared,
                Err(reasons) => {
                    self.summary.refused += 1;
                    self.refusals.note(&source, entry.number, None, "refused", &reasons)?;
                    continue;
                }
            };
            let earlier = here.get(&key).and_then(|at| contents(&writes[*at]));
            match there.get(&key).or(earlier) {
                Some(known) if known.text()? == payload.text()? => self.summary.same += 1,
                Some(_) => self.different(&source, entry.number, &key)?,
                None => {
                    here.insert(key.clone(), writes.len());
                    let action = Action::Put { payload, index };
                    writes.push(Write { key, precondition: Precondition::Unknown, action });
                }
            }
        }
        drop((there, here));
        self.write(writes).await?;
        self.progress.add(count);
        Ok(self)
    }

    /// Ends the count.
    pub(crate) fn finish(mut self) -> Result<Summary, CommandFailure> {
        self.summary.seconds = self.progress.finish();
        self.summary.refusals = self.refusals.finish()?;
        Ok(self.summary)
    }

    /// What the store has under the ids gathered.
    async fn there(&self, gathered: &[Gathered]) -> Result<HashMap<Key, Payload>, CommandFailure> {
        let keys = gathered.iter().filter_map(|g| g.entry.outcome.as_ref().ok());
        let mut keys: Vec<Key> = keys.map(|prepared| prepared.key.clone()).collect();
        // In the order in which the store keeps them, neighbours are read together.
        keys.sort_unstable();
        let mut there = HashMap::new();
        for stored in self.store.read(&self.scope, &keys).await?.into_iter().flatten() {
            // A deletion counts as there: an import does not bring back what was deleted.
            let payload = stored.payload().cloned().unwrap_or_else(|| Payload::encode(b"", None));
            there.insert(stored.key, payload);
        }
        Ok(there)
    }

    async fn write(&mut self, writes: Vec<Write>) -> Result<(), CommandFailure> {
        if writes.is_empty() {
            return Ok(());
        }
        self.summary.created += writes.len() as u64;
        let principal = Some(Arc::clone(&self.scope.principal().name));
        let provenance = Provenance { principal, request: None, origin: Some("import".into()) };
        self.store.commit(&self.scope, Batch { writes, provenance, ..Batch::default() }).await?;
        Ok(())
    }

    fn different(&mut self, source: &str, entry: u64, key: &Key) -> std::io::Result<()> {
        self.summary.different += 1;
        let definitions = Definitions::r4();
        let of = definitions.resource_type_numbered(key.resource_type.0);
        let of = of.map_or("?", |of| definitions.resource_type_name(of));
        let reason =
            "a resource with this id and other contents is there already; it was left as it is";
        let resource = Some(format!("{of}/{}", key.id));
        self.refusals.note(source, entry, resource, "different", &[reason.to_owned()])
    }
}

fn contents(write: &Write) -> Option<&Payload> {
    match &write.action {
        Action::Put { payload, .. } => Some(payload),
        Action::Delete => None,
    }
}
