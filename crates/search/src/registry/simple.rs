//! Which paths of a custom parameter the plan can take: those whose values the walk over a resource
//! meets, told apart by no more than one fixed text. The others are evaluated as FHIRPath.

use crate::plan::{Line, Path, Step, alternatives, lines};
use cresset_fhir::definitions::{
    Component, Definitions, ElementDefinition, Kind, ResourceType, TypeId,
};
use cresset_fhirpath::Expression;

/// How many steps a path may have.
const MOST_STEPS: usize = 32;
/// How many ways it may go: an element `value[x]` has fifty.
const MOST_WAYS: usize = 500;

/// The same bounds for a composite's parts, which are followed from each of its ways.
const MOST_PART_STEPS: usize = 8;
const MOST_PART_WAYS: usize = 60;

/// Whether the walk finds what the path, without its type in front, means on a type.
pub(super) fn is_simple(
    definitions: &'static Definitions,
    resource_type: ResourceType,
    path: &Path,
) -> bool {
    let is_condition = |step: &&Step| matches!(step, Step::Where(..));
    if path.steps.len() > MOST_STEPS || path.steps.iter().filter(is_condition).count() > 1 {
        return false;
    }
    let from = definitions.resource_type_id(resource_type);
    (0..path.steps.len()).all(|at| {
        let before = lines(definitions, from, &path.steps[..at]);
        let goes = |line: &Line| goes_on(definitions, line, &path.steps[at]);
        before.len() <= MOST_WAYS && before.iter().all(goes)
    })
}

/// Whether the parts of a composite are paths that extraction can follow from its element: of
/// elements and types only.
pub(super) fn has_parts(
    definitions: &'static Definitions,
    resource_type: ResourceType,
    composite: &Path,
    parts: &[Component],
) -> bool {
    let from = definitions.resource_type_id(resource_type);
    let mut starts: Vec<_> =
        lines(definitions, from, &composite.steps).iter().map(|line| line.type_id).collect();
    starts.sort_unstable();
    starts.dedup();
    parts.iter().all(|part| {
        Expression::parse(&part.expression).is_ok_and(|expression| {
            alternatives(expression.ast()).into_iter().all(|branch| {
                let path = Path::read(branch);
                path.is_some_and(|path| {
                    starts.iter().all(|from| is_part(definitions, *from, &path))
                })
            })
        })
    })
}

fn is_part(definitions: &'static Definitions, from: TypeId, path: &Path) -> bool {
    let is_plain = |step: &Step| !matches!(step, Step::Where(..));
    path.steps.len() <= MOST_PART_STEPS
        && !path.is_from_resource
        && path.target.is_none()
        && path.steps.iter().all(is_plain)
        && (0..=path.steps.len())
            .all(|at| lines(definitions, from, &path.steps[..at]).len() <= MOST_PART_WAYS)
}

fn goes_on(definitions: &'static Definitions, line: &Line, step: &Step) -> bool {
    let here = &definitions[line.type_id];
    let is_start = line.element.is_none();
    // Contained resources and the extensions of primitives are beyond the plan.
    let is_passable = is_start || !matches!(here.kind, Kind::Resource | Kind::Primitive);
    match step {
        Step::Member(_) => is_passable,
        Step::Type(_) => is_start || here.kind != Kind::Resource,
        Step::Where(name, _) => {
            let element = here.element_named(name);
            is_passable && element.is_some_and(|element| is_one_text(definitions, element))
        }
    }
}

/// Whether an element has at most one value, and that is a text.
fn is_one_text(definitions: &Definitions, element: &ElementDefinition) -> bool {
    const TEXTS: [&str; 8] = [
        "string",
        "code",
        "uri",
        "url",
        "canonical",
        "id",
        "markdown",
        "http://hl7.org/fhirpath/System.String",
    ];
    let is_text = |name: &str| TEXTS.contains(&name);
    !element.is_choice
        && !element.is_array
        && element.types.iter().all(|id| is_text(&definitions[*id].name))
}
