//! Code systems and value sets for an operation or a search: gathered from the store before anything
//! is expanded, current versions only, over those that the specification brings along.

mod cache;

pub(crate) use cache::TerminologyCache;

use crate::context::Context;
use crate::criteria::unsearchable;
use crate::failure::{ErrorKind, Failure};
use crate::heavy::heavy;
use crate::request::parsed;
use crate::service::Service;
use cache::Known;
use cresset_fhir::definitions::ResourceType;
use cresset_search::Expansions;
use cresset_store::{Key, Start, Stored, TypeNumber};
use cresset_terminology::{CodeSystem, Library, Lookup, Need, Problem, ValueSet, needs};
use std::collections::HashSet;
use std::sync::Arc;

/// Resources that one operation or search may gather.
const MOST_RESOURCES: usize = 500;
/// Bytes of text that they may have together.
const MOST_BYTES: usize = 64 << 20;
/// URLs that are looked up at once.
const AT_ONCE: usize = 50;

/// What is left of the bounds.
struct Budget {
    resources: usize,
    bytes: usize,
}

impl Service {
    /// All that these need, and what that needs in turn.
    ///
    /// # Errors
    /// When the store fails, there is more than an operation may gather, or a code system that is
    /// needed can't be read. What isn't there isn't an error yet.
    pub(crate) async fn gather(
        &self,
        context: &Context,
        roots: Vec<Need>,
    ) -> Result<Library, Failure> {
        // The first time, the pack is unpacked.
        let mut library = heavy(usize::MAX, Library::r4);
        let mut budget = Budget { resources: MOST_RESOURCES, bytes: MOST_BYTES };
        let mut asked = HashSet::new();
        let mut next = roots;
        while !next.is_empty() {
            next.retain(|need| asked.insert(need.clone()));
            if asked.len() > 10 * MOST_RESOURCES {
                return Err(too_much());
            }
            for resource_type in ["CodeSystem", "ValueSet"] {
                let urls = urls(&next, resource_type);
                for urls in urls.chunks(AT_ONCE) {
                    self.fetch(context, resource_type, urls, &mut budget, &mut library).await?;
                }
            }
            next = next.iter().flat_map(|need| following(need, &library)).collect();
        }
        Ok(library)
    }

    /// Adds the current resources with these URLs, in all their versions.
    async fn fetch(
        &self,
        context: &Context,
        resource_type: &str,
        urls: &[&str],
        budget: &mut Budget,
        library: &mut Library,
    ) -> Result<(), Failure> {
        let of_type = self.type_named(resource_type)?;
        let value = urls.iter().map(|url| escaped(url)).collect::<Vec<_>>().join(",");
        let parameters = [("url".to_owned(), value)];
        let search = self.registry().request(Some(of_type), &parameters, &Expansions::default());
        let mut query = search.map_err(unsearchable)?.query;
        let mut found = Vec::new();
        loop {
            query.limit = AT_ONCE;
            let page = self.store.search(&context.scope, query.clone()).await?;
            found.extend(page.resources);
            if found.len() > budget.resources {
                return Err(too_much());
            }
            match page.next {
                Some(next) => query.start = Start::After(next),
                None => break,
            }
        }
        // Of two resources that claim the same URL and version, the newer one counts.
        found.sort_by(|a, b| (a.updated, &a.key.id).cmp(&(b.updated, &b.key.id)));
        budget.resources -= found.len();
        for stored in found {
            match self.known(context, &stored, budget)? {
                Some(Known::CodeSystem(code_system)) => library.add_code_system(code_system),
                Some(Known::ValueSet(value_set)) => library.add_value_set(value_set),
                None => {}
            }
        }
        Ok(())
    }

    /// A stored resource, read. It is read once as long as there is room for it in the cache.
    fn known(
        &self,
        context: &Context,
        stored: &Stored,
        budget: &mut Budget,
    ) -> Result<Option<Known>, Failure> {
        let Some(payload) = stored.payload() else {
            return Ok(None);
        };
        let bytes = payload.text_length()?;
        budget.bytes = budget.bytes.checked_sub(bytes).ok_or_else(too_much)?;
        let place = cache::Place::of(&context.scope, stored);
        if let Some(known) = self.terminology.get(&place) {
            return Ok(Some(known));
        }
        let text = payload.text()?;
        let resource = heavy(bytes, || parsed(&text, &self.limits))?;
        let known = heavy(bytes, || match resource.get("resourceType").and_then(|t| t.as_str()) {
            Some("CodeSystem") => {
                CodeSystem::read(&resource).map(|c| Known::CodeSystem(Arc::new(c)))
            }
            _ => Ok(Known::ValueSet(Arc::new(ValueSet::read(&resource)))),
        });
        let known = known.map_err(unusable)?;
        self.terminology.keep(place, known.clone(), bytes);
        Ok(Some(known))
    }

    /// The value set with this id.
    pub(crate) async fn value_set(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Arc<ValueSet>, Failure> {
        match self.by_key(context, key).await? {
            Known::ValueSet(value_set) => Ok(value_set),
            Known::CodeSystem(_) => Err(self.unknown(key)),
        }
    }

    /// The code system with this id.
    pub(crate) async fn code_system(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Arc<CodeSystem>, Failure> {
        match self.by_key(context, key).await? {
            Known::CodeSystem(code_system) => Ok(code_system),
            Known::ValueSet(_) => Err(self.unknown(key)),
        }
    }

    async fn by_key(&self, context: &Context, key: &Key) -> Result<Known, Failure> {
        let stored = self.current(context, key).await?;
        let mut budget = Budget { resources: 1, bytes: MOST_BYTES };
        let known = self.known(context, &stored, &mut budget)?;
        known.ok_or_else(|| self.deleted(&stored))
    }

    fn type_named(&self, name: &str) -> Result<ResourceType, Failure> {
        crate::route::resource_type(self.definitions(), name)
    }

    pub(crate) fn value_set_key(&self, id: &str) -> Result<Key, Failure> {
        let number = TypeNumber(self.type_named("ValueSet")?.number());
        Ok(Key::new(number, crate::route::resource_id(id)?))
    }
}

/// The URLs of what is needed of a type.
fn urls<'n>(needs: &'n [Need], resource_type: &str) -> Vec<&'n str> {
    let url = |need: &'n Need| match need {
        Need::CodeSystem(canonical) if resource_type == "CodeSystem" => Some(&*canonical.url),
        Need::ValueSet(canonical) if resource_type == "ValueSet" => Some(&*canonical.url),
        _ => None,
    };
    let mut urls: Vec<_> = needs.iter().filter_map(url).filter(|url| !url.is_empty()).collect();
    urls.sort_unstable();
    urls.dedup();
    urls
}

/// What a need that has been looked up leads to.
fn following(need: &Need, library: &Library) -> Vec<Need> {
    match need {
        Need::CodeSystem(_) => Vec::new(),
        Need::ValueSet(canonical) => {
            library.value_set(canonical).map_or(Vec::new(), |value_set| needs(&value_set))
        }
    }
}

/// As a search value.
fn escaped(url: &str) -> String {
    let mut value = String::with_capacity(url.len());
    for c in url.chars() {
        if matches!(c, '\\' | ',' | '|' | '$') {
            value.push('\\');
        }
        value.push(c);
    }
    value
}

fn too_much() -> Failure {
    let problem = "the value set refers to too many, or too large, value sets and code systems";
    Failure::new(ErrorKind::Unprocessable, "too-costly", problem)
}

/// What an operation answers when an expansion isn't possible.
pub(crate) fn unusable(problem: Problem) -> Failure {
    let (kind, code) = match &problem {
        _ if problem.is_too_costly() => (ErrorKind::Unprocessable, "too-costly"),
        _ if problem.is_unknown() => (ErrorKind::NotFound, "not-found"),
        Problem::NoSystem => (ErrorKind::BadRequest, "required"),
        _ => (ErrorKind::Unprocessable, "processing"),
    };
    Failure::new(kind, code, problem.to_string())
}
