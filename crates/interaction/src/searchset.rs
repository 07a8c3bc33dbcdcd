//! The Bundle that a search answers with (R4 search, section 3.1.1.3.4): matches, what they include,
//! an outcome, and the links to the pages beside it.

use crate::bundle::{BundleParts, Head, string};
use crate::context::Context;
use crate::failure::{Failure, OutcomeIssue};
use crate::link;
use crate::operation_outcome::operation_outcome;
use crate::outcome::{Contents, Outcome, Success};
use crate::page_token::{self, Binding};
use crate::service::Service;
use crate::summary::View;
use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Limits, Object};
use cresset_store::{Key, Stored};
use std::collections::HashSet;
use std::sync::Arc;

/// A page, and what is to be told about it.
#[derive(Debug, Default)]
pub(crate) struct Searchset {
    /// Where it is, relative to the base.
    pub(crate) path: String,
    /// The parameters that were used.
    pub(crate) used: Vec<(String, String)>,
    /// The token that the page was asked for with.
    pub(crate) page: Option<String>,
    pub(crate) total: Option<u64>,
    pub(crate) matches: Vec<Stored>,
    /// Resources beside the matches; none of them is one.
    pub(crate) included: Vec<Stored>,
    /// What the client should know; an entry of its own.
    pub(crate) issues: Vec<OutcomeIssue>,
    /// Which part of each resource is wanted.
    pub(crate) view: Option<View>,
    /// The place where the next page starts.
    pub(crate) next: Option<Vec<u8>>,
    /// The place where the previous page ends.
    pub(crate) previous: Option<Vec<u8>>,
}

impl Service {
    pub(crate) async fn searchset(
        &self,
        context: &Context,
        set: Searchset,
    ) -> Result<Outcome, Failure> {
        let page = set.page.as_deref();
        let places = [("prev", set.previous.as_deref()), ("next", set.next.as_deref())];
        let links = self.links(context, &set.path, &set.used, page, &places).await?;
        let head = Head { bundle_type: "searchset", total: set.total, links: &links };
        let extra = outcome_entry(&set.issues).into_iter().collect();
        let entry = Entry {
            definitions: self.definitions(),
            base: Arc::clone(&context.base_url),
            included: set.included.iter().map(|stored| stored.key.clone()).collect(),
            view: set.view,
            limits: self.limits,
        };
        let write = move |stored: &Stored, out: &mut Vec<u8>| entry.write(stored, out);
        let mut resources = set.matches;
        resources.extend(set.included);
        let parts = BundleParts::new(&head, resources, extra, Box::new(write));
        Ok(Outcome::new(Success::Ok, Contents::Bundle(parts)))
    }

    /// `self`, `first` where there are several pages, and the pages that start at these places.
    pub(crate) async fn links(
        &self,
        context: &Context,
        path: &str,
        used: &[(String, String)],
        page: Option<&str>,
        places: &[(&'static str, Option<&[u8]>)],
    ) -> Result<Vec<(&'static str, String)>, Failure> {
        let base = &context.base_url;
        let mut links = vec![("self", link::url(base, path, used, page))];
        let places = places.iter().filter_map(|(relation, place)| Some((*relation, (*place)?)));
        let places: Vec<_> = places.collect();
        if page.is_some() || !places.is_empty() {
            links.push(("first", link::url(base, path, used, None)));
        }
        if places.is_empty() {
            return Ok(links);
        }
        let binding = Binding::new(path, used);
        let key = self.page_key(context).await?;
        for (relation, place) in places {
            let token = page_token::seal(&key, &binding, place)?;
            links.push((relation, link::url(base, path, used, Some(&token))));
        }
        Ok(links)
    }
}

struct Entry {
    definitions: &'static Definitions,
    base: Arc<str>,
    included: HashSet<Key>,
    view: Option<View>,
    limits: Limits,
}

impl Entry {
    fn write(&self, stored: &Stored, out: &mut Vec<u8>) -> Result<(), Failure> {
        let Some(body) = stored.body()? else {
            return Ok(());
        };
        let resource_type = self.definitions.resource_type_numbered(stored.key.resource_type.0);
        let name = resource_type.map_or("Resource", |t| self.definitions.resource_type_name(t));
        out.extend_from_slice(b"{\"fullUrl\":");
        string(&format!("{}/{name}/{}", self.base, stored.key.id), out);
        out.extend_from_slice(b",\"resource\":");
        match &self.view {
            None => out.extend_from_slice(&body),
            Some(view) => {
                out.extend_from_slice(&view.apply(self.definitions, &body, &self.limits)?)
            }
        }
        let mode = if self.included.contains(&stored.key) { "include" } else { "match" };
        out.extend_from_slice(b",\"search\":{\"mode\":\"");
        out.extend_from_slice(mode.as_bytes());
        out.extend_from_slice(b"\"}}");
        Ok(())
    }
}

/// The entry that says what the search went on without, or left out.
fn outcome_entry(issues: &[OutcomeIssue]) -> Option<Json> {
    if issues.is_empty() {
        return None;
    }
    let outcome = operation_outcome(issues);
    let search = Object::new().with("mode", "outcome");
    Some(Object::new().with("resource", outcome).with("search", search).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::parsed;
    use crate::rig::Rig;
    use crate::route::target;

    async fn read(rig: &Rig, path: &str) -> Vec<Stored> {
        let key = target(rig.service.definitions(), path).unwrap().key().unwrap();
        let found = rig.service.store.read(&rig.context.scope, &[key]).await.unwrap();
        found.into_iter().flatten().collect()
    }

    #[tokio::test]
    async fn what_is_included_is_cut_down_like_the_matches() {
        let rig = Rig::new().await;
        rig.put(r#"{"resourceType":"Patient","id":"p","active":true,"gender":"other"}"#).await;
        rig.put(
            r#"{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"issued":"2020-01-01T00:00:00Z"}"#,
        )
        .await;
        let set = Searchset {
            matches: read(&rig, "Patient/p").await,
            included: read(&rig, "Observation/o").await,
            view: Some(View::Elements(vec!["active".to_owned()])),
            ..Searchset::default()
        };
        let outcome = rig.service.searchset(&rig.context, set).await.unwrap();
        let bytes = outcome.contents.collect().unwrap().unwrap();
        let bundle = parsed(&bytes, &Limits::default()).unwrap();
        let entries = bundle.get("entry").unwrap().items();
        let mode = |at: usize| entries[at].get("search").and_then(|s| s.get("mode")?.as_str());
        assert_eq!((mode(0), mode(1)), (Some("match"), Some("include")));
        let names = |at: usize| {
            let resource = entries[at].get("resource").and_then(Json::as_object).unwrap();
            resource.iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(0), "resourceType id meta active");
        assert_eq!(names(1), "resourceType id meta status code");
        assert_eq!(String::from_utf8(bytes).unwrap().matches("SUBSETTED").count(), 2);
    }
}
