//! `Prefer` (RFC 7240; R4, section 3.1.0.1.8).

use cresset_interaction::{Handling, PreferReturn};
use http::HeaderMap;

/// What of it is understood; the rest is ignored, as the RFC says.
pub(crate) fn preferences(headers: &HeaderMap) -> (Handling, Option<PreferReturn>) {
    let (mut handling, mut answer) = (Handling::default(), None);
    for line in headers.get_all("prefer") {
        for preference in line.to_str().unwrap_or_default().split([',', ';']) {
            let Some((name, value)) = preference.split_once('=') else {
                continue;
            };
            match (name.trim(), value.trim().trim_matches('"')) {
                ("handling", "strict") => handling = Handling::Strict,
                ("handling", "lenient") => handling = Handling::Lenient,
                ("return", "minimal") => answer = Some(PreferReturn::Minimal),
                ("return", "representation") => answer = Some(PreferReturn::Representation),
                ("return", "OperationOutcome") => answer = Some(PreferReturn::OperationOutcome),
                _ => {}
            }
        }
    }
    (handling, answer)
}
