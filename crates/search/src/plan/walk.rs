use super::texts::{Found, TextTypes};
use super::{Action, Plan, computed};
use crate::composite::follow;
use crate::contained;
use crate::form::{Extraction, Form};
use crate::index::{Index, Slot, Values};
use crate::token;
use cresset_fhir::definitions::{Definitions, ParameterType, ResourceType, TypeId};
use cresset_fhir::json::Json;
use cresset_fhir::validation::Visitor;
use cresset_fhirpath::{Context, Item, Value};
use cresset_store::IndexKey;

/// Takes index values along the way of validation.
pub(crate) struct Walk<'r> {
    plan: &'r Plan,
    indexes: &'r [Index],
    definitions: &'static Definitions,
    base_urls: &'r [String],
    root: &'r Json,
    values: Values,
    keys: Vec<IndexKey>,
    text_types: Option<TextTypes>,
    words: Found,
    /// How many contained resources were passed.
    contained: u8,
}

/// A place in the plan.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Position {
    node: u32,
    /// The contained resource it is in.
    contained: Option<u8>,
    /// It is the resource itself.
    is_root: bool,
}

impl<'r> Walk<'r> {
    pub(crate) fn new(
        plan: &'r Plan,
        indexes: &'r [Index],
        definitions: &'static Definitions,
        base_urls: &'r [String],
        root: &'r Json,
    ) -> Self {
        Self {
            plan,
            indexes,
            definitions,
            base_urls,
            root,
            values: Values::new(),
            keys: Vec::with_capacity(64),
            text_types: plan.text_types,
            words: Found::default(),
            contained: 0,
        }
    }

    /// The keys found on the way, and those of the expressions that have to be evaluated.
    pub(crate) fn finish(mut self, resource_type: ResourceType) -> Vec<IndexKey> {
        let plan = self.plan;
        let root = plan.roots.get(usize::from(resource_type.number()));
        for evaluation in root.map_or(&[][..], |(_, evaluations)| evaluations) {
            let context = Context::new(self.root)
                .with_definitions(self.definitions)
                .with_limits(evaluation.limits);
            // An expression that doesn't fit a resource finds nothing in it.
            let found = evaluation.expression.evaluate(context.input(), &context);
            for item in &found.unwrap_or_default() {
                self.take_item(evaluation.kind, item);
            }
            self.enter(evaluation.index, None);
        }
        let words = plan.words.get(usize::from(resource_type.number()));
        let found =
            [std::mem::take(&mut self.words.narrative), std::mem::take(&mut self.words.all)];
        for (index, words) in words.copied().unwrap_or_default().into_iter().zip(found) {
            if let Some(parameter) = index.and_then(|index| self.indexes[index].part(Slot::Main)) {
                let key = |value| IndexKey { parameter: parameter.clone(), value };
                self.keys.extend(words.values().map(key));
            }
        }
        self.keys
    }

    fn take_item(&mut self, kind: ParameterType, item: &Item<'_>) {
        match item {
            Item::Node(node) => {
                let (Some(value), Some(type_id)) = (node.json(), node.type_id()) else {
                    return;
                };
                let from = extraction(self.definitions, self.base_urls, self.root);
                if let Some(form) = Form::of(kind, self.definitions, type_id, None) {
                    form.extract(&from, value, &mut self.values);
                }
            }
            Item::Value(Value::Boolean(value)) if kind == ParameterType::Token => {
                token::boolean(*value, &mut self.values);
            }
            Item::Value(value) => {
                let from = extraction(self.definitions, self.base_urls, self.root);
                computed::take(kind, value, &from, &mut self.values);
            }
        }
    }

    fn act(&mut self, at: Position, value: &Json) {
        let plan = self.plan;
        for action in &plan.nodes[at.node as usize].actions {
            if action.holds(value) {
                let from = extraction(self.definitions, self.base_urls, self.root);
                let values = &mut self.values;
                follow(value, &action.tail, &mut |value| action.form.extract(&from, value, values));
                self.enter(action.index, at.contained);
            }
        }
    }

    fn enter(&mut self, index: usize, contained: Option<u8>) {
        let index = &self.indexes[index];
        for (slot, mut value) in self.values.drain(..) {
            let parameter = match contained {
                None => index.part(slot),
                Some(n) => {
                    value.insert(0, contained::number(n));
                    index.contained_part(slot)
                }
            };
            if let Some(parameter) = parameter {
                let parameter = parameter.clone();
                self.keys.push(IndexKey { parameter, value });
            }
        }
    }

    /// Begins a contained resource; beyond those that are indexed, nothing is found.
    fn contained(&mut self, resource_type: ResourceType, type_name: &str) -> Position {
        let n = self.contained;
        self.contained = n.saturating_add(1);
        if n >= contained::MOST {
            return Position::default();
        }
        self.keys.push(contained::type_key(&self.plan.contained_types, n, type_name));
        Position { contained: Some(n), is_root: false, ..self.start(resource_type) }
    }

    fn start(&self, resource_type: ResourceType) -> Position {
        let root = self.plan.roots.get(usize::from(resource_type.number()));
        Position { node: root.map_or(0, |(node, _)| *node), contained: None, is_root: true }
    }
}

fn extraction<'a>(
    definitions: &'static Definitions,
    base_urls: &'a [String],
    root: &'a Json,
) -> Extraction<'a> {
    Extraction { definitions, base_urls, root, is_part: false }
}

impl Action {
    fn holds(&self, value: &Json) -> bool {
        self.guard.as_ref().is_none_or(|guard| {
            let actual = value.get(&guard.name).and_then(Json::as_str);
            actual == Some(guard.value.as_str())
        })
    }
}

impl<'a> Visitor<'a> for Walk<'_> {
    type Position = Position;

    fn root(&mut self, resource_type: ResourceType, resource: &'a Json) -> Position {
        let at = self.start(resource_type);
        self.act(at, resource);
        at
    }

    fn element(
        &mut self,
        at: Position,
        parent_type: TypeId,
        property_index: usize,
        type_id: TypeId,
        value: &'a Json,
        _: Option<&'a Json>,
    ) -> Position {
        if let Some(types) = self.text_types {
            let words = &mut self.words;
            words.take(self.definitions, types, parent_type, property_index, type_id, value);
        }
        let definition = &self.definitions[type_id];
        if let Some(resource_type) = definition.resource_type.filter(|_| at.is_root) {
            let inside = self.contained(resource_type, &definition.name);
            if inside.node != 0 {
                self.act(inside, value);
            }
            return inside;
        }
        // A node has children for the properties of its own type only; nothing leads into the entries
        // of a Bundle, or the extensions of a primitive.
        let children = &self.plan.nodes[at.node as usize].children;
        let node = children.get(property_index).copied().unwrap_or(0);
        let child = Position { node, contained: at.contained, is_root: false };
        if node != 0 {
            self.act(child, value);
        }
        child
    }
}
