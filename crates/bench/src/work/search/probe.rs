//! Asking each query once before it is measured: is it supported, what does it find, and which
//! requests are to be measured?

use crate::bench::Bench;
use crate::bundle::{Links, Page};
use crate::connection::{Call, Connection, Reply};
use crate::query::parameter_names;
use crate::report::Hits;
use crate::suite::{Kind, Shape};
use serde_json::Value;
use std::collections::BTreeSet;

/// A shape that can be measured.
pub(super) struct Probed {
    /// What its queries find together.
    pub(super) hits: Hits,
    /// The requests to measure, as they go on the wire.
    pub(super) paths: Vec<String>,
}

/// Why a shape can't be measured.
pub(super) enum Unfit {
    /// The server's answer that refuses one of its queries.
    Refused(String),
    /// There are only so many pages.
    Pages(usize),
}

impl From<String> for Unfit {
    fn from(answer: String) -> Self {
        Self::Refused(answer)
    }
}

/// Asks all queries of a shape.
pub(super) async fn probe(bench: &Bench, shape: &Shape) -> Result<Probed, Unfit> {
    let hits = hits(bench, shape).await?;
    let mut paths: Vec<_> = shape.queries.iter().map(|query| bench.target.path(query)).collect();
    if let Kind::Page(number) = shape.kind {
        for path in &mut paths {
            *path = page(bench, path.clone(), number).await?;
        }
    }
    Ok(Probed { hits, paths })
}

/// The path of the page of this number, reached by `next` links from the first.
async fn page(bench: &Bench, first: String, number: usize) -> Result<String, Unfit> {
    let mut connection = bench.connection();
    let mut path = first;
    for reached in 1..number {
        let reply = answer(&mut connection, path).await?;
        let links: Links =
            serde_json::from_slice(&reply.body).map_err(|e| format!("not a Bundle: {e}"))?;
        let next = links.next().and_then(|link| bench.target.follow(link));
        path = next.ok_or(Unfit::Pages(reached))?;
    }
    Ok(path)
}

async fn hits(bench: &Bench, shape: &Shape) -> Result<Hits, String> {
    let mut connection = bench.connection();
    let mut hits = Hits::default();
    let mut ignored = BTreeSet::new();
    for query in &shape.queries {
        let path = bench.target.path(query);
        let page = ask(&mut connection, path.clone()).await?;
        ignored.extend(left_out(query, &page));
        let page = match shape.kind {
            Kind::Search | Kind::Pages | Kind::Page(_) if page.total.is_none() => {
                // A server need not know `_total`; then the first answer counts.
                let with_total = format!("{path}&_total=accurate");
                ask(&mut connection, with_total).await.unwrap_or(page)
            }
            _ => page,
        };
        hits.add(query, &page);
    }
    hits.ignored = ignored.into_iter().collect();
    Ok(hits)
}

async fn ask(connection: &mut Connection, path: String) -> Result<Page, String> {
    let reply = answer(connection, path).await?;
    serde_json::from_slice(&reply.body).map_err(|e| format!("not a Bundle: {e}"))
}

async fn answer(connection: &mut Connection, path: String) -> Result<Reply, String> {
    let sent = connection.send(&Call::get(path)).await;
    let reply = sent.map_err(|silence| silence.to_string())?;
    if !reply.status.is_success() {
        return Err(format!("{} {}", reply.status.as_u16(), diagnostics(&reply.body)));
    }
    Ok(reply)
}

impl Hits {
    fn add(&mut self, query: &str, page: &Page) {
        let matches = page.entry.iter().filter(|entry| entry.is_match()).count() as u64;
        self.entries += page.entry.len() as u64;
        self.each.push((query.into(), page.total.unwrap_or(matches)));
        self.more |= page.total.is_none() && page.next().is_some();
    }
}

/// The parameters of `query` that the server's own link does not repeat. R4 (3.1.1.1) has
/// that link tell what was processed; a server that gives none tells nothing.
fn left_out(query: &str, page: &Page) -> Vec<String> {
    let Some(own) = page.own().filter(|own| own.contains('?')) else {
        return Vec::new();
    };
    let processed = parameter_names(own);
    let mut asked = parameter_names(query);
    asked.retain(|name| name != "_count" && !processed.contains(name));
    asked
}

/// What an OperationOutcome says, in a line that fits a table.
fn diagnostics(body: &[u8]) -> String {
    let outcome: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = ["/issue/0/diagnostics", "/issue/0/details/text", "/issue/0/code"]
        .iter()
        .find_map(|path| outcome.pointer(path)?.as_str());
    said.unwrap_or_default().chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> Page {
        serde_json::from_str(json).expect("a page")
    }

    #[test]
    fn counts_totals_or_entries() {
        let mut hits = Hits::default();
        hits.add("b", &page(r#"{"total":70,"entry":[{},{"search":{"mode":"include"}}]}"#));
        assert_eq!((hits.total(), hits.entries, hits.more), (70, 2, false));
        hits.add("b", &page(
            r#"{"link":[{"relation":"next","url":"/n"}],"entry":[{},{"search":{"mode":"outcome"}}]}"#,
        ));
        assert_eq!((hits.total(), hits.entries, hits.more), (71, 4, true));
    }

    #[test]
    fn notices_what_was_ignored() {
        let own = |url: &str| page(&format!(r#"{{"link":[{{"relation":"self","url":"{url}"}}]}}"#));
        let query = "Observation?subject:Patient.name=x&code=y&_count=50";
        assert_eq!(left_out(query, &own("http://h/Observation?code=y")), ["subject:Patient.name"]);
        assert!(left_out(query, &own("http://h/O?subject%3APatient.name=x&code=y")).is_empty());
        assert!(left_out(query, &own("http://h/Observation")).is_empty());
        assert!(left_out(query, &page("{}")).is_empty());
    }

    #[test]
    fn names_the_refusal() {
        let body = br#"{"issue":[{"code":"not-supported","diagnostics":"no chains"}]}"#;
        assert_eq!(diagnostics(body), "no chains");
        assert_eq!(diagnostics(b"<html>"), "");
    }
}
