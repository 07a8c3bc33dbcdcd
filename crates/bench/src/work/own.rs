//! The resources that a benchmark makes: small, marked as its own, and all that it changes.

use crate::BenchError;
use crate::bench::Bench;
use crate::connection::{Call, Connection};
use crate::facts::BENCH_SYSTEM;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

/// Patients over whom the Observations are spread.
const PATIENTS: usize = 64;

/// Makes the patients that the Observations are about, and gives references to them.
pub(crate) async fn patients(
    bench: &Bench,
    connection: &mut Connection,
) -> Result<Vec<String>, BenchError> {
    let mut references = Vec::with_capacity(PATIENTS);
    for number in 0..PATIENTS {
        let id = create(bench, connection, "Patient", &patient(number)).await?;
        references.push(format!("Patient/{id}"));
    }
    Ok(references)
}

/// Makes the patient of the Observations that have ids of their own, once on a server, and gives
/// a reference to it.
pub(crate) async fn subject(
    bench: &Bench,
    connection: &mut Connection,
) -> Result<String, BenchError> {
    const ID: &str = "cresset-bench-subject";
    let reference = format!("Patient/{ID}");
    let path = bench.target.path(&reference);
    let there = connection.send(&Call::get(path.clone())).await;
    if !there.is_ok_and(|reply| reply.status.is_success()) {
        let mut resource = patient(0);
        resource["id"] = ID.into();
        connection.expect(&Call::with_body(Method::PUT, path, body(&resource))).await?;
    }
    Ok(reference)
}

/// Creates a resource and gives the id that the server chose.
pub(crate) async fn create(
    bench: &Bench,
    connection: &mut Connection,
    resource_type: &str,
    resource: &Value,
) -> Result<String, BenchError> {
    let call = Call::with_body(Method::POST, bench.target.path(resource_type), body(resource));
    let reply = connection.expect(&call).await?;
    reply.id().ok_or_else(|| BenchError::Server {
        request: format!("POST {}", call.path),
        reason: "neither Location nor body tells the id of what was created".into(),
    })
}

pub(crate) fn body(resource: &Value) -> Bytes {
    Bytes::from(resource.to_string())
}

fn patient(number: usize) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{"system": BENCH_SYSTEM, "value": format!("{number}")}],
        "name": [{"family": "Cressetbench", "given": [format!("Number{number}")]}],
        "gender": "unknown",
        "birthDate": "1901-01-01"
    })
}

/// A small Observation. Its code, unit and date are none that real ones have, so that the
/// searches of a later benchmark of the same store do not find it.
pub(crate) fn observation(subject: &str, id: Option<&str>, number: u64) -> Value {
    let mut resource = json!({"resourceType": "Observation"});
    if let Some(id) = id {
        resource["id"] = id.into();
    }
    resource["status"] = "final".into();
    resource["category"] = json!([{"coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
        "code": "survey"
    }]}]);
    resource["code"] = json!({
        "coding": [{"system": BENCH_SYSTEM, "code": "bench", "display": "Benchmark"}],
        "text": "Benchmark"
    });
    resource["subject"] = json!({"reference": subject});
    let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
    resource["effectiveDateTime"] = format!("1901-01-01T{hour:02}:{minute:02}:{second:02}Z").into();
    resource["valueQuantity"] = json!({
        "value": number % 1000, "unit": "requests", "system": BENCH_SYSTEM, "code": "requests"
    });
    resource
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_are_small_and_valid_in_form() {
        let made = observation("Patient/1", Some("x"), 86_399);
        assert_eq!(made["effectiveDateTime"], "1901-01-01T23:59:59Z");
        assert_eq!(made["id"], "x");
        assert!(body(&made).len() < 1024);
        assert!(observation("Patient/1", None, 0).get("id").is_none());
    }
}
