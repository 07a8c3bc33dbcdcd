//! The simple ones among search expressions: chains of elements, types and equalities. All but two
//! of R4's expressions are of this form in each of their alternatives.

use cresset_fhirpath::Function;
use cresset_fhirpath::Value;
use cresset_fhirpath::ast::{self, Call, Node, Operator, TypeOperation};
use std::fmt::Write;

/// A chain of steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Path {
    /// It starts at `%resource`.
    pub(crate) is_from_resource: bool,
    pub(crate) steps: Vec<Step>,
    /// `where(resolve() is Patient)` at the end: told by the reference's text when a search asks.
    pub(crate) target: Option<String>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// An element; the first may be the resource's type.
    Member(String),
    /// `as Quantity`, `ofType(Quantity)`.
    Type(String),
    /// `where(system = 'phone')`.
    Where(String, String),
}

impl Path {
    /// The path that `node` is, if it is a simple one.
    pub(crate) fn read(node: &Node) -> Option<Self> {
        let mut path = Self::default();
        path.append(node)?;
        Some(path)
    }

    /// The path in one form of writing, without its target.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            if !text.is_empty() {
                text.push('.');
            }
            let _ = match step {
                Step::Member(name) => write!(text, "{name}"),
                Step::Type(name) => write!(text, "ofType({name})"),
                Step::Where(name, value) => write!(text, "where({name}='{value}')"),
            };
        }
        text
    }

    fn append(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Variable(name) if name == "resource" && self.steps.is_empty() => {
                self.is_from_resource = true;
                Some(())
            }
            Node::Type { operation: TypeOperation::As, operand, name } => {
                self.append(operand)?;
                self.push(Step::Type(type_name(&name.name)))
            }
            Node::Path(path) => {
                if let Some(start) = &path.start {
                    self.append(start)?;
                }
                path.steps.iter().try_for_each(|step| self.append_step(step))
            }
            _ => None,
        }
    }

    fn append_step(&mut self, step: &ast::Step) -> Option<()> {
        match step {
            ast::Step::Member(name) => self.push(Step::Member(name.name().to_owned())),
            ast::Step::Call(Call { function, arguments, type_name: argument }) => {
                match (function, arguments.as_slice(), argument) {
                    (Function::As | Function::OfType, _, Some(name)) => {
                        self.push(Step::Type(type_name(&name.name)))
                    }
                    (Function::Where, [condition], _) => self.append_condition(condition),
                    _ => None,
                }
            }
            ast::Step::Index(_) => None,
        }
    }

    fn append_condition(&mut self, condition: &Node) -> Option<()> {
        match condition {
            Node::Type { operation: TypeOperation::Is, operand, name } if is_resolve(operand) => {
                self.target = Some(name.name.to_string());
                Some(())
            }
            Node::Binary { operator: Operator::Equal, left, right } => {
                let (Node::Path(path), Node::Literal(Value::String(value))) = (&**left, &**right)
                else {
                    return None;
                };
                let (None, [ast::Step::Member(name)]) = (&path.start, path.steps.as_slice()) else {
                    return None;
                };
                self.push(Step::Where(name.name().to_owned(), value.to_string()))
            }
            _ => None,
        }
    }

    /// Nothing may follow a target.
    fn push(&mut self, step: Step) -> Option<()> {
        self.target.is_none().then(|| self.steps.push(step))
    }
}

fn is_resolve(node: &Node) -> bool {
    let Node::Path(path) = node else {
        return false;
    };
    let is_resolve = |step: &ast::Step| matches!(step, ast::Step::Call(call) if call.function == Function::Resolve);
    path.start.is_none() && path.steps.len() == 1 && is_resolve(&path.steps[0])
}

/// R4 writes `DateTime` for `dateTime` in code-value-date; there is no such type of its own.
fn type_name(name: &str) -> String {
    if name == "DateTime" { "dateTime" } else { name }.to_owned()
}

/// The alternatives of `A | B | C`.
pub(crate) fn alternatives(node: &Node) -> Vec<&Node> {
    match node {
        Node::Binary { operator: Operator::Union, left, right } => {
            let mut all = alternatives(left);
            all.extend(alternatives(right));
            all
        }
        other => vec![other],
    }
}
