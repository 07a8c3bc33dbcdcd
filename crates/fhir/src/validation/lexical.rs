//! The forms of code, id, uri, oid, uuid and base64Binary.

/// `[^\s]+(\s[^\s]+)*`, with a space as the only white space inside.
pub(super) fn is_code(text: &str) -> bool {
    let is_space = |b: &u8| b.is_ascii_whitespace();
    let bytes = text.as_bytes();
    let ends_in_space = bytes.first().is_some_and(is_space) || bytes.last().is_some_and(is_space);
    !ends_in_space
        && bytes
            .windows(2)
            .all(|pair| !is_space(&pair[0]) || (pair[0] == b' ' && !is_space(&pair[1])))
}

/// `[A-Za-z0-9\-\.]{1,64}`.
pub(super) fn is_id(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// What a URI can't have anywhere: `\S*`.
pub(super) fn has_whitespace(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b' ' | b'\t'..=b'\r'))
        || (!text.is_ascii() && text.chars().any(char::is_whitespace))
}

/// `urn:oid:[0-2](\.(0|[1-9][0-9]*))+`.
pub(super) fn is_oid(text: &str) -> bool {
    let Some((first, rest)) = text.strip_prefix("urn:oid:").and_then(|oid| oid.split_once('.'))
    else {
        return false;
    };
    let is_arc = |arc: &str| {
        !arc.is_empty()
            && arc.bytes().all(|b| b.is_ascii_digit())
            && (arc == "0" || !arc.starts_with('0'))
    };
    matches!(first, "0" | "1" | "2") && rest.split('.').all(is_arc)
}

/// `urn:uuid:` and 8-4-4-4-12 hexadecimal digits; RFC 4122 reads both cases.
pub(super) fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else {
        return false;
    };
    let is_allowed = |(n, b): (usize, u8)| match n {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    };
    uuid.len() == 36 && uuid.bytes().enumerate().all(is_allowed)
}

/// Groups of four characters, padding only at the end, white space anywhere between them.
pub(super) fn is_base64(text: &str) -> bool {
    let (mut digits, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            b'=' => padding += 1,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => return false,
        }
    }
    digits > 0 && padding <= 2 && (digits + padding).is_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_single_spaces_inside() {
        for good in ["a", "a b", "a b c", "ä-1"] {
            assert!(is_code(good), "{good}");
        }
        for bad in [" a", "a ", "a  b", "a\tb", "a \tb", " ", "\n"] {
            assert!(!is_code(bad), "{bad:?}");
        }
    }

    #[test]
    fn ids_and_uris() {
        assert!(is_id("A-z.9") && is_id(&"a".repeat(64)));
        assert!(!is_id("") && !is_id("a_b") && !is_id(&"a".repeat(65)));
        assert!(has_whitespace("a b") && has_whitespace("a\u{a0}b") && !has_whitespace("urn:ä"));
    }

    #[test]
    fn oids_and_uuids() {
        assert!(is_oid("urn:oid:1.2.840.0") && is_oid("urn:oid:2.999"));
        for bad in ["1.2.3", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02", "urn:oid:1."] {
            assert!(!is_oid(bad), "{bad}");
        }
        assert!(is_uuid("urn:uuid:c757873d-ec9a-4326-a141-556f43239520"));
        assert!(!is_uuid("urn:uuid:c757873d-ec9a-4326-a141-556f4323952"));
        assert!(!is_uuid("c757873d-ec9a-4326-a141-556f43239520"));
    }

    #[test]
    fn base64_is_padded_at_the_end() {
        for good in ["QQ==", "QUI=", "QUJD", "QUJD\nQQ==", "QU JD"] {
            assert!(is_base64(good), "{good}");
        }
        for bad in ["Q", "QQ", "Q===", "QQ==QQ==", "=", "    ", "QU-D", "QQ==="] {
            assert!(!is_base64(bad), "{bad}");
        }
    }
}
