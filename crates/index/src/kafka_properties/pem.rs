//! PEM as properties have it: often on one line, which OpenSSL doesn't read.

/// How a block begins.
pub(super) const BEGIN: &str = "-----BEGIN ";

/// The blocks of a text, in lines of 64 characters; a text that has none as it is.
pub(super) fn lines(text: &str) -> String {
    let mut lines = String::new();
    for block in text.split(BEGIN).skip(1) {
        let Some((label, rest)) = block.split_once("-----") else { return text.to_owned() };
        let end = format!("-----END {label}-----");
        let Some((body, _)) = rest.split_once(&end) else { return text.to_owned() };
        lines.push_str(&format!("{BEGIN}{label}-----\n"));
        let body: Vec<char> = body.chars().filter(|c| !c.is_whitespace()).collect();
        for line in body.chunks(64) {
            lines.extend(line);
            lines.push('\n');
        }
        lines.push_str(&format!("{end}\n"));
    }
    if lines.is_empty() { text.to_owned() } else { lines }
}
