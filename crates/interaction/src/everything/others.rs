//! What the members of a compartment refer to, and is not in it: practitioners, organizations,
//! locations, medications, …

use super::{Everything, Place};
use crate::Failure;
use crate::include::Wanted;
use cresset_store::{Key, Parameter, Reference, Start, State, Stored, TypeNumber};
use std::collections::{BTreeSet, HashSet};

/// References that one page keeps in mind; there may be more, for the pages after it.
const MOST_KEYS: usize = 10_000;
/// Members that are looked at, or references that are looked up, at once.
const AT_ONCE: usize = 500;

/// References in order, the first ones after a place.
struct Gathered {
    after: Option<Key>,
    keys: BTreeSet<Key>,
    /// Whether later ones had to be dropped.
    is_cut: bool,
}

impl Gathered {
    fn after(after: Option<Key>) -> Self {
        Self { after, keys: BTreeSet::new(), is_cut: false }
    }

    fn insert(&mut self, key: Key) {
        if self.after.as_ref().is_some_and(|after| key <= *after) {
            return;
        }
        self.keys.insert(key);
        if self.keys.len() > MOST_KEYS {
            self.keys.pop_last();
            self.is_cut = true;
        }
    }
}

impl Everything<'_> {
    /// Whether the answer has room for what isn't in the compartment: not if `_type` names only
    /// types that belong to it.
    pub(super) fn wants_others(&self) -> bool {
        let is_member = |of: &TypeNumber| self.members.iter().any(|(m, _)| m.number() == of.0);
        self.asked.types.as_ref().is_none_or(|types| !types.iter().all(is_member))
    }

    /// What these members, which are all there are, refer to.
    pub(super) async fn others_of(
        &self,
        members: &[Stored],
    ) -> Result<(Vec<Stored>, Option<Place>), Failure> {
        let mut gathered = Gathered::after(None);
        self.gather(members, &mut gathered).await?;
        for stored in members {
            gathered.keys.remove(&stored.key);
        }
        self.read(gathered, self.count().saturating_sub(members.len())).await
    }

    /// A page of what the members refer to. The whole compartment is walked for it, since nobody
    /// keeps what earlier pages found.
    pub(super) async fn others_page(
        &self,
        after: Option<Key>,
    ) -> Result<(Vec<Stored>, Option<Place>), Failure> {
        let mut gathered = Gathered::after(after);
        let mut from = Some(Start::First);
        while let Some(start) = from {
            let (mut members, next) = self.compartment(start, AT_ONCE, &None).await?;
            members.retain(|stored| self.is_in_dates(stored));
            self.gather(&members, &mut gathered).await?;
            from = next;
        }
        self.read(gathered, self.count()).await
    }

    async fn gather(&self, members: &[Stored], into: &mut Gathered) -> Result<(), Failure> {
        let mut wanted = Wanted::default();
        let types: HashSet<TypeNumber> = members.iter().map(|s| s.key.resource_type).collect();
        let definitions = self.service.definitions();
        for of in types.into_iter().filter_map(|of| definitions.resource_type_numbered(of.0)) {
            wanted.add_all(&self.registry, of);
        }
        let keys: Vec<Key> = members.iter().map(|stored| stored.key.clone()).collect();
        let found = self.references(&keys, &wanted.parameters()).await?;
        for reference in found.into_iter().flatten() {
            if wanted.has(&reference) && self.is_wanted(&reference.target) {
                into.insert(reference.target);
            }
        }
        Ok(())
    }

    async fn references(
        &self,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> Result<Vec<Vec<Reference>>, Failure> {
        Ok(self.service.store.references(&self.context.scope, keys, parameters).await?)
    }

    fn is_wanted(&self, key: &Key) -> bool {
        let types = self.asked.types.as_ref();
        types.is_none_or(|types| types.contains(&key.resource_type))
            && self.context.scope.may_read(key.resource_type).is_ok()
    }

    /// Reads references in their order until a page is full.
    async fn read(
        &self,
        gathered: Gathered,
        count: usize,
    ) -> Result<(Vec<Stored>, Option<Place>), Failure> {
        let patients = self.patients().await?;
        let mut others = Vec::new();
        let mut keys = gathered.keys.into_iter().peekable();
        let mut last = gathered.after;
        while others.len() < count && keys.peek().is_some() {
            let room = (count - others.len()).min(AT_ONCE);
            let some: Vec<Key> = keys.by_ref().take(room).collect();
            last = some.last().cloned().or(last);
            let found = self.service.store.read(&self.context.scope, &some).await?;
            let live = found.into_iter().flatten().filter(|s| matches!(s.state, State::Live(_)));
            let live: Vec<Stored> =
                live.filter(|stored| self.is_other(stored, &patients)).collect();
            let mut ours = self.are_ours(&live, &patients).await?.into_iter();
            others.extend(live.into_iter().filter(|_| ours.next() == Some(true)));
        }
        let more = keys.peek().is_some() || gathered.is_cut;
        Ok((others, more.then_some(Place::Others(last))))
    }

    /// Whether a resource isn't the centre, is recent enough, and no other patient.
    fn is_other(&self, stored: &Stored, patients: &HashSet<Key>) -> bool {
        let is_recent = self.asked.since.is_none_or(|since| stored.updated >= since);
        let patient = self.service.definitions().resource_type("Patient");
        let is_patient = patient.is_some_and(|p| p.number() == stored.key.resource_type.0);
        stored.key != self.centre.key
            && is_recent
            && (!is_patient || patients.contains(&stored.key))
    }

    /// Whether resources are outside the compartment, and no other patient's.
    async fn are_ours(
        &self,
        others: &[Stored],
        patients: &HashSet<Key>,
    ) -> Result<Vec<bool>, Failure> {
        let definitions = self.service.definitions();
        let Some(patient) = definitions.resource_type("Patient") else {
            return Ok(vec![true; others.len()]);
        };
        let of = |stored: &Stored| definitions.resource_type_numbered(stored.key.resource_type.0);
        let mut in_this = HashSet::new();
        let mut in_patients = HashSet::new();
        for of in others.iter().filter_map(of).collect::<HashSet<_>>() {
            in_this.extend(self.registry.compartment_links(self.centre_type, of));
            in_patients.extend(self.registry.compartment_links(patient, of));
        }
        let parameters: Vec<Parameter> = in_this.union(&in_patients).copied().cloned().collect();
        let keys: Vec<Key> = others.iter().map(|stored| stored.key.clone()).collect();
        let found = self.references(&keys, &parameters).await?;
        let is_ours = |(stored, references): (&Stored, &Vec<Reference>)| {
            let to_centre =
                |r: &Reference| in_this.contains(&r.parameter) && r.target == self.centre.key;
            let owners = references.iter().filter(|r| {
                in_patients.contains(&r.parameter) && r.target.resource_type.0 == patient.number()
            });
            let owners: Vec<&Key> = owners.map(|reference| &reference.target).collect();
            // A patient who is one of ours may be linked to one who isn't.
            patients.contains(&stored.key)
                || !references.iter().any(to_centre)
                    && (owners.is_empty() || owners.into_iter().any(|key| patients.contains(key)))
        };
        Ok(others.iter().zip(&found).map(is_ours).collect())
    }

    /// The patients whom the request is about: the centre, or those that it refers to.
    async fn patients(&self) -> Result<HashSet<Key>, Failure> {
        let patient = self.service.definitions().resource_type("Patient");
        if patient == Some(self.centre_type) {
            return Ok(HashSet::from([self.centre.key.clone()]));
        }
        let links =
            patient.map(|patient| self.registry.compartment_links(patient, self.centre_type));
        let parameters: Vec<Parameter> = links.unwrap_or_default().into_iter().cloned().collect();
        let keys = std::slice::from_ref(&self.centre.key);
        let found = self.references(keys, &parameters).await?;
        Ok(found.into_iter().flatten().map(|reference| reference.target).collect())
    }
}
