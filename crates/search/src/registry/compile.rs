//! Search parameters made into indexes and a plan.

use super::{Parameters, SearchableBy, Source};
use crate::composite::{Composite, Part};
use crate::form::Form;
use crate::index::{Index, Slot};
use crate::plan::{Evaluation, Line, Path, Plan, Step, Texts, alternatives, lines};
use cresset_fhir::definitions::{
    Definitions, ParameterType, ResourceType, SearchParameter, TypeId,
};
use cresset_fhirpath::{Expression, ast};
use std::collections::{BTreeMap, HashMap};

/// What compilation gives.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) indexes: Vec<Index>,
    pub(crate) plan: Plan,
    /// By the number of the resource type.
    pub(crate) parameters: Vec<Parameters>,
}

struct Compiler {
    definitions: &'static Definitions,
    indexes: Vec<Index>,
    by_name: HashMap<String, usize>,
    by_url: HashMap<&'static str, &'static SearchParameter>,
    plan: Plan,
}

/// Compiles all of the definitions' parameters.
pub(crate) fn compile(definitions: &'static Definitions) -> Compiled {
    let all = definitions.search_parameters();
    let mut compiler = Compiler {
        definitions,
        indexes: Vec::new(),
        by_name: HashMap::new(),
        by_url: all.iter().map(|p| (p.url.as_str(), p)).collect(),
        plan: Plan::new(),
    };
    let mut parameters: Vec<Parameters> = Vec::new();
    for parameter in all {
        let expression = parameter.expression.as_deref().filter(|text| !text.is_empty());
        // HL7's expressions all parse (a test says so); one that doesn't finds nothing.
        let expression = expression.and_then(|text| Expression::parse(text).ok());
        for resource_type in compiler.bases(parameter) {
            let number = usize::from(resource_type.number());
            if parameters.len() <= number {
                parameters.resize_with(number + 1, BTreeMap::new);
            }
            let entry = compiler.parameter(resource_type, parameter, expression.as_ref());
            parameters[number].insert(parameter.code.as_str(), entry);
        }
    }
    Compiled { indexes: compiler.indexes, plan: compiler.plan, parameters }
}

impl Compiler {
    /// The concrete types that a parameter applies to.
    fn bases(&self, parameter: &SearchParameter) -> Vec<ResourceType> {
        let definitions = self.definitions;
        let bases = parameter.base.iter();
        let bases: Vec<TypeId> = bases.filter_map(|name| definitions.type_named(name)).collect();
        let has_base = |t: &ResourceType| {
            let type_id = definitions.resource_type_id(*t);
            bases.iter().any(|base| definitions.is_a(type_id, *base))
        };
        definitions.concrete_resource_types().filter(has_base).collect()
    }

    fn parameter(
        &mut self,
        resource_type: ResourceType,
        parameter: &'static SearchParameter,
        expression: Option<&Expression>,
    ) -> SearchableBy {
        let by_url = &self.by_url;
        let component = |c: &cresset_fhir::definitions::Component| {
            by_url.get(c.definition.as_str()).map(|p| p.parameter_type)
        };
        let mut components: Vec<_> = parameter.components.iter().filter_map(component).collect();
        // Of these the store itself keeps what is asked.
        let is_kept_by_store = matches!(parameter.code.as_str(), "_id" | "_lastUpdated");
        let expression = expression.filter(|_| !is_kept_by_store);
        if let Some(source) = self.full_text(resource_type, &parameter.code) {
            return SearchableBy { definition: parameter, sources: vec![source], components };
        }
        let mut sources = self.sources(resource_type, parameter, &components, expression);
        if sources.is_empty() && !components.is_empty() {
            // R4's DocumentReference-relationship names the types of its parts the other way round.
            components.reverse();
            sources = self.sources(resource_type, parameter, &components, expression);
        }
        SearchableBy { definition: parameter, sources, components }
    }

    /// The words that `_text` and `_content` look at; these have no expression.
    fn full_text(&mut self, resource_type: ResourceType, code: &str) -> Option<Source> {
        let texts = match code {
            "_text" => Texts::Narrative,
            "_content" => Texts::All,
            _ => return None,
        };
        let type_id = self.definitions.resource_type_id(resource_type);
        let name = format!("{}.{code}:words", self.definitions[type_id].name);
        let index = self.indexes.len();
        self.indexes.push(Index::new(&name, &[Slot::Main]));
        self.plan.add_words(self.definitions, resource_type, texts, index);
        Some(Source { index, targets: Vec::new(), only: None })
    }

    fn sources(
        &mut self,
        resource_type: ResourceType,
        parameter: &'static SearchParameter,
        components: &[ParameterType],
        expression: Option<&Expression>,
    ) -> Vec<Source> {
        let branches = expression.map_or(Vec::new(), |e| alternatives(e.ast()));
        let source = |branch| self.branch(resource_type, parameter, components, branch);
        branches.into_iter().filter_map(source).collect()
    }

    /// The index of one alternative of an expression, when it is about this type.
    fn branch(
        &mut self,
        resource_type: ResourceType,
        parameter: &'static SearchParameter,
        components: &[ParameterType],
        branch: &ast::Node,
    ) -> Option<Source> {
        let Some(mut path) = Path::read(branch) else {
            return self.evaluated(resource_type, parameter);
        };
        self.strip_type(resource_type, &mut path)?;
        let from = self.definitions.resource_type_id(resource_type);
        let lines = lines(self.definitions, from, &path.steps);
        let type_name = &self.definitions[from].name;
        let place = [type_name.clone(), path.canonical()];
        let place = place.into_iter().filter(|part| !part.is_empty());
        let mut name = place.collect::<Vec<_>>().join(".");
        if parameter.parameter_type == ParameterType::Composite {
            let parts = parameter.components.iter().map(|c| c.expression.as_str());
            name.push_str(&format!("({})", parts.collect::<Vec<_>>().join(",")));
        }
        name.push(':');
        name.push_str(parameter.parameter_type.code());
        let index = match self.by_name.get(&name) {
            Some(known) => *known,
            None => {
                let index = self.index(resource_type, parameter, components, &name, &lines);
                self.by_name.insert(name, index?);
                index?
            }
        };
        let only = path.target.as_deref().and_then(|name| self.definitions.resource_type(name));
        Some(Source { index, targets: self.targets(parameter, &path, &lines), only })
    }

    /// Takes the resource's type from the start of a path; `None` when it is another's.
    fn strip_type(&self, resource_type: ResourceType, path: &mut Path) -> Option<()> {
        let Some(Step::Member(first)) = path.steps.first() else {
            return Some(());
        };
        if !first.starts_with(|c: char| c.is_ascii_uppercase()) {
            return Some(());
        }
        let named = self.definitions.type_named(first)?;
        let own = self.definitions.resource_type_id(resource_type);
        self.definitions.is_a(own, named).then(|| {
            path.steps.remove(0);
        })
    }

    /// Makes an index with its lines in the plan; `None` when no value can go into it.
    fn index(
        &mut self,
        resource_type: ResourceType,
        parameter: &'static SearchParameter,
        components: &[ParameterType],
        name: &str,
        lines: &[Line],
    ) -> Option<usize> {
        let form = |line: &Line| match parameter.parameter_type {
            ParameterType::Composite => self.composite(parameter, components, line),
            kind => Form::of(kind, self.definitions, line.type_id, line.element),
        };
        let forms: Vec<_> = lines.iter().filter_map(|l| Some((l, form(l)?))).collect();
        let mut slots: Vec<Slot> = Vec::new();
        for slot in forms.iter().flat_map(|(_, form)| form.slots()) {
            if !slots.contains(slot) {
                slots.push(*slot);
            }
        }
        if slots.is_empty() {
            return None;
        }
        let index = self.indexes.len();
        for (line, form) in forms {
            self.plan.add_line(self.definitions, resource_type, line, index, form);
        }
        self.indexes.push(Index::new(name, &slots));
        Some(index)
    }

    fn composite(
        &self,
        parameter: &'static SearchParameter,
        components: &[ParameterType],
        line: &Line,
    ) -> Option<Form> {
        let parts = parameter.components.iter().zip(components);
        let parts = parts.map(|(component, kind)| self.part(&component.expression, *kind, line));
        let parts = parts.collect::<Option<Vec<_>>>()?;
        Composite::new(parts).map(Form::Composite)
    }

    fn part(&self, expression: &str, kind: ParameterType, line: &Line) -> Option<Part> {
        let expression = Expression::parse(expression).ok()?;
        let mut part = Part { is_from_resource: false, ways: Vec::new() };
        for branch in alternatives(expression.ast()) {
            let path = Path::read(branch)?;
            part.is_from_resource = path.is_from_resource;
            let from = match path.is_from_resource {
                // Only MolecularSequence's composites look at the resource, from its own elements.
                true => self.owner(line)?,
                false => line.type_id,
            };
            for way in lines(self.definitions, from, &path.steps) {
                if let Some(form) = Form::of(kind, self.definitions, way.type_id, way.element) {
                    let names = way.hops.iter().map(|hop| hop.name).collect();
                    part.ways.push((names, form));
                }
            }
        }
        Some(part)
    }

    /// The resource type that a backbone element belongs to.
    fn owner(&self, line: &Line) -> Option<TypeId> {
        let name = &self.definitions[line.type_id].name;
        self.definitions.type_named(name.split('.').next()?)
    }

    /// An expression that is no path: evaluated as a whole.
    fn evaluated(
        &mut self,
        resource_type: ResourceType,
        parameter: &'static SearchParameter,
    ) -> Option<Source> {
        let kind = parameter.parameter_type;
        let text = parameter.expression.as_deref()?;
        let name = format!("{text}:{}", kind.code());
        let index = match self.by_name.get(&name) {
            Some(known) => *known,
            None => {
                let index = self.indexes.len();
                self.indexes.push(Index::new(&name, &[Slot::Main]));
                self.by_name.insert(name, index);
                let expression = Expression::parse(text).ok()?;
                let evaluation = Evaluation { index, kind, expression };
                self.plan.add_evaluation(resource_type, evaluation);
                index
            }
        };
        Some(Source { index, targets: parameter.target.clone(), only: None })
    }

    /// The types that references in a branch can point at.
    fn targets(
        &self,
        parameter: &SearchParameter,
        path: &Path,
        lines: &[Line],
    ) -> Vec<ResourceType> {
        if parameter.parameter_type != ParameterType::Reference {
            return Vec::new();
        }
        if let Some(name) = &path.target {
            return self.definitions.resource_type(name).into_iter().collect();
        }
        let elements: Vec<_> = lines.iter().filter_map(|line| line.element).collect();
        let is_open = elements.iter().any(|e| e.targets.is_empty());
        let can_be = |t: &ResourceType| is_open || elements.iter().any(|e| e.targets.contains(t));
        let all: Vec<_> = match parameter.target.is_empty() {
            true => self.definitions.concrete_resource_types().collect(),
            false => parameter.target.clone(),
        };
        all.into_iter().filter(can_be).collect()
    }
}
