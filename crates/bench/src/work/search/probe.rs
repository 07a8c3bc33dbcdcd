//! Asking each query once before it is measured: is it supported, and what does it find?

use crate::bench::Bench;
use crate::bundle::Page;
use crate::connection::{Call, Connection};
use crate::query::parameter_names;
use crate::report::Hits;
use crate::suite::{Kind, Shape};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the queries of a shape find together, or the answer that refuses one of them.
pub(super) async fn probe(bench: &Bench, shape: &Shape) -> Result<Hits, String> {
    let mut connection = bench.connection();
    let mut hits = Hits::default();
    let mut ignored = BTreeSet::new();
    for query in &shape.queries {
        let path = bench.target.path(query);
        let page = ask(&mut connection, path.clone()).await?;
        ignored.extend(left_out(query, &page));
        let page = match shape.kind {
            Kind::Search | Kind::Pages if page.total.is_none() => {
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
    let sent = connection.send(&Call::get(path)).await;
    let reply = sent.map_err(|silence| silence.to_string())?;
    if !reply.status.is_success() {
        return Err(format!("{} {}", reply.status.as_u16(), diagnostics(&reply.body)));
    }
    serde_json::from_slice(&reply.body).map_err(|e| format!("not a Bundle: {e}"))
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
