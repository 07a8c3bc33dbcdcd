//! What a search needs to know of value sets and code systems. It is looked up before the search is
//! compiled, since it may lie in the store.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// A set of codes that a search value stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CodeSet {
    /// The value set with this canonical URL, perhaps with a version, or `ValueSet/id`
    /// (`:in`, `:not-in`).
    ValueSet(String),
    /// A code and those below it in its code system (`:below`).
    Below(Coding),
    /// A code and those above it in its code system (`:above`).
    Above(Coding),
}

/// A code in its system; the system is empty where the search named none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Coding {
    /// The code system's URL.
    pub system: String,
    /// The code.
    pub code: String,
}

/// The sets that a search asks for, expanded; or why one can't be.
#[derive(Clone, Debug, Default)]
pub struct Expansions {
    known: HashMap<CodeSet, Result<Arc<[Coding]>, String>>,
    /// Notes what is asked for, instead of answering.
    asked: Option<Arc<Mutex<BTreeSet<CodeSet>>>>,
}

impl Expansions {
    /// Enters a set's codes, or the reason why it can't be expanded.
    pub fn insert(&mut self, set: CodeSet, codes: Result<Arc<[Coding]>, String>) {
        self.known.insert(set, codes);
    }

    /// Without codes: every set is empty, and noted.
    pub(crate) fn noting() -> Self {
        Self { known: HashMap::new(), asked: Some(Arc::default()) }
    }

    /// The sets that were asked for, each once.
    pub(crate) fn noted(&self) -> Vec<CodeSet> {
        let asked = self.asked.iter();
        let sets = asked.map(|a| a.lock().unwrap_or_else(PoisonError::into_inner).clone());
        sets.flatten().collect()
    }

    /// A set's codes.
    ///
    /// # Errors
    /// Why it can't be expanded; for the client.
    pub fn codes(&self, set: &CodeSet) -> Result<&[Coding], String> {
        if let Some(asked) = &self.asked {
            asked.lock().unwrap_or_else(PoisonError::into_inner).insert(set.clone());
            return Ok(&[]);
        }
        match self.known.get(set) {
            Some(Ok(codes)) => Ok(codes),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("needs a value set or code system that isn't known here".to_owned()),
        }
    }
}
