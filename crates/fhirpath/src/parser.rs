//! From tokens to a tree: operators by precedence climbing, terms and steps in [`term`].

mod depth;
mod term;

use compact_str::CompactString;

use crate::ast::{Node, Operator, TypeName, TypeOperation};
use crate::error::ParseError;
use crate::lexer::{self, Token, TokenKind};

/// An expression longer than this is refused before it's read.
pub(crate) const MAX_LENGTH: usize = 64 * 1024;
/// How deep a tree may be: what bounds every later recursion over it.
pub(crate) const MAX_DEPTH: usize = 100;

/// The whole text as one expression.
pub(crate) fn parse(text: &str) -> Result<Node, ParseError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseError::new(MAX_LENGTH, "the expression is too long"));
    }
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let Sized { node, .. } = parser.expression(0)?;
    match parser.peek() {
        TokenKind::End => Ok(node),
        _ => Err(parser.error("an operator or the end of the expression was expected")),
    }
}

/// A tree together with its depth, so that no tree deeper than allowed is ever made.
struct Sized {
    node: Node,
    depth: usize,
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// How many constructs are open.
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &TokenKind {
        &self.tokens[self.at].kind
    }

    fn offset(&self) -> usize {
        self.tokens[self.at].offset
    }

    fn error(&self, message: &str) -> ParseError {
        ParseError::new(self.offset(), message)
    }

    /// Takes the token; the last one, the end, stays.
    fn next(&mut self) -> TokenKind {
        let kind = self.tokens[self.at].kind.clone();
        if kind != TokenKind::End {
            self.at += 1;
        }
        kind
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let is_next = self.peek().is_symbol(symbol);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, symbol: &str) -> Result<(), ParseError> {
        if self.accept(symbol) {
            return Ok(());
        }
        Err(ParseError::new(self.offset(), format!("`{symbol}` was expected")))
    }

    /// An expression of operators that bind at least as strongly as `minimum`.
    fn expression(&mut self, minimum: u8) -> Result<Sized, ParseError> {
        self.enter()?;
        let mut left = self.unary()?;
        while let Some((infix, strength)) = infix(self.peek()) {
            if strength < minimum {
                break;
            }
            self.next();
            left = match infix {
                Infix::Type(operation) => {
                    let name = self.type_name()?;
                    let operand = Box::new(left.node);
                    let node = Node::Type { operation, operand, name };
                    self.sized(node, left.depth)?
                }
                Infix::Binary(operator) => {
                    let right = self.expression(strength + 1)?;
                    let depth = left.depth.max(right.depth);
                    let (left, right) = (Box::new(left.node), Box::new(right.node));
                    self.sized(Node::Binary { operator, left, right }, depth)?
                }
            };
        }
        self.leave();
        Ok(left)
    }

    fn unary(&mut self) -> Result<Sized, ParseError> {
        let negative = self.peek().is_symbol("-");
        if !negative && !self.peek().is_symbol("+") {
            return self.path();
        }
        self.enter()?;
        self.next();
        let operand = self.unary()?;
        self.leave();
        let depth = operand.depth;
        let operand = Box::new(operand.node);
        self.sized(Node::Polarity { negative, operand }, depth)
    }

    /// `Type` or `Namespace.Type`.
    fn type_name(&mut self) -> Result<TypeName, ParseError> {
        let first = self.identifier()?;
        if !self.peek().is_symbol(".") {
            return Ok(TypeName { namespace: None, name: first });
        }
        if !matches!(first.as_str(), "FHIR" | "System") {
            return Ok(TypeName { namespace: None, name: first });
        }
        self.next();
        let name = self.identifier()?;
        Ok(TypeName { namespace: Some(first), name })
    }

    fn identifier(&mut self) -> Result<CompactString, ParseError> {
        match self.peek() {
            TokenKind::Word(name) | TokenKind::Delimited(name) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.error("a name was expected")),
        }
    }
}

enum Infix {
    Binary(Operator),
    Type(TypeOperation),
}

/// The operator that a token is, with how strongly it binds.
fn infix(token: &TokenKind) -> Option<(Infix, u8)> {
    let text = match token {
        TokenKind::Symbol(symbol) => symbol,
        TokenKind::Word(word) => word.as_str(),
        _ => return None,
    };
    let (operator, strength) = match text {
        "*" => (Operator::Multiply, 10),
        "/" => (Operator::Divide, 10),
        "div" => (Operator::Div, 10),
        "mod" => (Operator::Mod, 10),
        "+" => (Operator::Add, 9),
        "-" => (Operator::Subtract, 9),
        "&" => (Operator::Concatenate, 9),
        "is" => return Some((Infix::Type(TypeOperation::Is), 8)),
        "as" => return Some((Infix::Type(TypeOperation::As), 8)),
        "|" => (Operator::Union, 7),
        "<=" => (Operator::LessOrEqual, 6),
        "<" => (Operator::Less, 6),
        ">" => (Operator::Greater, 6),
        ">=" => (Operator::GreaterOrEqual, 6),
        "=" => (Operator::Equal, 5),
        "~" => (Operator::Equivalent, 5),
        "!=" => (Operator::NotEqual, 5),
        "!~" => (Operator::NotEquivalent, 5),
        "in" => (Operator::In, 4),
        "contains" => (Operator::Contains, 4),
        "and" => (Operator::And, 3),
        "or" => (Operator::Or, 2),
        "xor" => (Operator::Xor, 2),
        "implies" => (Operator::Implies, 1),
        _ => return None,
    };
    Some((Infix::Binary(operator), strength))
}
