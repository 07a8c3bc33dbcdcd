//! What is read of a Bundle; the rest is skipped without being built.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// A page of results.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    pub(crate) total: Option<u64>,
    link: Vec<Link>,
    pub(crate) entry: Vec<Entry>,
}

/// Only the links of a page, for clients that go on to the next while time runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Links {
    link: Vec<Link>,
}

/// What must be known of a Bundle before it is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Outline {
    resource_type: String,
    r#type: String,
    entry: Vec<IgnoredAny>,
}

impl Outline {
    /// The number of entries, when it is a transaction.
    pub(crate) fn transaction_entries(&self) -> Option<u64> {
        let transaction = self.resource_type == "Bundle" && self.r#type == "transaction";
        transaction.then_some(self.entry.len() as u64)
    }
}

#[derive(Debug, Deserialize)]
struct Link {
    relation: String,
    url: String,
}

/// One entry of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    pub(crate) resource: Value,
    search: Mode,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Mode {
    mode: Option<String>,
}

impl Entry {
    /// Whether it was found by the search rather than added to it.
    pub(crate) fn is_match(&self) -> bool {
        self.search.mode.as_deref().is_none_or(|mode| mode == "match")
    }
}

impl Page {
    pub(crate) fn next(&self) -> Option<&str> {
        named(&self.link, "next")
    }

    /// The search as the server understood it.
    pub(crate) fn own(&self) -> Option<&str> {
        named(&self.link, "self")
    }
}

impl Links {
    pub(crate) fn next(&self) -> Option<&str> {
        named(&self.link, "next")
    }
}

fn named<'a>(links: &'a [Link], relation: &str) -> Option<&'a str> {
    let link = links.iter().find(|link| link.relation == relation)?;
    Some(&link.url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_page() {
        let page: Page = serde_json::from_str(
            r#"{"resourceType":"Bundle","type":"searchset","total":7,
                "link":[{"relation":"self","url":"http://h/P?a=b"},{"relation":"next","url":"http://h/P?p=2"}],
                "entry":[{"resource":{"id":"1"},"search":{"mode":"match"}},
                         {"resource":{"id":"2"},"search":{"mode":"include"}},{"resource":{"id":"3"}}]}"#,
        )
        .expect("a page");
        assert_eq!(page.total, Some(7));
        assert_eq!(page.next(), Some("http://h/P?p=2"));
        assert_eq!(page.own(), Some("http://h/P?a=b"));
        let matches: Vec<_> = page.entry.iter().map(Entry::is_match).collect();
        assert_eq!(matches, [true, false, true]);
    }
}
