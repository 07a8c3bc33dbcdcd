//! What is below what: by nesting, and by properties that name parents or children.

use super::{CodeSystem, Concept};
use crate::Problem;
use crate::work::Work;

/// Which way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

impl CodeSystem {
    /// # Errors
    /// [`Problem::Unusable`] when being below means something else than being a kind of: parts are
    /// no kinds of the whole.
    pub(crate) fn subsuming(&self) -> Result<&Self, Problem> {
        if self.subsumes {
            return Ok(self);
        }
        let reason = "its hierarchy is 'part-of' or 'grouped-by', so no code subsumes another";
        Err(Problem::Unusable { system: self.canonical(), reason })
    }

    /// The places of all concepts above or below one, itself first. Cycles do no harm.
    pub(crate) fn closure(
        &self,
        from: usize,
        way: Way,
        work: &mut Work,
    ) -> Result<Vec<usize>, Problem> {
        // Marks cost a byte for each concept: a set for the few of a small branch would cost less,
        // and more for large ones.
        let mut seen = vec![false; self.concepts.len()];
        work.look(self.concepts.len() / 64)?;
        seen[from] = true;
        let mut found = vec![from];
        let mut next = 0;
        while let Some(place) = found.get(next) {
            let near = self.near(*place, way);
            work.look(1 + near.len())?;
            for place in near {
                if !std::mem::replace(&mut seen[*place as usize], true) {
                    found.push(*place as usize);
                }
            }
            next += 1;
        }
        Ok(found)
    }

    /// The places right above or below.
    pub(crate) fn near(&self, place: usize, way: Way) -> &[u32] {
        let concept: &Concept = &self.concepts[place];
        match way {
            Way::Up => &concept.parents,
            Way::Down => &concept.children,
        }
    }
}
