//! Loading Bundles and NDJSON.
//!
//! A reader takes documents apart into entries; workers parse, check, index and pack them, in
//! parallel; the loader puts them back into their order, leaves out what is there already, and
//! commits the rest, many thousands at a time. Memory is bounded by a few chunks and two commits.

mod bundle;
mod chunk;
mod committer;
mod importer;
mod loader;
mod refusals;
mod source;
mod workers;

use crate::failure::{CommandFailure, CommandResult};
use crate::options::DatasourceOptions;
use crate::store;
use clap::Args;
use cresset_interaction::search_parameters;
use cresset_store_sqlite::{OpenMode, Settings};
pub(crate) use importer::Importer;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Load Bundles and NDJSON into a store.
///
/// A Bundle is a container here: its entries may be spread over commits. Repeated or resumed, an
/// import changes nothing that is there.
#[derive(Args)]
#[command(after_help = "Example: cresset import synthea/ more.ndjson.gz --data ./cresset-data")]
pub(crate) struct Import {
    /// Bundles (.json), NDJSON (.ndjson), directories of them, or any of these as .gz, .zst or .tar.zst.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    store: DatasourceOptions,
    /// Enter index keys with each commit, or build the index at the end; searches wait for it.
    #[arg(long, value_enum, default_value = "inline")]
    index: Indexing,
    /// The file that names entries that were refused, or were there with other contents
    /// [default: import-refusals.ndjson].
    #[arg(long, value_name = "FILE")]
    refusals: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Indexing {
    Inline,
    Deferred,
}

impl Import {
    pub(crate) async fn run(self) -> CommandResult {
        if let Some(missing) = self.paths.iter().find(|path| !path.exists()) {
            return Err(CommandFailure::Usage(format!("there is no {}", missing.display())));
        }
        // One reader is enough, and the writer can use the memory.
        let settings = Settings { reader_cache: 16 << 20, ..Settings::default() };
        let opened = store::open(&self.store, OpenMode::Write, settings).await?;
        let scope = opened.scope("import")?;
        if self.index == Indexing::Deferred {
            opened.store.defer_index(&scope).await?;
        }
        let refusals = self.refusals.unwrap_or_else(|| "import-refusals.ndjson".into());
        let registry = Arc::new(opened.registry().await?);
        let written_under = Arc::clone(&registry);
        let mut importer = Importer::new(&opened, registry, scope.clone(), Some(refusals))?;
        for path in &self.paths {
            importer.path(path).await?;
        }
        let mut summary = importer.finish().await?;
        search_parameters::written_under(&*opened.store, &scope, &written_under).await?;
        let started = std::time::Instant::now();
        if store::finish_index(&*opened.store, &scope).await? {
            summary.seconds += started.elapsed().as_secs_f64();
        }
        writeln!(io::stdout(), "{summary}")?;
        if summary.refused > 0 { Err(CommandFailure::FoundWrong) } else { Ok(()) }
    }
}
