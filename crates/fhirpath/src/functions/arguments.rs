//! Evaluating arguments: once, or for each item of the input.

use compact_str::CompactString;

use super::Result;
use crate::ast::{Call, TypeName};
use crate::collection::{Collection, Item};
use crate::error::EvaluationError;
use crate::evaluate::{Evaluator, Scope, single, truth, wrong_type};
use crate::scalar::Scalar;
use crate::value::Value;

/// A call's arguments with what's needed to evaluate them.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'e, 'a, 'c, 's> {
    pub(super) evaluator: &'e Evaluator<'a, 'c>,
    pub(super) call: &'e Call,
    pub(super) scope: Scope<'a, 's>,
}

impl<'a> Arguments<'_, 'a, '_, '_> {
    pub(super) fn name(&self) -> &'static str {
        self.call.function.name()
    }

    pub(super) fn has(&self, index: usize) -> bool {
        index < self.call.arguments.len()
    }

    /// The type argument, which the parser has made sure of.
    pub(super) fn type_name(&self) -> &TypeName {
        self.call.type_name.as_ref().expect("a function of a type has one")
    }

    /// An argument, evaluated where the function stands.
    pub(super) fn collection(&self, index: usize) -> Result<Collection<'a>> {
        self.evaluator.node(&self.call.arguments[index], self.scope)
    }

    /// An argument, evaluated with this item as `$this`.
    pub(super) fn for_item(
        &self,
        argument: usize,
        this: &Item<'a>,
        index: usize,
    ) -> Result<Collection<'a>> {
        let scope = Scope { this, index: Some(index), total: self.scope.total };
        self.evaluator.node(&self.call.arguments[argument], scope)
    }

    /// Whether a criterion holds for this item.
    pub(super) fn holds(&self, argument: usize, this: &Item<'a>, index: usize) -> Result<bool> {
        let answer = self.for_item(argument, this, index)?;
        Ok(truth(self.evaluator, &answer, self.name())? == Some(true))
    }

    pub(super) fn value(&self, index: usize) -> Result<Option<Value>> {
        let items = self.collection(index)?;
        let item = single(&items, self.name())?;
        let value = item.and_then(|item| self.evaluator.value(item));
        if let Some(Value::String(text)) = &value {
            self.evaluator.charge(text.len() as u64 / 64)?;
        }
        Ok(value)
    }

    pub(super) fn string(&self, index: usize) -> Result<Option<CompactString>> {
        match self.value(index)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_type(&Scalar::of_value(&other))),
        }
    }

    pub(super) fn integer(&self, index: usize) -> Result<Option<i32>> {
        match self.value(index)? {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(number)),
            Some(other) => Err(self.wrong_type(&Scalar::of_value(&other))),
        }
    }

    pub(super) fn wrong_type(&self, found: &Scalar<'_>) -> EvaluationError {
        wrong_type(self.name(), found)
    }

    /// The input's only item, if it has any.
    pub(super) fn single<'i>(&self, input: &'i [Item<'a>]) -> Result<Option<&'i Item<'a>>> {
        single(input, self.name())
    }
}
