//! `_filter` (R4 search_filter): expressions over search parameters, made into the same filters as
//! parameters are.

mod comparison;
mod operator;
mod syntax;

use super::criterion::{Criteria, Failure, Outcome};
use crate::index::{all, any};
use cresset_fhir::definitions::ResourceType;
use cresset_store::Filter;
use syntax::{Comparison, Expression, Link};

impl Criteria<'_> {
    /// The filter of a whole expression. Unlike a parameter, what isn't understood in it is always
    /// an error: without it the expression would mean something else.
    pub(super) fn filter_parameter(
        &mut self,
        types: &[ResourceType],
        text: &str,
    ) -> Outcome<Filter> {
        if text.trim().is_empty() {
            return Err(Failure::Ignored("has no value".to_owned()));
        }
        let (expression, comparisons) = syntax::parse(text).map_err(Failure::Invalid)?;
        self.count_values(comparisons)?;
        self.expression(0, types, &expression).map_err(|failure| match failure {
            Failure::Ignored(reason) => Failure::Invalid(reason),
            other => other,
        })
    }

    /// Recurses no deeper than the parser lets expressions be.
    fn expression(
        &mut self,
        depth: usize,
        types: &[ResourceType],
        expression: &Expression,
    ) -> Outcome<Filter> {
        let mut each = |parts: &[Expression]| {
            let filters = parts.iter().map(|part| self.expression(depth, types, part));
            filters.collect::<Outcome<Vec<_>>>()
        };
        match expression {
            Expression::All(parts) => Ok(all(each(parts)?)),
            Expression::Any(parts) => Ok(any(each(parts)?)),
            Expression::Not(inner) => {
                Ok(Filter::Not(Box::new(self.expression(depth, types, inner)?)))
            }
            Expression::Compare(comparison) => {
                self.comparison(depth, types, &comparison.links, comparison)
            }
        }
    }

    /// A comparison behind what is left of its chain of references.
    fn comparison(
        &mut self,
        depth: usize,
        types: &[ResourceType],
        links: &[Link],
        comparison: &Comparison,
    ) -> Outcome<Filter> {
        self.count_way()?;
        let Some((link, rest)) = links.split_first() else {
            return self.compare(types, comparison);
        };
        let found = self.follow(depth, types, &link.name, None, &mut |criteria, depth, target| {
            let end = criteria.comparison(depth, &[target], rest, comparison)?;
            match &link.condition {
                None => Ok(end),
                Some(condition) => {
                    Ok(all([criteria.expression(depth, &[target], condition)?, end]))
                }
            }
        });
        found.map_err(|failure| named(&link.name, failure))
    }
}

/// Says which of an expression's parameters it is about.
fn named(name: &str, failure: Failure) -> Failure {
    let name: String = name.chars().take(64).collect();
    match failure {
        Failure::Ignored(reason) => Failure::Ignored(format!("{name}: {reason}")),
        Failure::Invalid(reason) => Failure::Invalid(format!("{name}: {reason}")),
        too_much => too_much,
    }
}
