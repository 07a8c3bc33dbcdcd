//! `X-Cresset-Position` and `X-Cresset-Consistency`: what a search has to know of.

use cresset_interaction::Failure;
use cresset_store::{Consistency, Seq};
use http::HeaderMap;

/// The place of a write, in its answer; given back, a search waits until the index has got there.
pub(crate) const POSITION: &str = "x-cresset-position";
const CONSISTENCY: &str = "x-cresset-consistency";

/// What the client asks for; the stronger of both.
///
/// # Errors
/// A bad request when a header can't be understood.
pub(crate) fn consistency(headers: &HeaderMap) -> Result<Consistency, Failure> {
    let wrong = |name: &str, problem: &str| {
        Failure::bad_request("value", problem).at(&format!("http.{name}"))
    };
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match text(CONSISTENCY).map(str::trim) {
        Some("strong") => return Ok(Consistency::Strong),
        None | Some("eventual") => {}
        Some(_) => {
            return Err(wrong("X-Cresset-Consistency", "write 'strong' or 'eventual'"));
        }
    }
    match text(POSITION).map(|position| position.trim().parse::<u64>()) {
        None => Ok(Consistency::Eventual),
        Some(Ok(seq)) => Ok(Consistency::Since(Seq(seq))),
        Some(Err(_)) => {
            let problem = "give back what the header of a write's answer says";
            Err(wrong("X-Cresset-Position", problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Option<Consistency> {
        let values = headers.iter().map(|(name, value)| {
            let name = http::HeaderName::from_static(name);
            (name, http::HeaderValue::from_static(value))
        });
        consistency(&values.collect()).ok()
    }

    #[test]
    fn a_search_waits_for_what_it_is_told() {
        assert_eq!(of(&[]), Some(Consistency::Eventual));
        assert_eq!(of(&[(POSITION, "17")]), Some(Consistency::Since(Seq(17))));
        assert_eq!(of(&[(CONSISTENCY, "strong"), (POSITION, "17")]), Some(Consistency::Strong));
        let weak = of(&[(CONSISTENCY, "eventual"), (POSITION, "17")]);
        assert_eq!(weak, Some(Consistency::Since(Seq(17))));
        for wrong in ["", "-1", "W/\"1\"", "99999999999999999999"] {
            assert_eq!(of(&[(POSITION, wrong)]), None, "{wrong}");
        }
        assert_eq!(of(&[(CONSISTENCY, "Strong!")]), None);
    }
}
