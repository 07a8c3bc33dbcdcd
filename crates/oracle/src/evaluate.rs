//! What an expression finds in a resource.

use crate::expression::Expression;
use serde_json::Value as Json;

/// Something that an expression finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<'a> {
    /// An element.
    Element(Element<'a>),
    /// The resource that a reference names, of which only the type is known.
    Target(&'a str),
    /// A truth value that was computed.
    Boolean(bool),
    /// A text of the expression.
    Text(&'a str),
}

/// An element of a resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Element<'a> {
    /// Its value.
    pub json: &'a Json,
    /// Its property in JSON; `valueQuantity` for a choice.
    pub property: &'a str,
    /// The type that the property's name tells, of a choice: `Quantity`, `DateTime`.
    pub choice: Option<&'a str>,
}

/// Evaluates an expression on a resource or an element of one.
pub fn evaluate<'a>(expression: &'a Expression, focus: &Element<'a>) -> Vec<Found<'a>> {
    match expression {
        Expression::Focus => vec![Found::Element(*focus)],
        Expression::Start(name) => start(focus, name),
        Expression::Member(of, name) => {
            elements(evaluate(of, focus)).flat_map(|e| members(e.json, name)).collect()
        }
        Expression::Item(of, number) => {
            evaluate(of, focus).into_iter().skip(*number).take(1).collect()
        }
        Expression::As(of, type_name) => {
            evaluate(of, focus).into_iter().filter(|found| is_a(found, type_name)).collect()
        }
        Expression::Is(of, type_name) => {
            evaluate(of, focus).iter().map(|found| Found::Boolean(is_a(found, type_name))).collect()
        }
        Expression::Where(of, condition) => elements(evaluate(of, focus))
            .filter(|element| is_true(&evaluate(condition, element)))
            .map(Found::Element)
            .collect(),
        Expression::Resolve(of) => {
            let references = elements(evaluate(of, focus));
            references.filter_map(|e| Some(Found::Target(target_type(e.json)?))).collect()
        }
        Expression::Exists(of) => vec![Found::Boolean(!evaluate(of, focus).is_empty())],
        Expression::Extension(of, url) => elements(evaluate(of, focus))
            .flat_map(|element| members(element.json, "extension"))
            .filter(|e| matches!(e, Found::Element(e) if e.json["url"] == url.as_str()))
            .collect(),
        Expression::Union(left, right) => {
            let mut all = evaluate(left, focus);
            all.extend(evaluate(right, focus));
            all
        }
        Expression::Equal(left, right) => equal(left, right, focus, true),
        Expression::NotEqual(left, right) => equal(left, right, focus, false),
        Expression::And(left, right) => {
            let both = is_true(&evaluate(left, focus)) && is_true(&evaluate(right, focus));
            vec![Found::Boolean(both)]
        }
        Expression::Text(text) => vec![Found::Text(text)],
        Expression::Boolean(value) => vec![Found::Boolean(*value)],
    }
}

/// The first name of a path is the focus's type, one that it specializes, or a member.
fn start<'a>(focus: &Element<'a>, name: &str) -> Vec<Found<'a>> {
    let own = focus.json["resourceType"].as_str();
    if own.is_some_and(|own| own == name) || matches!(name, "Resource" | "DomainResource") {
        return vec![Found::Element(*focus)];
    }
    members(focus.json, name)
}

fn elements<'a>(found: Vec<Found<'a>>) -> impl Iterator<Item = Element<'a>> {
    found.into_iter().filter_map(|found| match found {
        Found::Element(element) => Some(element),
        _ => None,
    })
}

/// The members with this name: the property itself, or the one that it is as a choice.
fn members<'a>(of: &'a Json, name: &str) -> Vec<Found<'a>> {
    let Some(object) = of.as_object() else { return Vec::new() };
    let own = object.get_key_value(name).map(|(property, json)| (property, json, None));
    let chosen = || {
        object.iter().find_map(|(property, json)| {
            let choice = property.strip_prefix(name).filter(|rest| CHOICES.contains(rest))?;
            Some((property, json, Some(choice)))
        })
    };
    let Some((property, json, choice)) = own.or_else(chosen) else { return Vec::new() };
    let found = |json| Found::Element(Element { json, property, choice });
    match json {
        Json::Array(items) => items.iter().filter(|item| !item.is_null()).map(found).collect(),
        Json::Null => Vec::new(),
        _ => vec![found(json)],
    }
}

/// Types that choices of R4's searchable elements have, as they stand in names of properties.
const CHOICES: &[&str] = &[
    "Address",
    "Age",
    "Annotation",
    "Attachment",
    "Boolean",
    "Canonical",
    "Code",
    "CodeableConcept",
    "Coding",
    "ContactPoint",
    "Count",
    "Date",
    "DateTime",
    "Decimal",
    "Distance",
    "Duration",
    "HumanName",
    "Id",
    "Identifier",
    "Instant",
    "Integer",
    "Markdown",
    "Money",
    "Oid",
    "Period",
    "PositiveInt",
    "Quantity",
    "Range",
    "Ratio",
    "Reference",
    "SampledData",
    "Signature",
    "String",
    "Time",
    "Timing",
    "UnsignedInt",
    "Uri",
    "Url",
    "Uuid",
];

/// Whether something is of a type. An element that is no choice has the type that it must have.
fn is_a(found: &Found<'_>, type_name: &str) -> bool {
    match found {
        Found::Element(Element { choice: Some(choice), .. }) => {
            choice.eq_ignore_ascii_case(type_name)
        }
        Found::Element(Element { json, .. }) => {
            json["resourceType"].as_str().is_none_or(|own| own == type_name)
        }
        Found::Target(target) => *target == type_name,
        Found::Boolean(_) => type_name.eq_ignore_ascii_case("boolean"),
        Found::Text(_) => type_name.eq_ignore_ascii_case("string"),
    }
}

/// The type that a reference says it leads to: the part before the id, or `Reference.type`.
fn target_type(reference: &Json) -> Option<&str> {
    let text = reference["reference"].as_str().unwrap_or_default();
    let text = text.split("/_history/").next().unwrap_or_default();
    let mut parts = text.rsplit('/');
    let before_id = parts.nth(1).filter(|part| part.starts_with(|c: char| c.is_ascii_uppercase()));
    before_id.or_else(|| reference["type"].as_str())
}

fn is_true(found: &[Found<'_>]) -> bool {
    let is_so = |f: &Found<'_>| match f {
        Found::Boolean(value) => *value,
        Found::Element(element) => *element.json != Json::Bool(false),
        _ => false,
    };
    !found.is_empty() && found.iter().all(is_so)
}

/// `=` and `!=`: nothing when a side is empty.
fn equal<'a>(
    left: &'a Expression,
    right: &'a Expression,
    focus: &Element<'a>,
    wanted: bool,
) -> Vec<Found<'a>> {
    let plain = |side: &'a Expression| -> Vec<Json> {
        let found = evaluate(side, focus).into_iter();
        found
            .map(|f| match f {
                Found::Element(element) => element.json.clone(),
                Found::Target(text) | Found::Text(text) => text.into(),
                Found::Boolean(value) => value.into(),
            })
            .collect()
    };
    let (left, right) = (plain(left), plain(right));
    if left.is_empty() || right.is_empty() {
        return Vec::new();
    }
    vec![Found::Boolean((left == right) == wanted)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn count(expression: &str, resource: &Json) -> usize {
        let expression = Expression::parse(expression).expect("an expression");
        let focus = Element { json: resource, property: "", choice: None };
        evaluate(&expression, &focus).len()
    }

    #[test]
    fn choices_are_found_by_name_and_type() {
        let observation = json!({"resourceType": "Observation", "valueQuantity": {"value": 1},
            "component": [{"valueString": "a"}, {"valueQuantity": {"value": 2}}]});
        for (expression, found) in [
            ("Observation.value", 1),
            ("(Observation.value as Quantity)", 1),
            ("Observation.value.as(String)", 0),
            ("Observation.component.value", 2),
            ("(Observation.value as Quantity) | (Observation.component.value as Quantity)", 2),
            ("Condition.value", 0),
            ("Resource.component[1].value", 1),
        ] {
            assert_eq!(count(expression, &observation), found, "{expression}");
        }
    }

    #[test]
    fn references_know_their_type() {
        let encounter = json!({"resourceType": "Encounter", "participant": [
            {"individual": {"reference": "Practitioner/1"}},
            {"individual": {"reference": "http://x.org/fhir/Practitioner/1/_history/2"}},
            {"individual": {"reference": "RelatedPerson/1"}},
            {"individual": {"display": "somebody", "type": "Practitioner"}}]});
        let by = "Encounter.participant.individual.where(resolve() is Practitioner)";
        assert_eq!(count(by, &encounter), 3);
    }

    #[test]
    fn conditions_look_at_the_element() {
        let patient = json!({"resourceType": "Patient", "deceasedBoolean": false,
            "telecom": [{"system": "email", "value": "a"}, {"system": "phone", "value": "b"}]});
        assert_eq!(count("Patient.telecom.where(system='email')", &patient), 1);
        let deceased = "Patient.deceased.exists() and Patient.deceased != false";
        let deceased = Expression::parse(deceased).expect("an expression");
        let on = |json: &Json| {
            let focus = Element { json, property: "", choice: None };
            is_true(&evaluate(&deceased, &focus))
        };
        assert!(!on(&patient));
        assert!(!on(&json!({"resourceType": "Patient"})));
        assert!(on(&json!({"resourceType": "Patient", "deceasedDateTime": "2020"})));
    }
}
