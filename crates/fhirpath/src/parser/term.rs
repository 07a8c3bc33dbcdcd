//! Terms and the steps that follow them.

use compact_str::CompactString;

use super::{Parser, Sized};
use crate::ast::{Call, Identifier, Node, Path, Step, TypeName};
use crate::error::ParseError;
use crate::functions::Function;
use crate::lexer::TokenKind;
use crate::value::{CalendarUnit, Quantity, Unit, Value};

impl Parser {
    /// A term with its steps.
    pub(super) fn path(&mut self) -> Result<Sized, ParseError> {
        let mut steps = Vec::new();
        let mut depth = 0;
        let start = match self.peek() {
            TokenKind::Word(word) if !is_boolean(word) => {
                steps.push(self.member_or_call(&mut depth)?);
                None
            }
            TokenKind::Delimited(_) => {
                steps.push(self.member_or_call(&mut depth)?);
                None
            }
            _ => {
                let start = self.term()?;
                depth = start.depth;
                Some(start.node)
            }
        };
        while let Some(step) = self.step(&mut depth)? {
            steps.push(step);
        }
        match start {
            Some(term) if steps.is_empty() => self.sized(term, depth.saturating_sub(1)),
            start => {
                let start = start.map(Box::new);
                self.sized(Node::Path(Path { start, steps }), depth)
            }
        }
    }

    fn step(&mut self, depth: &mut usize) -> Result<Option<Step>, ParseError> {
        if self.accept(".") {
            return self.member_or_call(depth).map(Some);
        }
        if self.accept("[") {
            let index = self.expression(0)?;
            *depth = (*depth).max(index.depth);
            self.expect("]")?;
            return Ok(Some(Step::Index(index.node)));
        }
        Ok(None)
    }

    fn term(&mut self) -> Result<Sized, ParseError> {
        let offset = self.offset();
        let node = match self.next() {
            TokenKind::Word(word) => Node::Literal(Value::Boolean(word == "true")),
            TokenKind::String(text) => Node::Literal(Value::String(text)),
            TokenKind::Literal(value) => Node::Literal(self.with_unit(value)),
            TokenKind::Variable(name) => Node::Variable(name),
            TokenKind::Dollar(name) => match name.as_str() {
                "this" => Node::This,
                "index" => Node::Index,
                "total" => Node::Total,
                _ => {
                    return Err(ParseError::new(offset, "only $this, $index and $total exist"));
                }
            },
            TokenKind::Symbol("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            TokenKind::Symbol("{") => {
                self.expect("}")?;
                Node::Empty
            }
            _ => return Err(ParseError::new(offset, "a value or a name was expected")),
        };
        self.sized(node, 0)
    }

    /// A number that a unit follows is a quantity: `4 days`, `10 'mg'`.
    fn with_unit(&mut self, value: Value) -> Value {
        let number = match &value {
            Value::Integer(number) => (*number).into(),
            Value::Decimal(number) => *number,
            _ => return value,
        };
        let unit = match self.peek() {
            TokenKind::String(code) => Some(Unit::Ucum(code.clone())),
            TokenKind::Word(word) => CalendarUnit::named(word).map(Unit::Calendar),
            _ => None,
        };
        let Some(unit) = unit else {
            return value;
        };
        self.next();
        Value::Quantity(Box::new(Quantity { value: number, unit }))
    }

    fn member_or_call(&mut self, depth: &mut usize) -> Result<Step, ParseError> {
        let offset = self.offset();
        let is_delimited = matches!(self.peek(), TokenKind::Delimited(_));
        let name = self.identifier()?;
        if is_delimited || !self.accept("(") {
            return Ok(Step::Member(Identifier::new(&name)));
        }
        let Some(function) = Function::named(&name) else {
            return Err(ParseError::new(offset, format!("there is no function {name}()")));
        };
        let call = self.call(function, depth)?;
        if function
            .arity()
            .contains(&(call.arguments.len() + usize::from(call.type_name.is_some())))
        {
            return Ok(Step::Call(call));
        }
        let message = format!("{name}() has another number of arguments");
        Err(ParseError::new(offset, message))
    }

    fn call(&mut self, function: Function, depth: &mut usize) -> Result<Call, ParseError> {
        let mut call = Call { function, arguments: Vec::new(), type_name: None };
        if function.takes_type() {
            call.type_name = Some(self.type_argument()?);
            self.expect(")")?;
            return Ok(call);
        }
        if self.accept(")") {
            return Ok(call);
        }
        loop {
            let argument = self.expression(0)?;
            *depth = (*depth).max(argument.depth);
            call.arguments.push(argument.node);
            if !self.accept(",") {
                self.expect(")")?;
                return Ok(call);
            }
        }
    }

    /// A type; older expressions quote it.
    fn type_argument(&mut self) -> Result<TypeName, ParseError> {
        if let TokenKind::String(text) = self.peek() {
            let text = text.clone();
            self.next();
            let (namespace, name) = match text.split_once('.') {
                Some((namespace, name)) => (Some(namespace.into()), name.into()),
                None => (None, CompactString::from(text.as_str())),
            };
            return Ok(TypeName { namespace, name });
        }
        self.type_name()
    }
}

fn is_boolean(word: &str) -> bool {
    matches!(word, "true" | "false")
}
