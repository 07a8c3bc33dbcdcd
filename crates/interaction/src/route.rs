//! What is where: the one table that routes requests and Bundle entries, and that the
//! CapabilityStatement is made of.

use crate::Failure;
use crate::failure::ErrorKind;
use cresset_fhir::definitions::{Definitions, ResourceType};
use cresset_store::{Key, ResourceId, TypeNumber};

/// A method of HTTP. `HEAD` is [`Method::Get`] without the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
}

/// A shape of URL below the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// `/`
    System,
    /// `/metadata`
    Metadata,
    /// `/_search`
    SystemSearch,
    /// `/_history`
    SystemHistory,
    /// `/{type}`
    Type,
    /// `/{type}/_search`
    TypeSearch,
    /// `/{type}/_history`
    TypeHistory,
    /// `/{type}/$validate`
    TypeValidate,
    /// `/ValueSet/$expand`
    TypeExpand,
    /// `/ValueSet/$validate-code`, `/CodeSystem/$validate-code`
    TypeValidateCode,
    /// `/CodeSystem/$subsumes`
    TypeSubsumes,
    /// `/{type}/{id}`
    Instance,
    /// `/{type}/{id}/_history`
    InstanceHistory,
    /// `/{type}/{id}/_history/{vid}`
    Version,
    /// `/{type}/{id}/$validate`
    InstanceValidate,
    /// `/ValueSet/{id}/$expand`
    InstanceExpand,
    /// `/ValueSet/{id}/$validate-code`, `/CodeSystem/{id}/$validate-code`
    InstanceValidateCode,
    /// `/CodeSystem/{id}/$subsumes`
    InstanceSubsumes,
    /// `/{type}/{id}/$everything`
    InstanceEverything,
    /// `/{type}/{id}/*`
    Compartment,
    /// `/{type}/{id}/_search`
    CompartmentSearch,
    /// `/{type}/{id}/{type}`
    CompartmentType,
    /// `/{type}/{id}/{type}/_search`
    CompartmentTypeSearch,
}

/// What FHIR calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the specification's own words")]
pub enum Interaction {
    Read,
    Vread,
    Update,
    ConditionalUpdate,
    Patch,
    ConditionalPatch,
    Delete,
    ConditionalDelete,
    HistoryInstance,
    HistoryType,
    HistorySystem,
    Create,
    SearchType,
    SearchSystem,
    SearchCompartment,
    Capabilities,
    BatchTransaction,
    Validate,
    Expand,
    ValidateCode,
    Subsumes,
    Everything,
}

impl Interaction {
    /// Whether it answers a search.
    pub fn is_search(self) -> bool {
        matches!(self, Self::SearchType | Self::SearchSystem | Self::SearchCompartment)
    }

    /// Whether what it answers depends on the index, beside conditional interactions, which see to it
    /// themselves.
    pub(crate) fn asks_the_index(self) -> bool {
        self.is_search() || matches!(self, Self::Everything | Self::BatchTransaction)
    }
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Where.
    pub place: Place,
    /// How.
    pub method: Method,
    /// What.
    pub interaction: Interaction,
}

/// The table.
pub const ROUTES: &[Route] = {
    use Interaction as I;
    use Method::{Delete, Get, Options, Patch, Post, Put};
    const fn at(place: Place, method: Method, interaction: I) -> Route {
        Route { place, method, interaction }
    }
    &[
        at(Place::Instance, Get, I::Read),
        at(Place::Instance, Put, I::Update),
        at(Place::Instance, Patch, I::Patch),
        at(Place::Instance, Delete, I::Delete),
        at(Place::Version, Get, I::Vread),
        at(Place::InstanceHistory, Get, I::HistoryInstance),
        at(Place::InstanceValidate, Get, I::Validate),
        at(Place::InstanceValidate, Post, I::Validate),
        at(Place::InstanceEverything, Get, I::Everything),
        at(Place::InstanceEverything, Post, I::Everything),
        at(Place::Compartment, Get, I::SearchCompartment),
        at(Place::CompartmentSearch, Get, I::SearchCompartment),
        at(Place::CompartmentSearch, Post, I::SearchCompartment),
        at(Place::CompartmentType, Get, I::SearchCompartment),
        at(Place::CompartmentTypeSearch, Get, I::SearchCompartment),
        at(Place::CompartmentTypeSearch, Post, I::SearchCompartment),
        at(Place::Type, Get, I::SearchType),
        at(Place::Type, Post, I::Create),
        at(Place::Type, Put, I::ConditionalUpdate),
        at(Place::Type, Patch, I::ConditionalPatch),
        at(Place::Type, Delete, I::ConditionalDelete),
        at(Place::TypeSearch, Get, I::SearchType),
        at(Place::TypeSearch, Post, I::SearchType),
        at(Place::TypeHistory, Get, I::HistoryType),
        at(Place::TypeValidate, Post, I::Validate),
        at(Place::TypeExpand, Get, I::Expand),
        at(Place::TypeExpand, Post, I::Expand),
        at(Place::InstanceExpand, Get, I::Expand),
        at(Place::InstanceExpand, Post, I::Expand),
        at(Place::TypeValidateCode, Get, I::ValidateCode),
        at(Place::TypeValidateCode, Post, I::ValidateCode),
        at(Place::InstanceValidateCode, Get, I::ValidateCode),
        at(Place::InstanceValidateCode, Post, I::ValidateCode),
        at(Place::TypeSubsumes, Get, I::Subsumes),
        at(Place::TypeSubsumes, Post, I::Subsumes),
        at(Place::InstanceSubsumes, Get, I::Subsumes),
        at(Place::InstanceSubsumes, Post, I::Subsumes),
        at(Place::System, Get, I::SearchSystem),
        at(Place::System, Post, I::BatchTransaction),
        at(Place::System, Options, I::Capabilities),
        at(Place::SystemSearch, Get, I::SearchSystem),
        at(Place::SystemSearch, Post, I::SearchSystem),
        at(Place::SystemHistory, Get, I::HistorySystem),
        at(Place::Metadata, Get, I::Capabilities),
        at(Place::Metadata, Options, I::Capabilities),
    ]
};

/// The types that `$everything` is for (R4, patient-operation-everything and
/// encounter-operation-everything).
pub const EVERYTHING: &[&str] = &["Patient", "Encounter"];

/// A URL below the base, understood.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// Its shape.
    pub place: Place,
    /// The type in it.
    pub resource_type: Option<ResourceType>,
    /// The id in it.
    pub id: Option<ResourceId>,
    /// The version in it, as written.
    pub version: Option<&'a str>,
    /// The type of the compartment's members in it.
    pub member: Option<ResourceType>,
}

impl Target<'_> {
    /// The resource that an instance's URL names.
    pub(crate) fn key(&self) -> Result<Key, Failure> {
        match (self.resource_type, &self.id) {
            (Some(t), Some(id)) => Ok(Key::new(TypeNumber(t.number()), id.clone())),
            _ => Err(Failure::bad_request("invalid", "the URL must name a type and an id")),
        }
    }

    /// The only type that a search at this place looks for.
    pub(crate) fn searched(&self) -> Option<ResourceType> {
        match self.id {
            Some(_) => self.member,
            None => self.resource_type,
        }
    }

    /// The type that the URL names.
    pub(crate) fn resource_type(&self) -> Result<ResourceType, Failure> {
        let missing = || Failure::bad_request("invalid", "the URL must name a resource type");
        self.resource_type.ok_or_else(missing)
    }
}

impl Place {
    /// The shape as text, for logs and metrics.
    pub fn template(self) -> &'static str {
        match self {
            Self::System => "/",
            Self::Metadata => "/metadata",
            Self::SystemSearch => "/_search",
            Self::SystemHistory => "/_history",
            Self::Type => "/{type}",
            Self::TypeSearch => "/{type}/_search",
            Self::TypeHistory => "/{type}/_history",
            Self::TypeValidate => "/{type}/$validate",
            Self::TypeExpand => "/{type}/$expand",
            Self::TypeValidateCode => "/{type}/$validate-code",
            Self::TypeSubsumes => "/{type}/$subsumes",
            Self::Instance => "/{type}/{id}",
            Self::InstanceHistory => "/{type}/{id}/_history",
            Self::Version => "/{type}/{id}/_history/{vid}",
            Self::InstanceValidate => "/{type}/{id}/$validate",
            Self::InstanceExpand => "/{type}/{id}/$expand",
            Self::InstanceValidateCode => "/{type}/{id}/$validate-code",
            Self::InstanceSubsumes => "/{type}/{id}/$subsumes",
            Self::InstanceEverything => "/{type}/{id}/$everything",
            Self::Compartment => "/{type}/{id}/*",
            Self::CompartmentSearch => "/{type}/{id}/_search",
            Self::CompartmentType => "/{type}/{id}/{type}",
            Self::CompartmentTypeSearch => "/{type}/{id}/{type}/_search",
        }
    }

    /// The methods that the table has for this place.
    pub fn methods(self) -> Vec<Method> {
        ROUTES.iter().filter(|r| r.place == self).map(|r| r.method).collect()
    }
}

impl Method {
    /// The method with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "GET" | "HEAD" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            "OPTIONS" => Some(Self::Options),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// Understands a path below the base, such as `Patient/1/_history`. Slashes at its ends don't count.
///
/// # Errors
/// A failure that says which part of the path stands for nothing.
pub fn target<'a>(definitions: &Definitions, path: &'a str) -> Result<Target<'a>, Failure> {
    let mut parts = path.trim_matches('/').split('/');
    let first = parts.next().unwrap_or_default();
    let (second, third, fourth) = (parts.next(), parts.next(), parts.next());
    if parts.next().is_some() {
        return Err(nowhere());
    }
    if let Some(place) = system_place(first) {
        return match second {
            None => {
                Ok(Target { place, resource_type: None, id: None, version: None, member: None })
            }
            Some(_) => Err(nowhere()),
        };
    }
    let of = resource_type(definitions, first)?;
    let resource_type = Some(of);
    let of_type =
        |place| Ok(Target { place, resource_type, id: None, version: None, member: None });
    let id = match (second, third) {
        (None, _) => return of_type(Place::Type),
        (Some("_search"), None) => return of_type(Place::TypeSearch),
        (Some("_history"), None) => return of_type(Place::TypeHistory),
        (Some("$validate" | "%24validate"), None) => return of_type(Place::TypeValidate),
        (Some(operation), None) if operation.starts_with(['$', '%', '_']) => {
            return of_type(terminology_places(first, operation).ok_or_else(nowhere)?.0);
        }
        (Some(operation), _) if operation.starts_with(['$', '_']) => return Err(nowhere()),
        (Some(id), _) => Some(resource_id(id)?),
    };
    if let Some((place, member)) = compartment(definitions, of, third, fourth) {
        return Ok(Target { place, resource_type, id, version: None, member });
    }
    let place = match (third, fourth) {
        (None, _) => Place::Instance,
        (Some("_history"), None) => Place::InstanceHistory,
        (Some("_history"), Some(_)) => Place::Version,
        (Some("$validate" | "%24validate"), None) => Place::InstanceValidate,
        (Some("$everything" | "%24everything"), None) if EVERYTHING.contains(&first) => {
            Place::InstanceEverything
        }
        (Some(operation), None) => terminology_places(first, operation).ok_or_else(nowhere)?.1,
        _ => return Err(nowhere()),
    };
    Ok(Target { place, resource_type, id, version: fourth, member: None })
}

/// What stands behind `Patient/1`, if the type has compartments and this is a way into them
/// (R4 search, section 3.1.1.3.1): `*`, `_search`, a type, a type and `_search`.
fn compartment(
    definitions: &Definitions,
    of: ResourceType,
    third: Option<&str>,
    fourth: Option<&str>,
) -> Option<(Place, Option<ResourceType>)> {
    let name = third?;
    definitions.compartments().iter().find(|c| c.resource_type == of)?;
    match (name, fourth) {
        ("*" | "%2A" | "%2a", None) => return Some((Place::Compartment, None)),
        ("_search", None) => return Some((Place::CompartmentSearch, None)),
        _ => {}
    }
    let member = definitions.resource_type(name)?;
    match fourth {
        None => Some((Place::CompartmentType, Some(member))),
        Some("_search") => Some((Place::CompartmentTypeSearch, Some(member))),
        Some(_) => None,
    }
}

/// Where an operation of terminology is: of the type, and of an instance.
fn terminology_places(type_name: &str, operation: &str) -> Option<(Place, Place)> {
    let name = operation.strip_prefix('$').or_else(|| operation.strip_prefix("%24"))?;
    match (type_name, name) {
        ("ValueSet", "expand") => Some((Place::TypeExpand, Place::InstanceExpand)),
        ("ValueSet" | "CodeSystem", "validate-code") => {
            Some((Place::TypeValidateCode, Place::InstanceValidateCode))
        }
        ("CodeSystem", "subsumes") => Some((Place::TypeSubsumes, Place::InstanceSubsumes)),
        _ => None,
    }
}

fn system_place(first: &str) -> Option<Place> {
    match first {
        "" => Some(Place::System),
        "metadata" => Some(Place::Metadata),
        "_search" => Some(Place::SystemSearch),
        "_history" => Some(Place::SystemHistory),
        _ => None,
    }
}

/// The interaction that a method at a place stands for.
///
/// # Errors
/// [`ErrorKind::MethodNotAllowed`] with the methods that the place has.
pub fn interaction(place: Place, method: Method) -> Result<Interaction, Failure> {
    let found = ROUTES.iter().find(|r| r.place == place && r.method == method);
    found.map(|r| r.interaction).ok_or_else(|| {
        let allow = place.methods();
        let names: Vec<_> = allow.iter().map(|m| m.name()).collect();
        let mut failure = Failure::new(
            ErrorKind::MethodNotAllowed,
            "not-supported",
            format!("{} is not possible here; use {}", method.name(), names.join(" or ")),
        );
        failure.allow = allow;
        failure
    })
}

pub(crate) fn resource_type(
    definitions: &Definitions,
    name: &str,
) -> Result<ResourceType, Failure> {
    definitions.resource_type(name).ok_or_else(|| {
        let named = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric());
        let name = if named { name } else { "the first part of the path" };
        let version = definitions.fhir_version();
        let problem = format!("{name} is not a resource type of FHIR {version}");
        Failure::new(ErrorKind::NotFound, "not-supported", problem)
    })
}

pub(crate) fn resource_id(text: &str) -> Result<ResourceId, Failure> {
    ResourceId::new(text).map_err(|e| Failure::bad_request("value", e.to_string()))
}

fn nowhere() -> Failure {
    let problem = "there is nothing at this path; /metadata lists what there is";
    Failure::new(ErrorKind::NotFound, "not-found", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Result<Place, ErrorKind> {
        target(Definitions::r4(), path).map(|t| t.place).map_err(|f| f.kind)
    }

    #[test]
    fn paths_lead_to_places() {
        assert_eq!(place("/"), Ok(Place::System));
        assert_eq!(place("/metadata"), Ok(Place::Metadata));
        assert_eq!(place("/Patient"), Ok(Place::Type));
        assert_eq!(place("/Patient/"), Ok(Place::Type));
        assert_eq!(place("/Patient/_search"), Ok(Place::TypeSearch));
        assert_eq!(place("/Patient/a.b-1"), Ok(Place::Instance));
        assert_eq!(place("/Patient/1/_history"), Ok(Place::InstanceHistory));
        assert_eq!(place("/Patient/1/_history/2"), Ok(Place::Version));
        assert_eq!(place("/Patient/%24validate"), Ok(Place::TypeValidate));
        assert_eq!(place("/ValueSet/$expand"), Ok(Place::TypeExpand));
        assert_eq!(place("/ValueSet/1/%24expand"), Ok(Place::InstanceExpand));
        assert_eq!(place("/CodeSystem/$validate-code"), Ok(Place::TypeValidateCode));
        assert_eq!(place("/CodeSystem/1/$subsumes"), Ok(Place::InstanceSubsumes));
        assert_eq!(place("/Encounter/1/$everything"), Ok(Place::InstanceEverything));
    }

    #[test]
    fn compartments_are_those_of_the_specification() {
        assert_eq!(place("/Patient/1/*"), Ok(Place::Compartment));
        assert_eq!(place("/Patient/1/_search"), Ok(Place::CompartmentSearch));
        assert_eq!(place("/Patient/1/Observation"), Ok(Place::CompartmentType));
        assert_eq!(place("/Device/1/Observation/_search"), Ok(Place::CompartmentTypeSearch));
        for centre in ["Encounter", "Practitioner", "RelatedPerson", "Device"] {
            assert_eq!(place(&format!("/{centre}/1/Condition")), Ok(Place::CompartmentType));
        }
        for path in ["/Organization/1/Patient", "/Organization/1/*", "/Patient/1/Nothing"] {
            assert_eq!(place(path), Err(ErrorKind::NotFound), "{path}");
        }
        assert_eq!(place("/Patient/1/Observation/2"), Err(ErrorKind::NotFound));
    }

    #[test]
    fn tricks_lead_nowhere() {
        assert_eq!(place("/Patient/..%2f..%2fetc"), Err(ErrorKind::BadRequest));
        assert_eq!(place("/Resource/1"), Err(ErrorKind::NotFound));
        assert_eq!(place("/Patient/1/2/3/4"), Err(ErrorKind::NotFound));
        assert_eq!(place("/Patient/$everything"), Err(ErrorKind::NotFound));
        assert_eq!(place("/Patient/$expand"), Err(ErrorKind::NotFound));
        assert_eq!(place("/ValueSet/$subsumes"), Err(ErrorKind::NotFound));
        assert_eq!(place("/Observation/1/$everything"), Err(ErrorKind::NotFound));
        assert_eq!(place("/Patient//1"), Err(ErrorKind::BadRequest));
    }

    #[test]
    fn methods_that_a_place_lacks_are_refused_with_those_it_has() {
        let failure = interaction(Place::TypeHistory, Method::Put).unwrap_err();
        assert_eq!(failure.allow, [Method::Get]);
        assert_eq!(failure.issues[0].diagnostics, "PUT is not possible here; use GET");
    }
}
