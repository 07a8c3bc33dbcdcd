//! The FHIRPath that R4's search parameters use, and no more: paths, `|`, `as`, `is`, `and`, `=`,
//! `!=`, `where()`, `ofType()`, `resolve()`, `exists()`, `extension()`, `[n]`.

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the expression can't be read at character {at}: expected {expected}")]
pub struct ParseError {
    at: usize,
    expected: &'static str,
}

/// An expression, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// The focus itself, on which a function is called.
    Focus,
    /// The first name of a path: a resource type or a member of the focus.
    Start(String),
    /// `a.b`.
    Member(Box<Expression>, String),
    /// `a[0]`.
    Item(Box<Expression>, usize),
    /// `a as B`, `a.as(B)`, `a.ofType(B)`.
    As(Box<Expression>, String),
    /// `a is B`.
    Is(Box<Expression>, String),
    /// `a.where(b)`.
    Where(Box<Expression>, Box<Expression>),
    /// `a.resolve()`.
    Resolve(Box<Expression>),
    /// `a.exists()`.
    Exists(Box<Expression>),
    /// `a.extension('url')`.
    Extension(Box<Expression>, String),
    /// `a | b`.
    Union(Box<Expression>, Box<Expression>),
    /// `a = b`.
    Equal(Box<Expression>, Box<Expression>),
    /// `a != b`.
    NotEqual(Box<Expression>, Box<Expression>),
    /// `a and b`.
    And(Box<Expression>, Box<Expression>),
    /// `'text'`.
    Text(String),
    /// `true`, `false`.
    Boolean(bool),
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it uses more of FHIRPath than this module knows.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser { letters: text.chars().collect(), at: 0 };
        let expression = parser.conjunction()?;
        parser.space();
        match parser.at == parser.letters.len() {
            true => Ok(expression),
            false => Err(parser.error("the end")),
        }
    }
}

struct Parser {
    letters: Vec<char>,
    at: usize,
}

/// One function for each level of FHIRPath's precedence, the loosest first.
impl Parser {
    fn conjunction(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.equality()?;
        while self.word("and") {
            left = Expression::And(left.into(), self.equality()?.into());
        }
        Ok(left)
    }

    fn equality(&mut self) -> Result<Expression, ParseError> {
        let left = self.union()?;
        if self.symbol("!=") {
            return Ok(Expression::NotEqual(left.into(), self.union()?.into()));
        }
        if self.symbol("=") {
            return Ok(Expression::Equal(left.into(), self.union()?.into()));
        }
        Ok(left)
    }

    fn union(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.typed()?;
        while self.symbol("|") {
            left = Expression::Union(left.into(), self.typed()?.into());
        }
        Ok(left)
    }

    fn typed(&mut self) -> Result<Expression, ParseError> {
        let left = self.path()?;
        if self.word("as") {
            return Ok(Expression::As(left.into(), self.name()?));
        }
        if self.word("is") {
            return Ok(Expression::Is(left.into(), self.name()?));
        }
        Ok(left)
    }

    fn path(&mut self) -> Result<Expression, ParseError> {
        let mut path = self.term()?;
        loop {
            if self.symbol(".") {
                let name = self.name()?;
                path = match self.symbol("(") {
                    true => self.function(path, &name)?,
                    false => Expression::Member(path.into(), name),
                };
            } else if self.symbol("[") {
                let digits = self.take_while(|c| c.is_ascii_digit());
                let number = digits.parse().map_err(|_| self.error("a number"))?;
                self.expect("]")?;
                path = Expression::Item(path.into(), number);
            } else {
                return Ok(path);
            }
        }
    }

    /// A function whose name and opening parenthesis were read.
    fn function(&mut self, on: Expression, name: &str) -> Result<Expression, ParseError> {
        let on = Box::new(on);
        let made = match name {
            "as" | "ofType" => Expression::As(on, self.name()?),
            "where" => Expression::Where(on, self.conjunction()?.into()),
            "extension" => Expression::Extension(on, self.text()?),
            "resolve" => Expression::Resolve(on),
            "exists" => Expression::Exists(on),
            _ => return Err(self.error("a function that search parameters use")),
        };
        self.expect(")")?;
        Ok(made)
    }

    fn term(&mut self) -> Result<Expression, ParseError> {
        if self.symbol("(") {
            let inner = self.conjunction()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.letters.get(self.at) == Some(&'\'') {
            return Ok(Expression::Text(self.text()?));
        }
        Ok(match self.name()?.as_str() {
            "true" => Expression::Boolean(true),
            "false" => Expression::Boolean(false),
            name if self.symbol("(") => self.function(Expression::Focus, name)?,
            name => Expression::Start(name.to_owned()),
        })
    }

    fn name(&mut self) -> Result<String, ParseError> {
        self.space();
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if name.is_empty() { Err(self.error("a name")) } else { Ok(name) }
    }

    fn text(&mut self) -> Result<String, ParseError> {
        self.expect("'")?;
        let text = self.take_while(|c| c != '\'');
        self.expect("'")?;
        Ok(text)
    }

    fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> String {
        let taken: String = self.letters[self.at..].iter().take_while(|c| accepts(**c)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn word(&mut self, word: &str) -> bool {
        let before = self.at;
        self.space();
        let found = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if found != word {
            self.at = before;
        }
        found == word
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.space();
        let wanted: Vec<char> = symbol.chars().collect();
        let is_next = self.letters[self.at..].starts_with(&wanted);
        if is_next {
            self.at += wanted.len();
        }
        is_next
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), ParseError> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.error(symbol)) }
    }

    fn space(&mut self) {
        while self.letters.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn error(&self, expected: &'static str) -> ParseError {
        ParseError { at: self.at, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_fhir::definitions::Definitions;

    #[test]
    fn as_binds_closer_than_union() {
        let parsed = Expression::parse("(A.b as C).d | e.as(F)").expect("an expression");
        let Expression::Union(left, right) = parsed else { panic!("{parsed:?}") };
        assert!(matches!(*left, Expression::Member(_, name) if name == "d"));
        assert!(matches!(*right, Expression::As(_, name) if name == "F"));
    }

    #[test]
    fn nearly_every_expression_of_r4_is_understood() {
        let all = Definitions::r4().search_parameters().iter();
        let refused: Vec<_> = all
            .filter(|p| p.expression.as_ref().is_some_and(|e| Expression::parse(e).is_err()))
            .map(|p| p.url.rsplit('/').next().unwrap_or_default())
            .collect();
        // It uses hasExtension() and functions on texts: Synthea has no QuestionnaireResponse.
        assert!(refused.len() <= 1, "{refused:?}");
    }

    #[test]
    fn what_it_does_not_know_is_an_error() {
        for text in ["a.first()", "a + b", "a.", "(a", "a[x]", ""] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
