//! JSON Pointer (RFC 6901).

use cresset_fhir::json::Json;

use super::budget::Budget;
use super::error::{PatchError, Result};

/// The way to a value: names of properties and indexes of items, unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    tokens: Vec<String>,
}

impl Pointer {
    pub(super) fn parse(text: &str) -> Result<Pointer> {
        if text.is_empty() {
            return Ok(Pointer { tokens: Vec::new() });
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(PatchError::invalid(
                "a JSON Pointer is empty or starts with '/' (RFC 6901)",
            ));
        };
        let tokens: Result<_> = rest.split('/').map(unescape).collect();
        Ok(Pointer { tokens: tokens? })
    }

    /// How deep it leads.
    pub(super) fn depth(&self) -> usize {
        self.tokens.len()
    }

    /// The way to the object or array, and the last step in it; none for the whole document.
    pub(super) fn split_last(&self) -> Option<(&[String], &str)> {
        let (last, parents) = self.tokens.split_last()?;
        Some((parents, last))
    }

    /// Whether this leads to something that `other` is inside of.
    pub(super) fn is_above(&self, other: &Pointer) -> bool {
        self.depth() < other.depth() && other.tokens.starts_with(&self.tokens)
    }

    /// The value that it leads to.
    pub(super) fn find<'j>(&self, root: &'j Json, budget: &mut Budget) -> Result<&'j Json> {
        let mut at = root;
        for token in &self.tokens {
            at = match at {
                Json::Object(object) => {
                    budget.charge(object.len())?;
                    object.get(token)
                }
                Json::Array(items) => index(token)?.and_then(|index| items.get(index)),
                _ => None,
            }
            .ok_or_else(nothing_there)?;
        }
        Ok(at)
    }

    /// The value that it leads to, for changing it.
    pub(super) fn find_mut<'j>(
        &self,
        root: &'j mut Json,
        budget: &mut Budget,
    ) -> Result<&'j mut Json> {
        descend(root, &self.tokens, budget)
    }

    /// The place as an expression, as far as the steps are names and indexes: what isn't could be
    /// anything, and isn't shown.
    pub(super) fn expression(&self, resource_type: Option<&str>) -> Option<String> {
        let mut text = resource_type.filter(|n| is_name(n)).unwrap_or("").to_owned();
        for token in &self.tokens {
            match index(token) {
                Ok(Some(index)) => text.push_str(&format!("[{index}]")),
                _ if is_name(token) => {
                    let dot = if text.is_empty() { "" } else { "." };
                    text.push_str(dot);
                    text.push_str(token);
                }
                _ => break,
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

/// The value that these steps lead to, for changing it.
pub(super) fn descend<'j>(
    root: &'j mut Json,
    tokens: &[String],
    budget: &mut Budget,
) -> Result<&'j mut Json> {
    let mut at = root;
    for token in tokens {
        at = match at {
            Json::Object(object) => {
                budget.charge(object.len())?;
                object.get_mut(token)
            }
            Json::Array(items) => index(token)?.and_then(|index| items.get_mut(index)),
            _ => None,
        }
        .ok_or_else(nothing_there)?;
    }
    Ok(at)
}

/// The index that a step into an array stands for: digits without a leading zero; none for `-`,
/// the place after the last item, and for what is too large for any array.
pub(super) fn index(token: &str) -> Result<Option<usize>> {
    let is_index = token == "0" || (!token.is_empty() && !token.starts_with('0'));
    match token {
        "-" => Ok(None),
        _ if is_index && token.bytes().all(|b| b.is_ascii_digit()) => Ok(token.parse().ok()),
        _ => Err(PatchError::missing(
            "an item of an array is named by its index, without leading zeros, or by '-'",
        )),
    }
}

pub(super) fn nothing_there() -> PatchError {
    PatchError::missing("there is nothing at this place; read the resource and patch what it has")
}

fn unescape(token: &str) -> Result<String> {
    let mut text = String::with_capacity(token.len());
    let mut parts = token.split('~');
    text.extend(parts.next());
    for part in parts {
        let (character, rest) = match part.as_bytes().first() {
            Some(b'0') => ('~', &part[1..]),
            Some(b'1') => ('/', &part[1..]),
            _ => {
                return Err(PatchError::invalid(
                    "in a JSON Pointer '~' is written '~0' and '/' is written '~1' (RFC 6901)",
                ));
            }
        };
        text.push(character);
        text.push_str(rest);
    }
    Ok(text)
}

fn is_name(token: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    token.len() <= 64
        && token.bytes().next().is_some_and(is_letter)
        && token.bytes().all(|b| is_letter(b) || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        let pointer = Pointer::parse("/a~1b/~01/m~0n//").unwrap();
        assert_eq!(pointer.tokens, ["a/b", "~1", "m~n", "", ""]);
        for bad in ["a", "/~", "/~2", "/a~"] {
            assert!(Pointer::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn indexes_have_no_leading_zeros() {
        assert_eq!(index("0").unwrap(), Some(0));
        assert_eq!(index("10").unwrap(), Some(10));
        assert_eq!(index("-").unwrap(), None);
        assert_eq!(index("99999999999999999999999").unwrap(), None);
        for bad in ["", "00", "01", "+1", "-1", "1e0", "a", "1.0"] {
            assert!(index(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn expressions_show_names_and_indexes_only() {
        let show = |text: &str| Pointer::parse(text).unwrap().expression(Some("Patient"));
        assert_eq!(show("/name/0/given/-").as_deref(), Some("Patient.name[0].given"));
        assert_eq!(show("/name/Jane Doe/x").as_deref(), Some("Patient.name"));
    }
}
