//! Evaluating trees.

mod arithmetic;
mod distinct;
mod equality;
mod json_equality;
mod logic;
mod operators;
mod order;
mod path;
mod variables;

use std::cell::Cell;

use crate::ast;
use crate::collection::{Collection, Item};
use crate::context::Context;
use crate::error::EvaluationError;
use crate::functions;
use crate::node::Node;
use crate::scalar::Scalar;
use crate::value::{DateTime, Value};

pub(crate) use distinct::Distinct;
pub(crate) use logic::truth;

type Result<T, E = EvaluationError> = std::result::Result<T, E>;

/// One evaluation: its surroundings, the work done so far, and the moment it takes place.
pub(crate) struct Evaluator<'a, 'c> {
    pub(crate) context: &'c Context<'a>,
    input: Cell<Option<Node<'a>>>,
    steps_left: Cell<u64>,
    now: Cell<Option<DateTime>>,
}

/// What `$this`, `$index` and `$total` mean at a place.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a, 's> {
    pub(crate) this: &'s Item<'a>,
    pub(crate) index: Option<usize>,
    pub(crate) total: Option<&'s Collection<'a>>,
}

impl<'a, 'c> Evaluator<'a, 'c> {
    pub(crate) fn new(context: &'c Context<'a>) -> Evaluator<'a, 'c> {
        Evaluator {
            context,
            input: Cell::new(None),
            steps_left: Cell::new(context.limits.steps),
            now: Cell::new(context.now),
        }
    }

    pub(crate) fn evaluate(&self, ast: &ast::Node, input: Node<'a>) -> Result<Collection<'a>> {
        self.input.set(Some(input));
        let this = Item::Node(input);
        self.node(ast, Scope { this: &this, index: None, total: None })
    }

    /// The value of a part of the expression. The recursion goes as deep as the tree, which the
    /// parser bounds.
    pub(crate) fn node(&self, ast: &ast::Node, scope: Scope<'a, '_>) -> Result<Collection<'a>> {
        self.charge(1)?;
        match ast {
            ast::Node::Path(path) => self.path(path, scope),
            ast::Node::Literal(value) => {
                if let Value::String(text) = value {
                    self.charge(text.len() as u64 / 64)?;
                }
                Ok(Collection::one(value.clone()))
            }
            ast::Node::Empty => Ok(Collection::new()),
            ast::Node::This => self.copied(std::slice::from_ref(scope.this)),
            ast::Node::Index => Ok(scope.index.map_or_else(Collection::new, Collection::count)),
            ast::Node::Total => self.copied(scope.total.map_or(&[], |total| total)),
            ast::Node::Variable(name) => self.variable(name),
            ast::Node::Polarity { negative, operand } => {
                let operand = self.node(operand, scope)?;
                self.polarity(*negative, &operand)
            }
            ast::Node::Binary { operator, left, right } => {
                self.binary(*operator, left, right, scope)
            }
            ast::Node::Type { operation, operand, name } => {
                self.type_operation(*operation, operand, name, scope)
            }
        }
    }

    fn type_operation(
        &self,
        operation: ast::TypeOperation,
        operand: &ast::Node,
        name: &ast::TypeName,
        scope: Scope<'a, '_>,
    ) -> Result<Collection<'a>> {
        if operation == ast::TypeOperation::As {
            return functions::select_type(self, self.node(operand, scope)?, name);
        }
        if let ast::Node::Path(path) = operand
            && let Some(references) = self.before_resolve(path, scope)?
        {
            return functions::type_of_reference(self, references, name);
        }
        functions::has_type(self, &self.node(operand, scope)?, name)
    }

    /// A copy, the work of which is counted.
    fn copied(&self, items: &[Item<'a>]) -> Result<Collection<'a>> {
        for item in items {
            let text = match item {
                Item::Value(Value::String(text)) => text.len(),
                _ => 0,
            };
            self.charge(1 + text as u64 / 64)?;
        }
        Ok(items.iter().cloned().collect())
    }

    /// Counts work, and ends the evaluation when it's too much.
    pub(crate) fn charge(&self, steps: u64) -> Result<()> {
        match self.steps_left.get().checked_sub(steps) {
            Some(left) => {
                self.steps_left.set(left);
                Ok(())
            }
            None => Err(EvaluationError::TooMuchWork(self.context.limits.steps)),
        }
    }

    /// Counts the work of a text that's made, and refuses one that's too long.
    pub(crate) fn charge_text(&self, length: usize) -> Result<()> {
        if length > self.context.limits.text {
            return Err(EvaluationError::TextTooLong(self.context.limits.text));
        }
        self.charge(length as u64 / 64)
    }

    /// The same moment throughout the evaluation.
    pub(crate) fn now(&self) -> DateTime {
        let now = self.now.get().unwrap_or_else(DateTime::now);
        self.now.set(Some(now));
        now
    }

    pub(crate) fn scalar<'x>(&self, item: &'x Item<'_>) -> Scalar<'x> {
        Scalar::of(item, self.context.definitions)
    }

    /// The item as a value, if it is one.
    pub(crate) fn value(&self, item: &Item<'_>) -> Option<Value> {
        self.scalar(item).into_value()
    }
}

/// The only item, if there is one; several are an error.
pub(crate) fn single<'s, 'a>(
    items: &'s [Item<'a>],
    place: &'static str,
) -> Result<Option<&'s Item<'a>>> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(item)),
        _ => Err(EvaluationError::NotSingle { place, count: items.len() }),
    }
}

pub(crate) fn wrong_type(place: &'static str, scalar: &Scalar<'_>) -> EvaluationError {
    EvaluationError::WrongType { place, found: scalar.kind().to_owned() }
}
