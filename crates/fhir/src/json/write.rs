use super::{Json, Object};

impl Json {
    /// Appends the value as compact JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Json::Null => out.extend_from_slice(b"null"),
            Json::Bool(true) => out.extend_from_slice(b"true"),
            Json::Bool(false) => out.extend_from_slice(b"false"),
            Json::Number(number) => out.extend_from_slice(number.as_str().as_bytes()),
            Json::String(text) => write_string(text, out),
            Json::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Json::Object(object) => object.write(out),
        }
    }

    /// The value as compact JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024);
        self.write(&mut out);
        out
    }

    /// The value as JSON for people: two spaces a level (`_pretty=true`).
    pub fn to_pretty_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2048);
        self.write_pretty(0, &mut out);
        out.push(b'\n');
        out
    }

    fn write_pretty(&self, level: usize, out: &mut Vec<u8>) {
        match self {
            Json::Array(items) if !items.is_empty() => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    break_line(index, level + 1, out);
                    item.write_pretty(level + 1, out);
                }
                indent(level, out);
                out.push(b']');
            }
            Json::Object(object) if !object.is_empty() => {
                out.push(b'{');
                for (index, (name, value)) in object.iter().enumerate() {
                    break_line(index, level + 1, out);
                    write_string(name, out);
                    out.extend_from_slice(b": ");
                    value.write_pretty(level + 1, out);
                }
                indent(level, out);
                out.push(b'}');
            }
            other => other.write(out),
        }
    }
}

impl Object {
    /// Appends the object as compact JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (index, (name, value)) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_string(name, out);
            out.push(b':');
            value.write(out);
        }
        out.push(b'}');
    }
}

fn break_line(index: usize, level: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
    indent(level, out);
}

fn indent(level: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.extend(std::iter::repeat_n(b' ', level * 2));
}

/// Appends `text` as a JSON string with the fewest escapes: quote, backslash, controls.
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}
