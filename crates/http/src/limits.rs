use crate::settings::Settings;
use cresset_interaction::{ErrorKind, Failure};
use http::{HeaderMap, header};

/// Refuses more or longer headers than allowed.
pub(crate) fn check_headers(headers: &HeaderMap, settings: &Settings) -> Result<(), Failure> {
    let bytes: usize = headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    if headers.len() <= settings.max_headers && bytes <= settings.max_header_bytes {
        return Ok(());
    }
    let problem = format!(
        "a request may have {} headers of {} bytes in all",
        settings.max_headers, settings.max_header_bytes
    );
    Err(Failure::new(ErrorKind::HeadersTooLarge, "too-long", problem))
}

/// The length that the client announces, refused before anything is read.
pub(crate) fn announced_length(
    headers: &HeaderMap,
    limit: usize,
) -> Result<Option<usize>, Failure> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else {
        return Ok(None);
    };
    let length = value.to_str().ok().and_then(|v| v.parse::<u64>().ok());
    let length =
        length.ok_or_else(|| Failure::bad_request("value", "Content-Length is not a number"))?;
    match usize::try_from(length) {
        Ok(length) if length <= limit => Ok(Some(length)),
        _ => Err(too_large(limit)),
    }
}

pub(crate) fn too_large(limit: usize) -> Failure {
    let problem =
        format!("the body is larger than the {limit} bytes that are allowed; send less at once");
    Failure::new(ErrorKind::TooLarge, "too-long", problem)
}
