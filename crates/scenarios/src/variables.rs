use crate::yaml::quote;
use regex_lite::Regex;
use std::collections::BTreeMap;

/// What earlier steps of a case captured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// JSON text with each `${name}` in its strings replaced.
    pub(crate) fn fill(&self, json: &str) -> Result<String, String> {
        let mut out = String::with_capacity(json.len());
        let mut rest = json;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or("a ${ is not closed")?;
            let value =
                self.0.get(name).ok_or_else(|| format!("${{{name}}} was never captured"))?;
            out.push_str(before);
            let quoted = quote(value);
            out.push_str(&quoted[1..quoted.len() - 1]);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// The expression between the slashes of `/…/`; any other text stands for itself.
pub(crate) fn regex(text: &str) -> Option<Result<Regex, String>> {
    let inner = text.strip_prefix('/')?.strip_suffix('/')?;
    Some(Regex::new(inner).map_err(|e| format!("/{inner}/ is no regular expression: {e}")))
}

#[cfg(test)]
mod tests {
    use super::Variables;

    #[test]
    fn values_are_put_in_as_json() {
        let mut variables = Variables::default();
        variables.set("etag", "W/\"1\"");
        assert_eq!(variables.fill(r#"{"a":"<${etag}>"}"#).unwrap(), r#"{"a":"<W/\"1\">"}"#);
        assert!(variables.fill(r#""${unknown}""#).is_err());
    }
}
