//! The place where a page starts, as a token for URLs.
//!
//! Places hold the values that a search sorts by, so they are encrypted: a URL ends up in logs. They
//! are authenticated together with the search that they belong to: a link whose parameters were
//! changed is refused, not answered with a page of something else.

use crate::Failure;
use crate::page_key::PageKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cresset_store::{Position, Start};

/// The parameter that carries it.
pub(crate) const PARAMETER: &str = "_page";

/// Longer tokens are none of ours: a sort has few keys, and their values are bounded.
const LONGEST: usize = 64 << 10;

/// What a token belongs to: the path and the parameters, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding(Vec<u8>);

impl Binding {
    /// `path` is relative to the base. The order of parameters makes no difference, nor do those
    /// about the form of the answer, which some clients add to links.
    pub(crate) fn new(path: &str, parameters: &[(String, String)]) -> Self {
        let bound = |name: &str| !matches!(name, "_format" | "_pretty" | PARAMETER);
        let mut pairs: Vec<_> = parameters.iter().filter(|(name, _)| bound(name)).collect();
        pairs.sort_unstable();
        let mut bytes = Vec::with_capacity(256);
        let texts = pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        for text in std::iter::once(path).chain(texts) {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Seals a place.
pub(crate) fn seal(key: &PageKey, binding: &Binding, place: &[u8]) -> Result<String, Failure> {
    Ok(URL_SAFE_NO_PAD.encode(key.seal(binding.as_bytes(), place)?))
}

/// The sealed bytes of a token.
pub(crate) fn decode(token: &str) -> Result<Vec<u8>, Failure> {
    if token.len() > LONGEST {
        return Err(unusable());
    }
    URL_SAFE_NO_PAD.decode(token).map_err(|_| unusable())
}

/// The failure of a token that doesn't open.
pub(crate) fn unusable() -> Failure {
    let problem = "the page token is damaged, or belongs to a search with other parameters; follow \
                   the links of a Bundle as they are, or start over without _page";
    Failure::bad_request("value", problem).at("http._page")
}

/// A start as bytes.
pub(crate) fn start_bytes(start: &Start) -> Vec<u8> {
    let (kind, position) = match start {
        Start::First => (0, &[][..]),
        Start::After(position) => (1, &position.0[..]),
        Start::Before(position) => (2, &position.0[..]),
    };
    let mut bytes = vec![kind];
    bytes.extend_from_slice(position);
    bytes
}

/// Reads what [`start_bytes`] made.
pub(crate) fn start(bytes: &[u8]) -> Result<Start, Failure> {
    let position = |rest: &[u8]| Position(rest.to_vec());
    match bytes.split_first() {
        Some((0, [])) => Ok(Start::First),
        Some((1, rest)) => Ok(Start::After(position(rest))),
        Some((2, rest)) => Ok(Start::Before(position(rest))),
        _ => Err(unusable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(texts: &[(&str, &str)]) -> Vec<(String, String)> {
        texts.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    fn binding(texts: &[(&str, &str)]) -> Binding {
        Binding::new("Patient", &pairs(texts))
    }

    #[test]
    fn a_search_is_bound_by_what_it_asks_not_by_how_it_is_written() {
        let one = binding(&[("a", "1"), ("b", "2")]);
        assert_eq!(one, binding(&[("b", "2"), ("_format", "json"), ("a", "1"), ("_page", "x")]));
        assert_ne!(one, binding(&[("a", "1")]));
        assert_ne!(one, binding(&[("a", "2"), ("b", "1")]));
        assert_ne!(one, binding(&[("a", "1b2"), ("", "")]));
        assert_ne!(one, Binding::new("Group", &pairs(&[("a", "1"), ("b", "2")])));
    }

    #[test]
    fn starts_come_back() {
        let position = || Position(vec![7, 0, 255]);
        for wanted in [Start::First, Start::After(position()), Start::Before(position())] {
            assert_eq!(start(&start_bytes(&wanted)).unwrap(), wanted);
        }
        for bytes in [&[][..], &[3], &[0, 1]] {
            assert!(start(bytes).is_err());
        }
    }

    #[test]
    fn a_sealed_place_opens_with_its_key_and_its_search_only() {
        let (key, other) = (PageKey::generate().unwrap(), PageKey::generate().unwrap());
        let place = b"birthdate 1974-12-25";
        let token = seal(&key, &binding(&[("a", "1")]), place).unwrap();
        let sealed = decode(&token).unwrap();
        assert!(!sealed.windows(4).any(|w| w == b"1974"));
        assert_ne!(token, seal(&key, &binding(&[("a", "1")]), place).unwrap());
        let bound = binding(&[("a", "1")]);
        assert_eq!(key.open(bound.as_bytes(), &sealed).as_deref(), Some(&place[..]));
        assert_eq!(other.open(bound.as_bytes(), &sealed), None);
        assert_eq!(key.open(binding(&[("a", "2")]).as_bytes(), &sealed), None);
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(key.open(bound.as_bytes(), &damaged), None, "{at}");
            assert_eq!(key.open(bound.as_bytes(), &sealed[..at]), None, "{at}");
        }
    }
}
