//! From the resource's JSON; its structure has been validated before.

use super::{CustomParameter, LONGEST_EXPRESSION, MOST_ALTERNATIVES, Problem, check_expression};
use crate::plan::alternatives;
use cresset_fhir::definitions::{
    Component, Definitions, ParameterType, ResourceType, SearchParameter,
};
use cresset_fhir::json::Json;
use cresset_fhirpath::Expression;
use std::sync::Arc;

/// How long a parameter's name may be.
const LONGEST_CODE: usize = 64;
/// How many types a parameter may name as its bases or targets, and parts as its components.
const MOST_NAMES: usize = 200;

impl CustomParameter {
    /// Reads a SearchParameter. `None` when it has no effect: it isn't active, or is a copy of one
    /// of HL7's.
    ///
    /// # Errors
    /// All that keeps it from being put in force, as far as it can be told from itself.
    pub fn read(
        definitions: &'static Definitions,
        resource: &Json,
    ) -> Result<Option<Self>, Vec<Problem>> {
        if text(resource, "status") != Some("active") {
            return Ok(None);
        }
        let mut reader = Reader { definitions, resource, problems: Vec::new() };
        let definition = reader.definition();
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        // One that is only validated may have no id.
        let id = text(resource, "id").unwrap_or_default().into();
        let definition = definition.filter(|definition| !is_copy(definitions, definition));
        Ok(definition.map(|definition| Self { id, definition: Arc::new(definition) }))
    }
}

/// Whether it says what one of HL7's says, under that one's URL.
fn is_copy(definitions: &Definitions, read: &SearchParameter) -> bool {
    let mut all = definitions.search_parameters().iter();
    all.any(|hl7| {
        let given = |text: &Option<String>| text.clone().unwrap_or_default();
        (&hl7.url, &hl7.code, hl7.parameter_type) == (&read.url, &read.code, read.parameter_type)
            && given(&hl7.expression) == given(&read.expression)
    })
}

fn text<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    json.get(name).and_then(Json::as_str)
}

struct Reader<'a> {
    definitions: &'static Definitions,
    resource: &'a Json,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, code: &'static str, element: &str, diagnostics: &str) {
        self.problems.push(Problem::new(code, format!("SearchParameter.{element}"), diagnostics));
    }

    fn definition(&mut self) -> Option<SearchParameter> {
        let parameter_type = self.parameter_type();
        let is_composite = parameter_type == Some(ParameterType::Composite);
        let definition = SearchParameter {
            code: self.code(),
            url: text(self.resource, "url").unwrap_or_default().to_owned(),
            base: self.base(),
            parameter_type: parameter_type?,
            expression: self.expression(is_composite),
            target: self.target(),
            components: self.components(is_composite),
        };
        Some(definition)
    }

    fn parameter_type(&mut self) -> Option<ParameterType> {
        let found = text(self.resource, "type").and_then(ParameterType::from_code);
        if found.is_none_or(|kind| kind == ParameterType::Special) {
            let problem = "parameters with rules of their own can't be defined by a resource";
            self.problem("not-supported", "type", problem);
            return None;
        }
        found
    }

    fn code(&mut self) -> String {
        let code = text(self.resource, "code").unwrap_or_default();
        let starts = code.starts_with(|c: char| c.is_ascii_alphabetic());
        let mut rest = code.chars();
        let allowed = rest.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !starts || !allowed || code.len() > LONGEST_CODE {
            let problem = "must begin with a letter and have up to 64 letters, digits, '-' and '_': \
                           names with '_' in front are the specification's";
            self.problem("value", "code", problem);
        }
        code.to_owned()
    }

    fn base(&mut self) -> Vec<String> {
        let bases = self.resource.get("base").map_or(&[][..], Json::items);
        if bases.is_empty() || bases.len() > MOST_NAMES {
            self.problem("required", "base", "must name 1 to 200 resource types");
            return Vec::new();
        }
        let mut names = Vec::new();
        for (at, base) in bases.iter().enumerate() {
            let name = base.as_str().unwrap_or_default();
            let is_abstract = matches!(name, "Resource" | "DomainResource");
            if !is_abstract && self.definitions.resource_type(name).is_none() {
                let problem = "is no resource type of FHIR R4";
                self.problem("value", &format!("base[{at}]"), problem);
            } else if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    fn expression(&mut self, is_composite: bool) -> Option<String> {
        let Some(given) = text(self.resource, "expression").filter(|t| !t.trim().is_empty()) else {
            let problem = "is needed: without it the parameter finds nothing";
            self.problem("required", "expression", problem);
            return None;
        };
        let parsed = self.parsed(given, "expression")?;
        if alternatives(parsed.ast()).len() > MOST_ALTERNATIVES {
            let problem = format!("has more than {MOST_ALTERNATIVES} alternatives");
            self.problem("too-costly", "expression", &problem);
        }
        // A composite's own expression is a path; what its parts may be is checked with them.
        if !is_composite && let Err(problem) = check_expression(parsed.ast()) {
            self.problem("not-supported", "expression", &problem);
        }
        Some(given.to_owned())
    }

    fn parsed(&mut self, text: &str, element: &str) -> Option<Expression> {
        if text.len() > LONGEST_EXPRESSION {
            let problem = format!("has more than {LONGEST_EXPRESSION} bytes");
            self.problem("too-long", element, &problem);
            return None;
        }
        match Expression::parse(text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.problem("value", element, &format!("is no FHIRPath expression: {error}"));
                None
            }
        }
    }

    /// Types that references can point at; none for any, as when an abstract one is named.
    fn target(&mut self) -> Vec<ResourceType> {
        let named = self.resource.get("target").map_or(&[][..], Json::items);
        if named.len() > MOST_NAMES {
            self.problem("too-costly", "target", "names more than 200 types");
            return Vec::new();
        }
        let (mut targets, mut is_open) = (Vec::new(), false);
        for (at, target) in named.iter().enumerate() {
            let name = target.as_str().unwrap_or_default();
            match self.definitions.resource_type(name) {
                Some(found) => targets.push(found),
                None if matches!(name, "Resource" | "DomainResource") => is_open = true,
                None => {
                    let problem = "is no resource type of FHIR R4";
                    self.problem("value", &format!("target[{at}]"), problem);
                }
            }
        }
        if is_open { Vec::new() } else { targets }
    }

    fn components(&mut self, is_composite: bool) -> Vec<Component> {
        let given = self.resource.get("component").map_or(&[][..], Json::items);
        if !is_composite {
            return Vec::new();
        }
        if given.len() < 2 || given.len() > 8 {
            self.problem("required", "component", "a composite has 2 to 8 components");
            return Vec::new();
        }
        let mut components = Vec::new();
        for (at, component) in given.iter().enumerate() {
            let expression = text(component, "expression").unwrap_or_default();
            self.parsed(expression, &format!("component[{at}].expression"));
            components.push(Component {
                definition: text(component, "definition").unwrap_or_default().to_owned(),
                expression: expression.to_owned(),
            });
        }
        components
    }
}
