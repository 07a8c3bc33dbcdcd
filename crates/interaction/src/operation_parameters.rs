//! The input of an operation: parameters of the URL, or a `Parameters` resource (R4, section 3.2.0.3).

use crate::failure::{ErrorKind, Failure};
use crate::heavy::heavy;
use crate::request::{Body, Request};
use cresset_fhir::json::{Json, Limits};

/// Parameters of an answer's form, which every operation has.
const OF_THE_ANSWER: [&str; 2] = ["_format", "_pretty"];

/// Names and values, in order.
#[derive(Debug)]
pub(crate) struct OperationParameters(Vec<(String, Json)>);

impl OperationParameters {
    /// Reads both. `resource` is the parameter that may stand alone as the body.
    pub(crate) fn read(
        request: Request<'_>,
        limits: &Limits,
        resource: &str,
    ) -> Result<Self, Failure> {
        let of_url = request.parameters.into_iter().map(|(name, text)| (name, Json::from(text)));
        let mut all: Vec<_> = of_url.collect();
        all.retain(|(name, _)| !OF_THE_ANSWER.contains(&name.as_str()));
        let is_empty = match &request.body {
            Body::None => true,
            Body::Text(bytes) | Body::JsonPatch(bytes) => bytes.is_empty(),
            Body::Parsed(_) => false,
        };
        if !is_empty {
            let bytes = request.body.len();
            let body = heavy(bytes, || request.body.parsed(limits))?;
            all.extend(of_body(body, resource)?);
        }
        Ok(Self(all))
    }

    /// # Errors
    /// Names the first parameter that the operation doesn't have, or has twice: each changes what
    /// the answer means, so none is passed over.
    pub(crate) fn refuse_others(&self, known: &[&str]) -> Result<(), Failure> {
        for (place, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let bounded: String = name.chars().take(64).collect();
                let problem = format!("parameter '{bounded}' is not supported by this operation");
                return Err(Failure::new(ErrorKind::BadRequest, "not-supported", problem));
            }
            if self.0[..place].iter().any(|(earlier, _)| earlier == name) {
                return Err(invalid(name, "is given twice"));
            }
        }
        Ok(())
    }

    /// The value or resource.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let text = |value: &'_ Json| value.as_str().is_some();
        match self.get(name) {
            Some(value) if !text(value) => Err(invalid(name, "must be a text")),
            value => Ok(value.and_then(Json::as_str)),
        }
    }

    /// A boolean.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(*value)),
            Some(Json::String(text)) if text == "true" => Ok(Some(true)),
            Some(Json::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(invalid(name, "must be true or false")),
        }
    }

    /// A number from 0.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Failure> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Json::Number(number)) => number.as_str(),
            Some(other) => other.as_str().unwrap_or_default(),
        };
        let number = text.parse().map_err(|_| invalid(name, "must be a number, 0 or more"))?;
        Ok(Some(number))
    }

    /// A value that isn't simple: a `Coding`, a resource.
    pub(crate) fn object(&self, name: &str) -> Result<Option<&Json>, Failure> {
        match self.get(name) {
            Some(value) if value.as_object().is_none() => {
                Err(invalid(name, "can't be given in the URL: POST it in Parameters"))
            }
            value => Ok(value),
        }
    }
}

/// An error about one parameter.
pub(crate) fn invalid(name: &str, problem: &str) -> Failure {
    let name: String = name.chars().take(64).collect();
    Failure::bad_request("invalid", format!("parameter '{name}' {problem}"))
}

fn of_body(body: Json, resource: &str) -> Result<Vec<(String, Json)>, Failure> {
    if body.get("resourceType").and_then(Json::as_str) != Some("Parameters") {
        return Ok(vec![(resource.to_owned(), body)]);
    }
    let parameters = body.get("parameter").map_or(&[][..], Json::items);
    parameters.iter().map(parameter).collect()
}

fn parameter(parameter: &Json) -> Result<(String, Json), Failure> {
    let missing = |what: &str| {
        let problem = format!("a parameter must have {what}");
        Failure::bad_request("required", problem).at("Parameters.parameter")
    };
    let name = parameter.get("name").and_then(Json::as_str).ok_or_else(|| missing("a name"))?;
    let is_value = |n: &str| n == "resource" || n.starts_with("value");
    let value = parameter.as_object().and_then(|p| p.iter().find(|(n, _)| is_value(n)));
    let (_, value) = value.ok_or_else(|| missing("a value or a resource"))?;
    Ok((name.to_owned(), value.clone()))
}
