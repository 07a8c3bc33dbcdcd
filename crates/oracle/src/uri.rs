//! Uri parameters (R4 search, section 3.1.1.4.13).

use crate::escape::unescape;
use crate::query::Modifier;

/// A value of a search, understood.
#[derive(Debug, Clone)]
pub enum Asked {
    /// The URI itself.
    Is(String),
    /// It or one below it.
    Below(String),
    /// It or one above it.
    Above(String),
}

impl Asked {
    /// Reads a value.
    pub fn read(value: &str, modifier: Option<&Modifier>) -> Self {
        let uri = unescape(value);
        match modifier {
            Some(Modifier::Below) => Self::Below(uri),
            Some(Modifier::Above) => Self::Above(uri),
            _ => Self::Is(uri),
        }
    }

    /// Whether a URI is so; a canonical is also found without its version.
    pub fn matches(&self, uri: &str) -> bool {
        let url = uri.split('|').next().unwrap_or_default();
        match self {
            Self::Is(wanted) => uri == wanted || url == wanted,
            Self::Below(wanted) => uri == wanted || is_below(url, wanted),
            Self::Above(wanted) => uri == wanted || is_below(wanted, url),
        }
    }
}

/// Whether a URI is another or goes on from it after a slash.
fn is_below(uri: &str, above: &str) -> bool {
    let above = above.trim_end_matches('/');
    uri.trim_end_matches('/') == above
        || uri.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_and_above_go_by_parts() {
        let (below, above) = (Some(Modifier::Below), Some(Modifier::Above));
        for (value, modifier, found) in [
            ("http://a.org/x/y", None, true),
            ("http://a.org/x/Y", None, false),
            ("http://a.org/x", None, false),
            ("http://a.org/x", below.as_ref(), true),
            ("http://a.org/x/", below.as_ref(), true),
            ("http://a.org/x/y/z", below.as_ref(), false),
            ("http://a.o", below.as_ref(), false),
            ("http://a.org/x/y/z", above.as_ref(), true),
            ("http://a.org/x/yz", above.as_ref(), false),
        ] {
            let asked = Asked::read(value, modifier);
            assert_eq!(asked.matches("http://a.org/x/y|1"), found, "{asked:?}");
        }
    }
}
