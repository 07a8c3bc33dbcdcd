mod compartment;
mod compile;
mod custom;
mod link;
mod simple;
#[cfg(test)]
mod tests;

pub use custom::{CustomIndex, LeftOut};
pub use link::Link;

use crate::custom::CustomParameter;
use crate::form::{self, Asked};
use crate::index::{Index, Match};
use crate::plan::{Plan, Walk};
use crate::{CodeSet, Expansions, SearchError, SearchRequest, reference, request, words};
use cresset_fhir::definitions::{Definitions, ParameterType, ResourceType, SearchParameter};
use cresset_fhir::json::Json;
use cresset_fhir::validation::{Issue, Options, Validator};
use cresset_store::{IndexKeys, Key};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rises when the parameters in force change, and with them the index keys of resources.
pub const REGISTRY_VERSION: u32 = 1;

/// Rises when the same parameters give a resource other index keys than before.
pub const EXTRACTOR_VERSION: u32 = 3;

/// The search parameters in force, compiled: what resources are found by, and what URLs may ask.
#[derive(Debug)]
pub struct Registry {
    definitions: &'static Definitions,
    base_urls: Vec<String>,
    indexes: Vec<Index>,
    plan: Plan,
    parameters: Vec<Parameters>,
    custom: Vec<CustomParameter>,
    custom_indexes: Vec<CustomIndex>,
}

/// The parameters of a type by name.
pub(crate) type Parameters = BTreeMap<String, SearchableBy>;

/// A search parameter of one resource type.
#[derive(Debug)]
pub(crate) struct SearchableBy {
    pub(crate) definition: Arc<SearchParameter>,
    pub(crate) sources: Vec<Source>,
    /// The types of a composite's parts.
    pub(crate) components: Vec<ParameterType>,
    /// `None` for HL7's.
    pub(crate) custom: Option<Custom>,
}

/// What there is to say of a custom parameter.
#[derive(Debug)]
pub(crate) struct Custom {
    /// Resources are indexed by it, but not all are yet.
    pub(crate) is_pending: bool,
}

/// A branch of a parameter's expression.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) index: usize,
    /// Types that its references can point at.
    pub(crate) targets: Vec<ResourceType>,
    /// The only type that the expression lets through: `where(resolve() is Patient)`.
    pub(crate) only: Option<ResourceType>,
}

/// What one walk over a resource gives.
#[derive(Clone, Debug)]
pub struct Analyzed {
    /// Its type.
    pub resource_type: ResourceType,
    /// What it is found by.
    pub index: IndexKeys,
}

impl Registry {
    /// The parameters of FHIR R4. `base_urls` are the server's own: absolute references to them
    /// mean the same as relative ones.
    pub fn r4(base_urls: Vec<String>) -> Self {
        let trimmed = base_urls.iter().map(|url| url.trim_end_matches('/').to_owned());
        Self::of(compile::compile(Definitions::r4()), trimmed.collect())
    }

    fn of(compiled: compile::Compiler, base_urls: Vec<String>) -> Self {
        Self {
            definitions: compiled.definitions,
            base_urls,
            indexes: compiled.indexes,
            plan: compiled.plan,
            parameters: compiled.parameters,
            custom: Vec::new(),
            custom_indexes: compiled.custom,
        }
    }

    /// The definitions that it is compiled from.
    pub fn definitions(&self) -> &'static Definitions {
        self.definitions
    }

    /// Validates a resource and extracts its index keys, in one walk.
    ///
    /// # Errors
    /// Every structural problem of the resource.
    pub fn analyze(&self, resource: &Json) -> Result<Analyzed, Vec<Issue>> {
        self.analyze_with(resource, &Options::default())
    }

    /// [`analyze`](Self::analyze), with other rules of validation.
    ///
    /// # Errors
    /// Every structural problem of the resource, up to the options' bound.
    pub fn analyze_with(&self, resource: &Json, options: &Options) -> Result<Analyzed, Vec<Issue>> {
        let (plan, indexes) = (&self.plan, &self.indexes);
        let mut walk = Walk::new(plan, indexes, self.definitions, &self.base_urls, resource);
        let resource_type = Validator::r4().validate(resource, options, &mut walk)?;
        let index = IndexKeys::new(walk.finish(resource_type));
        Ok(Analyzed { resource_type, index })
    }

    /// The parameters that a search of this type may use, by name; for capability statements.
    pub fn parameters(&self, resource_type: ResourceType) -> Vec<&SearchParameter> {
        let all = self.table(resource_type).into_iter().flatten();
        let usable = all.filter(|(_, parameter)| parameter.is_usable());
        usable.map(|(_, parameter)| &*parameter.definition).collect()
    }

    /// The sets of codes that these parameters ask for: what [`request`](Self::request) must be
    /// given, expanded.
    pub fn code_sets(
        &self,
        resource_type: Option<ResourceType>,
        parameters: &[(String, String)],
    ) -> Vec<CodeSet> {
        let names = [":in", ":not-in", ":below", ":above"];
        let may_ask = |name: &str| name == "_filter" || names.iter().any(|n| name.ends_with(n));
        if !parameters.iter().any(|(name, _)| may_ask(name)) {
            return Vec::new();
        }
        // What compiling the search asks for is what it needs. An error is told by `request`.
        let expansions = Expansions::noting();
        let _ = request::compile(self, resource_type, parameters, &expansions);
        expansions.noted()
    }

    /// Compiles the parameters of a search URL: decoded names and values, in order. `None` is a
    /// search over all types. `expansions` are those of [`code_sets`](Self::code_sets).
    ///
    /// # Errors
    /// [`SearchError`] names the parameter that can't be understood.
    pub fn request(
        &self,
        resource_type: Option<ResourceType>,
        parameters: &[(String, String)],
        expansions: &Expansions,
    ) -> Result<SearchRequest, SearchError> {
        request::compile(self, resource_type, parameters, expansions)
    }

    /// The resource of this server that a reference names.
    pub(crate) fn own(&self, reference: &str) -> Option<Key> {
        reference::own(self.definitions, &self.base_urls, reference)
    }

    /// What follows one of the server's base URLs in an absolute URL, from its `/` or `?` on.
    pub fn below_base<'u>(&self, url: &'u str) -> Option<&'u str> {
        let rest = self.base_urls.iter().filter_map(|base| url.strip_prefix(base.as_str()));
        rest.into_iter().find(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }

    fn table(&self, resource_type: ResourceType) -> Option<&Parameters> {
        self.parameters.get(usize::from(resource_type.number()))
    }

    /// The parameter that a search may use under this name.
    pub(crate) fn parameter(&self, of: ResourceType, name: &str) -> Option<&SearchableBy> {
        self.table(of)?.get(name).filter(|parameter| !parameter.is_pending())
    }

    /// Whether there is a custom parameter of this name that not all resources are indexed by yet.
    pub(crate) fn is_pending(&self, of: ResourceType, name: &str) -> bool {
        let parameter = self.table(of).and_then(|table| table.get(name));
        parameter.is_some_and(SearchableBy::is_pending)
    }

    /// `types`, or all there are when none are named.
    pub(crate) fn types_or_all(&self, types: &[ResourceType]) -> Vec<ResourceType> {
        match types {
            [] => self.definitions.concrete_resource_types().collect(),
            _ => types.to_vec(),
        }
    }

    pub(crate) fn index(&self, source: &Source) -> &Index {
        &self.indexes[source.index]
    }

    pub(crate) fn asked<'a>(
        &'a self,
        targets: &'a [ResourceType],
        expansions: &'a Expansions,
    ) -> Asked<'a> {
        let (definitions, base_urls) = (self.definitions, &self.base_urls[..]);
        Asked { definitions, base_urls, modifier: None, targets, expansions }
    }
}

impl SearchableBy {
    /// Whether it asks for words of the resource: `_text`, `_content`.
    pub(crate) fn is_full_text(&self) -> bool {
        matches!(self.definition.code.as_str(), "_text" | "_content")
    }

    /// What `value`, still escaped, asks of each of its indexes.
    pub(crate) fn matches(&self, value: &str, asked: &Asked<'_>) -> Result<Match, String> {
        if self.is_full_text() {
            return words::matches(value, asked);
        }
        form::matches(self.definition.parameter_type, &self.components, value, asked)
    }

    /// Whether a search can use it now.
    pub(crate) fn is_usable(&self) -> bool {
        if self.is_pending() {
            return false;
        }
        let is_kept_by_store = matches!(self.definition.code.as_str(), "_id" | "_lastUpdated");
        is_kept_by_store || !self.sources.is_empty()
    }

    fn is_pending(&self) -> bool {
        self.custom.as_ref().is_some_and(|custom| custom.is_pending)
    }

    /// The types that its references can point at, in order.
    pub(crate) fn targets(&self) -> Vec<ResourceType> {
        let all = self.sources.iter().flat_map(|source| &source.targets);
        let mut targets: Vec<_> = all.copied().collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}
