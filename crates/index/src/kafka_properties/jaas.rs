//! `sasl.jaas.config`.

use super::{PropertyError, Translated};
use std::collections::BTreeMap;

const KEY: &str = "sasl.jaas.config";
const MODULE: &str = "org.apache.kafka.common.security.";

/// Takes name and password out of the login module's options.
pub(super) fn login(
    properties: &BTreeMap<String, String>,
    to: &mut Translated,
) -> Option<PropertyError> {
    let protocol = properties.get("security.protocol").map_or("", |p| p.trim());
    let is_named = protocol.to_ascii_uppercase().starts_with("SASL_");
    let Some(entry) = properties.get(KEY) else {
        let missing = "missing: security.protocol asks for a name and a password";
        return is_named.then(|| PropertyError::new(KEY, missing));
    };
    if is_named && !properties.contains_key("sasl.mechanism") {
        let missing = "missing: PLAIN, SCRAM-SHA-256, or SCRAM-SHA-512";
        return Some(PropertyError::new("sasl.mechanism", missing));
    }
    let mechanism = properties.get("sasl.mechanism").map_or("", |mechanism| mechanism.trim());
    match read(entry, mechanism) {
        Ok((name, password)) => {
            to.config.set("sasl.username", name).set("sasl.password", password);
            None
        }
        Err(problem) => Some(PropertyError::new(KEY, problem)),
    }
}

/// Name and password of an entry such as `…PlainLoginModule required username="x" password="y";`.
fn read(entry: &str, mechanism: &str) -> Result<(String, String), &'static str> {
    let words = words(entry)?;
    let mut words = words.into_iter();
    let module = words.next().ok_or("it is empty")?;
    let modules = [("plain.PlainLoginModule", "PLAIN"), ("scram.ScramLoginModule", "SCRAM-")];
    let of = modules.iter().find(|(name, _)| module.strip_prefix(MODULE) == Some(*name));
    let (_, fits) = of.ok_or("only PlainLoginModule and ScramLoginModule are known here")?;
    if !mechanism.is_empty() && !mechanism.to_ascii_uppercase().starts_with(fits) {
        return Err("the login module isn't that of sasl.mechanism");
    }
    let flags = ["required", "requisite", "sufficient", "optional"];
    if !words.next().is_some_and(|flag| flags.contains(&&*flag.to_ascii_lowercase())) {
        return Err("'required' is expected after the login module");
    }
    let (mut name, mut password) = (None, None);
    while let Some(option) = words.next() {
        if words.next().as_deref() != Some("=") {
            return Err("its options have the form name=\"value\"");
        }
        let value = words.next().ok_or("an option has no value")?;
        match option.as_str() {
            "username" => name = Some(value),
            "password" => password = Some(value),
            _ => return Err("only the options username and password can be translated"),
        }
    }
    Ok((name.ok_or("username is missing")?, password.ok_or("password is missing")?))
}

/// The words up to the semicolon, as Java's tokenizer of JAAS configurations takes them: what is in
/// quotes is one word, in which a backslash escapes as in Java; `=` is one by itself.
fn words(entry: &str) -> Result<Vec<String>, &'static str> {
    let (mut words, mut chars) = (Vec::new(), entry.chars().peekable());
    while let Some(first) = chars.next() {
        match first {
            ';' => {
                let rest = chars.all(char::is_whitespace);
                return if rest { Ok(words) } else { Err("there is more than one login module") };
            }
            '=' => words.push("=".to_owned()),
            '"' | '\'' => words.push(quoted(first, &mut chars)?),
            blank if blank.is_whitespace() => {}
            other => {
                let mut word = other.to_string();
                let goes_on = |c: &char| !c.is_whitespace() && !['=', ';', '"', '\''].contains(c);
                while let Some(next) = chars.next_if(goes_on) {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    Err("it doesn't end with a semicolon")
}

fn quoted(quote: char, chars: &mut impl Iterator<Item = char>) -> Result<String, &'static str> {
    let (mut word, unclosed) = (String::new(), "a quotation mark is missing");
    loop {
        match chars.next().ok_or(unclosed)? {
            end if end == quote => return Ok(word),
            '\\' => word.push(match chars.next().ok_or(unclosed)? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                // Java would read an octal number here.
                '0'..='7' => return Err("octal escapes can't be translated: write the character"),
                itself => itself,
            }),
            other => word.push(other),
        }
    }
}
