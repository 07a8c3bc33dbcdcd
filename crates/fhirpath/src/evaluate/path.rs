//! Paths: the steps of a chain, one after the other.

use super::{Evaluator, Result, Scope, single, wrong_type};
use crate::ast::{Call, Identifier, Path, Step, TypeName};
use crate::collection::{Collection, Item};
use crate::functions::{self, Function};
use crate::model::{is_named, members};
use crate::node::Node;
use crate::scalar::Scalar;
use crate::value::{TypeInfo, Value};

impl<'a> Evaluator<'a, '_> {
    pub(super) fn path(&self, path: &Path, scope: Scope<'a, '_>) -> Result<Collection<'a>> {
        self.steps(path, &path.steps, scope)
    }

    /// What `resolve()` would be applied to when it's the path's last step: whether it `is` some
    /// type can often be told without resolving.
    pub(super) fn before_resolve(
        &self,
        path: &Path,
        scope: Scope<'a, '_>,
    ) -> Result<Option<Collection<'a>>> {
        match path.steps.split_last() {
            Some((Step::Call(last), before)) if last.function == Function::Resolve => {
                self.steps(path, before, scope).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The path's start and these of its steps.
    fn steps(
        &self,
        path: &Path,
        mut steps: &[Step],
        scope: Scope<'a, '_>,
    ) -> Result<Collection<'a>> {
        let mut current = match (&path.start, scope.this) {
            (Some(start), _) => self.node(start, scope)?,
            (None, Item::Node(this)) => {
                let (named, rest) = split_members(self.without_own_type(*this, steps));
                steps = rest;
                let mut found = Collection::new();
                self.descend(*this, named, &mut found)?;
                found
            }
            (None, this) => Collection::one(this.clone()),
        };
        while let Some(step) = steps.first() {
            let rest;
            (current, rest) = match step {
                Step::Member(_) => {
                    let (named, rest) = split_members(steps);
                    (self.member(current, named)?, rest)
                }
                Step::Index(index) => {
                    let index = self.node(index, scope)?;
                    (self.index(current, &index)?, &steps[1..])
                }
                Step::Call(call) => match is_type_of_resolved(call, steps.get(1)) {
                    Some(name) => (functions::type_of_reference(self, current, name)?, &steps[2..]),
                    None => (functions::call(self, call, current, scope)?, &steps[1..]),
                },
            };
            steps = rest;
        }
        Ok(current)
    }

    /// The steps without the first one if that's the type of the focus, as in `Patient.name`.
    fn without_own_type<'s>(&self, this: Node<'a>, steps: &'s [Step]) -> &'s [Step] {
        let (Some(Step::Member(first)), Some(type_id)) = (steps.first(), this.type_id) else {
            return steps;
        };
        let name = first.name();
        let is_type = name.starts_with(|first: char| first.is_ascii_uppercase())
            && is_named(self.context.definitions, type_id, name);
        if is_type { &steps[1..] } else { steps }
    }

    fn member(&self, current: Collection<'a>, names: &[Step]) -> Result<Collection<'a>> {
        let mut found = Collection::new();
        for item in current {
            match (item, names) {
                (Item::Node(node), _) => self.descend(node, names, &mut found)?,
                (Item::Value(Value::Type(info)), [Step::Member(name)]) => {
                    found.extend(part_of_type(name, info));
                }
                (Item::Value(_), _) => {}
            }
        }
        Ok(found)
    }

    /// Depth first through members only, which gives the same order as step by step and needs no
    /// collections between. The recursion goes as deep as there is data.
    fn descend(&self, node: Node<'a>, steps: &[Step], found: &mut Collection<'a>) -> Result<()> {
        self.charge(1)?;
        let Some((Step::Member(name), rest)) = steps.split_first() else {
            found.push(Item::Node(node));
            return Ok(());
        };
        let definitions = self.context.definitions;
        members(definitions, node, name, &mut |member| self.descend(member, rest, found))
    }

    fn index(&self, current: Collection<'a>, index: &Collection<'a>) -> Result<Collection<'a>> {
        let Some(index) = single(index, "[ ]")? else {
            return Ok(Collection::new());
        };
        match self.scalar(index) {
            Scalar::Integer(at) => {
                let item = usize::try_from(at).ok().and_then(|at| current.into_iter().nth(at));
                Ok(item.into_iter().collect())
            }
            other => Err(wrong_type("[ ]", &other)),
        }
    }
}

/// The steps up to the first that isn't a member, and the others.
fn split_members(steps: &[Step]) -> (&[Step], &[Step]) {
    let members = steps.iter().take_while(|step| matches!(step, Step::Member(_))).count();
    steps.split_at(members)
}

/// The type in `resolve().is(Type)`, which can often be answered without resolving.
fn is_type_of_resolved<'s>(call: &Call, next: Option<&'s Step>) -> Option<&'s TypeName> {
    match next {
        Some(Step::Call(next))
            if call.function == Function::Resolve && next.function == Function::Is =>
        {
            next.type_name.as_ref()
        }
        _ => None,
    }
}

fn part_of_type<'a>(name: &Identifier, info: TypeInfo) -> Option<Item<'a>> {
    let text = match name.name() {
        "namespace" => info.namespace,
        "name" => info.name,
        _ => return None,
    };
    Some(Item::Value(Value::String(text.into())))
}
