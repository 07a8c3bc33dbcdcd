//! `=` and `~`.

use super::json_equality::{is_equal_json, is_equivalent_json};
use super::{Evaluator, Result, Scope};
use crate::ast::{Node, Operator};
use crate::collection::{Collection, Item};
use crate::scalar::Scalar;
use crate::value::{DateTime, Quantity, equivalent_decimals};

impl<'a> Evaluator<'a, '_> {
    /// `=` and `!=` on two operands. A literal isn't copied: filters such as `system = 'phone'`
    /// are what most evaluations do.
    pub(super) fn equality(
        &self,
        operator: Operator,
        left: &Node,
        right: &Node,
        scope: Scope<'a, '_>,
    ) -> Result<Collection<'a>> {
        let left = self.node(left, scope)?;
        let equal = match (right, &*left) {
            (_, []) => None,
            (Node::Literal(literal), [item]) => {
                self.charge(1)?;
                self.equal_scalars(&self.scalar(item), &Scalar::of_value(literal))?
            }
            _ => self.equal_collections(&left, &self.node(right, scope)?)?,
        };
        let result = equal.map(|equal| equal == (operator == Operator::Equal));
        Ok(result.map_or_else(Collection::new, Collection::boolean))
    }

    fn equal_collections(&self, left: &[Item<'a>], right: &[Item<'a>]) -> Result<Option<bool>> {
        if left.is_empty() || right.is_empty() {
            return Ok(None);
        }
        if left.len() != right.len() {
            return Ok(Some(false));
        }
        let mut equal = Some(true);
        for (left, right) in left.iter().zip(right) {
            match self.equal(left, right)? {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => equal = None,
            }
        }
        Ok(equal)
    }

    /// Whether two items are equal; none when that can't be told.
    pub(crate) fn equal(&self, left: &Item<'_>, right: &Item<'_>) -> Result<Option<bool>> {
        self.charge(1)?;
        if let (Item::Node(left), Item::Node(right)) = (left, right)
            && left.is_same(right)
        {
            return Ok(Some(true));
        }
        self.equal_scalars(&self.scalar(left), &self.scalar(right))
    }

    /// Whether the item equals one of these.
    pub(crate) fn is_among(&self, item: &Item<'_>, items: &[Item<'_>]) -> Result<bool> {
        for other in items {
            if self.equal(item, other)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn equal_scalars(&self, left: &Scalar<'_>, right: &Scalar<'_>) -> Result<Option<bool>> {
        use Scalar as S;
        if let (Some(left), Some(right)) = (left.decimal(), right.decimal()) {
            return Ok(Some(left == right));
        }
        Ok(match (left, right) {
            (S::Boolean(left), S::Boolean(right)) => Some(left == right),
            (S::String(left), S::String(right)) => {
                self.charge(left.len().min(right.len()) as u64 / 64)?;
                Some(left == right)
            }
            (S::Type(left), S::Type(right)) => Some(left == right),
            (S::Time(left), S::Time(right)) => left.compare(*right).map(|order| order.is_eq()),
            (S::Complex(left), S::Complex(right)) => {
                let mut work = 0;
                let equal = is_equal_json(left, right, &mut work);
                self.charge(work)?;
                Some(equal)
            }
            (S::Absent, _) | (_, S::Absent) => None,
            _ => match (moment(left), moment(right), quantities(left, right)) {
                (Some(left), Some(right), _) => left.compare(right).map(|order| order.is_eq()),
                (_, _, Some((left, right))) => left.compare(&right).map(|order| order.is_eq()),
                _ => Some(false),
            },
        })
    }

    /// `~` on collections: each item has an equivalent one, in any order.
    pub(super) fn equivalent(&self, left: &[Item<'a>], right: &[Item<'a>]) -> Result<bool> {
        if left.len() != right.len() {
            return Ok(false);
        }
        let mut unmatched: Vec<&Item<'a>> = right.iter().collect();
        for item in left {
            let mut found = None;
            for (at, other) in unmatched.iter().enumerate() {
                if self.equivalent_items(item, other)? {
                    found = Some(at);
                    break;
                }
            }
            match found {
                None => return Ok(false),
                Some(at) => unmatched.remove(at),
            };
        }
        Ok(true)
    }

    fn equivalent_items(&self, left: &Item<'_>, right: &Item<'_>) -> Result<bool> {
        use Scalar as S;
        self.charge(1)?;
        let (left, right) = (self.scalar(left), self.scalar(right));
        if let (Some(left), Some(right)) = (left.decimal(), right.decimal()) {
            return Ok(equivalent_decimals(left, right));
        }
        Ok(match (&left, &right) {
            (S::String(left), S::String(right)) => {
                self.charge((left.len() + right.len()) as u64 / 64)?;
                is_equivalent_text(left, right)
            }
            (S::Complex(left), S::Complex(right)) => {
                let mut work = 0;
                let equivalent = is_equivalent_json(left, right, &mut work);
                self.charge(work)?;
                equivalent
            }
            _ => match quantities(&left, &right) {
                Some((left, right)) => left.is_equivalent(&right),
                None => self.equal_scalars(&left, &right)? == Some(true),
            },
        })
    }
}

/// Case and the kind and amount of white space don't matter.
pub(super) fn is_equivalent_text(left: &str, right: &str) -> bool {
    let normal = |text: &str| -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").to_lowercase()
    };
    left == right || normal(left) == normal(right)
}

/// Dates compare as dates with a time that isn't known.
pub(super) fn moment(scalar: &Scalar<'_>) -> Option<DateTime> {
    match scalar {
        Scalar::Date(date) => Some((*date).into()),
        Scalar::DateTime(value) => Some(*value),
        _ => None,
    }
}

/// Both as quantities when one is a quantity and the other one too, or a number.
pub(super) fn quantities(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<(Quantity, Quantity)> {
    if !matches!(left, Scalar::Quantity(_)) && !matches!(right, Scalar::Quantity(_)) {
        return None;
    }
    let quantity = |scalar: &Scalar<'_>| match scalar {
        Scalar::Quantity(quantity) => Some(quantity.clone()),
        other => other.decimal().map(|number| Quantity::new(number, "1")),
    };
    Some((quantity(left)?, quantity(right)?))
}
