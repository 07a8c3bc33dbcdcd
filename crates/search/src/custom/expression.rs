//! What an expression may not use: index keys are a function of the resource alone.

use cresset_fhirpath::Function;
use cresset_fhirpath::ast::{Node, Path, Step, TypeOperation};

/// Looks for what depends on more than the resource.
///
/// # Errors
/// What it uses, and why that can't be.
pub(crate) fn check_expression(node: &Node) -> Result<(), String> {
    match node {
        Node::Path(path) => check_path(path, &path.steps),
        Node::Variable(name) => check_variable(name),
        Node::Polarity { operand, .. } => check_expression(operand),
        Node::Binary { left, right, .. } => {
            check_expression(left)?;
            check_expression(right)
        }
        Node::Type { operation: TypeOperation::Is, operand, .. } => match &**operand {
            // The reference's own text tells the type.
            Node::Path(path) if ends_with_resolve(path) => {
                check_path(path, &path.steps[..path.steps.len() - 1])
            }
            other => check_expression(other),
        },
        Node::Type { operand, .. } => check_expression(operand),
        Node::Literal(_) | Node::Empty | Node::This | Node::Index | Node::Total => Ok(()),
    }
}

fn ends_with_resolve(path: &Path) -> bool {
    matches!(path.steps.last(), Some(Step::Call(call)) if call.function == Function::Resolve)
}

fn check_path(path: &Path, steps: &[Step]) -> Result<(), String> {
    if let Some(start) = &path.start {
        check_expression(start)?;
    }
    for step in steps {
        match step {
            Step::Member(_) => {}
            Step::Index(index) => check_expression(index)?,
            Step::Call(call) => {
                check_function(call.function)?;
                call.arguments.iter().try_for_each(check_expression)?;
            }
        }
    }
    Ok(())
}

fn check_function(function: Function) -> Result<(), String> {
    match function {
        Function::Now | Function::Today | Function::TimeOfDay => {
            Err("uses the present time: what it finds would change without a write".to_owned())
        }
        Function::Resolve => Err("follows a reference: what it finds would change with another \
                                  resource; only 'resolve() is Type' is possible"
            .to_owned()),
        Function::MemberOf
        | Function::ConformsTo
        | Function::Subsumes
        | Function::SubsumedBy
        | Function::HtmlChecks
        | Function::ElementDefinition
        | Function::Slice
        | Function::CheckModifiers => {
            Err("uses a function that needs more than the resource itself".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_variable(name: &str) -> Result<(), String> {
    let known = ["resource", "rootResource", "context", "ucum", "sct", "loinc"];
    match known.contains(&name) || name.starts_with("vs-") || name.starts_with("ext-") {
        true => Ok(()),
        false => Err("uses a variable that isn't defined".to_owned()),
    }
}
