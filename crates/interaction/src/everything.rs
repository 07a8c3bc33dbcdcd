//! `$everything` (R4, patient-operation-everything and encounter-operation-everything): the resource,
//! what is in its compartment, and what those refer to.
//!
//! Pages go first through the compartment, in the order of arrival, and then through what its members
//! refer to, in the order of types and ids; each resource is on one page, and a page needs no memory
//! of those before it. What belongs to a patient whom the request is not about is left out, also
//! where a member refers to it. A page whose resources are all out of range is empty and still has a
//! `next` link.

mod asked;
mod others;

use crate::care_date::CareDates;
use crate::context::Context;
use crate::failure::Failure;
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::page_token::{self, Binding};
use crate::request::Request;
use crate::search::MOST_COUNT;
use crate::searchset::Searchset;
use crate::service::Service;
use asked::Asked;
use cresset_fhir::definitions::ResourceType;
use cresset_search::Registry;
use cresset_store::{Filter, Key, Query, ResourceId, Start, Stored, TypeNumber};
use std::sync::Arc;

/// Searches that one page may need when most members are out of range.
const MOST_SEARCHES: usize = 8;

/// What a request is about.
struct Everything<'a> {
    service: &'a Service,
    context: &'a Context,
    registry: Arc<Registry>,
    asked: Asked,
    centre: Stored,
    centre_type: ResourceType,
    /// The types of the compartment, each with what its members must match.
    members: Vec<(ResourceType, Filter)>,
    dates: CareDates,
}

/// Where a page starts.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Among the members of the compartment.
    Members(Start),
    /// Among the others, after this one.
    Others(Option<Key>),
}

/// A part of everything.
#[derive(Default)]
struct Page {
    members: Vec<Stored>,
    others: Vec<Stored>,
    next: Option<Place>,
}

impl Service {
    /// `GET` or `POST [base]/[type]/[id]/$everything`.
    pub(crate) async fn everything(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let (key, centre_type) = (request.target.key()?, request.target.resource_type()?);
        let token = request.parameter(page_token::PARAMETER).map(str::to_owned);
        let asked = Asked::read(self, context, request)?;
        let path = format!("{}/{}/$everything", self.name_of(centre_type), key.id);
        let place = match &token {
            None => Place::Members(Start::First),
            Some(token) => {
                let binding = Binding::new(&path, &asked.used);
                Place::read(&self.opened(context, &binding, token).await?)?
            }
        };
        let registry = self.registry();
        let everything = Everything {
            service: self,
            context,
            centre: self.current(context, &key).await?,
            centre_type,
            members: self.members(context, &registry, &key, centre_type),
            dates: CareDates::default(),
            registry,
            asked,
        };
        let page = everything.page(place).await?;
        let is_all = token.is_none() && page.next.is_none();
        let set = Searchset {
            path,
            page: token,
            total: is_all.then_some(page.members.len() as u64),
            next: page.next.map(|place| place.bytes()),
            matches: page.members,
            included: page.others,
            issues: everything.asked.issues,
            used: everything.asked.used,
            ..Searchset::default()
        };
        self.searchset(context, set).await
    }
}

impl Everything<'_> {
    async fn page(&self, place: Place) -> Result<Page, Failure> {
        match place {
            Place::Members(start) => self.members_page(start).await,
            Place::Others(after) => {
                let (others, next) = self.others_page(after).await?;
                Ok(Page { others, next, ..Page::default() })
            }
        }
    }

    async fn members_page(&self, start: Start) -> Result<Page, Failure> {
        let is_first = start == Start::First;
        let count = self.count();
        let mut members = Vec::new();
        let mut from = Some(start);
        for _ in 0..MOST_SEARCHES {
            let room = count.saturating_sub(members.len());
            let Some(start) = from.take_if(|_| room > 0) else { break };
            let (page, next) = self.compartment(start, room, &self.asked.types).await?;
            let bytes = page.iter().filter_map(Stored::payload).map(|p| p.as_kept().len()).sum();
            let is_in_range = |stored: &Stored| self.is_in_range(stored);
            heavy(bytes, || members.extend(page.into_iter().filter(is_in_range)));
            from = next;
        }
        if let Some(start) = from {
            return Ok(Page { members, next: Some(Place::Members(start)), ..Page::default() });
        }
        if !self.wants_others() {
            return Ok(Page { members, ..Page::default() });
        }
        // All members are at hand only when none was asked to stay away.
        if is_first && self.asked.is_unlimited() {
            let (others, next) = self.others_of(&members).await?;
            return Ok(Page { members, others, next });
        }
        Ok(Page { members, next: Some(Place::Others(None)), ..Page::default() })
    }

    /// Members of the compartment in the order of arrival, and where to go on.
    async fn compartment(
        &self,
        start: Start,
        limit: usize,
        types: &Option<Vec<TypeNumber>>,
    ) -> Result<(Vec<Stored>, Option<Start>), Failure> {
        let number = crate::compartment::number;
        let wanted = |of: &ResourceType| types.as_ref().is_none_or(|t| t.contains(&number(*of)));
        let members = self.members.iter().filter(|(of, _)| wanted(of));
        let (types, filters): (Vec<_>, Vec<_>) =
            members.map(|(of, filter)| (number(*of), filter.clone())).unzip();
        if types.is_empty() {
            return Ok((Vec::new(), None));
        }
        let (filter, sort, total) = (Filter::Or(filters), Vec::new(), false);
        let query = Query { types, filter, sort, start, limit, total };
        let found = self.service.store.search(&self.context.scope, query).await?;
        Ok((found.resources, found.next.map(Start::After)))
    }

    /// The resources of a page.
    fn count(&self) -> usize {
        self.asked.count.unwrap_or(MOST_COUNT)
    }

    /// Whether a member was changed and happened when the request says.
    fn is_in_range(&self, stored: &Stored) -> bool {
        self.asked.since.is_none_or(|since| stored.updated >= since) && self.is_in_dates(stored)
    }

    /// The dates of care don't apply to the centre itself.
    fn is_in_dates(&self, stored: &Stored) -> bool {
        let (start, end) = (self.asked.start, self.asked.end);
        if (start.is_none() && end.is_none()) || stored.key == self.centre.key {
            return true;
        }
        self.dates.overlap(self.service, &self.registry, stored, start, end)
    }
}

impl Place {
    /// The place as bytes for a page token.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Members(start) => page_token::start_bytes(start),
            Self::Others(None) => vec![3],
            Self::Others(Some(key)) => {
                let mut bytes = vec![4];
                bytes.extend_from_slice(&key.resource_type.0.to_be_bytes());
                bytes.extend_from_slice(key.id.as_str().as_bytes());
                bytes
            }
        }
    }

    /// Reads what [`Place::bytes`] made.
    fn read(bytes: &[u8]) -> Result<Self, Failure> {
        match bytes {
            [3] => Ok(Self::Others(None)),
            [4, high, low, id @ ..] => {
                let id = std::str::from_utf8(id).ok().and_then(|id| ResourceId::new(id).ok());
                let of = TypeNumber(u16::from_be_bytes([*high, *low]));
                let key = id.map(|id| Key::new(of, id)).ok_or_else(page_token::unusable)?;
                Ok(Self::Others(Some(key)))
            }
            _ => Ok(Self::Members(page_token::start(bytes)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_store::Position;

    #[test]
    fn places_come_back() {
        let key = Key::new(TypeNumber(300), ResourceId::new("x-1.y").unwrap());
        for place in [
            Place::Members(Start::First),
            Place::Members(Start::After(Position(vec![1, 2]))),
            Place::Others(None),
            Place::Others(Some(key)),
        ] {
            assert_eq!(Place::read(&place.bytes()).unwrap(), place);
        }
        assert!(Place::read(&[9]).is_err());
        assert!(Place::read(&[4, 0, 1]).is_err());
    }
}
