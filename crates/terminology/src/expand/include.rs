//! `include` and `exclude`: the codes that all parts of one agree on.

use super::{Codes, Entry, Expander, Used, definition, entry, entry_of};
use crate::code_system::CodeSystem;
use crate::value_set::{Compose, Include};
use crate::{Canonical, Problem, ValueSet};
use std::sync::Arc;

impl Expander<'_> {
    pub(super) fn compose(
        &mut self,
        value_set: &ValueSet,
        compose: &Compose,
    ) -> Result<Vec<Entry>, Problem> {
        let mut seen = Codes::default();
        for exclude in &compose.exclude {
            self.include(value_set, exclude, &mut |expander, entry| {
                expander.work.keep()?;
                seen.insert(&entry.system, &entry.code);
                Ok(())
            })?;
        }
        let mut entries = Vec::new();
        for include in &compose.include {
            self.include(value_set, include, &mut |expander, entry| {
                let wanted = compose.inactive || !entry.inactive;
                if wanted && seen.insert(&entry.system, &entry.code) {
                    expander.push(entry, &mut entries)?;
                }
                Ok(())
            })?;
        }
        Ok(entries)
    }

    /// Shows each code of an `include` to `take`.
    fn include(
        &mut self,
        value_set: &ValueSet,
        include: &Include,
        take: &mut dyn FnMut(&mut Self, Entry) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut referred = Vec::new();
        for canonical in &include.value_sets {
            referred.push(self.referred(canonical)?);
        }
        let (first, others) = match (&include.system, referred.split_first()) {
            (Some(_), _) => (None, &referred[..]),
            (None, Some((first, others))) => (Some(first), others),
            (None, None) => {
                return Err(definition(value_set, "has an include with no system or valueSet"));
            }
        };
        let mut all = Vec::new();
        for other in others {
            all.push(self.codes(other)?);
        }
        let mut take_common = |expander: &mut Self, entry: Entry| {
            expander.work.look(1 + all.len())?;
            match all.iter().all(|codes| codes.has(&entry.system, &entry.code)) {
                true => take(expander, entry),
                false => Ok(()),
            }
        };
        match (&include.system, first) {
            (Some(system), _) => self.of_system(value_set, system, include, &mut take_common),
            (None, first) => first
                .into_iter()
                .flat_map(|entries| entries.iter())
                .try_for_each(|entry| take_common(self, entry.clone())),
        }
    }

    fn codes(&mut self, entries: &[Entry]) -> Result<Codes, Problem> {
        self.work.look(entries.len())?;
        let mut codes = Codes::default();
        for entry in entries {
            codes.insert(&entry.system, &entry.code);
        }
        Ok(codes)
    }

    fn of_system(
        &mut self,
        value_set: &ValueSet,
        canonical: &Canonical,
        include: &Include,
        take: &mut dyn FnMut(&mut Self, Entry) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let known = self.lookup.code_system(canonical);
        if !include.concepts.is_empty() {
            if !include.filters.is_empty() {
                return Err(definition(value_set, "has an include with both concept and filter"));
            }
            return self.listed(canonical, known, include, take);
        }
        let unknown = || Problem::Unknown { kind: "CodeSystem", canonical: canonical.clone() };
        let system = known.ok_or_else(unknown)?;
        system.usable()?;
        self.note(&system);
        let selected = self.filtered(value_set, &system, &include.filters)?;
        for (concept, selected) in system.concepts().iter().zip(selected) {
            if selected {
                take(self, entry_of(&system, concept))?;
            }
        }
        Ok(())
    }

    /// Codes that are listed need no code system; one that is known whole says which of them exist.
    fn listed(
        &mut self,
        canonical: &Canonical,
        known: Option<Arc<CodeSystem>>,
        include: &Include,
        take: &mut dyn FnMut(&mut Self, Entry) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let known = known.filter(|system| system.usable().is_ok());
        if let Some(system) = &known {
            self.note(system);
        }
        let url: Arc<str> = canonical.url.as_str().into();
        let stated = canonical.version.as_deref().map(Arc::from);
        let version = known.as_ref().and_then(|system| system.version.clone()).or(stated);
        for item in &include.concepts {
            self.work.look(1)?;
            let concept = known.as_ref().and_then(|system| system.concept(&item.code));
            if concept.is_none() && known.as_ref().is_some_and(|system| !system.is_partial()) {
                continue;
            }
            take(self, entry(item, &url, version.as_ref(), concept))?;
        }
        Ok(())
    }

    fn note(&mut self, system: &CodeSystem) {
        let used = Used { system: system.canonical(), content: system.content };
        if !self.used.contains(&used) {
            self.used.push(used);
        }
    }
}
