//! Which requests suffer what.

use http::{Method, Uri};
use std::time::Duration;

/// What happens to a request that a [`Rule`] strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status is the answer, without a body.
    Answer(u16),
    /// The connection ends without an answer.
    Cut,
    /// Nothing happens until [`Proxy::release`](crate::Proxy::release), or until the client or the proxy
    /// goes away; then all goes on.
    Stall,
    /// Nothing happens for so long; then all goes on.
    Delay(Duration),
}

/// A fault, and the requests that suffer it: all, as long as nothing else is said.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) fault: Fault,
    pub(crate) afterwards: bool,
    method: Option<String>,
    path: Option<String>,
    turns: Turns,
}

/// How often a rule strikes what it matches.
#[derive(Clone, Debug)]
enum Turns {
    Always,
    Next(usize),
    Sometimes { probability: f64, generator: Generator },
}

impl Rule {
    /// The fault, before the server has seen anything of the request.
    pub fn new(fault: Fault) -> Self {
        let is_status = |status| (100..1000).contains(&status);
        assert!(!matches!(fault, Fault::Answer(s) if !is_status(s)), "{fault:?} is no status");
        Self { fault, afterwards: false, method: None, path: None, turns: Turns::Always }
    }

    /// The fault strikes when the server has done what was asked, and has answered the proxy.
    #[must_use]
    pub fn afterwards(mut self) -> Self {
        self.afterwards = true;
        self
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only requests with this in their path or query, as they are written there.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.to_owned());
        self
    }

    /// Only the next `count` of them.
    #[must_use]
    pub fn next(mut self, count: usize) -> Self {
        self.turns = Turns::Next(count);
        self
    }

    /// Only some of them; which ones, the seed determines, as far as requests come in the same order.
    #[must_use]
    pub fn sometimes(mut self, probability: f64, seed: u64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "{probability} is no probability");
        self.turns = Turns::Sometimes { probability, generator: Generator(seed) };
        self
    }

    /// Whether it strikes this request, which takes one of its turns then.
    pub(crate) fn strikes(&mut self, method: &Method, uri: &Uri) -> bool {
        let text = uri.path_and_query().map_or("", |text| text.as_str());
        let matches = self.method.as_ref().is_none_or(|wanted| wanted == method.as_str())
            && self.path.as_ref().is_none_or(|part| text.contains(part));
        matches
            && match &mut self.turns {
                Turns::Always => true,
                Turns::Next(0) => false,
                Turns::Next(left) => {
                    *left -= 1;
                    true
                }
                Turns::Sometimes { probability, generator } => generator.draw() < *probability,
            }
    }
}

/// Sebastiano Vigna's SplitMix64: enough to toss coins with.
#[derive(Clone, Debug)]
struct Generator(u64);

impl Generator {
    /// A number from 0 up to, but not including, 1.
    fn draw(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The 53 bits that a float has room for.
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: Method = Method::PUT;

    fn uri() -> Uri {
        Uri::from_static("/account/container/97/a*b?comp=block")
    }

    #[test]
    fn a_rule_looks_at_the_method_and_at_a_part_of_the_path() {
        let rule = || Rule::new(Fault::Cut);
        assert!(rule().strikes(&PUT, &uri()));
        assert!(rule().method("PUT").path("97/a*b").strikes(&PUT, &uri()));
        assert!(rule().path("comp=block").strikes(&PUT, &uri()));
        assert!(!rule().method("GET").strikes(&PUT, &uri()));
        assert!(!rule().method("PUT").path("98/").strikes(&PUT, &uri()));
    }

    #[test]
    fn requests_that_do_not_match_take_no_turn() {
        let mut rule = Rule::new(Fault::Cut).method("PUT").next(2);
        let struck = [Method::GET, PUT, Method::GET, PUT, PUT].map(|m| rule.strikes(&m, &uri()));
        assert_eq!(struck, [false, true, false, true, false]);
    }

    #[test]
    fn the_seed_determines_whom_a_rule_strikes() {
        let struck = |seed| {
            let mut rule = Rule::new(Fault::Cut).sometimes(0.25, seed);
            (0..4000).map(|_| rule.strikes(&PUT, &uri())).collect::<Vec<_>>()
        };
        assert_eq!(struck(7), struck(7));
        assert_ne!(struck(7), struck(8));
        let times = struck(7).iter().filter(|struck| **struck).count();
        assert!((850..1150).contains(&times), "{times} of 4000");
        assert!(!Rule::new(Fault::Cut).sometimes(0.0, 7).strikes(&PUT, &uri()));
        assert!(Rule::new(Fault::Cut).sometimes(1.0, 7).strikes(&PUT, &uri()));
    }
}
