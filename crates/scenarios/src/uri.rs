/// A URL as it goes on the wire: what may not stand in one (RFC 3986, section 2) is percent-encoded,
/// everything else stays as the scenario has it, `%` included.
pub(crate) fn encode(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for byte in url.bytes() {
        let allowed = byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte);
        if allowed {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn only_what_a_url_cannot_hold_is_encoded() {
        assert_eq!(encode("/a?b=x|y z&c=%2B+é\\"), "/a?b=x%7Cy%20z&c=%2B+%C3%A9%5C");
    }
}
