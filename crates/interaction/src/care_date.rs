//! When care took place: the `start` and `end` of `$everything` look at it (R4,
//! patient-operation-everything).
//!
//! It is what the first of a type's search parameters of [`PARAMETERS`] says that has a value. What
//! has no such date, or none that can be read, counts as any time: leaving it out would lose it.

use crate::moment;
use crate::request::parsed;
use crate::service::Service;
use cresset_fhir::definitions::ResourceType;
use cresset_fhir::json::Json;
use cresset_fhirpath::{Context, Expression};
use cresset_search::Registry;
use cresset_store::{Stored, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Date parameters by what they say of care, the best first. Dates of birth and death, of payment,
/// and of what a result is about are not among them.
const PARAMETERS: &[&str] = &[
    "date",
    "effective",
    "effective-time",
    "occurrence",
    "period",
    "event-date",
    "onset-date",
    "whenhandedover",
    "whenprepared",
    "started",
    "collected",
    "authoredon",
    "authored-on",
    "authored",
    "recorded-date",
    "recorded",
    "sent",
    "received",
    "identified",
    "datewritten",
    "datetime",
    "start-date",
    "created",
];

type Span = (Option<Timestamp>, Option<Timestamp>);

/// The expressions of the types that were asked for, compiled once.
#[derive(Debug, Default)]
pub(crate) struct CareDates(Mutex<HashMap<ResourceType, Arc<[Expression]>>>);

impl CareDates {
    /// Whether a resource's care overlaps the time from `start` up to, but without, `end`.
    pub(crate) fn overlap(
        &self,
        service: &Service,
        registry: &Registry,
        stored: &Stored,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
    ) -> bool {
        let of = service.definitions().resource_type_numbered(stored.key.resource_type.0);
        let body = stored.body().ok().flatten();
        let resource = body.and_then(|body| parsed(&body, &service.limits).ok());
        let (Some(of), Some(resource)) = (of, resource) else {
            return true;
        };
        let spans = spans(&self.expressions(registry, of), &resource);
        let overlaps = |(from, to): &Span| {
            from.is_none_or(|from| end.is_none_or(|end| from < end))
                && to.is_none_or(|to| start.is_none_or(|start| to > start))
        };
        spans.is_empty() || spans.iter().any(overlaps)
    }

    fn expressions(&self, registry: &Registry, of: ResourceType) -> Arc<[Expression]> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = known.entry(of).or_insert_with(|| {
            let all = registry.parameters(of);
            let named = PARAMETERS.iter().filter_map(|name| all.iter().find(|p| p.code == **name));
            let texts = named.filter_map(|parameter| parameter.expression.as_deref());
            texts.filter_map(|text| Expression::parse(text).ok()).collect()
        });
        Arc::clone(compiled)
    }
}

/// The spans that the first expression with a value gives.
fn spans(expressions: &[Expression], resource: &Json) -> Vec<Span> {
    let context = Context::new(resource);
    for expression in expressions {
        let found = expression.evaluate(context.input(), &context).unwrap_or_default();
        let spans: Vec<Span> =
            found.nodes().filter_map(|node| node.json()).flat_map(spans_of).collect();
        if !spans.is_empty() {
            return spans;
        }
    }
    Vec::new()
}

/// A date or time, a Period, a Timing by its events or bounds.
fn spans_of(value: &Json) -> Vec<Span> {
    let span = |text: &Json| moment::span(text.as_str()?);
    if value.as_str().is_some() {
        return span(value).map(|(from, to)| (Some(from), Some(to))).into_iter().collect();
    }
    let (start, end) = (value.get("start"), value.get("end"));
    if start.is_some() || end.is_some() {
        let from = start.and_then(span).map(|(from, _)| from);
        return vec![(from, end.and_then(span).map(|(_, to)| to))];
    }
    let bounds = value.get("repeat").and_then(|repeat| repeat.get("boundsPeriod"));
    let events = value.get("event").map_or(&[][..], Json::items);
    bounds.into_iter().chain(events).flat_map(spans_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_fhir::json::Limits;

    fn of(text: &str) -> Vec<String> {
        let value = parsed(text.as_bytes(), &Limits::default()).unwrap();
        let show = |moment: Option<Timestamp>| moment.map_or("-".to_owned(), |m| m.to_string());
        let spans = spans_of(&value).into_iter();
        spans.map(|(from, to)| format!("{}/{}", &show(from)[..1], show(to))).collect()
    }

    #[test]
    fn values_stand_for_spans() {
        assert_eq!(of("\"2024-02\""), ["2/2024-03-01T00:00:00.000Z"]);
        assert_eq!(of(r#"{"start":"2024","end":"2024-05"}"#), ["2/2024-06-01T00:00:00.000Z"]);
        assert_eq!(of(r#"{"start":"2024"}"#), ["2/-"]);
        assert_eq!(of(r#"{"end":"2024"}"#), ["-/2025-01-01T00:00:00.000Z"]);
        assert_eq!(of(r#"{"event":["2024","2025"]}"#).len(), 2);
        assert_eq!(of(r#"{"repeat":{"boundsPeriod":{"start":"2024"}}}"#), ["2/-"]);
        assert!(of(r#"{"value":5}"#).is_empty());
        assert!(of("\"soon\"").is_empty());
    }
}
