use cresset_fhir::json::{self, Limits};
use cresset_search::Registry;
use cresset_store::{IndexKeys, Key, Stored, Version};

/// What a stored resource is found by; `None` when it can't be read or isn't valid.
pub fn extract(registry: &Registry, stored: &Stored) -> Option<(Key, Version, IndexKeys)> {
    let body = stored.body().ok()??;
    let resource = json::parse(&body, &Limits { bytes: usize::MAX, ..Limits::default() }).ok()?;
    let analyzed = registry.analyze(&resource).ok()?;
    Some((stored.key.clone(), stored.version, analyzed.index))
}
