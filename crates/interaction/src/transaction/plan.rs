use super::Work;
use super::identities::Identities;
use super::references::conditional_references;
use crate::bundle_entry::Entry;
use crate::conditional_delete::nothing_to_match;
use crate::conditional_update::update_target;
use crate::context::Context;
use crate::criteria::{Criteria, Found};
use crate::entity_tag::IfMatch;
use crate::failure::{ErrorKind, Failure};
use crate::prepare::{check_type, new_id};
use crate::request::{Body, Request};
use crate::route::{Interaction, Method, resource_type};
use crate::service::Service;
use crate::update::{check_id, update_precondition};
use cresset_fhir::definitions::ResourceType;
use cresset_fhir::json::Json;
use cresset_store::{Guard, Key, Precondition, TypeNumber};
use std::collections::{HashMap, HashSet};

/// A transaction, entry by entry.
#[derive(Debug)]
pub(super) struct Plan {
    /// For each entry, in order, what it comes to.
    pub(super) work: Vec<Work>,
    /// What the conditions found.
    pub(super) guards: Vec<Guard>,
    /// What references stand for.
    pub(super) names: HashMap<String, String>,
}

struct Planner<'a> {
    service: &'a Service,
    context: &'a Context,
    identities: Identities,
    deleted: HashSet<Key>,
    guards: Vec<Guard>,
    /// Conditional creates by criteria: the second finds what the first creates.
    created: HashMap<(ResourceType, String), Key>,
}

impl Service {
    pub(super) async fn plan(
        &self,
        context: &Context,
        entries: Vec<Json>,
    ) -> Result<Plan, Failure> {
        let mut waiting = Vec::with_capacity(entries.len());
        let registry = self.registry();
        for (index, entry) in entries.into_iter().enumerate() {
            let entry = Entry::read(entry, &context.base_url, &registry);
            let entry = entry.map_err(|f| f.in_entry(index))?;
            waiting.push(Some(entry));
        }
        let mut planner = Planner {
            service: self,
            context,
            identities: Identities::default(),
            deleted: HashSet::new(),
            guards: Vec::new(),
            created: HashMap::new(),
        };
        let mut work: Vec<Work> = waiting.iter().map(|_| Work::Nothing).collect();
        let phases: [&[Method]; 4] = [
            &[Method::Delete],
            &[Method::Post],
            &[Method::Put, Method::Patch],
            &[Method::Get, Method::Options],
        ];
        for phase in phases {
            for (index, slot) in waiting.iter_mut().enumerate() {
                let Some(entry) = slot.take_if(|e| phase.contains(&e.method)) else {
                    continue;
                };
                work[index] = planner.entry(entry).await.map_err(|f| f.in_entry(index))?;
            }
        }
        planner.resolve_references(&work).await?;
        Ok(Plan { work, guards: planner.guards, names: planner.identities.names })
    }
}

impl Planner<'_> {
    async fn entry(&mut self, mut entry: Entry) -> Result<Work, Failure> {
        let body = entry.take_body(&self.service.limits)?;
        let mut request = entry.request(self.service.definitions())?;
        request.body = body;
        let full_url = entry.full_url.as_deref();
        match request.interaction {
            Interaction::Delete => self.delete(&request),
            Interaction::ConditionalDelete => self.conditional_delete(request).await,
            Interaction::Create => self.create(request, full_url).await,
            Interaction::Update => self.update(request, full_url),
            Interaction::ConditionalUpdate => self.conditional_update(request, full_url).await,
            Interaction::Patch | Interaction::ConditionalPatch => {
                self.patch(request, full_url).await
            }
            _ if entry.method == Method::Get => Ok(Work::Read(Box::new(entry))),
            _ => Err(Failure::bad_request("not-supported", "this can't be part of a transaction")),
        }
    }

    fn delete(&mut self, request: &Request<'_>) -> Result<Work, Failure> {
        let key = request.target.key()?;
        let if_match = request.conditions.if_match()?;
        self.identities.claim(self.service, &key)?;
        self.deleted.insert(key.clone());
        Ok(Work::Delete {
            key,
            precondition: IfMatch::precondition(if_match),
            stated: if_match.is_some(),
        })
    }

    async fn conditional_delete(&mut self, request: Request<'_>) -> Result<Work, Failure> {
        let if_match = request.conditions.if_match()?;
        let resource_type = request.target.resource_type()?;
        let criteria = self.criteria(resource_type, &request.parameters).await?;
        let found = self.found(&criteria).await?;
        let Some(key) = found.at_most_one()?.cloned() else {
            return match if_match {
                None => Ok(Work::Nothing),
                Some(_) => Err(nothing_to_match()),
            };
        };
        self.identities.claim(self.service, &key)?;
        self.deleted.insert(key.clone());
        Ok(Work::Delete {
            key,
            precondition: IfMatch::precondition(if_match),
            stated: if_match.is_some(),
        })
    }

    async fn create(
        &mut self,
        request: Request<'_>,
        full_url: Option<&str>,
    ) -> Result<Work, Failure> {
        let resource_type = request.target.resource_type()?;
        let criteria = request.conditions.if_none_exist.map(str::to_owned);
        let resource = self.resource(request.body, resource_type)?;
        if let Some(criteria) = criteria {
            if let Some(key) = self.existing(resource_type, &criteria).await? {
                self.name(full_url, resource_type, &key)?;
                return Ok(Work::Existing(key));
            }
            let key = Key::new(TypeNumber(resource_type.number()), new_id());
            self.created.insert((resource_type, criteria), key.clone());
            return self.put(resource_type, key, resource, Precondition::Unknown, false, full_url);
        }
        let key = Key::new(TypeNumber(resource_type.number()), new_id());
        self.put(resource_type, key, resource, Precondition::Unknown, false, full_url)
    }

    /// What a conditional create need not create.
    async fn existing(
        &mut self,
        resource_type: ResourceType,
        criteria: &str,
    ) -> Result<Option<Key>, Failure> {
        if let Some(key) = self.created.get(&(resource_type, criteria.to_owned())) {
            return Ok(Some(key.clone()));
        }
        let compiled = self.service.criteria_text(self.context, resource_type, criteria).await?;
        Ok(self.found(&compiled).await?.at_most_one()?.cloned())
    }

    fn update(&mut self, request: Request<'_>, full_url: Option<&str>) -> Result<Work, Failure> {
        let resource_type = request.target.resource_type()?;
        let key = request.target.key()?;
        let (precondition, stated) = update_precondition(&request.conditions)?;
        let resource = self.resource(request.body, resource_type)?;
        check_id(&resource, &key.id)?;
        self.put(resource_type, key, resource, precondition, stated, full_url)
    }

    async fn conditional_update(
        &mut self,
        request: Request<'_>,
        full_url: Option<&str>,
    ) -> Result<Work, Failure> {
        let resource_type = request.target.resource_type()?;
        let if_match = request.conditions.if_match()?;
        let criteria = self.criteria(resource_type, &request.parameters).await?;
        let resource = self.resource(request.body, resource_type)?;
        let found = self.found(&criteria).await?;
        let (id, precondition) = update_target(&found, &resource, if_match)?;
        let key = Key::new(TypeNumber(resource_type.number()), id);
        self.put(resource_type, key, resource, precondition, if_match.is_some(), full_url)
    }

    async fn patch(
        &mut self,
        request: Request<'_>,
        full_url: Option<&str>,
    ) -> Result<Work, Failure> {
        let resource_type = request.target.resource_type()?;
        let if_match = request.conditions.if_match()?;
        let key = match request.interaction {
            Interaction::Patch => request.target.key()?,
            _ => {
                let criteria = self.criteria(resource_type, &request.parameters).await?;
                let found = self.found(&criteria).await?;
                let missing = || {
                    Failure::new(ErrorKind::NotFound, "not-found", "the criteria match no resource")
                };
                found.at_most_one()?.cloned().ok_or_else(missing)?
            }
        };
        let patch = self.service.patch_of(request.body)?;
        let stored = Box::new(self.service.current(self.context, &key).await?);
        self.identities.claim(self.service, &key)?;
        self.name(full_url, resource_type, &key)?;
        Ok(Work::Patch { stored, patch, if_match })
    }

    fn put(
        &mut self,
        resource_type: ResourceType,
        key: Key,
        resource: Json,
        precondition: Precondition,
        stated: bool,
        full_url: Option<&str>,
    ) -> Result<Work, Failure> {
        self.identities.claim(self.service, &key)?;
        self.name(full_url, resource_type, &key)?;
        Ok(Work::Put { key, resource, precondition, stated })
    }

    fn name(
        &mut self,
        full_url: Option<&str>,
        resource_type: ResourceType,
        key: &Key,
    ) -> Result<(), Failure> {
        self.identities.name(full_url, self.service.name_of(resource_type), key)
    }

    fn resource(&self, body: Body<'_>, resource_type: ResourceType) -> Result<Json, Failure> {
        let Body::Parsed(resource) = body else {
            return Err(Failure::bad_request("required", "the entry has no 'resource'"));
        };
        check_type(&self.service.registry(), &resource, resource_type)?;
        Ok(resource)
    }

    async fn criteria(
        &self,
        resource_type: ResourceType,
        parameters: &[(String, String)],
    ) -> Result<Criteria, Failure> {
        self.service.criteria(self.context, resource_type, parameters).await
    }

    /// Searches, and holds the commit to what was found. What the transaction deletes counts as gone
    /// already, since deletions come first.
    async fn found(&mut self, criteria: &Criteria) -> Result<Found, Failure> {
        let mut found = self.service.find(self.context, criteria).await?;
        self.guards.push(found.guard());
        found.keys.retain(|key| !self.deleted.contains(key));
        Ok(found)
    }

    /// `Practitioner?identifier=…` as a reference must match exactly one (R4, section 3.1.0.11.2).
    async fn resolve_references(&mut self, work: &[Work]) -> Result<(), Failure> {
        for (index, work) in work.iter().enumerate() {
            let Work::Put { resource, .. } = work else {
                continue;
            };
            let mut references = Vec::new();
            conditional_references(resource, &mut references);
            for reference in references {
                if !self.identities.names.contains_key(reference) {
                    let resolved = self.resolved(reference).await.map_err(|f| f.in_entry(index))?;
                    self.identities.names.insert(reference.to_owned(), resolved);
                }
            }
        }
        Ok(())
    }

    async fn resolved(&mut self, reference: &str) -> Result<String, Failure> {
        let (type_name, _) = reference.split_once('?').unwrap_or((reference, ""));
        let resource_type = resource_type(self.service.definitions(), type_name)?;
        let criteria = self.service.criteria_text(self.context, resource_type, reference).await?;
        let found = self.service.find(self.context, &criteria).await?;
        let key = found.at_most_one()?.ok_or_else(|| {
            let problem = "a conditional reference matches no resource";
            Failure::new(ErrorKind::PreconditionFailed, "not-found", problem)
        })?;
        Ok(format!("{type_name}/{}", key.id))
    }
}
