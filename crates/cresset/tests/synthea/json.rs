//! JSON as it stands in a file: the order of properties and the digits of numbers are kept. Written
//! for these tests alone, so that they share no mistake with the code under test.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    /// A number, `true`, `false` or `null`: its characters.
    Plain(String),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Self {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value();
        reader.space();
        assert_eq!(reader.at, text.len(), "something follows the document");
        value
    }

    /// The value without white space between its tokens, each string with the same escapes.
    pub(crate) fn normal(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        let Self::Object(properties) = self else { return None };
        properties.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> &[Json] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// `Type/id` of a resource.
    pub(crate) fn name(&self) -> String {
        let part = |name| self.text(name).expect("a resource has a type and an id");
        format!("{}/{}", part("resourceType"), part("id"))
    }

    /// Takes out what the server sets: `meta.versionId`, `meta.lastUpdated`, and `meta` if nothing
    /// else stands there.
    pub(crate) fn without_version(mut self) -> Self {
        let Self::Object(properties) = &mut self else { return self };
        for (_, meta) in properties.iter_mut().filter(|(name, _)| name == "meta") {
            if let Self::Object(meta) = meta {
                meta.retain(|(name, _)| name != "versionId" && name != "lastUpdated");
            }
        }
        properties.retain(|(name, value)| name != "meta" || *value != Self::Object(Vec::new()));
        self
    }

    /// Replaces the texts of `reference` properties.
    pub(crate) fn map_references(&mut self, to: &impl Fn(&str) -> Option<String>) {
        match self {
            Self::Array(items) => items.iter_mut().for_each(|item| item.map_references(to)),
            Self::Object(properties) => {
                for (name, value) in properties {
                    match value {
                        Self::Text(text) if name == "reference" => {
                            if let Some(new) = to(text) {
                                *text = new;
                            }
                        }
                        value => value.map_references(to),
                    }
                }
            }
            Self::Text(_) | Self::Plain(_) => {}
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Plain(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(properties) => {
                out.push('{');
                for (index, (name, value)) in properties.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        let left = &self.text.as_bytes()[self.at..];
        self.at += left.iter().take_while(|b| b" \t\r\n".contains(b)).count();
    }

    fn peek(&mut self) -> u8 {
        self.space();
        *self.text.as_bytes().get(self.at).expect("the document goes on")
    }

    /// Takes a character if it comes next.
    fn takes(&mut self, wanted: u8) -> bool {
        let there = self.peek() == wanted;
        self.at += usize::from(there);
        there
    }

    fn value(&mut self) -> Json {
        match self.peek() {
            b'{' => Json::Object(self.list(b'}', |reader| {
                let name = reader.string();
                assert!(reader.takes(b':'), "a colon at byte {}", reader.at);
                (name, reader.value())
            })),
            b'[' => Json::Array(self.list(b']', Self::value)),
            b'"' => Json::Text(self.string()),
            _ => Json::Plain(self.plain()),
        }
    }

    fn list<T>(&mut self, end: u8, item: impl Fn(&mut Self) -> T) -> Vec<T> {
        self.at += 1;
        let mut items = Vec::new();
        if self.takes(end) {
            return items;
        }
        loop {
            items.push(item(self));
            if self.takes(end) {
                return items;
            }
            assert!(self.takes(b','), "a comma at byte {}", self.at);
        }
    }

    fn plain(&mut self) -> String {
        let left = &self.text.as_bytes()[self.at..];
        let length = left.iter().take_while(|b| !b" \t\r\n,]}".contains(b)).count();
        assert!(length > 0, "a value at byte {}", self.at);
        self.at += length;
        self.text[self.at - length..self.at].to_owned()
    }

    fn string(&mut self) -> String {
        assert!(self.takes(b'"'), "a string at byte {}", self.at);
        let mut out = String::new();
        loop {
            let left = &self.text[self.at..];
            let end = left.bytes().position(|b| b == b'"' || b == b'\\').expect("the string ends");
            out.push_str(&left[..end]);
            self.at += end + 1;
            if left.as_bytes()[end] == b'"' {
                return out;
            }
            out.push(self.escape());
        }
    }

    fn escape(&mut self) -> char {
        let kind = self.text.as_bytes()[self.at];
        self.at += 1;
        match kind {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let first = self.unit();
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).expect("a character");
                }
                assert!(self.text[self.at..].starts_with("\\u"), "the other surrogate");
                self.at += 2;
                let second = self.unit();
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
                    .expect("a pair")
            }
            other => char::from(other),
        }
    }

    fn unit(&mut self) -> u32 {
        let digits = &self.text[self.at..self.at + 4];
        self.at += 4;
        u32::from_str_radix(digits, 16).expect("four hexadecimal digits")
    }
}

#[test]
fn order_and_digits_are_kept_and_escapes_are_not() {
    let text =
        r#" { "b" : 1.50, "a":[ 1E3 , "\u00e4\/\"\ud83d\ude00" ,null], "c":{ } , "d": [ ] } "#;
    let normal = r#"{"b":1.50,"a":[1E3,"ä/\"😀",null],"c":{},"d":[]}"#;
    assert_eq!(Json::parse(text).normal(), normal);
}

#[test]
fn what_the_server_sets_is_taken_out() {
    let stripped = |text: &str| Json::parse(text).without_version().normal();
    assert_eq!(stripped(r#"{"a":1,"meta":{"versionId":"1","lastUpdated":"x"}}"#), r#"{"a":1}"#);
    assert_eq!(
        stripped(r#"{"meta":{"versionId":"1","profile":["p"]},"a":1}"#),
        r#"{"meta":{"profile":["p"]},"a":1}"#
    );
}
