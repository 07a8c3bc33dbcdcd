//! The resource of the benchmark's own that has a long history.
//!
//! It has an id of its own, so that it is made once on a server, however often that is measured.

use crate::BenchError;
use crate::bench::Bench;
use crate::connection::{Call, Connection};
use crate::suite::{OWN_HISTORY, VERSIONS};
use crate::work::own;
use http::Method;
use serde_json::Value;

/// Makes as many versions as are missing. A server that takes no ids from clients refuses.
pub(super) async fn make(bench: &Bench) -> Result<(), BenchError> {
    let mut connection = bench.connection();
    let path = bench.target.path(OWN_HISTORY);
    let subject = own::subject(bench, &mut connection).await?;
    let (_, id) = OWN_HISTORY.split_once('/').expect("a type and an id");
    for version in versions(&mut connection, &path).await..VERSIONS {
        let body = own::body(&own::observation(&subject, Some(id), version));
        connection.expect(&Call::with_body(Method::PUT, path.clone(), body)).await?;
    }
    Ok(())
}

/// The versions that are there. Servers may name them as they like; then all are made again.
async fn versions(connection: &mut Connection, path: &str) -> u64 {
    let Ok(reply) = connection.send(&Call::get(path.into())).await else {
        return 0;
    };
    let resource: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let version = resource.pointer("/meta/versionId").and_then(Value::as_str);
    version.and_then(|version| version.parse().ok()).unwrap_or(0)
}
