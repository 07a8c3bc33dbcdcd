use compact_str::CompactString;

/// Text as the default string search compares it (R4 search, section 3.1.1.4.8): small letters
/// without accents and punctuation, one space between words; at most `most` bytes. What is nothing
/// but punctuation keeps it.
pub(super) fn fold(text: &str, most: usize) -> CompactString {
    let folded = fold_without(text, most, is_punctuation);
    if folded.is_empty() { fold_without(text, most, |_| false) } else { folded }
}

fn fold_without(text: &str, most: usize, is_left_out: impl Fn(char) -> bool) -> CompactString {
    let mut folded = CompactString::with_capacity(text.len().min(most));
    let mut is_space_due = false;
    for c in text.chars() {
        if c.is_whitespace() {
            is_space_due = !folded.is_empty();
            continue;
        }
        if is_left_out(c) {
            continue;
        }
        let before = folded.len();
        if is_space_due {
            folded.push(' ');
        }
        let space = folded.len();
        push_folded(&mut folded, c);
        if folded.len() == space {
            // Nothing visible: a combining accent, a control character.
            folded.truncate(before);
            continue;
        }
        is_space_due = false;
        if folded.len() > most {
            folded.truncate(before);
            break;
        }
    }
    folded
}

/// Unicode's punctuation, as far as it is found in names and addresses. Signs such as `+` and `$`
/// are none.
fn is_punctuation(c: char) -> bool {
    match c {
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => false,
        '\u{2044}' | '\u{2052}' => false,
        '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' => true,
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{3003}' => true,
        _ => c.is_ascii_punctuation(),
    }
}

/// A character as it is compared; nothing for a mark of its own, or a control character.
pub(crate) fn push_folded(into: &mut CompactString, c: char) {
    if c.is_ascii() {
        if !c.is_ascii_control() {
            into.push(c.to_ascii_lowercase());
        }
        return;
    }
    for lower in c.to_lowercase() {
        match base_letters(lower) {
            Some(letters) => into.push_str(letters),
            None => into.push(lower),
        }
    }
}

/// The base letters of a small letter with a mark; nothing for a mark of its own.
fn base_letters(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{80}'..='\u{9f}' => "",
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ȁ' | 'ȃ' | 'ȧ' => {
            "a"
        }
        'æ' | 'ǽ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ȅ' | 'ȇ' | 'ȩ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' | 'ǧ' => "g",
        'ĥ' | 'ħ' | 'ȟ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | 'ȉ' | 'ȋ' => "i",
        'ĳ' => "ij",
        'ĵ' | 'ǰ' => "j",
        'ķ' | 'ǩ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ŉ' | 'ŋ' | 'ǹ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ǒ' | 'ǿ' | 'ȍ' | 'ȏ' | 'ȯ' => {
            "o"
        }
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' | 'ȑ' | 'ȓ' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'ſ' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǔ' | 'ȕ' | 'ȗ' => {
            "u"
        }
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ȳ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ά' => "α",
        'έ' => "ε",
        'ή' => "η",
        'ί' | 'ϊ' | 'ΐ' => "ι",
        'ό' => "ο",
        'ύ' | 'ϋ' | 'ΰ' => "υ",
        'ώ' => "ω",
        'ς' => "σ",
        _ => return vietnamese(c),
    })
}

/// Latin Extended Additional, in the order of its blocks.
fn vietnamese(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{1e00}'..='\u{1e01}' | 'ạ'..='ặ' => "a",
        'ḅ' | 'ḃ' | 'ḇ' => "b",
        'ḉ' => "c",
        'ḋ' | 'ḍ' | 'ḏ' | 'ḑ' | 'ḓ' => "d",
        'ḕ' | 'ḗ' | 'ḙ' | 'ḛ' | 'ḝ' | 'ẹ'..='ệ' => "e",
        'ḡ' => "g",
        'ḣ' | 'ḥ' | 'ḧ' | 'ḩ' | 'ḫ' => "h",
        'ḭ' | 'ḯ' | 'ỉ'..='ị' => "i",
        'ḱ' | 'ḳ' | 'ḵ' => "k",
        'ḷ' | 'ḹ' | 'ḻ' | 'ḽ' => "l",
        'ḿ' | 'ṁ' | 'ṃ' => "m",
        'ṅ' | 'ṇ' | 'ṉ' | 'ṋ' => "n",
        'ṍ' | 'ṏ' | 'ṑ' | 'ṓ' | 'ọ'..='ợ' => "o",
        'ṙ' | 'ṛ' | 'ṝ' | 'ṟ' => "r",
        'ṡ' | 'ṣ' | 'ṥ' | 'ṧ' | 'ṩ' => "s",
        'ṫ' | 'ṭ' | 'ṯ' | 'ṱ' => "t",
        'ṳ' | 'ṵ' | 'ṷ' | 'ṹ' | 'ṻ' | 'ụ'..='ự' => "u",
        'ẁ' | 'ẃ' | 'ẅ' | 'ẇ' | 'ẉ' => "w",
        'ỳ'..='ỹ' | 'ẏ' => "y",
        'ẑ' | 'ẓ' | 'ẕ' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_accents_punctuation_and_spaces_do_not_count() {
        for (text, folded) in [
            ("  José  María\tNÚÑEZ ", "jose maria nunez"),
            ("Jose\u{301}", "jose"),
            ("Straße Ærø Łódź", "strasse aero lodz"),
            ("ΆΛΦΑ Нгуен Nguyễn", "αλφα нгуен nguyen"),
            ("İstanbul", "istanbul"),
            ("\u{301}", ""),
            ("a \u{301} b", "a b"),
            ("O'Brien-Smith, Jr.", "obriensmith jr"),
            ("D’Angelo – x", "dangelo x"),
            ("a+b", "a+b"),
            (" ?! ", "?!"),
        ] {
            assert_eq!(fold(text, 200), folded);
        }
    }

    #[test]
    fn the_length_is_bounded_on_a_character() {
        assert_eq!(fold("aж", 2), "a");
        assert_eq!(fold(&"x".repeat(300), 200).len(), 200);
    }
}
