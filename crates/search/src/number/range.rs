use super::Decimal;
use crate::index::after_prefix;
use crate::prefix::Prefix;

/// From a first number up to, but without, a second.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) lower: Option<Bound>,
    pub(crate) upper: Option<Bound>,
}

/// Where a range begins or ends.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) number: Decimal,
    /// Just above the number: one that begins here is without it, one that ends here is with it.
    pub(crate) is_above: bool,
}

impl Range {
    /// The bounds as an index has them.
    pub(crate) fn bytes(&self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        let bytes = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::bytes);
        (bytes(&self.lower), bytes(&self.upper))
    }
}

impl Bound {
    fn bytes(&self) -> Option<Vec<u8>> {
        let number = self.number.encode();
        if self.is_above { after_prefix(number) } else { Some(number) }
    }
}

/// What `prefix` stands for. `eq` and `ne` take the number to be rounded: `5.4` is [5.35, 5.45). All
/// others take it as exact, and `ap` goes a tenth to each side (R4 search, sections 3.1.1.4.1 and
/// 3.1.1.4.6).
pub(crate) fn ranges(prefix: Prefix, number: &Decimal) -> Vec<Range> {
    let at = |number: &Decimal| Some(Bound { number: number.clone(), is_above: false });
    let above = |number: &Decimal| Some(Bound { number: number.clone(), is_above: true });
    let range = |lower, upper| Range { lower, upper };
    match prefix {
        Prefix::Equal => {
            let (low, high) = number.implicit_range();
            vec![range(at(&low), at(&high))]
        }
        Prefix::NotEqual => {
            let (low, high) = number.implicit_range();
            vec![range(None, at(&low)), range(at(&high), None)]
        }
        Prefix::Greater | Prefix::StartsAfter => vec![range(above(number), None)],
        Prefix::GreaterOrEqual => vec![range(at(number), None)],
        Prefix::Less | Prefix::EndsBefore => vec![range(None, at(number))],
        Prefix::LessOrEqual => vec![range(None, above(number))],
        Prefix::Approximately => {
            let (low, high) = number.tenth_around();
            vec![range(at(&low), above(&high))]
        }
    }
}
