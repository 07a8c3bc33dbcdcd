use crate::context::{Context, Handling};
use crate::failure::{Failure, OutcomeIssue, Severity};
use crate::moment;
use crate::page_token;
use crate::request::{Body, Request};
use crate::search::MOST_COUNT;
use crate::service::{Service, unknown_parameter};
use cresset_fhir::json::Json;
use cresset_store::{Timestamp, TypeNumber};

/// The parameters of `$everything`.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// `_type`: these only.
    pub(super) types: Option<Vec<TypeNumber>>,
    /// `_since`: what was changed at or after this moment.
    pub(super) since: Option<Timestamp>,
    /// `start`: care at or after this moment.
    pub(super) start: Option<Timestamp>,
    /// `end`: care before this moment.
    pub(super) end: Option<Timestamp>,
    /// `_count`: resources of a page.
    pub(super) count: Option<usize>,
    /// Those that were understood, for links.
    pub(super) used: Vec<(String, String)>,
    /// Those that were not.
    pub(super) issues: Vec<OutcomeIssue>,
}

impl Asked {
    /// Reads the URL's parameters and those of a posted `Parameters`.
    pub(super) fn read(
        service: &Service,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Self, Failure> {
        let mut asked = Self::default();
        let mut given = request.parameters;
        if !matches!(request.body, Body::None) {
            given.extend(posted(&request.body.parsed(&service.limits)?)?);
        }
        for (name, value) in given {
            match name.as_str() {
                "_type" => asked.add_types(service, &value)?,
                "_since" => asked.since = Some(moment::since(&value)?),
                "start" => asked.start = Some(date("start", &value)?.0),
                "end" => asked.end = Some(date("end", &value)?.1),
                "_count" => asked.count = Some(count(&value)?),
                "_format" | "_pretty" => {}
                page_token::PARAMETER => continue,
                _ if context.handling == Handling::Strict => {
                    return Err(unknown_parameter(&name));
                }
                _ => {
                    asked.issues.push(unknown(&name));
                    continue;
                }
            }
            asked.used.push((name, value));
        }
        asked.issues.truncate(100);
        Ok(asked)
    }

    /// Whether nothing is left out for its type or time.
    pub(super) fn is_unlimited(&self) -> bool {
        self.types.is_none() && self.since.is_none() && self.start.is_none() && self.end.is_none()
    }

    fn add_types(&mut self, service: &Service, list: &str) -> Result<(), Failure> {
        let types = self.types.get_or_insert_default();
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let of = service.definitions().resource_type(name).ok_or_else(|| {
                let problem = "_type names a resource type that doesn't exist";
                Failure::bad_request("value", problem).at("http._type")
            })?;
            types.push(TypeNumber(of.number()));
        }
        Ok(())
    }
}

/// The span of a date, up to but without its end.
fn date(name: &str, text: &str) -> Result<(Timestamp, Timestamp), Failure> {
    moment::span(&text.replace(' ', "+")).ok_or_else(|| {
        let problem = format!("{name} must be a date, such as 2026, 2026-01 or 2026-01-31");
        Failure::bad_request("value", problem).at(&format!("http.{name}"))
    })
}

fn count(text: &str) -> Result<usize, Failure> {
    let count = text.parse::<usize>().ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| {
        let problem = "_count must be a number of resources, 1 or more";
        Failure::bad_request("value", problem).at("http._count")
    })?;
    Ok(count.min(MOST_COUNT))
}

fn unknown(name: &str) -> OutcomeIssue {
    let name: String = name.chars().take(64).collect();
    let text = format!("parameter '{name}' is not known to $everything");
    OutcomeIssue::new(Severity::Warning, "not-supported", text).at(format!("http.{name}"))
}

/// The primitive values of a `Parameters` resource, as a URL would have them.
fn posted(body: &Json) -> Result<Vec<(String, String)>, Failure> {
    if body.get("resourceType").and_then(Json::as_str) != Some("Parameters") {
        let problem = "$everything takes a Parameters resource, or no body at all";
        return Err(Failure::bad_request("structure", problem).at("resourceType"));
    }
    let mut given = Vec::new();
    for parameter in body.get("parameter").map_or(&[][..], Json::items) {
        let name = parameter.get("name").and_then(Json::as_str).unwrap_or_default();
        let value = parameter.as_object().into_iter().flat_map(|object| object.iter());
        let value = value.into_iter().find(|(name, _)| name.starts_with("value"));
        let value = value.and_then(|(_, value)| {
            value.as_str().or_else(|| value.as_number().map(|number| number.as_str()))
        });
        let value = value.ok_or_else(|| {
            let problem = "each parameter of $everything needs a primitive value[x]";
            Failure::bad_request("structure", problem).at("Parameters.parameter")
        })?;
        given.push((name.to_owned(), value.to_owned()));
    }
    Ok(given)
}
