//! A page of a search, as a client reads it.

use crate::support::http::Client;
use crate::support::ledger::get;
use serde_json::Value;

/// The Bundle of a page.
#[derive(Debug, PartialEq)]
pub(crate) struct Page(Value);

impl Page {
    /// The page at an address, which must be there.
    #[track_caller]
    pub(crate) fn get(client: &mut Client, path: &str) -> Self {
        let page = get(client, path);
        assert_eq!(page["resourceType"], "Bundle", "{path}: {page}");
        Self(page)
    }

    /// Its resources, in the order given. An outcome among them means that the search was not
    /// understood.
    pub(crate) fn resources(&self) -> Vec<&Value> {
        let entries = self.0["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
        let outcome = entries.iter().find(|entry| entry["search"]["mode"] == "outcome");
        assert!(outcome.is_none(), "{outcome:?}");
        entries.iter().map(|entry| &entry["resource"]).collect()
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.resources().iter().map(|r| r["id"].as_str().expect("an id")).collect()
    }

    pub(crate) fn total(&self) -> Option<u64> {
        self.0["total"].as_u64()
    }

    /// Where a link leads on this server.
    pub(crate) fn link(&self, relation: &str) -> Option<String> {
        let links = self.0["link"].as_array().expect("links");
        let link = links.iter().find(|link| link["relation"] == relation)?;
        let url = link["url"].as_str().expect("a URL");
        Some(url[url.find("/fhir").expect("a URL of ours")..].to_owned())
    }

    /// Whether it is the same page: entries, total and kinds of links. The places in links are sealed
    /// anew each time.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let relations = |page: &Self| {
            let links = page.0["link"].as_array().expect("links").iter();
            links.map(|link| link["relation"].clone()).collect::<Vec<_>>()
        };
        self.0["entry"] == other.0["entry"]
            && self.total() == other.total()
            && relations(self) == relations(other)
    }
}
