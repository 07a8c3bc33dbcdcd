//! What the server says of itself.

use crate::BenchError;
use crate::connection::{Call, Connection};
use crate::target::Target;
use serde_json::Value;

/// The software and its version, as `/metadata` names them.
pub(crate) async fn software(
    connection: &mut Connection,
    target: &Target,
) -> Result<String, BenchError> {
    let call = Call::get(target.path("metadata"));
    let reply = connection.expect(&call).await?;
    let statement: Value = serde_json::from_slice(&reply.body).map_err(|e| BenchError::Server {
        request: format!("GET {}", call.path),
        reason: format!("not JSON: {e}"),
    })?;
    Ok(describe(&statement))
}

fn describe(statement: &Value) -> String {
    let text = |path: &str| statement.pointer(path).and_then(Value::as_str);
    let name = text("/software/name").or_else(|| text("/implementation/description"));
    let mut described = name.unwrap_or("unnamed").to_owned();
    for part in ["/software/version", "/fhirVersion"] {
        if let Some(value) = text(part) {
            let label = if part == "/fhirVersion" { ", FHIR " } else { " " };
            described.push_str(label);
            described.push_str(value);
        }
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn describes() {
        let statement = json!({"fhirVersion": "4.0.1", "software": {"name": "X", "version": "2"}});
        assert_eq!(describe(&statement), "X 2, FHIR 4.0.1");
        assert_eq!(describe(&json!({})), "unnamed");
    }
}
