use crate::failure::{CommandFailure, CommandResult};
use crate::options::{DatasourceOptions, TypeOptions};
use crate::progress::Progress;
use crate::store::{self, OpenedStore};
use clap::Args;
use cresset_interaction::{extract, search_parameters};
use cresset_search::Registry;
use cresset_store::{Breach, Scope, StoreError, TypeNumber};
use cresset_store_sqlite::{OpenMode, Settings};
use std::io::{self, Write};

/// Recompute what must hold of a store, and print each breach.
///
/// The index equals what extraction gives for every current resource, versions rise by one, no place
/// in the change sequence is taken twice, every payload is there and decodes.
#[derive(Args)]
#[command(after_help = "Example: cresset verify --data ./cresset-data --repair")]
pub(crate) struct Verify {
    #[command(flatten)]
    store: DatasourceOptions,
    /// Mend what can be derived from the resources: the index.
    #[arg(long)]
    repair: bool,
}

/// Resources compared at a time.
const PAGE: usize = 1_000;

impl Verify {
    pub(crate) async fn run(self) -> CommandResult {
        let mode = if self.repair { OpenMode::Write } else { OpenMode::Read };
        let opened = store::open(&self.store, mode, Settings::default()).await?;
        let scope = opened.scope("verify")?;
        let mut breaches = opened.store.check(&scope, self.repair).await?;
        // What is damaged may keep the rest from being looked at.
        let registry = match opened.registry().await {
            Ok(registry) => registry,
            Err(error) => {
                tell(&breaches)?;
                return Err(error.into());
            }
        };
        // Until the job has ended, the keys that it has yet to write are missing, and that is right.
        let settled = search_parameters::is_settled(&*opened.store, &scope, &registry).await?;
        let compares = settled || self.repair;
        let mut progress = Progress::new("resources verified");
        for (name, resource_type) in store::types(&TypeOptions::default())? {
            let of =
                OfType { opened: &opened, scope: &scope, name: &name, resource_type, compares };
            of.verify(&registry, self.repair, &mut breaches, &mut progress).await?;
        }
        let seconds = progress.finish();
        tell(&breaches)?;
        let mut out = io::stdout().lock();
        if !compares {
            let what = "resources are still to be indexed by search parameters, so their index keys \
                        were not compared with their contents; a server finishes that, or \
                        `cresset reindex`";
            writeln!(out, "{what}")?;
        }
        let left = breaches.iter().filter(|b| !b.mended).count();
        let place = &opened.place;
        writeln!(out, "{place}: {} breaches, {left} not mended, {seconds:.1} s", breaches.len())?;
        if left > 0 { Err(CommandFailure::FoundWrong) } else { Ok(()) }
    }
}

fn tell(breaches: &[Breach]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for breach in breaches {
        let mended = if breach.mended { " (mended)" } else { "" };
        writeln!(out, "{}: {}{mended}", breach.place, breach.problem)?;
    }
    Ok(())
}

/// The resources of one type.
struct OfType<'a> {
    opened: &'a OpenedStore,
    scope: &'a Scope,
    name: &'a str,
    resource_type: TypeNumber,
    /// Whether the keys of its resources must be those that extraction gives.
    compares: bool,
}

impl OfType<'_> {
    fn unreadable(&self) -> Breach {
        let problem = "the index keys of some were not compared with their contents, of which one \
                       can't be read"
            .to_owned();
        Breach { place: self.name.to_owned(), problem, mended: false }
    }

    /// Extracts each resource's keys and compares them with those that it is found by.
    async fn verify(
        &self,
        registry: &Registry,
        repair: bool,
        breaches: &mut Vec<Breach>,
        progress: &mut Progress,
    ) -> CommandResult {
        let store = &self.opened.store;
        let mut after = None;
        loop {
            let page = match store.list(self.scope, self.resource_type, after, PAGE).await {
                // The check of the store names it. There is no place after it from which to go on.
                Err(StoreError::Corrupt(_)) => {
                    breaches.push(self.unreadable());
                    return Ok(());
                }
                page => page?,
            };
            let mut entries = Vec::with_capacity(page.resources.len());
            for stored in &page.resources {
                match extract(registry, stored) {
                    Some(entry) => entries.push(entry),
                    None => breaches.push(Breach {
                        place: format!("{}/{}", self.name, stored.key.id),
                        problem: "it can't be read as a valid resource".to_owned(),
                        mended: false,
                    }),
                }
            }
            let differing = match self.compares {
                true => store.compare_index(self.scope, entries.clone()).await?,
                false => Vec::new(),
            };
            let mut mended = false;
            if repair && !differing.is_empty() {
                entries.retain(|(key, ..)| differing.contains(key));
                store.reindex(self.scope, entries).await?;
                mended = true;
            }
            breaches.extend(differing.iter().map(|key| Breach {
                place: format!("{}/{}", self.name, key.id),
                problem: "its index keys are not those that extraction gives".to_owned(),
                mended,
            }));
            progress.add(page.resources.len() as u64);
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
