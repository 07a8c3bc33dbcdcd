//! Compartments (R4, compartmentdefinition): what belongs to a patient, an encounter, a
//! practitioner, a related person or a device.

use crate::context::Context;
use crate::failure::{ErrorKind, Failure};
use crate::route::Target;
use crate::service::Service;
use cresset_fhir::definitions::ResourceType;
use cresset_search::{Registry, SearchRequest};
use cresset_store::{Filter, Key, TypeNumber};

impl Service {
    /// Confines a search to the compartment that its URL names, if it names one. `false` when
    /// nothing can be found.
    pub(crate) fn confine(
        &self,
        context: &Context,
        registry: &Registry,
        target: &Target<'_>,
        search: &mut SearchRequest,
    ) -> Result<bool, Failure> {
        let (Some(centre_type), Some(_)) = (target.resource_type, &target.id) else {
            return Ok(true);
        };
        let centre = target.key()?;
        let members = match target.member {
            Some(member) => {
                let of = compartment(registry, &centre, centre_type, member);
                vec![(member, of.ok_or_else(|| self.never_in(centre_type, member))?)]
            }
            None => {
                let mut members = self.members(context, registry, &centre, centre_type);
                let types = &search.query.types;
                members.retain(|(of, _)| types.is_empty() || types.contains(&number(*of)));
                members
            }
        };
        search.query.types = members.iter().map(|(of, _)| number(*of)).collect();
        let inside = Filter::Or(members.into_iter().map(|(_, filter)| filter).collect());
        let asked = std::mem::replace(&mut search.query.filter, Filter::All);
        search.query.filter = match asked {
            Filter::All => inside,
            asked => Filter::And(vec![inside, asked]),
        };
        Ok(!search.query.types.is_empty())
    }

    /// The types that can be in a compartment and that the principal may read, each with what its
    /// resources must match.
    pub(crate) fn members(
        &self,
        context: &Context,
        registry: &Registry,
        centre: &Key,
        centre_type: ResourceType,
    ) -> Vec<(ResourceType, Filter)> {
        let mut types = registry.compartment_members(centre_type);
        if !types.contains(&centre_type) {
            types.push(centre_type);
        }
        let may_read = |of: &ResourceType| context.scope.may_read(number(*of)).is_ok();
        let types = types.into_iter().filter(may_read);
        types.filter_map(|of| Some((of, compartment(registry, centre, centre_type, of)?))).collect()
    }

    fn never_in(&self, centre: ResourceType, member: ResourceType) -> Failure {
        let (centre, member) = (self.name_of(centre), self.name_of(member));
        let problem = format!("{member} is never part of the compartment of a {centre}");
        Failure::new(ErrorKind::NotFound, "not-found", problem)
    }
}

/// What resources of a type must match to be in the compartment; its centre always is.
fn compartment(
    registry: &Registry,
    centre: &Key,
    centre_type: ResourceType,
    member: ResourceType,
) -> Option<Filter> {
    let linked = registry.compartment(centre, member);
    if member != centre_type {
        return linked;
    }
    let itself = Filter::Keys(vec![centre.clone()]);
    Some(match linked {
        None => itself,
        Some(linked) => Filter::Or(vec![itself, linked]),
    })
}

pub(crate) fn number(of: ResourceType) -> TypeNumber {
    TypeNumber(of.number())
}
