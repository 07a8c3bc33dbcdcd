//! `Narrative.div` (R4 narrative.html): one XHTML `div` that is well-formed and harmless.
//!
//! Browsers will show it, so only what rule txt-1 lists may pass: no scripts, forms or frames, no
//! event attributes, no links that run code. Not a whole XML reader: entities are not resolved.

/// Tags inside one another; HL7's own examples stay below 20.
const DEEPEST: usize = 64;

const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Says what is wrong with the text of a `div`.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    let mut reader =
        Reader { rest: text.trim(), open: [""; DEEPEST], depth: 0, has_content: false };
    if !reader.rest.starts_with("<div") {
        return Err("must be XHTML that begins with <div");
    }
    reader.markup()?;
    while reader.depth > 0 {
        let Some(at) = reader.rest.find('<') else {
            return Err("must be well-formed XHTML: a tag is not closed");
        };
        reader.has_content |= !reader.rest[..at].trim().is_empty();
        reader.rest = &reader.rest[at..];
        reader.markup()?;
    }
    if !reader.rest.is_empty() {
        return Err("must be one <div>: remove what follows </div>");
    }
    match reader.has_content {
        true => Ok(()),
        false => Err("must have some text or an image (txt-2)"),
    }
}

struct Reader<'t> {
    rest: &'t str,
    open: [&'t str; DEEPEST],
    depth: usize,
    has_content: bool,
}

impl<'t> Reader<'t> {
    /// Reads a tag or a comment; `rest` begins with `<`.
    fn markup(&mut self) -> Result<(), &'static str> {
        if let Some(rest) = self.rest.strip_prefix("<!--") {
            return self.comment(rest);
        }
        if let Some(rest) = self.rest.strip_prefix("</") {
            return self.closing_tag(rest);
        }
        self.rest = &self.rest[1..];
        let name = self.name();
        if !is_allowed_element(name) {
            return Err(
                "has a tag that narratives must not have (txt-1): only basic HTML formatting",
            );
        }
        let has_namespace = self.attributes()?;
        if self.depth == 0 && !(has_namespace && name == "div") {
            return Err("its <div> must have xmlns=\"http://www.w3.org/1999/xhtml\"");
        }
        self.has_content |= name == "img";
        if let Some(rest) = self.rest.strip_prefix("/>") {
            self.rest = rest;
            return Ok(());
        }
        // `attributes` ends at one of the two.
        self.rest = &self.rest[1..];
        let slot = self.open.get_mut(self.depth);
        *slot.ok_or("has too many tags inside one another")? = name;
        self.depth += 1;
        Ok(())
    }

    fn closing_tag(&mut self, rest: &'t str) -> Result<(), &'static str> {
        self.rest = rest;
        let name = self.name();
        let Some(rest) = self.rest.trim_start().strip_prefix('>') else {
            return Err("must be well-formed XHTML: a closing tag is broken");
        };
        if self.depth == 0 || self.open[self.depth - 1] != name {
            return Err("must be well-formed XHTML: tags must be closed in reverse order");
        }
        self.depth -= 1;
        self.rest = rest;
        Ok(())
    }

    /// XML forbids `--` inside; HTML readers end a comment that begins with `>` or `->` at once.
    fn comment(&mut self, rest: &'t str) -> Result<(), &'static str> {
        match rest.split_once("--") {
            Some((text, after))
                if after.starts_with('>') && !text.starts_with('>') && !text.starts_with("->") =>
            {
                self.rest = &after[1..];
                Ok(())
            }
            _ => Err("must be well-formed XHTML: a comment is broken"),
        }
    }

    /// Reads a name.
    fn name(&mut self) -> &'t str {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b':' || b == b'-';
        let bytes = self.rest.bytes();
        let (name, rest) = self.rest.split_at(bytes.take_while(|b| is_name(*b)).count());
        self.rest = rest;
        name
    }

    /// Reads attributes up to `>` or `/>`; says whether XHTML's namespace was among them.
    fn attributes(&mut self) -> Result<bool, &'static str> {
        const BROKEN: &str = "must be well-formed XHTML: an attribute is broken";
        let mut has_namespace = false;
        loop {
            let before = self.rest.len();
            self.rest = self.rest.trim_start();
            if self.rest.starts_with('>') || self.rest.starts_with("/>") {
                return Ok(has_namespace);
            }
            if self.rest.len() == before {
                return Err(BROKEN);
            }
            let name = self.name();
            let rest = self.rest.trim_start().strip_prefix('=').ok_or(BROKEN)?;
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let quote = quote.ok_or(BROKEN)?;
            let (value, rest) = rest[1..].split_once(quote).ok_or(BROKEN)?;
            if value.contains('<') {
                return Err(BROKEN);
            }
            self.rest = rest;
            has_namespace |= attribute(name, value)?;
        }
    }
}

/// Checks an attribute; true for XHTML's namespace.
fn attribute(name: &str, value: &str) -> Result<bool, &'static str> {
    match name {
        "xmlns" if value == NAMESPACE => return Ok(true),
        "xmlns" => return Err("must be in the XHTML namespace only"),
        "href" | "src" | "cite" | "longdesc" if !is_harmless_link(value) => {
            return Err("has a link that could run code: link to a page or an image");
        }
        "xml:lang" => {}
        _ if !is_allowed_attribute(name) => {
            return Err(
                "has an attribute that narratives must not have (txt-1), such as an event handler",
            );
        }
        _ => {}
    }
    Ok(false)
}

/// Whether a link has no scheme, or one that runs nothing. Character references and control
/// characters can hide a scheme, so there must be none before its end.
fn is_harmless_link(value: &str) -> bool {
    let value = value.trim();
    if value.starts_with('#') {
        return true;
    }
    let end = value.find([':', '/', '?']);
    let (scheme, rest) = value.split_at(end.unwrap_or(value.len()));
    if scheme.contains('&') || scheme.contains(|c: char| c.is_control()) {
        return false;
    }
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    let is_image = rest.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(":image/"));
    !rest.starts_with(':') || !(is("javascript") || is("vbscript") || (is("data") && !is_image))
}

/// The elements of rule txt-1.
#[rustfmt::skip]
fn is_allowed_element(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr" | "acronym" | "b" | "big" | "blockquote" | "br" | "caption" | "cite" | "code"
            | "col" | "colgroup" | "dd" | "dfn" | "div" | "dl" | "dt" | "em" | "h1" | "h2" | "h3"
            | "h4" | "h5" | "h6" | "hr" | "i" | "img" | "li" | "ol" | "p" | "pre" | "q" | "samp"
            | "small" | "span" | "strong" | "sub" | "sup" | "table" | "tbody" | "td" | "tfoot"
            | "th" | "thead" | "tr" | "tt" | "ul" | "var"
    )
}

/// The attributes of rule txt-1.
#[rustfmt::skip]
fn is_allowed_attribute(name: &str) -> bool {
    matches!(
        name,
        "abbr" | "accesskey" | "align" | "alt" | "axis" | "bgcolor" | "border" | "cellhalign"
            | "cellpadding" | "cellspacing" | "cellvalign" | "char" | "charoff" | "charset"
            | "cite" | "class" | "colspan" | "compact" | "coords" | "dir" | "frame" | "headers"
            | "height" | "href" | "hreflang" | "hspace" | "id" | "lang" | "longdesc" | "name"
            | "nowrap" | "rel" | "rev" | "rowspan" | "rules" | "scope" | "shape" | "span" | "src"
            | "start" | "style" | "summary" | "tabindex" | "title" | "type" | "valign" | "value"
            | "vspace" | "width"
    )
}

#[cfg(test)]
mod tests {
    use super::check;

    fn div(inner: &str) -> String {
        format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>")
    }

    #[test]
    fn formatted_text_passes() {
        for good in [
            "x",
            "<p>a<br/>b</p>",
            "<!-- note -->x",
            "<a href='Patient/1'>x</a>",
            "&lt;x&gt; &nbsp;",
            "<img src=\"data:image/png;base64,AA==\" alt=\"x\" />",
            "<a href=\"#a:b\">x</a>",
            "<table class=\"grid\"><tr><td>1</td></tr></table>",
            "<p xml:lang=\"en\">x</p >",
        ] {
            assert_eq!(check(&div(good)), Ok(()), "{good}");
        }
        assert_eq!(check(&format!(" {}\n", div("x"))), Ok(()));
    }

    #[test]
    fn what_could_run_is_refused() {
        for bad in [
            "<script>x</script>",
            "<p onclick=\"x\">x</p>",
            "<a href=\"javascript:x\">x</a>",
            "<a href=\" JavaScript:x\">x</a>",
            "<a href=\"java&#115;cript:x\">x</a>",
            "<a href=\"java\nscript:x\">x</a>",
            "<a href=\"javascript&colon;x\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<iframe src=\"x\"/>x",
            "<form>x</form>",
            "<!--><script>x</script>-->x",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>x",
            "<![CDATA[x]]>",
            "<?x?>x",
            "<SCRIPT>x</SCRIPT>",
            "<p style=\"x\" onload='x'>x</p>",
        ] {
            assert!(check(&div(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn broken_or_empty_markup_is_refused() {
        for bad in [
            "<p>x",
            "x</p>",
            "<b><i>x</b></i>",
            "<p a>x</p>",
            "<p class=x>x</p>",
            "<p class=\"x>x</p>",
            "<",
            "a < b",
            "",
            " ",
            "<br/>",
            "<p class=\"a\"id=\"b\">x</p>",
            "</div><div>x",
        ] {
            assert!(check(&div(bad)).is_err(), "{bad}");
        }
        for bad in ["x", "<div>x</div>", "<p>x</p>", "<div xmlns=\"x\">x</div>", "<divx"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check(&format!("{}x", div("x"))).is_err());
        assert!(check(&div(&format!("{}x{}", "<b>".repeat(64), "</b>".repeat(64)))).is_err());
    }
}
