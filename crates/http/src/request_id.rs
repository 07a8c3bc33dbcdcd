use http::HeaderMap;
use std::sync::Arc;

pub(crate) const HEADER: &str = "x-request-id";

/// The client's name for the request when it is a short plain token, since it goes to logs; else a
/// new one.
pub(crate) fn request_id(headers: &HeaderMap) -> Arc<str> {
    let given = headers.get(HEADER).and_then(|v| v.to_str().ok()).filter(|id| is_token(id));
    given.map_or_else(new, Into::into)
}

fn is_token(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=64).contains(&id.len()) && id.bytes().all(plain)
}

fn new() -> Arc<str> {
    let mut buffer = uuid::Uuid::encode_buffer();
    let text: &str = uuid::Uuid::new_v4().hyphenated().encode_lower(&mut buffer);
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_tokens_are_taken_over() {
        assert!(is_token("abc-1.2_3"));
        for bad in ["", "a b", "a\"b", "ä", &"x".repeat(65)] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
