use std::fmt;

/// A reference to a conformance resource: its URL, perhaps with a version (R4 datatypes,
/// `canonical`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Canonical {
    /// The URL.
    pub url: String,
    /// The version after `|`; without one, the newest is meant.
    pub version: Option<String>,
}

impl Canonical {
    /// Reads `url` or `url|version`. A fragment (`#…`) stays part of the URL.
    pub fn parse(text: &str) -> Self {
        match text.split_once('|') {
            Some((url, version)) if !version.is_empty() => Self::new(url, Some(version)),
            Some((url, _)) => Self::new(url, None),
            None => Self::new(text, None),
        }
    }

    /// From its parts.
    pub fn new(url: &str, version: Option<&str>) -> Self {
        Self { url: url.to_owned(), version: version.map(ToOwned::to_owned) }
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It comes from outside: an error or a log takes so much of it and no more.
        let bounded = |text: &str| text.chars().take(200).collect::<String>();
        f.write_str(&bounded(&self.url))?;
        match &self.version {
            Some(version) => write!(f, "|{}", bounded(version)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canonical_is_a_url_and_perhaps_a_version() {
        assert_eq!(Canonical::parse("http://a/b|1.0"), Canonical::new("http://a/b", Some("1.0")));
        assert_eq!(Canonical::parse("http://a/b"), Canonical::new("http://a/b", None));
        assert_eq!(Canonical::parse("http://a/b|"), Canonical::new("http://a/b", None));
    }
}
