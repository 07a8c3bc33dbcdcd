//! The grammar of `_filter`. `and` and `or` are taken from left to right, neither before the other.

use super::operator::Operator;
use std::iter::Peekable;
use std::str::CharIndices;

/// How deep brackets, `not` and changes between `and` and `or` may nest.
const DEEPEST: usize = 32;
/// How many references a path may have; a search may follow fewer, but says so itself.
const MOST_LINKS: usize = 50;

/// What a resource must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Comparison),
}

/// A parameter, perhaps behind references, beside a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) links: Vec<Link>,
    pub(super) name: String,
    pub(super) operator: Operator,
    pub(super) value: String,
}

/// A reference that a path goes through, and what its target must match besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) name: String,
    pub(super) condition: Option<Box<Expression>>,
}

/// Reads a whole expression; tells how many comparisons it has, too.
///
/// # Errors
/// What is missing, and after how many characters; nothing of the text.
pub(super) fn parse(text: &str) -> Result<(Expression, usize), String> {
    let mut parser = Parser { text, rest: text.char_indices().peekable(), comparisons: 0 };
    let (expression, _) = parser.expression(0)?;
    match parser.peek() {
        None => Ok((expression, parser.comparisons)),
        Some(_) => Err(parser.wanted("'and', 'or' or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    comparisons: usize,
}

type Parsed<T> = Result<T, String>;

impl<'a> Parser<'a> {
    /// Terms with `and` and `or` between them; and how deep it goes. `depth` is how deep it stands.
    fn expression(&mut self, depth: usize) -> Parsed<(Expression, usize)> {
        let (mut left, mut height) = self.term(depth)?;
        while self.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
            let at = self.at();
            let is_and = match self.word() {
                "and" => true,
                "or" => false,
                _ => return Err(wanted(self.text, at, "'and' or 'or'")),
            };
            let (right, right_height) = self.term(depth)?;
            height = height.max(right_height);
            match (&mut left, is_and) {
                (Expression::All(parts), true) | (Expression::Any(parts), false) => {
                    parts.push(right);
                }
                _ => {
                    let parts = vec![left, right];
                    left = if is_and { Expression::All(parts) } else { Expression::Any(parts) };
                    height += 1;
                }
            }
            check_depth(depth + height)?;
        }
        Ok((left, height))
    }

    /// `( … )`, `not ( … )`, or a comparison.
    fn term(&mut self, depth: usize) -> Parsed<(Expression, usize)> {
        check_depth(depth)?;
        if self.take('(') {
            let found = self.expression(depth + 1)?;
            self.expect(')')?;
            return Ok((found.0, found.1 + 1));
        }
        self.skip_space();
        let at = self.at();
        let name = self.word().to_owned();
        if name == "not" && self.take('(') {
            let (inner, height) = self.expression(depth + 1)?;
            self.expect(')')?;
            return Ok((Expression::Not(Box::new(inner)), height + 1));
        }
        if name.is_empty() {
            return Err(wanted(self.text, at, "a parameter, 'not (' or '('"));
        }
        let (comparison, height) = self.comparison(name, depth)?;
        Ok((Expression::Compare(comparison), height))
    }

    fn comparison(&mut self, mut name: String, depth: usize) -> Parsed<(Comparison, usize)> {
        let (mut links, mut height) = (Vec::new(), 0);
        loop {
            let mut condition = None;
            if self.take_here('[') {
                let (inner, inner_height) = self.expression(depth + 1)?;
                self.expect(']')?;
                height = height.max(inner_height + 1);
                condition = Some(Box::new(inner));
            }
            if !self.take_here('.') {
                if condition.is_some() {
                    return Err(self.wanted("'.' and a parameter behind ']'"));
                }
                break;
            }
            links.push(Link { name, condition });
            if links.len() > MOST_LINKS {
                return Err(format!("a path may have {MOST_LINKS} references"));
            }
            name = self.word_here().to_owned();
            if name.is_empty() {
                return Err(self.wanted("a parameter behind '.'"));
            }
        }
        self.skip_space();
        let at = self.at();
        let operator = self.word();
        let Some(operator) = Operator::named(operator) else {
            return Err(wanted(self.text, at, "an operator such as eq, co or ge"));
        };
        let value = self.value()?;
        self.comparisons += 1;
        Ok((Comparison { links, name, operator, value }, height))
    }

    /// A JSON string, or all up to white space, `)` or `]`.
    fn value(&mut self) -> Parsed<String> {
        if self.take('"') {
            return self.string();
        }
        self.skip_space();
        let from = self.at();
        let is_part = |c: char| !c.is_whitespace() && c != ')' && c != ']';
        while self.rest.next_if(|(_, c)| is_part(*c)).is_some() {}
        match &self.text[from..self.at()] {
            "" => Err(self.wanted("a value")),
            token => Ok(token.to_owned()),
        }
    }

    /// What follows the quote that opens a string.
    fn string(&mut self) -> Parsed<String> {
        let mut value = String::new();
        loop {
            match self.rest.next().map(|(_, c)| c) {
                None => return Err(self.wanted("'\"' at the string's end")),
                Some('"') => return Ok(value),
                Some('\\') => value.push(self.escape()?),
                Some(c) => value.push(c),
            }
        }
    }

    /// What follows a backslash in a string.
    fn escape(&mut self) -> Parsed<char> {
        let known = match self.rest.next().map(|(_, c)| c) {
            Some(c @ ('"' | '\\' | '/')) => Some(c),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.unicode(),
            _ => None,
        };
        known.ok_or_else(|| self.wanted("one of JSON's escapes"))
    }

    /// Four hexadecimal digits, or twice as many for a pair of surrogates.
    fn unicode(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        self.rest.next_if(|(_, c)| *c == '\\')?;
        self.rest.next_if(|(_, c)| *c == 'u')?;
        let second = self.unit().filter(|unit| (0xDC00..0xE000).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| Some(unit * 16 + self.rest.next()?.1.to_digit(16)?))
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_space();
        self.rest.peek().map(|(_, c)| *c)
    }

    fn skip_space(&mut self) {
        while self.rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    }

    /// Where the next character is.
    fn at(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    /// The name or word that comes next, after white space; empty when there is none.
    fn word(&mut self) -> &'a str {
        self.skip_space();
        self.word_here()
    }

    fn word_here(&mut self) -> &'a str {
        let from = self.at();
        let starts = |c: char| c == '_' || c.is_ascii_alphabetic();
        let goes_on = |c: char| starts(c) || c == '-' || c.is_ascii_digit();
        if self.rest.next_if(|(_, c)| starts(*c)).is_some() {
            while self.rest.next_if(|(_, c)| goes_on(*c)).is_some() {}
        }
        let to = self.at();
        &self.text[from..to]
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_space();
        self.take_here(wanted)
    }

    fn take_here(&mut self, wanted: char) -> bool {
        self.rest.next_if(|(_, c)| *c == wanted).is_some()
    }

    fn expect(&mut self, c: char) -> Parsed<()> {
        if self.take(c) { Ok(()) } else { Err(self.wanted(&format!("'and', 'or' or '{c}'"))) }
    }

    fn wanted(&mut self, what: &str) -> String {
        let at = self.at();
        wanted(self.text, at, what)
    }
}

fn wanted(text: &str, at: usize, what: &str) -> String {
    let characters = text[..at].chars().count();
    format!("after {characters} characters there should be {what}")
}

fn check_depth(depth: usize) -> Parsed<()> {
    if depth > DEEPEST {
        return Err(format!("may nest {DEEPEST} deep, changes between 'and' and 'or' counted"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
