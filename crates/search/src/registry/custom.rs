//! Custom parameters compiled beside HL7's.
//!
//! The name of an index says all that decides its rows: type, path, parameter type. So what is known
//! of an index by its name – that its rows are complete – holds for every parameter that uses it, and
//! survives a change of the parameter's name or description.

use super::compile::{Compiler, Origin};
use super::{Custom, Registry, SearchableBy, Source, compile, simple};
use crate::custom::{CustomParameter, MOST_CUSTOM, MOST_INDEXES, MOST_INDEXES_IN_ALL, Problem};
use crate::form::Form;
use crate::index::Slot;
use crate::plan::{Path, alternatives};
use cresset_fhir::definitions::{Definitions, ParameterType, ResourceType, TypeId};
use cresset_fhir::json::Json;
use cresset_fhirpath::{CheckError, Expression, ast, types_of};
use std::collections::HashSet;
use std::sync::Arc;

/// An index that HL7's parameters don't have.
#[derive(Clone, Debug)]
pub struct CustomIndex {
    /// Its name, which decides what is in it.
    pub name: String,
    /// The type of the resources that have keys in it.
    pub resource_type: ResourceType,
    pub(crate) index: usize,
}

/// A custom parameter that isn't in force, and why.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The id of the SearchParameter resource.
    pub id: Arc<str>,
    /// What stands against it.
    pub problems: Vec<Problem>,
}

impl Registry {
    /// HL7's parameters with these beside them instead of those that this one has. Resources are
    /// indexed by all of them; searches may use those whose indexes `is_complete`, by name.
    pub fn with_custom(
        &self,
        custom: &[CustomParameter],
        is_complete: &dyn Fn(&str) -> bool,
    ) -> (Self, Vec<LeftOut>) {
        let mut custom = custom.to_vec();
        custom.sort_by(|a, b| a.id.cmp(&b.id));
        let mut compiler = compile::compile(self.definitions);
        name_all(&mut compiler, &custom);
        let (mut kept, mut left_out) = (Vec::new(), Vec::new());
        for parameter in custom {
            let full = (kept.len() >= MOST_CUSTOM).then(too_many);
            let problems = match full {
                Some(problem) => vec![problem],
                // Tried beside the plan first, so that one with problems leaves nothing in it.
                None => self.tried(&compiler, &parameter, &kept, compiler.custom.len()),
            };
            if problems.is_empty() {
                compiler.custom(&parameter, &mut Vec::new());
                kept.push(parameter);
            } else {
                left_out.push(LeftOut { id: parameter.id, problems });
            }
        }
        let mut registry = Self::of(compiler, self.base_urls.clone());
        registry.custom = kept;
        registry.complete(is_complete);
        (registry, left_out)
    }

    /// The indexes of the custom parameters that HL7's don't have.
    pub fn custom_indexes(&self) -> &[CustomIndex] {
        &self.custom_indexes
    }

    /// What keeps a resource from being put in force, if it is a SearchParameter: problems of its
    /// own, and with the parameters that are there already.
    pub fn check(&self, resource: &Json) -> Vec<Problem> {
        if resource.get("resourceType").and_then(Json::as_str) != Some("SearchParameter") {
            return Vec::new();
        }
        let parameter = match CustomParameter::read(self.definitions, resource) {
            Ok(None) => return Vec::new(),
            Ok(Some(parameter)) => parameter,
            Err(problems) => return problems,
        };
        let others = self.custom.iter().filter(|other| other.id != parameter.id);
        let others: Vec<_> = others.cloned().collect();
        if others.len() >= MOST_CUSTOM {
            return vec![too_many()];
        }
        let mut compiler = Compiler::new(self.definitions);
        name_all(&mut compiler, &others);
        let is_new = others.len() == self.custom.len();
        let known = if is_new { self.custom_indexes.len() } else { 0 };
        self.tried(&compiler, &parameter, &others, known)
    }

    /// The problems of a parameter beside HL7's and `others`, which have `known` indexes; `named`
    /// knows the parameters by URL.
    fn tried(
        &self,
        named: &Compiler,
        parameter: &CustomParameter,
        others: &[CustomParameter],
        known: usize,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut scratch = named.scratch();
        self.check_code(&scratch, parameter, others, &mut problems);
        scratch.custom(parameter, &mut problems);
        let own = scratch.custom.len();
        if own > MOST_INDEXES || own + known > MOST_INDEXES_IN_ALL {
            let problem = "leads to too many indexes: name fewer types as its bases";
            problems.push(Problem::new("too-costly", "SearchParameter.base", problem));
        }
        problems
    }

    fn check_code(
        &self,
        compiler: &Compiler,
        parameter: &CustomParameter,
        others: &[CustomParameter],
        problems: &mut Vec<Problem>,
    ) {
        let code = parameter.definition.code.as_str();
        let bases = compiler.bases(&parameter.definition);
        let is_hl7 = |t: &ResourceType| {
            let known = self.table(*t).and_then(|table| table.get(code));
            known.is_some_and(|known| known.custom.is_none())
        };
        let shares = |other: &&CustomParameter| {
            other.definition.code == code
                && compiler.bases(&other.definition).iter().any(|t| bases.contains(t))
        };
        if let Some(taken) = bases.iter().find(|t| is_hl7(t)) {
            let name = self.definitions.resource_type_name(*taken);
            let problem = format!("{name} has a parameter of this name in FHIR R4");
            problems.push(Problem::new("duplicate", "SearchParameter.code", problem));
        } else if let Some(other) = others.iter().find(shares) {
            let id = &other.id;
            let problem = format!("SearchParameter/{id} has this name on a type of 'base', too");
            problems.push(Problem::new("duplicate", "SearchParameter.code", problem));
        }
    }

    /// Lets searches use the custom parameters whose indexes are complete, by name, and no others.
    pub fn complete(&mut self, is_complete: &dyn Fn(&str) -> bool) {
        let incomplete: HashSet<usize> = self
            .custom_indexes
            .iter()
            .filter(|index| !is_complete(&index.name))
            .map(|index| index.index)
            .collect();
        for parameter in self.parameters.iter_mut().flat_map(|table| table.values_mut()) {
            let waits = parameter.sources.iter().any(|s| incomplete.contains(&s.index));
            if let Some(custom) = &mut parameter.custom {
                custom.is_pending = waits;
            }
        }
    }
}

fn too_many() -> Problem {
    let problem = format!("there are {MOST_CUSTOM} active search parameters already");
    Problem::new("too-costly", "SearchParameter.status", problem)
}

fn name_all(compiler: &mut Compiler, custom: &[CustomParameter]) {
    for parameter in custom {
        let definition = &parameter.definition;
        compiler.name(&definition.url, definition.parameter_type);
    }
}

impl Compiler {
    /// Compiles a custom parameter for each of its types.
    fn custom(&mut self, parameter: &CustomParameter, problems: &mut Vec<Problem>) {
        let definition = &parameter.definition;
        let Some(expression) =
            definition.expression.as_deref().and_then(|text| Expression::parse(text).ok())
        else {
            return;
        };
        let components = self.component_types(parameter, problems);
        let mut reason = None;
        let mut found = Vec::new();
        for resource_type in self.bases(definition) {
            match self.custom_sources(resource_type, parameter, &components, expression.ast()) {
                Ok(sources) => found.push((resource_type, sources)),
                Err(why) => reason = Some(why),
            }
        }
        if let Some(reason) = reason
            && (found.is_empty() || !definition.base.iter().any(|name| is_abstract(name)))
        {
            problems.push(Problem::new("value", "SearchParameter.expression", reason));
        }
        let leads_nowhere = |(_, sources): &(ResourceType, Vec<Source>)| {
            sources.iter().all(|source| source.targets.is_empty())
        };
        if definition.parameter_type == ParameterType::Reference && found.iter().any(leads_nowhere)
        {
            let problem = "names no type that the references of the expression can point at";
            problems.push(Problem::new("value", "SearchParameter.target", problem));
        }
        for (resource_type, sources) in found {
            let (definition, components) = (Arc::clone(definition), components.clone());
            let custom = Some(Custom { is_pending: true });
            let entry = SearchableBy { definition, sources, components, custom };
            self.enter(resource_type, entry);
        }
    }

    /// The types of a composite's parts.
    fn component_types(
        &self,
        parameter: &CustomParameter,
        problems: &mut Vec<Problem>,
    ) -> Vec<ParameterType> {
        let mut types = Vec::new();
        for (at, component) in parameter.definition.components.iter().enumerate() {
            match self.type_of(&component.definition) {
                Some(ParameterType::Composite | ParameterType::Special) | None => {
                    let place = format!("SearchParameter.component[{at}].definition");
                    let problem = "must be the URL of a search parameter that is known here, and \
                                   no composite itself";
                    problems.push(Problem::new("not-found", place, problem));
                }
                Some(known) => types.push(known),
            }
        }
        types
    }

    /// What a custom parameter reads on a type; why nothing, otherwise.
    fn custom_sources(
        &mut self,
        resource_type: ResourceType,
        parameter: &CustomParameter,
        components: &[ParameterType],
        expression: &ast::Node,
    ) -> Result<Vec<Source>, String> {
        let definition = &parameter.definition;
        let kind = definition.parameter_type;
        let name = self.definitions.resource_type_name(resource_type);
        let nothing = || format!("gives no value on {name} that a {} parameter reads", kind.code());
        let mut paths = Vec::new();
        let mut is_evaluated = false;
        let mut concerned = false;
        for branch in alternatives(expression) {
            let (is_about, gives) = self.gives(resource_type, kind, branch)?;
            concerned |= is_about;
            if is_about && !gives {
                return Err(nothing());
            }
            match Path::read(branch).filter(|_| is_about) {
                Some(mut path) => {
                    if self.strip_type(resource_type, &mut path).is_none() {
                        continue;
                    }
                    is_evaluated |= !simple::is_simple(self.definitions, resource_type, &path);
                    paths.push(path);
                }
                None => is_evaluated |= is_about,
            }
        }
        if !concerned {
            return Err(format!("says nothing of {name}"));
        }
        if is_evaluated && kind == ParameterType::Composite {
            return Err("a composite's expression must be a path of elements".to_owned());
        }
        let has_parts = |path: &Path| {
            let (definitions, parts) = (self.definitions, &definition.components);
            simple::has_parts(definitions, resource_type, path, parts)
        };
        if kind == ParameterType::Composite && !paths.iter().all(has_parts) {
            let problem = "the expressions of a composite's components must be paths of elements, \
                           without conditions";
            return Err(problem.to_owned());
        }
        if is_evaluated {
            let text = definition.expression.as_deref().unwrap_or_default();
            let index = format!("{name}({text}):{}", kind.code());
            let slots = slots(self.definitions, kind);
            let source = self.evaluation(resource_type, definition, index, &slots, Origin::Custom);
            return source.map(|s| vec![s]).ok_or_else(nothing);
        }
        let read =
            |path: &Path| self.path(resource_type, definition, components, path, Origin::Custom);
        let sources: Option<Vec<_>> = paths.iter().map(read).collect();
        sources.filter(|sources| !sources.is_empty()).ok_or_else(nothing)
    }

    /// Whether an alternative is about a type, and whether it can give values of the parameter's
    /// type there; an error when it names what doesn't exist.
    fn gives(
        &self,
        resource_type: ResourceType,
        kind: ParameterType,
        branch: &ast::Node,
    ) -> Result<(bool, bool), String> {
        let root = self.definitions.resource_type_id(resource_type);
        let types = match types_of(branch, self.definitions, root) {
            Ok(types) => types,
            Err(CheckError::OtherType { .. }) => return Ok((false, false)),
            Err(error) => return Err(error.to_string()),
        };
        let reads = |id: &TypeId| Form::of(kind, self.definitions, *id, None).is_some();
        let gives =
            kind == ParameterType::Composite || types.is_none_or(|types| types.iter().any(reads));
        Ok((true, gives))
    }
}

fn is_abstract(name: &str) -> bool {
    matches!(name, "Resource" | "DomainResource")
}

/// All parts that an index of this type can have: what an expression gives isn't known beforehand.
fn slots(definitions: &Definitions, kind: ParameterType) -> Vec<Slot> {
    let mut slots = vec![Slot::Main];
    for (id, _) in definitions.types() {
        let form = Form::of(kind, definitions, id, None);
        for slot in form.iter().flat_map(|form| form.slots()) {
            if !slots.contains(slot) {
                slots.push(*slot);
            }
        }
    }
    slots
}
