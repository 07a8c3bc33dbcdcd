//! Filling an empty store with the sample population.

use crate::failure::{CommandFailure, CommandResult};
use crate::import::Importer;
use crate::store::OpenedStore;
use cresset_sample::Population;
use cresset_search::Registry;
use cresset_store::{Batch, Bookmark, Cursor, Scope, Seq};
use std::sync::Arc;

/// The bookmark that says how far the sample has got.
const SAMPLE: &str = "sample";

/// Fills an empty store with the sample population, or goes on where this was interrupted.
pub(super) async fn fill(opened: &OpenedStore, registry: &Arc<Registry>) -> CommandResult {
    let scope = opened.scope("sample")?;
    let begun = opened.store.bookmark(&scope, SAMPLE).await?.is_some_and(|v| v == b"begun");
    if !begun {
        let incarnation = opened.store.create(&scope).await?;
        let cursor = Cursor { incarnation, seq: Seq(0) };
        if !opened.store.changes(&scope, cursor, 1).await?.changes.is_empty() {
            tracing::info!("the store holds resources: no sample is added");
            return Ok(());
        }
        keep(opened, &scope, b"begun").await?;
    }
    let population = Population::default();
    tracing::info!(patients = population.patients, "filling the store with a sample");
    let mut ndjson = Vec::new();
    population.write_ndjson(&mut ndjson)?;
    let mut importer = Importer::new(opened, Arc::clone(registry), scope.clone(), None)?;
    importer.ndjson("sample", &mut ndjson.as_slice()).await?;
    let summary = importer.finish().await?;
    keep(opened, &scope, b"done").await?;
    tracing::info!(resources = summary.created, "the sample is there");
    if summary.refused == 0 { Ok(()) } else { Err(CommandFailure::FoundWrong) }
}

async fn keep(opened: &OpenedStore, scope: &Scope, state: &[u8]) -> CommandResult {
    let bookmarks = vec![Bookmark { name: SAMPLE.to_owned(), value: state.to_vec() }];
    opened.store.commit(scope, Batch { bookmarks, ..Batch::default() }).await?;
    Ok(())
}
