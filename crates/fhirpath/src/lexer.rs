//! Cutting an expression into tokens (FHIRPath grammar, "Lexical rules").

mod literal;
mod text;
mod token;

pub(crate) use token::{Token, TokenKind};

use crate::error::ParseError;

/// All tokens of an expression, an [`TokenKind::End`] last.
pub(crate) fn tokens(expression: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { expression, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks()?;
        let offset = lexer.at;
        let kind = lexer.token()?;
        let is_end = kind == TokenKind::End;
        tokens.push(Token { kind, offset });
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    expression: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.expression[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error(&self, message: &str) -> ParseError {
        ParseError::new(self.at, message)
    }

    /// Takes the characters that pass, and answers them.
    fn take_while(&mut self, passes: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !passes(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// White space and comments.
    fn skip_blanks(&mut self) -> Result<(), ParseError> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n' && c != '\r');
            } else if let Some(comment) = self.rest().strip_prefix("/*") {
                let Some(length) = comment.find("*/") else {
                    return Err(self.error("a comment doesn't end"));
                };
                self.at += length + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<TokenKind, ParseError> {
        let Some(first) = self.peek() else {
            return Ok(TokenKind::End);
        };
        match first {
            '\'' => self.quoted('\'').map(TokenKind::String),
            '`' | '"' => self.quoted(first).map(TokenKind::Delimited),
            '@' => self.moment(),
            '0'..='9' => self.number(),
            'a'..='z' | 'A'..='Z' | '_' => Ok(TokenKind::Word(self.word().into())),
            '$' | '%' => self.variable(first),
            _ => self.symbol(),
        }
    }

    fn word(&mut self) -> &'t str {
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    fn variable(&mut self, first: char) -> Result<TokenKind, ParseError> {
        self.at += 1;
        let name = match self.peek() {
            Some(quote @ ('`' | '\'' | '"')) if first == '%' => self.quoted(quote)?,
            _ => self.word().into(),
        };
        match first {
            _ if name.is_empty() => Err(self.error("a name is missing")),
            '%' => Ok(TokenKind::Variable(name)),
            _ => Ok(TokenKind::Dollar(name)),
        }
    }

    fn symbol(&mut self) -> Result<TokenKind, ParseError> {
        const SYMBOLS: [&str; 22] = [
            "<=", ">=", "!=", "!~", ".", ",", "(", ")", "[", "]", "{", "}", "*", "/", "+", "-",
            "&", "|", "<", ">", "=", "~",
        ];
        let rest = self.rest();
        let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) else {
            return Err(self.error("an unexpected character"));
        };
        self.at += symbol.len();
        Ok(TokenKind::Symbol(symbol))
    }
}
