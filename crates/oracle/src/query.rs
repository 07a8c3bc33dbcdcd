//! A search, and the URL that asks it.

use std::fmt::{self, Write};

/// A search of one type or of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The types wanted. One is asked by its path, several at the system level by `_type`.
    pub types: Vec<String>,
    /// What resources must be like.
    pub criteria: Vec<Criterion>,
    /// Sort keys, the most significant first.
    pub sort: Vec<SortKey>,
    /// `_count`.
    pub count: Option<usize>,
    /// Resources to send along.
    pub includes: Vec<Include>,
}

/// One parameter of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// References to follow before the parameter is asked.
    pub links: Vec<Link>,
    /// The parameter's name.
    pub name: String,
    /// Its modifier.
    pub modifier: Option<Modifier>,
    /// Values, escaped, one of which must match.
    pub values: Vec<String>,
}

/// A reference to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A chain: `subject.` or `subject:Patient.`.
    Forward {
        /// The reference parameter.
        parameter: String,
        /// The only type to follow it to.
        to: Option<String>,
    },
    /// `_has:Observation:patient:`.
    Reverse {
        /// The type that refers.
        from: String,
        /// The reference parameter by which it does.
        parameter: String,
    },
}

/// A modifier (R4 search, section 3.1.1.4.2 and those of the types).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Modifier {
    /// `:missing`.
    Missing,
    /// `:exact`.
    Exact,
    /// `:contains`.
    Contains,
    /// `:not`.
    Not,
    /// `:text`.
    Text,
    /// `:of-type`.
    OfType,
    /// `:identifier`.
    Identifier,
    /// `:below`.
    Below,
    /// `:above`.
    Above,
    /// `:Patient`.
    Type(String),
}

/// A sort key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The parameter's name.
    pub name: String,
    /// Largest first.
    pub descending: bool,
}

/// `_include` or `_revinclude`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// `_revinclude`.
    pub reverse: bool,
    /// The type that refers.
    pub from: String,
    /// The reference parameter.
    pub parameter: String,
    /// The only type of target that is wanted.
    pub to: Option<String>,
}

impl Query {
    /// The path and query below the server's base.
    pub fn url(&self) -> String {
        let mut parameters: Vec<(String, String)> = Vec::new();
        if self.types.len() > 1 {
            parameters.push(("_type".into(), self.types.join(",")));
        }
        for criterion in &self.criteria {
            parameters.push((criterion.to_string(), criterion.values.join(",")));
        }
        for include in &self.includes {
            let name = if include.reverse { "_revinclude" } else { "_include" };
            parameters.push((name.into(), include.to_string()));
        }
        if !self.sort.is_empty() {
            let keys: Vec<String> = self.sort.iter().map(SortKey::to_string).collect();
            parameters.push(("_sort".into(), keys.join(",")));
        }
        if let Some(count) = self.count {
            parameters.push(("_count".into(), count.to_string()));
        }
        let encoded = parameters.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v)));
        let path = if self.types.len() == 1 { &self.types[0] } else { "" };
        format!("/{path}?{}", encoded.collect::<Vec<_>>().join("&"))
    }
}

/// The name of a criterion in a URL.
impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for link in &self.links {
            write!(f, "{link}")?;
        }
        f.write_str(&self.name)?;
        self.modifier.as_ref().map_or(Ok(()), |modifier| write!(f, ":{}", modifier.name()))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forward { parameter, to: None } => write!(f, "{parameter}."),
            Self::Forward { parameter, to: Some(to) } => write!(f, "{parameter}:{to}."),
            Self::Reverse { from, parameter } => write!(f, "_has:{from}:{parameter}:"),
        }
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.name)
    }
}

impl fmt::Display for Include {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.parameter)?;
        self.to.as_ref().map_or(Ok(()), |to| write!(f, ":{to}"))
    }
}

impl Modifier {
    /// How it is written after the colon.
    pub fn name(&self) -> &str {
        match self {
            Self::Missing => "missing",
            Self::Exact => "exact",
            Self::Contains => "contains",
            Self::Not => "not",
            Self::Text => "text",
            Self::OfType => "of-type",
            Self::Identifier => "identifier",
            Self::Below => "below",
            Self::Above => "above",
            Self::Type(name) => name,
        }
    }
}

/// Percent-encodes what can't stand in a query; `:`, `,`, `|`, `/` stay to be read by people.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(byte.into()),
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b',' => encoded.push(byte.into()),
            _ => write!(encoded, "%{byte:02X}").unwrap_or_default(),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_asks_all_of_it() {
        let criterion = Criterion {
            links: vec![
                Link::Reverse { from: "Observation".into(), parameter: "patient".into() },
                Link::Forward { parameter: "encounter".into(), to: Some("Encounter".into()) },
            ],
            name: "class".into(),
            modifier: Some(Modifier::Not),
            values: vec![r"a\,b".into(), "s|c d".into()],
        };
        let mut query = Query {
            types: vec!["Patient".into()],
            criteria: vec![criterion],
            sort: vec![SortKey { name: "birthdate".into(), descending: true }],
            count: Some(3),
            includes: Vec::new(),
        };
        assert_eq!(
            query.url(),
            "/Patient?_has:Observation:patient:encounter:Encounter.class:not=a%5C,b,s%7Cc%20d\
             &_sort=-birthdate&_count=3"
        );
        query.types.push("Group".into());
        query.criteria.clear();
        assert_eq!(query.url(), "/?_type=Patient,Group&_sort=-birthdate&_count=3");
    }
}
