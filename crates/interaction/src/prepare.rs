use crate::failure::{ErrorKind, Failure, OutcomeIssue};
use crate::stored_text::{set_id, stored_text};
use cresset_fhir::definitions::ResourceType;
use cresset_fhir::json::Json;
use cresset_fhir::validation::Issue;
use cresset_search::{Problem, Registry};
use cresset_store::{Action, IndexKeys, Key, Payload, Precondition, ResourceId, TypeNumber, Write};

/// A resource that is ready to be written: checked, indexed, packed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Which resource.
    pub key: Key,
    /// Its contents.
    pub payload: Payload,
    /// What it is found by.
    pub index: IndexKeys,
}

impl Prepared {
    pub(crate) fn write(self, precondition: Precondition) -> Write {
        let action = Action::Put { payload: self.payload, index: self.index };
        Write { key: self.key, precondition, action }
    }
}

/// Gives a resource its id, validates it, extracts what it is found by, and packs it.
///
/// # Errors
/// Every structural problem, each with its place.
pub fn prepare(
    registry: &Registry,
    mut resource: Json,
    id: ResourceId,
) -> Result<Prepared, Failure> {
    if let Some(object) = resource.as_object_mut() {
        set_id(object, &id);
    }
    let analyzed = registry.analyze(&resource).map_err(invalid)?;
    // A search parameter that could not be put in force would be a promise not kept.
    let problems = registry.check(&resource);
    if !problems.is_empty() {
        let issues = problems.into_iter().map(OutcomeIssue::from).collect();
        return Err(Failure::of(ErrorKind::Unprocessable, issues));
    }
    let Some(object) = resource.as_object_mut() else {
        return Err(not_a_resource());
    };
    let (text, place) = stored_text(object);
    let payload = Payload::encode(&text, Some(place));
    let key = Key::new(TypeNumber(analyzed.resource_type.number()), id);
    Ok(Prepared { key, payload, index: analyzed.index })
}

/// Refuses a body that is no resource, or one of another type than the URL says.
pub(crate) fn check_type(
    registry: &Registry,
    resource: &Json,
    expected: ResourceType,
) -> Result<(), Failure> {
    let named = resource.get("resourceType").and_then(Json::as_str).ok_or_else(not_a_resource)?;
    let expected_name = registry.definitions().resource_type_name(expected);
    if named == expected_name {
        return Ok(());
    }
    let problem = match registry.definitions().resource_type(named) {
        Some(_) => format!("the URL is of type {expected_name}, the body is a {named}"),
        None => format!("the URL is of type {expected_name}, the body's resourceType is unknown"),
    };
    Err(Failure::bad_request("invalid", problem).at("resourceType"))
}

pub(crate) fn not_a_resource() -> Failure {
    let problem = "the body must be a resource: a JSON object with 'resourceType'";
    Failure::new(ErrorKind::BadRequest, "structure", problem)
}

/// A resource with structural problems.
pub(crate) fn invalid(issues: Vec<Issue>) -> Failure {
    Failure::of(ErrorKind::Unprocessable, issues.into_iter().map(OutcomeIssue::from).collect())
}

impl From<Issue> for OutcomeIssue {
    fn from(issue: Issue) -> Self {
        Self::error(issue.code.code(), issue.diagnostics).at(issue.expression)
    }
}

impl From<Problem> for OutcomeIssue {
    fn from(problem: Problem) -> Self {
        Self::error(problem.code, problem.diagnostics).at(problem.expression)
    }
}

/// The id in the body, when it has one.
pub(crate) fn body_id(resource: &Json) -> Option<&str> {
    resource.get("id").and_then(Json::as_str)
}

/// An id that nobody has.
pub(crate) fn new_id() -> ResourceId {
    let mut buffer = uuid::Uuid::encode_buffer();
    let text = uuid::Uuid::new_v4().hyphenated().encode_lower(&mut buffer);
    ResourceId::new(text).expect("a UUID has 36 of the allowed characters")
}
