use crate::failure::CommandResult;
use crate::options::{DatasourceOptions, TypeOptions};
use crate::progress::Progress;
use crate::store;
use clap::Args;
use cresset_interaction::{extract, search_parameters};
use cresset_store_sqlite::{OpenMode, Settings};
use std::io::{self, Write};

/// Extract the index keys of all resources anew, after the rules for them have changed.
#[derive(Args)]
#[command(after_help = "Example: cresset reindex --data ./cresset-data --type Observation")]
pub(crate) struct Reindex {
    #[command(flatten)]
    store: DatasourceOptions,
    #[command(flatten)]
    types: TypeOptions,
}

/// Resources in one commit.
const PAGE: usize = 2_000;

impl Reindex {
    pub(crate) async fn run(self) -> CommandResult {
        let types = store::types(&self.types)?;
        let opened = store::open(&self.store, OpenMode::Write, Settings::default()).await?;
        let scope = opened.scope("reindex")?;
        let registry = opened.registry().await?;
        let mut progress = Progress::new("resources reindexed");
        let (mut replaced, mut failed) = (0, 0);
        for (_, resource_type) in types {
            let mut after = None;
            loop {
                let page = opened.store.list(&scope, resource_type, after, PAGE).await?;
                let seen = page.resources.len() as u64;
                let extracted: Vec<_> =
                    page.resources.iter().map(|s| extract(&registry, s)).collect();
                failed += extracted.iter().filter(|e| e.is_none()).count();
                let entries = extracted.into_iter().flatten().collect();
                replaced += opened.store.reindex(&scope, entries).await?;
                progress.add(seen);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        let seconds = progress.finish();
        if failed == 0 && self.types.types.is_empty() {
            // A server need not index by its search parameters again.
            search_parameters::settle(&*opened.store, &scope, &registry).await?;
        }
        writeln!(
            io::stdout(),
            "{replaced} resources reindexed in {seconds:.1} s, {failed} failed"
        )?;
        if failed > 0 {
            return Err(crate::failure::CommandFailure::FoundWrong);
        }
        Ok(())
    }
}
