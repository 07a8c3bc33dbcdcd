//! Entity tags: `W/"3"` is version 3 (R4 RESTful API, section 3.1.0.1.3).

use crate::Failure;
use cresset_store::{Precondition, Version};

/// What `If-Match` demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Any version, but one.
    Any,
    /// This version.
    Version(Version),
}

impl IfMatch {
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let version = version_of(text).map(Self::Version);
        version.ok_or_else(|| {
            let problem = "If-Match must be one version's ETag, such as W/\"3\"";
            Failure::bad_request("value", problem).at("http.If-Match")
        })
    }

    pub(crate) fn precondition(this: Option<Self>) -> Precondition {
        match this {
            None => Precondition::None,
            Some(Self::Any) => Precondition::Present,
            Some(Self::Version(version)) => Precondition::Version(version),
        }
    }
}

/// The version that a tag names; quotes and `W/` may be missing.
pub(crate) fn version_of(tag: &str) -> Option<Version> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let bare = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(tag);
    Version::parse(bare)
}

/// Whether the list of `If-None-Match` names this version, or anything (`*`).
pub(crate) fn names(list: &str, version: Version) -> bool {
    list.split(',').any(|tag| tag.trim() == "*" || version_of(tag) == Some(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_versions() {
        let three = Version::new(3).unwrap();
        for tag in ["W/\"3\"", "\"3\"", "3", " W/\"3\" "] {
            assert_eq!(version_of(tag), Some(three), "{tag}");
        }
        for tag in ["", "W/\"\"", "W/\"x\"", "\"3", "-1", "03", "W/\"3\", W/\"4\""] {
            assert_eq!(version_of(tag), None, "{tag}");
        }
        assert!(names("W/\"1\", W/\"3\"", three));
        assert!(names("*", three));
        assert!(!names("W/\"1\"", three));
    }
}
