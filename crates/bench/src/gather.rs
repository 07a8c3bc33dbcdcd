//! Looking at what the server holds, page by page, before anything is measured.

use crate::BenchError;
use crate::bundle::Page;
use crate::connection::{Call, Connection};
use crate::query::Query;
use crate::target::Target;
use serde_json::Value;

/// Reads a server's content through one connection.
pub(crate) struct Gatherer<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) target: &'a Target,
}

impl Gatherer<'_> {
    /// The resources that a search finds, over its pages, at most `most` of them.
    pub(crate) async fn walk(
        &mut self,
        search: &str,
        most: usize,
    ) -> Result<Vec<Value>, BenchError> {
        let mut found = Vec::new();
        let mut next = Some(self.target.path(search));
        while let Some(path) = next.take() {
            let page = self.page(path).await?;
            // A server that links on from an empty page would be followed for ever.
            if !page.entry.is_empty() {
                next = page.next().and_then(|link| self.target.follow(link));
            }
            let matches = page.entry.into_iter().filter(|entry| entry.is_match());
            found.extend(matches.map(|entry| entry.resource));
            if found.len() >= most {
                found.truncate(most);
                break;
            }
        }
        Ok(found)
    }

    /// How many resources of a type there are; nothing when the server does not tell.
    pub(crate) async fn count(&mut self, resource_type: &str) -> Option<u64> {
        let search = Query::of(resource_type).with("_summary", "count").finish();
        self.page(self.target.path(&search)).await.ok()?.total
    }

    /// One page.
    pub(crate) async fn page(&mut self, path: String) -> Result<Page, BenchError> {
        let call = Call::get(path);
        let reply = self.connection.expect(&call).await?;
        serde_json::from_slice(&reply.body).map_err(|e| BenchError::Server {
            request: format!("GET {}", call.path),
            reason: format!("not a Bundle: {e}"),
        })
    }
}
