//! Search parameters made into indexes and a plan.

use super::custom::CustomIndex;
use super::{Parameters, SearchableBy, Source};
use crate::composite::{Composite, Part};
use crate::form::Form;
use crate::index::{Index, Slot};
use crate::plan::{Evaluation, Line, Path, Plan, Step, Texts, alternatives, lines};
use cresset_fhir::definitions::{
    Definitions, ParameterType, ResourceType, SearchParameter, TypeId,
};
use cresset_fhirpath::{Expression, Limits, ast};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Makes parameters into indexes and a plan, one after another.
pub(super) struct Compiler {
    pub(super) definitions: &'static Definitions,
    pub(super) indexes: Vec<Index>,
    pub(super) plan: Plan,
    /// By the number of the resource type.
    pub(super) parameters: Vec<Parameters>,
    /// The indexes that only custom parameters have.
    pub(super) custom: Vec<CustomIndex>,
    by_name: HashMap<String, usize>,
    types_by_url: HashMap<String, ParameterType>,
}

/// Whose parameter it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The specification's.
    R4,
    /// The user's own.
    Custom,
}

/// What an evaluated expression of HL7's may cost: they are known.
const STEPS: u64 = 1_000_000;
/// What one of a custom parameter may cost on a resource, about a millisecond. Beyond it finds
/// nothing in that resource.
const CUSTOM_STEPS: u64 = 20_000;

/// Compiles all of the definitions' parameters.
pub(super) fn compile(definitions: &'static Definitions) -> Compiler {
    let mut compiler = Compiler::new(definitions);
    for parameter in definitions.search_parameters() {
        let parameter = Arc::new(parameter.clone());
        let expression = parameter.expression.as_deref().filter(|text| !text.is_empty());
        // HL7's expressions all parse (a test says so); one that doesn't finds nothing.
        let expression = expression.and_then(|text| Expression::parse(text).ok());
        for resource_type in compiler.bases(&parameter) {
            let entry = compiler.parameter(resource_type, &parameter, expression.as_ref());
            compiler.enter(resource_type, entry);
        }
    }
    compiler
}

impl Compiler {
    /// One that knows what types HL7's parameters have, and has compiled none.
    pub(super) fn new(definitions: &'static Definitions) -> Self {
        let all = definitions.search_parameters().iter();
        let types_by_url = all.map(|p| (p.url.clone(), p.parameter_type)).collect();
        Self::empty(definitions, types_by_url)
    }

    fn empty(
        definitions: &'static Definitions,
        types_by_url: HashMap<String, ParameterType>,
    ) -> Self {
        Self {
            definitions,
            indexes: Vec::new(),
            plan: Plan::new(),
            parameters: Vec::new(),
            custom: Vec::new(),
            by_name: HashMap::new(),
            types_by_url,
        }
    }

    /// An empty one that knows the same types.
    pub(super) fn scratch(&self) -> Self {
        Self::empty(self.definitions, self.types_by_url.clone())
    }

    /// A parameter that composites can name; HL7's come first.
    pub(super) fn name(&mut self, url: &str, parameter_type: ParameterType) {
        self.types_by_url.entry(url.to_owned()).or_insert(parameter_type);
    }

    pub(super) fn enter(&mut self, resource_type: ResourceType, parameter: SearchableBy) {
        let number = usize::from(resource_type.number());
        if self.parameters.len() <= number {
            self.parameters.resize_with(number + 1, BTreeMap::new);
        }
        self.parameters[number].insert(parameter.definition.code.clone(), parameter);
    }

    /// The type of the parameter with this URL, a version after `|` aside.
    pub(super) fn type_of(&self, url: &str) -> Option<ParameterType> {
        let url = url.split_once('|').map_or(url, |(url, _)| url);
        self.types_by_url.get(url).copied()
    }

    /// The concrete types that a parameter applies to.
    pub(super) fn bases(&self, parameter: &SearchParameter) -> Vec<ResourceType> {
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
        parameter: &Arc<SearchParameter>,
        expression: Option<&Expression>,
    ) -> SearchableBy {
        let components = parameter.components.iter();
        let mut components: Vec<_> =
            components.filter_map(|c| self.type_of(&c.definition)).collect();
        // Of these the store itself keeps what is asked.
        let is_kept_by_store = matches!(parameter.code.as_str(), "_id" | "_lastUpdated");
        let expression = expression.filter(|_| !is_kept_by_store);
        if let Some(source) = self.full_text(resource_type, &parameter.code) {
            let (definition, sources) = (Arc::clone(parameter), vec![source]);
            return SearchableBy { definition, sources, components, custom: None };
        }
        let mut sources = self.sources(resource_type, parameter, &components, expression);
        if sources.is_empty() && !components.is_empty() {
            // R4's DocumentReference-relationship names the types of its parts the other way round.
            components.reverse();
            sources = self.sources(resource_type, parameter, &components, expression);
        }
        SearchableBy { definition: Arc::clone(parameter), sources, components, custom: None }
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
        parameter: &SearchParameter,
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
        parameter: &SearchParameter,
        components: &[ParameterType],
        branch: &ast::Node,
    ) -> Option<Source> {
        let Some(mut path) = Path::read(branch) else {
            return self.evaluated(resource_type, parameter);
        };
        self.strip_type(resource_type, &mut path)?;
        self.path(resource_type, parameter, components, &path, Origin::R4)
    }

    /// The index of a simple path from a resource. The name of a custom
    /// composite's index tells the types of its parts, since two may read the same places differently.
    pub(super) fn path(
        &mut self,
        resource_type: ResourceType,
        parameter: &SearchParameter,
        components: &[ParameterType],
        path: &Path,
        origin: Origin,
    ) -> Option<Source> {
        let from = self.definitions.resource_type_id(resource_type);
        let lines = lines(self.definitions, from, &path.steps);
        let type_name = &self.definitions[from].name;
        let place = [type_name.clone(), path.canonical()];
        let place = place.into_iter().filter(|part| !part.is_empty());
        let mut name = place.collect::<Vec<_>>().join(".");
        if parameter.parameter_type == ParameterType::Composite {
            let parts = parameter.components.iter().zip(components).map(|(part, kind)| {
                let expression = part.expression.as_str();
                match origin {
                    Origin::R4 => expression.to_owned(),
                    Origin::Custom => format!("{expression}:{}", kind.code()),
                }
            });
            name.push_str(&format!("({})", parts.collect::<Vec<_>>().join(",")));
        }
        name.push(':');
        name.push_str(parameter.parameter_type.code());
        let index = match self.by_name.get(&name) {
            Some(known) => *known,
            None => {
                let index = self.index(resource_type, parameter, components, &name, &lines)?;
                self.new_name(name, index, resource_type, origin);
                index
            }
        };
        let only = path.target.as_deref().and_then(|name| self.definitions.resource_type(name));
        Some(Source { index, targets: self.targets(parameter, path, &lines), only })
    }

    fn new_name(
        &mut self,
        name: String,
        index: usize,
        resource_type: ResourceType,
        origin: Origin,
    ) {
        if origin == Origin::Custom {
            self.indexes[index].leave_contained_out();
            self.custom.push(CustomIndex { name: name.clone(), resource_type, index });
        }
        self.by_name.insert(name, index);
    }

    /// Takes the resource's type from the start of a path; `None` when it is another's.
    pub(super) fn strip_type(&self, resource_type: ResourceType, path: &mut Path) -> Option<()> {
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
        parameter: &SearchParameter,
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
        let is_single = forms.iter().all(|(line, _)| line.is_single);
        for (line, form) in forms {
            self.plan.add_line(self.definitions, resource_type, line, index, form);
        }
        let mut made = Index::new(name, &slots);
        made.is_single = is_single;
        self.indexes.push(made);
        Some(index)
    }

    fn composite(
        &self,
        parameter: &SearchParameter,
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

    /// An expression of HL7's that is no path: evaluated as a whole.
    fn evaluated(
        &mut self,
        resource_type: ResourceType,
        parameter: &SearchParameter,
    ) -> Option<Source> {
        let text = parameter.expression.as_deref()?;
        let name = format!("{text}:{}", parameter.parameter_type.code());
        self.evaluation(resource_type, parameter, name, &[Slot::Main], Origin::R4)
    }

    /// The index of an expression that is evaluated on each resource of a type.
    pub(super) fn evaluation(
        &mut self,
        resource_type: ResourceType,
        parameter: &SearchParameter,
        name: String,
        slots: &[Slot],
        origin: Origin,
    ) -> Option<Source> {
        let kind = parameter.parameter_type;
        let index = match self.by_name.get(&name) {
            Some(known) => *known,
            None => {
                let expression = Expression::parse(parameter.expression.as_deref()?).ok()?;
                let steps = if origin == Origin::Custom { CUSTOM_STEPS } else { STEPS };
                let limits = Limits { steps, ..Limits::default() };
                let index = self.indexes.len();
                self.indexes.push(Index::new(&name, slots));
                let evaluation = Evaluation { index, kind, expression, limits };
                self.plan.add_evaluation(resource_type, evaluation);
                self.new_name(name, index, resource_type, origin);
                index
            }
        };
        let targets = match (kind, parameter.target.is_empty()) {
            (ParameterType::Reference, true) if origin == Origin::Custom => {
                self.definitions.concrete_resource_types().collect()
            }
            _ => parameter.target.clone(),
        };
        Some(Source { index, targets, only: None })
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
