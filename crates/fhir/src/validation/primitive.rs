//! Primitive types and the values that they take (R4 datatypes.html, section 2.24.0.1).

use super::issue::IssueCode;
use super::{date_time, lexical, narrative};
use crate::json::{Json, Number};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Base64Binary,
    Boolean,
    Code,
    Date,
    DateTime,
    Decimal,
    Id,
    Instant,
    Integer,
    Oid,
    PositiveInt,
    /// `string`, `markdown`, and types of another version that this code doesn't know.
    String,
    Time,
    UnsignedInt,
    /// `uri`, `url`, `canonical`.
    Uri,
    Uuid,
    Xhtml,
}

/// Why a value isn't one of its type.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: IssueCode,
    pub(super) text: &'static str,
}

impl Fault {
    pub(super) fn value(text: &'static str) -> Self {
        Self { code: IssueCode::Value, text }
    }
}

impl Primitive {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "base64Binary" => Self::Base64Binary,
            "boolean" => Self::Boolean,
            "code" => Self::Code,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "decimal" => Self::Decimal,
            "id" => Self::Id,
            "instant" => Self::Instant,
            "integer" => Self::Integer,
            "oid" => Self::Oid,
            "positiveInt" => Self::PositiveInt,
            "time" => Self::Time,
            "unsignedInt" => Self::UnsignedInt,
            "uri" | "url" | "canonical" => Self::Uri,
            "uuid" => Self::Uuid,
            "xhtml" => Self::Xhtml,
            _ => Self::String,
        }
    }

    pub(super) fn check(self, value: &Json) -> Result<(), Fault> {
        match (self, value) {
            (_, Json::Null | Json::Array(_) | Json::Object(_)) => Err(Fault {
                code: IssueCode::Structure,
                text: "must be a primitive value, not null, an array or an object",
            }),
            (Self::Boolean, Json::Bool(_)) | (Self::Decimal, Json::Number(_)) => Ok(()),
            (Self::Boolean, _) => Err(Fault::value("must be true or false, without quotes")),
            (Self::Decimal, _) => Err(Fault::value("must be a number, without quotes")),
            (Self::Integer, Json::Number(number)) => {
                in_range(number, i32::MIN, "must be an integer of 32 bits")
            }
            (Self::UnsignedInt, Json::Number(number)) => {
                in_range(number, 0, "must be an integer from 0 to 2147483647")
            }
            (Self::PositiveInt, Json::Number(number)) => {
                in_range(number, 1, "must be an integer from 1 to 2147483647")
            }
            (Self::Integer | Self::UnsignedInt | Self::PositiveInt, _) => {
                Err(Fault::value("must be a number, without quotes"))
            }
            (_, Json::String(text)) => self.check_text(text),
            (_, Json::Bool(_) | Json::Number(_)) => {
                Err(Fault::value("must be a string, in quotes"))
            }
        }
    }

    fn check_text(self, text: &str) -> Result<(), Fault> {
        if text.is_empty() {
            return Err(Fault::value("must not be empty: leave the property out"));
        }
        // XML can't carry it and no SQL text column can; R4 advises against all control characters.
        if memchr::memchr(0, text.as_bytes()).is_some() {
            return Err(Fault::value("must not have the character U+0000"));
        }
        let (is_valid, expected) = match self {
            Self::String => return length(text),
            Self::Xhtml => return narrative::check(text).map_err(Fault::value),
            Self::Code => (
                lexical::is_code(text),
                "must be a code: no space at either end, single spaces inside",
            ),
            Self::Id => {
                (lexical::is_id(text), "must be 1 to 64 of the characters A-Z, a-z, 0-9, - and .")
            }
            Self::Uri => (!lexical::has_whitespace(text), "must be a URI, without spaces"),
            Self::Oid => (lexical::is_oid(text), "must be urn:oid: and an OID"),
            Self::Uuid => (lexical::is_uuid(text), "must be urn:uuid: and a UUID"),
            Self::Base64Binary => (lexical::is_base64(text), "must be base64"),
            Self::Date => (
                date_time::is_date(text),
                "must be a date that exists: YYYY, YYYY-MM or YYYY-MM-DD",
            ),
            Self::DateTime => (
                date_time::is_date_time(text),
                "must be a date, or a date and time with seconds and zone: YYYY-MM-DDThh:mm:ss+zz:zz",
            ),
            Self::Instant => (
                date_time::is_instant(text),
                "must be a date and time with seconds and zone: YYYY-MM-DDThh:mm:ss.sss+zz:zz",
            ),
            Self::Time => (date_time::is_time(text), "must be a time: hh:mm:ss"),
            Self::Boolean
            | Self::Decimal
            | Self::Integer
            | Self::UnsignedInt
            | Self::PositiveInt => (false, "must not be a string"),
        };
        match is_valid {
            true => Ok(()),
            false => Err(Fault::value(expected)),
        }
    }
}

fn in_range(number: &Number, least: i32, expected: &'static str) -> Result<(), Fault> {
    let range = i64::from(least)..=i64::from(i32::MAX);
    match number.as_i64().is_some_and(|n| range.contains(&n)) {
        true => Ok(()),
        false => Err(Fault::value(expected)),
    }
}

/// "Strings SHALL NOT exceed 1MB (1024*1024 characters) in size".
fn length(text: &str) -> Result<(), Fault> {
    const LONGEST: usize = 1024 * 1024;
    match text.len() <= LONGEST || text.chars().count() <= LONGEST {
        true => Ok(()),
        false => Err(Fault {
            code: IssueCode::TooLong,
            text: "must have at most 1048576 characters: use an Attachment or a Binary",
        }),
    }
}
