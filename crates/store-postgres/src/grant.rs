//! What a role needs to serve a collection whose tables belong to another one.

use crate::connection::Connections;
use crate::error::{Context, Outcome};
use crate::names::Names;
use crate::tables;

/// Rows of its tables and numbers of its sequences; nothing is made, changed or dropped with these.
const GRANTS: [&str; 3] = [
    "GRANT USAGE ON SCHEMA #schema TO #role",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA #schema TO #role",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA #schema TO #role",
];

/// Lets `role` serve the collection.
pub(crate) async fn grant(connections: &Connections, names: &Names, role: &str) -> Outcome<()> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    // So that no table comes in between.
    let transaction = tables::locked(connections, names).await?;
    for grant in GRANTS {
        let sql = grant.replace("#schema", names.schema()).replace("#role", &role);
        transaction.client()?.batch_execute(&sql).await.context("granting a role its rights")?;
    }
    transaction.commit().await
}
