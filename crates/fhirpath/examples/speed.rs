//! Evaluations per second of simple paths: `cargo run --release --example speed`.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use cresset_fhir::json;
use cresset_fhirpath::{Context, Expression};

const PATIENT: &[u8] = br#"{"resourceType": "Patient", "id": "1", "active": true,
    "identifier": [{"system": "urn:x", "value": "1"}],
    "name": [{"use": "official", "family": "Chalmers", "given": ["Peter", "James"]}],
    "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
    "gender": "male", "birthDate": "1974-12-25", "deceasedBoolean": false,
    "managingOrganization": {"reference": "Organization/1"}}"#;

const EXPRESSIONS: [&str; 7] = [
    "Patient.birthDate",
    "Patient.name.family",
    "Patient.name.given",
    "Patient.deceased",
    "Patient.telecom.where(system = 'email').value",
    "Patient.managingOrganization.where(resolve() is Organization)",
    "Patient.deceased.exists() and Patient.deceased != false",
];

const TIMES: u32 = 2_000_000;

fn main() -> std::io::Result<()> {
    let patient = json::parse(PATIENT, &json::Limits::default()).expect("JSON");
    let mut out = std::io::stdout().lock();
    for text in EXPRESSIONS {
        let expression = Expression::parse(text).expect("an expression");
        let start = Instant::now();
        for _ in 0..TIMES {
            let context = Context::new(black_box(&patient));
            black_box(expression.evaluate(context.input(), &context)).expect("a result");
        }
        let seconds = start.elapsed().as_secs_f64();
        let millions = f64::from(TIMES) / seconds / 1e6;
        writeln!(out, "{millions:6.2} million/s, {:5.0} ns  {text}", 1e3 / millions)?;
    }
    Ok(())
}
