//! The SearchParameter resources of a collection.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Limits, parse};
use cresset_search::CustomParameter;
use cresset_store::{ResourceId, Scope, Store, StoreError, Stored, TypeNumber, Version};
use std::collections::BTreeMap;

/// Resources read at a time.
const PAGE: usize = 200;

pub(super) fn type_number(definitions: &Definitions) -> TypeNumber {
    let resource_type = definitions.resource_type("SearchParameter");
    TypeNumber(resource_type.map_or(0, |t| t.number()))
}

/// The active ones.
pub(super) async fn all(
    store: &dyn Store,
    scope: &Scope,
    definitions: &'static Definitions,
) -> Result<BTreeMap<ResourceId, CustomParameter>, StoreError> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let page = store.list(scope, type_number(definitions), after, PAGE).await?;
        for stored in &page.resources {
            if let Some(parameter) = active(definitions, stored) {
                found.insert(stored.key.id.clone(), parameter);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// All of them, active or not, with their versions.
pub(super) async fn versions(
    store: &dyn Store,
    scope: &Scope,
    definitions: &Definitions,
) -> Result<Vec<(ResourceId, Version)>, StoreError> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(scope, type_number(definitions), after, PAGE).await?;
        found.extend(page.resources.into_iter().map(|stored| (stored.key.id, stored.version)));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// What a stored SearchParameter puts in force, if anything.
pub(super) fn active(
    definitions: &'static Definitions,
    stored: &Stored,
) -> Option<CustomParameter> {
    let body = stored.body().ok()??;
    let resource = parse(&body, &Limits::default()).ok()?;
    match CustomParameter::read(definitions, &resource) {
        Ok(found) => found,
        Err(problems) => {
            // Written before the rules of today, since a write is refused with these.
            for problem in problems {
                let (place, code) = (&problem.expression, problem.code);
                tracing::warn!(place, code, "a stored SearchParameter is not in force");
            }
            None
        }
    }
}
