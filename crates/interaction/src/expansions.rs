//! The sets of codes that a search asks for with `:in`, `:not-in`, `:below` and `:above` (R4 search,
//! section 3.1.1.4.11).

use crate::context::Context;
use crate::failure::Failure;
use crate::heavy::heavy;
use crate::service::Service;
use cresset_search::{CodeSet, Coding, Expansions};
use cresset_terminology::{
    Canonical, Library, Lookup, Need, Problem, ValueSet, above, below, expand, needs,
};
use std::sync::Arc;

/// Sets that one search may use.
const MOST_SETS: usize = 20;

impl Service {
    /// Expands the sets, each on its own: one that can't be expanded has its reason instead.
    pub(crate) async fn expansions(&self, context: &Context, sets: Vec<CodeSet>) -> Expansions {
        let mut expansions = Expansions::default();
        let too_many = sets.len() > MOST_SETS;
        for set in sets {
            let codes = match too_many {
                true => Err(format!("a search may name {MOST_SETS} value sets and codes so")),
                false => self.code_set(context, &set).await,
            };
            expansions.insert(set, codes);
        }
        expansions
    }

    async fn code_set(&self, context: &Context, set: &CodeSet) -> Result<Arc<[Coding]>, String> {
        match set {
            CodeSet::ValueSet(name) => self.codes_of(context, name).await,
            CodeSet::Below(coding) => self.related(context, coding, below).await,
            CodeSet::Above(coding) => self.related(context, coding, above).await,
        }
    }

    async fn codes_of(&self, context: &Context, name: &str) -> Result<Arc<[Coding]>, String> {
        let (value_set, library) = self.named_value_set(context, name).await.map_err(reason)?;
        // Larger than any body: the expansion's cost isn't known beforehand.
        let expanded = heavy(usize::MAX, || expand(&value_set, &library));
        let entries = expanded.map_err(|problem| problem.to_string())?.entries;
        let coding = |e: cresset_terminology::Entry| Coding {
            system: (*e.system).into(),
            code: e.code.into(),
        };
        Ok(entries.into_iter().map(coding).collect())
    }

    /// A value set by its canonical URL, as `ValueSet/id`, or by its address on this server; with what
    /// its expansion needs.
    pub(crate) async fn named_value_set(
        &self,
        context: &Context,
        name: &str,
    ) -> Result<(Arc<ValueSet>, Library), Failure> {
        if let Some(id) = name.strip_prefix("ValueSet/") {
            return self.value_set_by_id(context, id).await;
        }
        let canonical = Canonical::parse(name);
        let library = self.gather(context, vec![Need::ValueSet(canonical.clone())]).await?;
        if let Some(value_set) = library.value_set(&canonical) {
            return Ok((value_set, library));
        }
        let registry = self.registry();
        let below = name.strip_prefix(&*context.base_url).or_else(|| registry.below_base(name));
        match below.and_then(|path| path.strip_prefix("/ValueSet/")) {
            Some(id) => self.value_set_by_id(context, id).await,
            None => {
                let unknown = Problem::Unknown { kind: "ValueSet", canonical };
                Err(crate::terminology::unusable(unknown))
            }
        }
    }

    async fn value_set_by_id(
        &self,
        context: &Context,
        id: &str,
    ) -> Result<(Arc<ValueSet>, Library), Failure> {
        let value_set = self.value_set(context, &self.value_set_key(id)?).await?;
        let library = self.gather(context, needs(&value_set)).await?;
        Ok((value_set, library))
    }

    async fn related(
        &self,
        context: &Context,
        coding: &Coding,
        find: for<'c> fn(&'c cresset_terminology::CodeSystem, &str) -> Found<'c>,
    ) -> Result<Arc<[Coding]>, String> {
        if coding.system.is_empty() {
            return Err(Problem::NoSystem.to_string());
        }
        let canonical = Canonical::parse(&coding.system);
        let library = self.gather(context, vec![Need::CodeSystem(canonical.clone())]).await;
        let system = library.map_err(reason)?.code_system(&canonical).ok_or_else(|| {
            Problem::Unknown { kind: "CodeSystem", canonical: canonical.clone() }.to_string()
        })?;
        let found = heavy(usize::MAX, || {
            let codes = find(&system, &coding.code)?.into_iter();
            let coding = |code: &str| Coding { system: canonical.url.clone(), code: code.into() };
            Ok::<_, Problem>(codes.map(coding).collect())
        });
        found.map_err(|problem| problem.to_string())
    }
}

type Found<'c> = Result<Vec<&'c str>, Problem>;

/// What a search says of a set that can't be looked up.
fn reason(failure: Failure) -> String {
    failure.issues.into_iter().next().map_or_else(String::new, |issue| issue.diagnostics)
}

#[cfg(test)]
mod tests;
