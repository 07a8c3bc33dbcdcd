//! The CapabilityStatement (R4, section 6.1), made of the table that routes requests and of the
//! parameters that searches know.

use crate::context::Context;
use crate::outcome::Outcome;
use crate::route::{EVERYTHING, Interaction, Place, ROUTES};
use crate::service::Service;
use cresset_fhir::definitions::ResourceType;
use cresset_fhir::json::{Json, Object};
use cresset_search::Registry;
use std::collections::BTreeMap;

impl Service {
    pub(crate) fn capabilities(&self, context: &Context) -> Outcome {
        Outcome::json(&self.capability_statement(&context.base_url))
    }

    /// What this server can do.
    pub fn capability_statement(&self, base_url: &str) -> Json {
        let includes = self.includes();
        let resources: Vec<Json> = self
            .definitions()
            .concrete_resource_types()
            .map(|t| self.resource(t, includes.get(&t)))
            .collect();
        let mut rest = Object::new()
            .with("mode", "server")
            .with("resource", resources)
            .with("interaction", system_interactions());
        if offers(Interaction::SearchCompartment) {
            rest.insert("compartment", self.compartments());
        }
        let formats = vec![Json::from("application/fhir+json"), Json::from("json")];
        let patches =
            vec![Json::from("application/json-patch+json"), Json::from("application/fhir+json")];
        let software =
            Object::new().with("name", "Cresset").with("version", env!("CARGO_PKG_VERSION"));
        let about = Object::new().with("description", "Cresset FHIR server").with("url", base_url);
        Object::new()
            .with("resourceType", "CapabilityStatement")
            .with("status", "active")
            .with("date", "2026-01-01")
            .with("kind", "instance")
            .with("software", software)
            .with("implementation", about)
            .with("fhirVersion", self.definitions().fhir_version())
            .with("format", formats)
            .with("patchFormat", patches)
            .with("rest", vec![rest.into()])
            .into()
    }

    /// What `_include` and `_revinclude` of each type may name.
    fn includes(&self) -> BTreeMap<ResourceType, Includes> {
        let registry: &Registry = &self.registry();
        let mut includes: BTreeMap<ResourceType, Includes> = BTreeMap::new();
        for source in self.definitions().concrete_resource_types() {
            for parameter in registry.parameters(source) {
                let links = registry.links(source, Some(&parameter.code));
                if links.is_empty() {
                    continue;
                }
                let name = format!("{}:{}", self.name_of(source), parameter.code);
                let mut targets: Vec<_> =
                    links.iter().flat_map(|link| link.targets).copied().collect();
                targets.sort_unstable();
                targets.dedup();
                for target in targets {
                    includes.entry(target).or_default().reverse.push(name.as_str().into());
                }
                includes.entry(source).or_default().forward.push(name.into());
            }
        }
        includes
    }

    /// The definitions of the compartments that searches can be confined to.
    fn compartments(&self) -> Vec<Json> {
        let compartments = self.definitions().compartments().iter();
        let url = |name: &str| {
            let name = name.to_ascii_lowercase();
            format!("http://hl7.org/fhir/CompartmentDefinition/{name}").into()
        };
        compartments.map(|c| url(self.name_of(c.resource_type))).collect()
    }

    fn resource(&self, resource_type: ResourceType, includes: Option<&Includes>) -> Json {
        let name = self.name_of(resource_type);
        let registry = self.registry();
        let parameters: Vec<Json> = registry
            .parameters(resource_type)
            .into_iter()
            .map(|p| {
                let parameter = Object::new()
                    .with("name", p.code.as_str())
                    .with("definition", p.url.as_str())
                    .with("type", p.parameter_type.code());
                parameter.into()
            })
            .collect();
        let mut object = Object::new()
            .with("type", name)
            .with("profile", format!("http://hl7.org/fhir/StructureDefinition/{name}"))
            .with("interaction", resource_interactions())
            .with("versioning", "versioned-update")
            .with("readHistory", offers(Interaction::Vread))
            .with("updateCreate", offers(Interaction::Update))
            .with("conditionalCreate", offers(Interaction::Create))
            .with("conditionalRead", "full-support")
            .with("conditionalUpdate", offers(Interaction::ConditionalUpdate))
            .with(
                "conditionalDelete",
                if offers(Interaction::ConditionalDelete) { "single" } else { "not-supported" },
            )
            .with("referencePolicy", vec![Json::from("literal"), Json::from("local")]);
        if let Some(Includes { forward, reverse }) = includes {
            let all = std::iter::once(Json::from("*"));
            object.insert("searchInclude", all.chain(forward.iter().cloned()).collect::<Vec<_>>());
            if !reverse.is_empty() {
                object.insert("searchRevInclude", reverse.clone());
            }
        }
        if !parameters.is_empty() {
            object.insert("searchParam", parameters);
        }
        let operations = operations(name);
        if !operations.is_empty() {
            object.insert("operation", operations);
        }
        object.into()
    }
}

/// What searches of one type may include.
#[derive(Default)]
struct Includes {
    forward: Vec<Json>,
    reverse: Vec<Json>,
}

/// The operations of a type, by the name that its OperationDefinition begins with.
fn operations(type_name: &str) -> Vec<Json> {
    let all = [
        (Interaction::Validate, "validate", &["Resource"][..]),
        (Interaction::Expand, "expand", &["ValueSet"]),
        (Interaction::ValidateCode, "validate-code", &["ValueSet", "CodeSystem"]),
        (Interaction::Subsumes, "subsumes", &["CodeSystem"]),
        (Interaction::Everything, "everything", EVERYTHING),
    ];
    let operation = |(interaction, name, types): (Interaction, &str, &[&str])| {
        let of = types.iter().find(|of| **of == "Resource" || **of == type_name)?;
        let definition = format!("http://hl7.org/fhir/OperationDefinition/{of}-{name}");
        let operation = Object::new().with("name", name).with("definition", definition);
        offers(interaction).then(|| operation.into())
    };
    all.into_iter().filter_map(operation).collect()
}

fn offers(interaction: Interaction) -> bool {
    ROUTES.iter().any(|r| r.interaction == interaction)
}

impl Interaction {
    /// The code of `CapabilityStatement.rest.resource.interaction`, for those that it lists.
    fn type_code(self) -> Option<&'static str> {
        match self {
            Self::Read => Some("read"),
            Self::Vread => Some("vread"),
            Self::Update => Some("update"),
            Self::Patch => Some("patch"),
            Self::Delete => Some("delete"),
            Self::HistoryInstance => Some("history-instance"),
            Self::HistoryType => Some("history-type"),
            Self::Create => Some("create"),
            Self::SearchType => Some("search-type"),
            _ => None,
        }
    }

    /// The codes of `CapabilityStatement.rest.interaction`.
    fn system_codes(self) -> &'static [&'static str] {
        match self {
            Self::BatchTransaction => &["transaction", "batch"],
            Self::SearchSystem => &["search-system"],
            Self::HistorySystem => &["history-system"],
            _ => &[],
        }
    }

    /// Its name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConditionalUpdate => "conditional-update",
            Self::ConditionalPatch => "conditional-patch",
            Self::ConditionalDelete => "conditional-delete",
            Self::HistorySystem => "history-system",
            Self::SearchSystem => "search-system",
            Self::SearchCompartment => "search-compartment",
            Self::Capabilities => "capabilities",
            Self::BatchTransaction => "batch",
            Self::Validate => "validate",
            Self::Expand => "expand",
            Self::ValidateCode => "validate-code",
            Self::Subsumes => "subsumes",
            Self::Everything => "everything",
            other => other.type_code().unwrap_or("other"),
        }
    }
}

fn resource_interactions() -> Vec<Json> {
    let routes = ROUTES.iter().filter(|r| !matches!(r.place, Place::TypeSearch));
    coded(routes.filter_map(|r| r.interaction.type_code()))
}

fn system_interactions() -> Vec<Json> {
    let routes = ROUTES.iter().filter(|r| matches!(r.place, Place::System | Place::SystemHistory));
    coded(routes.flat_map(|r| r.interaction.system_codes().iter().copied()))
}

fn coded(codes: impl Iterator<Item = &'static str>) -> Vec<Json> {
    codes.map(|code| Object::new().with("code", code).into()).collect()
}
