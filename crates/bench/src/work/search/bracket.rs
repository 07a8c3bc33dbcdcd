//! Between which rates something breaks: doubles until it does, then bisects.

/// Rates that held and broke so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Bracket {
    /// The highest that held.
    pub(super) holds: Option<f64>,
    /// The lowest that broke.
    pub(super) breaks: Option<f64>,
}

/// No higher rate is tried.
const HIGHEST: f64 = 100_000.0;
/// No lower rate is tried.
const LOWEST: f64 = 1.0;
/// The two rates are near enough when they differ by no more than this share.
const NEAR: f64 = 0.05;

impl Bracket {
    /// The next rate to try, after `first`; nothing when it is known well enough.
    pub(super) fn next(&self, first: f64) -> Option<f64> {
        match (self.holds, self.breaks) {
            (None, None) => Some(first),
            (Some(holds), None) => Some(holds * 2.0).filter(|rate| *rate <= HIGHEST),
            (None, Some(breaks)) => Some(breaks / 2.0).filter(|rate| *rate >= LOWEST),
            (Some(holds), Some(breaks)) => {
                (breaks - holds > holds * NEAR).then_some((holds + breaks) / 2.0)
            }
        }
    }

    /// Takes note of what became of a rate.
    pub(super) fn tried(&mut self, rate: f64, held: bool) {
        if held {
            self.holds = Some(self.holds.map_or(rate, |holds| holds.max(rate)));
        } else {
            self.breaks = Some(self.breaks.map_or(rate, |breaks| breaks.min(rate)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries until it is known, on a server that holds up to `limit`.
    fn search(limit: f64) -> (Bracket, usize) {
        let mut bracket = Bracket::default();
        let mut tries = 0;
        while let Some(rate) = bracket.next(400.0) {
            bracket.tried(rate, rate <= limit);
            tries += 1;
            assert!(tries < 40, "it ends");
        }
        (bracket, tries)
    }

    #[test]
    fn comes_near_from_below_and_from_above() {
        for limit in [3.0, 90.0, 399.0, 400.0, 401.0, 5_000.0, 40_000.0] {
            let (bracket, tries) = search(limit);
            let (holds, breaks) = (bracket.holds.expect("held"), bracket.breaks.expect("broke"));
            assert!(holds <= limit && limit < breaks, "{limit}: {bracket:?}");
            assert!(breaks - holds <= (holds * NEAR).max(1.0), "{limit}: {bracket:?}");
            assert!(tries < 25, "{limit}: {tries} tries");
        }
    }

    #[test]
    fn gives_up_at_the_ends() {
        assert_eq!(search(1e9).0, Bracket { holds: Some(51_200.0), breaks: None });
        assert_eq!(search(0.0).0, Bracket { holds: None, breaks: Some(1.5625) });
    }
}
