//! JSON that is written as it comes: a tree of a thousand values for each message would cost more than
//! all else that is done with it.

use std::fmt::{Display, Write};

/// The fields of an object, as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        push_text(&mut self.0, value);
    }

    pub(super) fn number(&mut self, name: &str, value: impl Display) {
        self.name(name);
        // Texts take whatever is written.
        let _ = write!(self.0, "{value}");
    }

    /// An object with the fields of several texts, which may be empty.
    pub(super) fn object(&mut self, name: &str, fields: [&str; 2]) {
        self.name(name);
        self.0.push('{');
        let mut between = "";
        for fields in fields.into_iter().filter(|fields| !fields.is_empty()) {
            self.0.push_str(between);
            self.0.push_str(fields);
            between = ",";
        }
        self.0.push('}');
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The fields, without braces.
    pub(super) fn fields(&self) -> &str {
        &self.0
    }

    /// The object.
    pub(super) fn finish(self) -> String {
        format!("{{{}}}", self.0)
    }

    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        push_text(&mut self.0, name);
        self.0.push(':');
    }
}

/// A text with quotes around it.
pub(super) fn push_text(to: &mut String, text: &str) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        to.push('"');
        to.push_str(text);
        to.push('"');
    } else {
        to.push_str(&serde_json::Value::from(text).to_string());
    }
}
