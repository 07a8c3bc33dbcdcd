//! Which codes a value set has (R4, section 4.9.5).
//!
//! An `include` takes the codes that all its parts agree on: system with concepts or filters, and
//! each of its value sets. (R4 says both that several value sets in one `include` are united and
//! that all must hold; FHIR has since settled on the latter.) An `exclude` takes codes away from
//! the value set that it stands in.

mod filter;
mod include;

use crate::code_system::{CodeSystem, Concept, Content, Designation};
use crate::library::Lookup;
use crate::value_set::{Definition, Listed};
use crate::work::{MOST_CODES, Work};
use crate::{Canonical, Problem, ValueSet};
use compact_str::CompactString;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Value sets inside one another at most.
const DEEPEST: usize = 20;

/// The codes of a value set.
#[derive(Clone, Debug, Default)]
pub struct Expansion {
    /// Each once, in the order of the definition.
    pub entries: Vec<Entry>,
    /// The code systems that were looked at, each once.
    pub used: Vec<Used>,
}

/// A code of a value set.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its code system's URL.
    pub system: Arc<str>,
    /// The code system's version, where it is known.
    pub version: Option<Arc<str>>,
    /// The code.
    pub code: CompactString,
    /// Its text.
    pub display: Option<CompactString>,
    /// Other texts.
    pub designations: Arc<[Designation]>,
    /// Not approved for current use.
    pub inactive: bool,
    /// For grouping only, not to be chosen.
    pub is_abstract: bool,
}

/// A code system that an expansion looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// URL and version.
    pub system: Canonical,
    /// How much of it there is.
    pub content: Content,
}

/// Expands a value set.
///
/// # Errors
/// [`Problem`] when it, or something that it refers to, isn't known, can't be understood, refers
/// back to itself, or has more codes than an expansion may have.
pub fn expand(value_set: &ValueSet, lookup: &dyn Lookup) -> Result<Expansion, Problem> {
    let mut expander = Expander::new(lookup);
    let entries = expander.value_set(value_set)?;
    Ok(Expansion { entries, used: expander.used })
}

/// Codes by system, to be asked whether one is among them.
#[derive(Debug, Default)]
struct Codes(HashMap<Arc<str>, HashSet<CompactString>>);

impl Codes {
    fn has(&self, system: &str, code: &str) -> bool {
        self.0.get(system).is_some_and(|codes| codes.contains(code))
    }

    /// Whether it is new.
    fn insert(&mut self, system: &Arc<str>, code: &CompactString) -> bool {
        match self.0.get_mut(system) {
            Some(codes) => codes.insert(code.clone()),
            None => {
                self.0.insert(Arc::clone(system), HashSet::from([code.clone()]));
                true
            }
        }
    }
}

struct Expander<'l> {
    lookup: &'l dyn Lookup,
    work: Work,
    used: Vec<Used>,
    /// The value sets that are being expanded, outermost first.
    open: Vec<Canonical>,
    /// Those that are done: several may refer to the same one.
    done: HashMap<Canonical, Arc<[Entry]>>,
}

impl<'l> Expander<'l> {
    fn new(lookup: &'l dyn Lookup) -> Self {
        let (used, open, done) = (Vec::new(), Vec::new(), HashMap::new());
        Self { lookup, work: Work::new(), used, open, done }
    }

    fn value_set(&mut self, value_set: &ValueSet) -> Result<Vec<Entry>, Problem> {
        let this = value_set.canonical();
        if self.open.contains(&this) && !this.url.is_empty() {
            return Err(definition(value_set, "refers back to itself through its value sets"));
        }
        if self.open.len() >= DEEPEST {
            return Err(definition(value_set, "is nested too deep in other value sets"));
        }
        self.open.push(this);
        let entries = match &value_set.definition {
            Definition::Compose(compose) => self.compose(value_set, compose),
            Definition::Expansion(listed) => self.expansion(value_set, listed),
            Definition::None(reason) => Err(definition(value_set, reason)),
        };
        self.open.pop();
        entries
    }

    /// An expansion that somebody made, as it stands.
    fn expansion(
        &mut self,
        value_set: &ValueSet,
        listed: &[Listed],
    ) -> Result<Vec<Entry>, Problem> {
        let mut seen = Codes::default();
        let mut entries = Vec::new();
        for item in listed {
            let Some(system) = &item.system else {
                return Err(definition(value_set, "has a code without a system in its expansion"));
            };
            if seen.insert(system, &item.code) {
                self.push(entry(item, system, item.version.as_ref(), None), &mut entries)?;
            }
        }
        Ok(entries)
    }

    /// A value set that another one refers to.
    fn referred(&mut self, canonical: &Canonical) -> Result<Arc<[Entry]>, Problem> {
        let unknown = || Problem::Unknown { kind: "ValueSet", canonical: canonical.clone() };
        let value_set = self.lookup.value_set(canonical).ok_or_else(unknown)?;
        let this = value_set.canonical();
        if let Some(done) = self.done.get(&this) {
            return Ok(Arc::clone(done));
        }
        let entries: Arc<[Entry]> = self.value_set(&value_set)?.into();
        self.done.insert(this, Arc::clone(&entries));
        Ok(entries)
    }

    fn push(&mut self, entry: Entry, entries: &mut Vec<Entry>) -> Result<(), Problem> {
        if entries.len() >= MOST_CODES {
            return Err(Problem::TooManyCodes(MOST_CODES));
        }
        self.work.keep()?;
        entries.push(entry);
        Ok(())
    }
}

fn definition(value_set: &ValueSet, reason: &str) -> Problem {
    let value_set = value_set.canonical().to_string();
    Problem::Definition { value_set, reason: reason.to_owned() }
}

/// A code that a value set lists, with what its code system knows of it.
fn entry(
    item: &Listed,
    system: &Arc<str>,
    version: Option<&Arc<str>>,
    concept: Option<&Concept>,
) -> Entry {
    let own = !item.designations.is_empty();
    let designations =
        if own { Some(&item.designations) } else { concept.map(|c| &c.designations) };
    Entry {
        system: Arc::clone(system),
        version: version.cloned(),
        // In a code system that doesn't mind case, the code is written as the system has it.
        code: concept.map_or_else(|| item.code.clone(), |c| c.code.clone()),
        display: item.display.clone().or_else(|| concept?.display.clone()),
        designations: designations.cloned().unwrap_or_default(),
        inactive: item.inactive || concept.is_some_and(|c| c.inactive),
        is_abstract: item.is_abstract || concept.is_some_and(|c| c.is_abstract),
    }
}

fn entry_of(system: &CodeSystem, concept: &Concept) -> Entry {
    Entry {
        system: Arc::clone(&system.url),
        version: system.version.clone(),
        code: concept.code.clone(),
        display: concept.display.clone(),
        designations: Arc::clone(&concept.designations),
        inactive: concept.inactive,
        is_abstract: concept.is_abstract,
    }
}
