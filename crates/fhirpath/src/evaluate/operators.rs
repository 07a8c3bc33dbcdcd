//! Binary operators, each by its family.

use super::{Distinct, Evaluator, Result, Scope, single};
use crate::ast::{Node, Operator};
use crate::collection::Collection;
use crate::scalar::Scalar;

impl<'a> Evaluator<'a, '_> {
    pub(super) fn binary(
        &self,
        operator: Operator,
        left: &Node,
        right: &Node,
        scope: Scope<'a, '_>,
    ) -> Result<Collection<'a>> {
        use Operator as O;
        match operator {
            O::And | O::Or | O::Xor | O::Implies => self.logic(operator, left, right, scope),
            O::Equal | O::NotEqual => self.equality(operator, left, right, scope),
            _ => {
                let left = self.node(left, scope)?;
                let right = self.node(right, scope)?;
                self.on_collections(operator, left, right)
            }
        }
    }

    fn on_collections(
        &self,
        operator: Operator,
        left: Collection<'a>,
        right: Collection<'a>,
    ) -> Result<Collection<'a>> {
        use Operator as O;
        match operator {
            O::Union => self.union(left, right),
            O::In => self.membership(&left, &right, "in"),
            O::Contains => self.membership(&right, &left, "contains"),
            O::Equivalent => self.equivalent(&left, &right).map(Collection::boolean),
            O::NotEquivalent => self.equivalent(&left, &right).map(|is| Collection::boolean(!is)),
            O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual => {
                self.order(operator, &left, &right)
            }
            O::Concatenate => self.concatenate(&left, &right),
            _ => self.arithmetic(operator, &left, &right),
        }
    }

    /// The items of both, each once.
    pub(crate) fn union(
        &self,
        left: Collection<'a>,
        right: Collection<'a>,
    ) -> Result<Collection<'a>> {
        let mut distinct = Distinct::new(self);
        for item in left.into_iter().chain(right) {
            distinct.insert(item)?;
        }
        Ok(distinct.into_items())
    }

    fn membership(
        &self,
        item: &Collection<'a>,
        items: &Collection<'a>,
        place: &'static str,
    ) -> Result<Collection<'a>> {
        let Some(item) = single(item, place)? else {
            return Ok(Collection::new());
        };
        self.is_among(item, items).map(Collection::boolean)
    }

    /// Texts one after the other, nothing counting as an empty text.
    fn concatenate(&self, left: &Collection<'a>, right: &Collection<'a>) -> Result<Collection<'a>> {
        let mut text = compact_str::CompactString::default();
        for side in [left, right] {
            let Some(item) = single(side, "&")? else {
                continue;
            };
            match self.scalar(item) {
                Scalar::String(part) => text.push_str(part),
                other => {
                    let error = super::wrong_type("&", &other);
                    let value = other.into_value().ok_or(error)?;
                    text.push_str(&value.to_string());
                }
            }
        }
        self.charge_text(text.len())?;
        Ok(Collection::string(text))
    }
}
