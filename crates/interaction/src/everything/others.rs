//! What the members of a compartment refer to, and is not in it: practitioners, organizations,
//! locations, medications, …

use super::{Everything, Place};
use crate::Failure;
use crate::heavy::heavy;
use crate::include::Wanted;
use cresset_store::{IndexKeys, Key, Parameter, Segment, Start, State, Stored, TypeNumber};
use std::collections::{BTreeSet, HashMap, HashSet};

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
        self.gather(members, &mut HashMap::new(), &mut gathered);
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
        let mut wanted = HashMap::new();
        let mut from = Some(Start::First);
        while let Some(start) = from {
            let (mut members, next) = self.compartment(start, AT_ONCE, &None).await?;
            members.retain(|stored| self.is_in_dates(stored));
            self.gather(&members, &mut wanted, &mut gathered);
            from = next;
        }
        self.read(gathered, self.count()).await
    }

    fn gather(
        &self,
        members: &[Stored],
        wanted: &mut HashMap<TypeNumber, Wanted>,
        into: &mut Gathered,
    ) {
        let bytes = members.iter().filter_map(Stored::payload).map(|p| p.as_kept().len()).sum();
        heavy(bytes, || {
            for stored in members {
                let of = stored.key.resource_type;
                let definitions = self.service.definitions();
                let Some(source) = definitions.resource_type_numbered(of.0) else { continue };
                let Some(index) = self.service.index_of(&self.registry, stored) else { continue };
                let wanted =
                    wanted.entry(of).or_insert_with(|| Wanted::all(&self.registry, source));
                let keys = wanted.in_index(&index).filter(|key| self.is_wanted(key));
                keys.for_each(|key| into.insert(key));
            }
        });
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
        let patients = self.patients();
        let mut others = Vec::new();
        let mut keys = gathered.keys.into_iter().peekable();
        let mut last = gathered.after;
        while others.len() < count && keys.peek().is_some() {
            let room = (count - others.len()).min(AT_ONCE);
            let some: Vec<Key> = keys.by_ref().take(room).collect();
            last = some.last().cloned().or(last);
            let found = self.service.store.read(&self.context.scope, &some).await?;
            let live = found.into_iter().flatten().filter(|s| matches!(s.state, State::Live(_)));
            others.extend(live.filter(|stored| self.is_other(stored, &patients)));
        }
        let more = keys.peek().is_some() || gathered.is_cut;
        Ok((others, more.then_some(Place::Others(last))))
    }

    /// Whether a resource is outside the compartment, recent enough, and no other patient's.
    fn is_other(&self, stored: &Stored, patients: &HashSet<Key>) -> bool {
        if stored.key == self.centre.key {
            return false;
        }
        if self.asked.since.is_some_and(|since| stored.updated < since) {
            return false;
        }
        let definitions = self.service.definitions();
        let of = definitions.resource_type_numbered(stored.key.resource_type.0);
        let (Some(of), Some(patient)) = (of, definitions.resource_type("Patient")) else {
            return false;
        };
        if of == patient {
            return patients.contains(&stored.key);
        }
        let in_this = self.registry.compartment_links(self.centre_type, of);
        let in_patients = self.registry.compartment_links(patient, of);
        if in_this.is_empty() && in_patients.is_empty() {
            return true;
        }
        // What can't be understood might be anybody's.
        let Some(index) = self.service.index_of(&self.registry, stored) else {
            return false;
        };
        let is_member = referred(&index, &in_this).any(|key| key == self.centre.key);
        let mut owners = referred(&index, &in_patients);
        let mut owners = owners.by_ref().filter(|key| key.resource_type.0 == patient.number());
        let is_ours = match owners.next() {
            None => true,
            Some(first) => patients.contains(&first) || owners.any(|key| patients.contains(&key)),
        };
        !is_member && is_ours
    }

    /// The patients whom the request is about: the centre, or those that it refers to.
    fn patients(&self) -> HashSet<Key> {
        let patient = self.service.definitions().resource_type("Patient");
        if patient == Some(self.centre_type) {
            return HashSet::from([self.centre.key.clone()]);
        }
        let index = self.service.index_of(&self.registry, &self.centre).unwrap_or_default();
        let links =
            patient.map(|patient| self.registry.compartment_links(patient, self.centre_type));
        referred(&index, &links.unwrap_or_default()).collect()
    }
}

/// What a resource refers to in these indexes.
fn referred<'i>(
    index: &'i IndexKeys,
    parameters: &'i [&Parameter],
) -> impl Iterator<Item = Key> + 'i {
    let entries = index.iter().filter(|entry| parameters.contains(&&entry.parameter));
    entries.filter_map(|entry| match entry.value.into_iter().next() {
        Some(Segment::Resource(key)) => Some(key),
        _ => None,
    })
}
