//! Values that an expression has made itself, such as the text of `name.given.first() & '!'`: they
//! have no FHIR type of their own and count as the nearest.

use crate::form::{Extraction, Form};
use crate::index::Values;
use cresset_fhir::definitions::ParameterType;
use cresset_fhir::json::{Json, Number};
use cresset_fhirpath::Value;

/// Takes a computed value. Times of day and quantities are under no parameter type.
pub(super) fn take(kind: ParameterType, value: &Value, from: &Extraction<'_>, into: &mut Values) {
    let number = |text: String| Number::new(&text).map(Json::Number);
    let (type_name, json) = match value {
        Value::String(text) => {
            let type_name = if kind == ParameterType::Uri { "uri" } else { "string" };
            (type_name, Some(Json::from(text.as_str())))
        }
        Value::Integer(value) => ("integer", number(value.to_string())),
        Value::Decimal(value) => ("decimal", number(value.to_string())),
        Value::Date(value) => ("date", Some(Json::from(value.to_string()))),
        Value::DateTime(value) => ("dateTime", Some(Json::from(value.to_string()))),
        Value::Boolean(_) | Value::Time(_) | Value::Quantity(_) | Value::Type(_) => return,
    };
    let type_id = from.definitions.type_named(type_name);
    let form = type_id.and_then(|id| Form::of(kind, from.definitions, id, None));
    if let (Some(form), Some(json)) = (form, json) {
        form.extract(from, &json, into);
    }
}
