//! Search URLs: parameters escaped as FHIR says, then as URLs say.

use std::fmt::Write;

/// A search, relative to the base: `Type?name=value&…`.
#[derive(Clone, Debug)]
pub(crate) struct Query(String);

impl Query {
    /// `path` without parameters, such as a type or `Patient/1/_history`.
    pub(crate) fn of(path: &str) -> Self {
        Self(path.into())
    }

    /// Adds a parameter. `value` may hold the separators `,`, `|` and `$` of FHIR; what a
    /// resource contributed to it went through [`literal`] first.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.0.push(if self.0.contains('?') { '&' } else { '?' });
        encode(name, &mut self.0);
        self.0.push('=');
        encode(value.as_ref(), &mut self.0);
        self
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// A value in which FHIR's separators stand for themselves (R4 search, 3.1.1.4.0.1).
pub(crate) fn literal(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | ',' | '|' | '$') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b'$' | b',' | b':' | b'/' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("a String takes all that is written"),
        }
    }
}

/// The names of the parameters of a URL, decoded.
pub(crate) fn parameter_names(url: &str) -> Vec<String> {
    let Some((_, query)) = url.split_once('?') else {
        return Vec::new();
    };
    query.split('&').map(|pair| decode(pair.split('=').next().unwrap_or(pair))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = (first == b'%').then(|| text_of(tail.get(..2)?)).flatten();
        if let Some(byte) = hex {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text_of(hex: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_values() {
        let query = Query::of("Observation")
            .with("code", "http://loinc.org|8302-2")
            .with("date", "ge2015-01-01T00:00:00+01:00")
            .with("code-value-quantity", "8302-2$gt150")
            .finish();
        assert_eq!(
            query,
            "Observation?code=http://loinc.org%7C8302-2&date=ge2015-01-01T00:00:00%2B01:00\
             &code-value-quantity=8302-2$gt150"
        );
    }

    #[test]
    fn escapes_separators_of_fhir() {
        let query = Query::of("Patient").with("family", literal("O'Neil, ü|$\\&="));
        assert_eq!(query.finish(), "Patient?family=O%27Neil%5C,%20%C3%BC%5C%7C%5C$%5C%5C%26%3D");
    }

    #[test]
    fn names_parameters() {
        let names =
            parameter_names("http://h/fhir/Patient?_has%3AObservation:patient:code=1&x=%7C&y");
        assert_eq!(names, ["_has:Observation:patient:code", "x", "y"]);
        assert!(parameter_names("Patient").is_empty());
        assert_eq!(parameter_names("P?a%=1&%4=2"), ["a%", "%4"]);
    }
}
