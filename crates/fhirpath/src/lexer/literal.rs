//! Numbers, dates and times.

use super::{Lexer, TokenKind};
use crate::error::ParseError;
use crate::value::{Date, DateTime, Time, Value, parse_decimal};

impl<'t> Lexer<'t> {
    /// An integer or a decimal; a point that no digit follows begins the next step of a path.
    pub(super) fn number(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        self.take_while(|c| c.is_ascii_digit());
        let mut after_point = self.rest().chars();
        let has_fraction = after_point.next() == Some('.')
            && after_point.next().is_some_and(|c| c.is_ascii_digit());
        if has_fraction {
            self.at += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let text = &self.expression[start..self.at];
        let value = if has_fraction {
            parse_decimal(text).map(Value::Decimal)
        } else {
            text.parse().ok().map(Value::Integer)
        };
        let value = value.ok_or_else(|| ParseError::new(start, "the number is out of range"))?;
        Ok(TokenKind::Literal(value))
    }

    /// `@2015-02-04`, `@2015-02-04T14:34:28+10:00` or `@T14:34`.
    pub(super) fn moment(&mut self) -> Result<TokenKind, ParseError> {
        let start = self.at;
        self.at += 1;
        let value = if self.rest().starts_with('T') {
            self.at += 1;
            Time::parse(self.time_text()).map(Value::Time)
        } else {
            let date = self.date_text();
            if self.rest().starts_with('T') {
                self.at += 1;
                self.time_text();
                self.offset_text();
                DateTime::parse(&self.expression[start + 1..self.at]).map(Value::DateTime)
            } else {
                Date::parse(date).map(Value::Date)
            }
        };
        let value = value.ok_or_else(|| ParseError::new(start, "no valid date or time"))?;
        Ok(TokenKind::Literal(value))
    }

    fn digits(&mut self) -> usize {
        self.take_while(|c| c.is_ascii_digit()).len()
    }

    /// Goes on only over a mark that digits follow: `@2015.is(Date)` has a point of its own.
    fn marked_digits(&mut self, mark: char) -> bool {
        let mut next = self.rest().chars();
        let follows = next.next() == Some(mark) && next.next().is_some_and(|c| c.is_ascii_digit());
        if follows {
            self.at += 1;
            self.digits();
        }
        follows
    }

    fn date_text(&mut self) -> &'t str {
        let start = self.at;
        self.digits();
        let _ = self.marked_digits('-') && self.marked_digits('-');
        &self.expression[start..self.at]
    }

    fn time_text(&mut self) -> &'t str {
        let start = self.at;
        self.digits();
        let _ = self.marked_digits(':') && self.marked_digits(':') && self.marked_digits('.');
        &self.expression[start..self.at]
    }

    /// `Z` or `+hh:mm`; a sign with anything else after it is an operator.
    fn offset_text(&mut self) {
        let rest = self.rest().as_bytes();
        let is_offset = rest.len() >= 6
            && matches!(rest[0], b'+' | b'-')
            && rest[3] == b':'
            && [1, 2, 4, 5].iter().all(|at| rest[*at].is_ascii_digit());
        if is_offset {
            self.at += 6;
        } else if rest.first() == Some(&b'Z') {
            self.at += 1;
        }
    }
}
