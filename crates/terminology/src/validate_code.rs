//! Whether a code is one of a value set or code system (`$validate-code`, R4, sections 4.8.17 and
//! 4.9.18).

use crate::{CodeSystem, Expansion, Problem};

/// A code, and what is claimed of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The code system's URL.
    pub system: Option<&'a str>,
    /// The code system's version.
    pub version: Option<&'a str>,
    /// The code.
    pub code: &'a str,
    /// The text that is said to be its.
    pub display: Option<&'a str>,
    /// `Some(false)` when a code that is for grouping only isn't wanted.
    pub is_abstract: Option<bool>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// Whether it is one of them, and its text is right.
    pub result: bool,
    /// What is wrong, or worth knowing.
    pub message: Option<String>,
    /// The text that the code system has for it.
    pub display: Option<String>,
}

/// Whether a code is one of an expanded value set. Without a system, `infer` says whether any system
/// of the value set will do: a `code` element has its system from the value set.
pub fn validate_in_value_set(expansion: &Expansion, asked: &Asked<'_>, infer: bool) -> Validation {
    if asked.system.is_none() && !infer {
        return no("the code has no system, and the value set needs one");
    }
    let fits = |system: &str| asked.system.is_none_or(|s| s == system);
    let mut found = expansion.entries.iter().filter(|e| e.code == asked.code && fits(&e.system));
    let Some(entry) = found.next() else {
        return no("the code is not one of the value set");
    };
    if asked.system.is_none() && found.next().is_some() {
        return no("several systems of the value set have the code: name one");
    }
    let of_version = |v: &str| entry.version.as_deref().is_none_or(|known| known == v);
    if !asked.version.is_none_or(of_version) {
        return no("the value set has the code from another version of its system");
    }
    let designations = entry.designations.iter().map(|d| d.value.as_str());
    judged(asked, entry.display.as_deref(), designations, entry.is_abstract, entry.inactive)
}

/// Whether a code is one of a code system.
///
/// # Errors
/// [`Problem::Unusable`] when its resource can't tell.
pub fn validate_in_code_system(
    system: &CodeSystem,
    asked: &Asked<'_>,
) -> Result<Validation, Problem> {
    let Some(concept) = system.usable()?.concept(asked.code) else {
        return match system.is_partial() {
            true => Err(Problem::Unusable {
                system: system.canonical(),
                reason: "only a part of it is known here, and the code is not in that part",
            }),
            false => Ok(no("the code is not one of the code system")),
        };
    };
    let designations = concept.designations.iter().map(|d| d.value.as_str());
    let display = concept.display.as_deref();
    Ok(judged(asked, display, designations, concept.is_abstract, concept.inactive))
}

fn no(message: &str) -> Validation {
    Validation { result: false, message: Some(message.to_owned()), display: None }
}

fn judged<'a>(
    asked: &Asked<'_>,
    display: Option<&'a str>,
    mut designations: impl Iterator<Item = &'a str>,
    is_abstract: bool,
    inactive: bool,
) -> Validation {
    let same = |text: &str| asked.display.is_none_or(|d| d.to_lowercase() == text.to_lowercase());
    let is_wrong = display.is_some_and(|text| !same(text)) && !designations.any(same);
    let message = if is_abstract && asked.is_abstract == Some(false) {
        Some("the code is abstract: for grouping only")
    } else if is_wrong {
        Some("the display is not one that the code system has for the code")
    } else {
        None
    };
    let warning = inactive.then_some("the code is inactive");
    Validation {
        result: message.is_none(),
        message: message.or(warning).map(ToOwned::to_owned),
        display: display.map(ToOwned::to_owned),
    }
}
