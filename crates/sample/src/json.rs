//! Writes compact JSON straight into a buffer.

use crate::date::{Date, Moment};
use crate::decimal::Decimal;
use crate::id::Id;

/// A writer of one JSON object after another.
///
/// Commas need no state: one is due unless the byte before opened an object or array.
pub(crate) struct JsonWriter<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> JsonWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    /// One object on a line of its own.
    pub(crate) fn line(&mut self, write: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        write(self);
        self.out.extend_from_slice(b"}\n");
    }

    fn comma(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.out.push(b',');
        }
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn name_and_quote(&mut self, name: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":\"");
    }

    pub(crate) fn object(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.name(name);
        self.out.push(b'{');
        write(self);
        self.out.push(b'}');
    }

    pub(crate) fn array(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.name(name);
        self.out.push(b'[');
        write(self);
        self.out.push(b']');
    }

    /// An object as an element of an array.
    pub(crate) fn item(&mut self, write: impl FnOnce(&mut Self)) {
        self.comma();
        self.out.push(b'{');
        write(self);
        self.out.push(b'}');
    }

    /// An array of exactly one object.
    pub(crate) fn one(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.array(name, |json| json.item(write));
    }

    /// A string that needs no escapes: every text of this crate, and checked by tests.
    pub(crate) fn string(&mut self, name: &str, value: &str) {
        self.strings(name, &[value]);
    }

    /// One string, given in parts.
    pub(crate) fn strings(&mut self, name: &str, parts: &[&str]) {
        self.name_and_quote(name);
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
        self.out.push(b'"');
    }

    pub(crate) fn string_items(&mut self, name: &str, values: &[&str]) {
        self.array(name, |json| {
            for value in values {
                json.text_item(&[value]);
            }
        });
    }

    /// A string as an element of an array, given in parts.
    pub(crate) fn text_item(&mut self, parts: &[&str]) {
        self.comma();
        self.out.push(b'"');
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
        self.out.push(b'"');
    }

    pub(crate) fn boolean(&mut self, name: &str, value: bool) {
        self.name(name);
        let text = if value { "true" } else { "false" };
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn number(&mut self, name: &str, value: Decimal) {
        self.name(name);
        value.write(self.out);
    }

    /// An array of exactly one whole number.
    pub(crate) fn number_item(&mut self, name: &str, value: i32) {
        self.name(name);
        self.out.push(b'[');
        Decimal::from(value).write(self.out);
        self.out.push(b']');
    }

    pub(crate) fn date(&mut self, name: &str, value: Date) {
        self.name_and_quote(name);
        value.write(self.out);
        self.out.push(b'"');
    }

    pub(crate) fn moment(&mut self, name: &str, value: Moment) {
        self.instant(name, value, "");
    }

    /// A moment with three digits of milliseconds.
    pub(crate) fn instant(&mut self, name: &str, value: Moment, milliseconds: &str) {
        self.name_and_quote(name);
        value.write(self.out, milliseconds);
        self.out.push(b'"');
    }

    pub(crate) fn id(&mut self, name: &str, prefix: &str, id: &Id) {
        self.name_and_quote(name);
        self.out.extend_from_slice(prefix.as_bytes());
        self.out.extend_from_slice(id.as_bytes());
        self.out.push(b'"');
    }
}
