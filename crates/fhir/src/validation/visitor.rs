use crate::definitions::{ResourceType, TypeId};
use crate::json::Json;

/// Something that is shown each element of a resource while it is validated.
///
/// It is called until the first issue: what it sees has passed its own checks, though a later fault
/// can still void the resource.
pub trait Visitor<'a> {
    /// A place in the visitor's own plan; cheap.
    type Position: Copy;

    /// The resource whose walk begins.
    fn root(&mut self, resource_type: ResourceType, resource: &'a Json) -> Self::Position;

    /// One value of an element, each item of an array on its own, before its children.
    ///
    /// - `at`: what this method gave for the parent, or [`root`](Self::root) for the resource.
    /// - `property_index`: the place in `definitions[parent_type].properties()`.
    /// - `type_id`: the type of the value; for a contained resource or one in a Bundle, that
    ///   resource's own type.
    /// - `value`: [`Json::Null`] for a primitive that has extensions only.
    /// - `sibling`: the object in `_name`, for primitives. Its children follow with the primitive's
    ///   type as their `parent_type`.
    fn element(
        &mut self,
        at: Self::Position,
        parent_type: TypeId,
        property_index: usize,
        type_id: TypeId,
        value: &'a Json,
        sibling: Option<&'a Json>,
    ) -> Self::Position;
}

/// Looks at nothing.
impl<'a> Visitor<'a> for () {
    type Position = ();

    fn root(&mut self, _: ResourceType, _: &'a Json) {}

    fn element(
        &mut self,
        (): (),
        _: TypeId,
        _: usize,
        _: TypeId,
        _: &'a Json,
        _: Option<&'a Json>,
    ) {
    }
}
