//! The `If-…` headers.

use cresset_interaction::{Conditions, Failure};
use http::{HeaderMap, header};
use std::time::UNIX_EPOCH;

pub(crate) fn conditions(headers: &HeaderMap) -> Result<Conditions<'_>, Failure> {
    Ok(Conditions {
        if_match: text(headers, header::IF_MATCH.as_str())?,
        if_none_match: text(headers, header::IF_NONE_MATCH.as_str())?,
        if_modified_since: modified_since(headers),
        if_none_exist: text(headers, "if-none-exist")?,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Failure> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| {
        Failure::bad_request("value", format!("the header {name} must be plain ASCII"))
    })?;
    Ok(Some(text))
}

/// A date that can't be read counts as none (RFC 9110, section 13.1.3).
fn modified_since(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(header::IF_MODIFIED_SINCE)?.to_str().ok()?;
    let moment = httpdate::parse_http_date(text).ok()?;
    i64::try_from(moment.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()
}
