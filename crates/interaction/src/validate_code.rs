//! `ValueSet/$validate-code` and `CodeSystem/$validate-code` (R4, valueset-operation-validate-code and
//! codesystem-operation-validate-code).

use crate::context::Context;
use crate::failure::Failure;
use crate::heavy::heavy;
use crate::operation_parameters::{OperationParameters, invalid};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use crate::terminology::unusable;
use cresset_fhir::json::{Json, Object};
use cresset_terminology::{
    Asked, CodeSystem, Validation, expand, validate_in_code_system, validate_in_value_set,
};

const OF_VALUE_SET: [&str; 12] = [
    "url",
    "valueSet",
    "valueSetVersion",
    "code",
    "system",
    "systemVersion",
    "display",
    "coding",
    "codeableConcept",
    "abstract",
    "inferSystem",
    "displayLanguage",
];
const OF_CODE_SYSTEM: [&str; 9] = [
    "url",
    "codeSystem",
    "version",
    "code",
    "display",
    "coding",
    "codeableConcept",
    "abstract",
    "displayLanguage",
];
/// Codings of a concept that are looked at.
const MOST_CODINGS: usize = 100;

impl Service {
    /// Whether a code is one of a value set, or of a code system.
    pub(crate) async fn validate_code(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        match self.name_of(request.target.resource_type()?) {
            "CodeSystem" => self.validate_code_of_system(context, request).await,
            _ => self.validate_code_of_value_set(context, request).await,
        }
    }

    async fn validate_code_of_value_set(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.id.is_some().then(|| request.target.key()).transpose()?;
        let parameters = OperationParameters::read(request, &self.limits, "valueSet")?;
        parameters.refuse_others(&OF_VALUE_SET)?;
        let infer = parameters.flag("inferSystem")?.unwrap_or(false);
        let asked = asked(&parameters, "systemVersion")?;
        if parameters.get("code").is_some() && asked[0].system.is_none() && !infer {
            let problem = "parameter 'code' needs 'system', or inferSystem=true";
            return Err(Failure::bad_request("required", problem));
        }
        let (value_set, library) = self.the_value_set(context, key, &parameters).await?;
        let expansion = heavy(usize::MAX, || expand(&value_set, &library)).map_err(unusable)?;
        let judged = asked.iter().map(|a| validate_in_value_set(&expansion, a, infer));
        Ok(answer(judged.collect()))
    }

    async fn validate_code_of_system(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.id.is_some().then(|| request.target.key()).transpose()?;
        let parameters = OperationParameters::read(request, &self.limits, "codeSystem")?;
        parameters.refuse_others(&OF_CODE_SYSTEM)?;
        let asked = asked(&parameters, "version")?;
        let system = self.the_code_system(context, key, &parameters, asked[0].system).await?;
        let judged = asked.iter().map(|asked| in_system(&system, asked));
        Ok(answer(judged.collect::<Result<_, _>>()?))
    }
}

fn in_system(system: &CodeSystem, asked: &Asked<'_>) -> Result<Validation, Failure> {
    if asked.system.is_some_and(|url| url != &*system.url) {
        let message = Some("the coding is of another code system".to_owned());
        return Ok(Validation { result: false, message, display: None });
    }
    validate_in_code_system(system, asked).map_err(unusable)
}

/// The codes that are asked about: one, or the codings of a concept. Never none.
fn asked<'p>(
    parameters: &'p OperationParameters,
    version: &str,
) -> Result<Vec<Asked<'p>>, Failure> {
    let is_abstract = parameters.flag("abstract")?;
    let coding = parameters.object("coding")?;
    let concept = parameters.object("codeableConcept")?;
    match (parameters.text("code")?, coding, concept) {
        (Some(code), None, None) => Ok(vec![Asked {
            system: parameters.text("system")?,
            version: parameters.text(version)?,
            code,
            display: parameters.text("display")?,
            is_abstract,
        }]),
        (None, Some(coding), None) => Ok(vec![of_coding("coding", coding, is_abstract)?]),
        (None, None, Some(concept)) => {
            let codings = concept.get("coding").map_or(&[][..], Json::items);
            if codings.is_empty() || codings.len() > MOST_CODINGS {
                return Err(invalid("codeableConcept", "must have 1 to 100 codings"));
            }
            codings.iter().map(|c| of_coding("codeableConcept", c, is_abstract)).collect()
        }
        _ => {
            let problem = "exactly one of 'code', 'coding' and 'codeableConcept' must be given";
            Err(Failure::bad_request("required", problem))
        }
    }
}

fn of_coding<'p>(
    name: &str,
    coding: &'p Json,
    is_abstract: Option<bool>,
) -> Result<Asked<'p>, Failure> {
    let text = |name: &str| coding.get(name).and_then(Json::as_str);
    let code = text("code").ok_or_else(|| invalid(name, "must have a code"))?;
    let (system, version, display) = (text("system"), text("version"), text("display"));
    Ok(Asked { system, version, code, display, is_abstract })
}

/// Of several codings one that is right is enough.
fn answer(judged: Vec<Validation>) -> Outcome {
    let several = judged.len() > 1;
    let right = judged.iter().position(|v| v.result);
    let Some(mut chosen) = judged.into_iter().nth(right.unwrap_or(0)) else {
        return Outcome::json(&parameters(Vec::new()));
    };
    if several && right.is_none() {
        chosen.message = Some("none of the codings is right".to_owned());
    }
    let mut all = vec![parameter("result", "valueBoolean", chosen.result.into())];
    if let Some(message) = chosen.message {
        all.push(parameter("message", "valueString", message.into()));
    }
    if let Some(display) = chosen.display {
        all.push(parameter("display", "valueString", display.into()));
    }
    Outcome::json(&parameters(all))
}

/// A `Parameters` resource of these.
pub(crate) fn parameters(all: Vec<Json>) -> Json {
    Object::new().with("resourceType", "Parameters").with("parameter", all).into()
}

/// One parameter with its value under `kind`.
pub(crate) fn parameter(name: &str, kind: &str, value: Json) -> Json {
    Object::new().with("name", name).with(kind, value).into()
}
