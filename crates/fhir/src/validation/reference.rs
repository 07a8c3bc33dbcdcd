//! `Reference.reference` (R4 references.html): its form, and whether the target may be of its type.

use super::issue::IssueCode;
use super::lexical::{has_whitespace, is_id};
use super::plan::PropertyPlan;
use super::primitive::Fault;
use super::resource::Scope;
use super::walk::{Frame, Walk};
use super::{Options, Visitor};
use crate::definitions::{Definitions, ResourceType};
use crate::json::Json;

impl<'a, V: Visitor<'a>> Walk<'_, '_, V> {
    pub(super) fn reference(
        &mut self,
        frame: &Frame<'_, 'a, V::Position>,
        property: &PropertyPlan,
    ) {
        let definitions = self.plan.definitions;
        let text_of = |name| frame.object.get(name).and_then(Json::as_str);
        let (name, found) = match (text_of("reference"), text_of("type")) {
            // An empty one is an issue already.
            (Some(""), _) => return,
            (Some(text), _) => {
                let reader = Reader { definitions, options: self.options, scope: frame.scope };
                ("reference", reader.target_type(text))
            }
            (None, Some(name)) => ("type", Ok(definitions.resource_type(name))),
            (None, None) => return,
        };
        match found {
            Ok(Some(found)) if !is_allowed(property.targets, found) => {
                let text = wrong_target(definitions, property.targets, found);
                let at = frame.step.child(name);
                self.issues.push(IssueCode::Structure, &at, text);
            }
            Ok(_) => {}
            Err(fault) => {
                let at = frame.step.child(name);
                self.issues.push(fault.code, &at, fault.text);
            }
        }
    }
}

fn is_allowed(targets: &[ResourceType], found: ResourceType) -> bool {
    targets.is_empty() || targets.contains(&found)
}

fn wrong_target(
    definitions: &Definitions,
    targets: &[ResourceType],
    found: ResourceType,
) -> String {
    let names = targets.iter().map(|t| definitions.resource_type_name(*t));
    let allowed = names.collect::<Vec<_>>().join(", ");
    let found = definitions.resource_type_name(found);
    format!("must not point at a {found} here; allowed: {allowed}")
}

/// What the text of a reference is read against.
struct Reader<'r, 'a> {
    definitions: &'r Definitions,
    options: &'r Options,
    scope: &'r Scope<'a>,
}

impl Reader<'_, '_> {
    /// The target's type where the text tells it.
    fn target_type(&self, text: &str) -> Result<Option<ResourceType>, Fault> {
        if let Some(id) = text.strip_prefix('#') {
            return self.local(id);
        }
        if let Some(rest) = strip_scheme(text) {
            if rest.is_empty() || has_whitespace(text) {
                return Err(Fault::value(
                    "an absolute reference must be a whole URL without spaces",
                ));
            }
            return Ok(self.restful(rest));
        }
        if let Some((type_name, query)) = text.split_once('?') {
            return self.conditional(type_name, query);
        }
        self.relative(text).map(Some)
    }

    /// `#id`, or `#` for the container itself. Rule ref-1.
    fn local(&self, id: &str) -> Result<Option<ResourceType>, Fault> {
        if id.is_empty() {
            return Ok(Some(self.scope.container_type));
        }
        let Some(contained) = self.scope.contained(id) else {
            return Err(Fault {
                code: IssueCode::Invariant,
                text: "a local reference must be `#` and the id of a contained resource (ref-1)",
            });
        };
        let type_name = contained.get("resourceType").and_then(Json::as_str);
        Ok(type_name.and_then(|name| self.definitions.resource_type(name)))
    }

    /// `Type/id` or `Type/id/_history/version`.
    fn relative(&self, text: &str) -> Result<ResourceType, Fault> {
        let (type_name, rest) = text.split_once('/').ok_or(Fault::value(
            "must be Type/id, an http(s), urn:uuid or urn:oid URL, or # and the id of a contained resource",
        ))?;
        let resource_type = self.definitions.resource_type(type_name).ok_or(Fault::value(
            "a relative reference must begin with a resource type of this FHIR version, as in Patient/1",
        ))?;
        let (id, version) = match rest.split_once('/') {
            None => (rest, None),
            Some((id, rest)) => (id, Some(rest.strip_prefix("_history/").unwrap_or(""))),
        };
        if is_id(id) && version.is_none_or(is_id) {
            return Ok(resource_type);
        }
        Err(Fault::value("a relative reference must be Type/id or Type/id/_history/version"))
    }

    /// The type in an absolute URL that ends like a RESTful one.
    fn restful(&self, url: &str) -> Option<ResourceType> {
        let url = url.split_once("/_history/").map_or(url, |(head, _)| head);
        let (head, id) = url.rsplit_once('/')?;
        let (_, type_name) = head.rsplit_once('/')?;
        is_id(id).then(|| self.definitions.resource_type(type_name))?
    }

    fn conditional(&self, type_name: &str, query: &str) -> Result<Option<ResourceType>, Fault> {
        if !self.options.conditional_references {
            return Err(Fault::value(
                "a conditional reference can be used in a transaction only: send the target's id",
            ));
        }
        match self.definitions.resource_type(type_name) {
            Some(found) if !query.is_empty() => Ok(Some(found)),
            _ => Err(Fault::value(
                "a conditional reference must be a resource type, ? and search parameters",
            )),
        }
    }
}

fn strip_scheme(text: &str) -> Option<&str> {
    let schemes = ["http://", "https://", "urn:uuid:", "urn:oid:"];
    schemes.iter().find_map(|scheme| text.strip_prefix(scheme))
}
