use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A request and what must come back. README.md says what each field means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    get: Option<String>,
    head: Option<String>,
    post: Option<String>,
    put: Option<String>,
    patch: Option<String>,
    delete: Option<String>,
    options: Option<String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    body: Option<Box<RawValue>>,
    pub(crate) form: Option<String>,

    pub(crate) status: Option<OneOrMore<u16>>,
    #[serde(default)]
    pub(crate) header: BTreeMap<String, Option<String>>,
    pub(crate) ids: Option<Vec<String>>,
    pub(crate) ordered: Option<Vec<String>>,
    pub(crate) includes: Option<Vec<String>>,
    pub(crate) total: Option<u64>,
    pub(crate) pages: Option<usize>,
    #[serde(default)]
    pub(crate) links: BTreeMap<String, bool>,
    pub(crate) outcome: Option<Outcome>,
    #[serde(default)]
    pub(crate) json: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) any: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) matches: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    #[serde(default)]
    pub(crate) count: BTreeMap<String, usize>,
    #[serde(default)]
    pub(crate) text: Vec<String>,
    #[serde(default)]
    pub(crate) capture: BTreeMap<String, Capture>,
}

/// An issue that an OperationOutcome must have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    pub(crate) severity: Option<OneOrMore<String>>,
    pub(crate) code: Option<OneOrMore<String>>,
    pub(crate) text: Option<String>,
    pub(crate) expression: Option<String>,
}

/// What a later step calls `${name}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capture {
    pub(crate) header: Option<String>,
    pub(crate) json: Option<String>,
    pub(crate) link: Option<String>,
    pub(crate) pattern: Option<String>,
}

/// A value, or a list of values any of which will do.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMore<T> {
    One(T),
    More(Vec<T>),
}

impl<T> OneOrMore<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

impl Step {
    /// Reads a step from JSON text.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let step: Self = serde_json::from_str(json).map_err(|e| e.to_string())?;
        for (name, capture) in &step.capture {
            let sources = [&capture.header, &capture.json, &capture.link];
            if sources.into_iter().flatten().count() != 1 {
                return Err(format!("{name} is captured from one of header, json, link"));
            }
        }
        match step.requests().count() {
            1 => Ok(step),
            n => Err(format!("a step has one request (get, post, …), not {n}")),
        }
    }

    /// Method and URL.
    pub(crate) fn request(&self) -> (&'static str, &str) {
        self.requests().next().unwrap_or(("GET", ""))
    }

    fn requests(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("GET", &self.get),
            ("HEAD", &self.head),
            ("POST", &self.post),
            ("PUT", &self.put),
            ("PATCH", &self.patch),
            ("DELETE", &self.delete),
            ("OPTIONS", &self.options),
        ];
        all.into_iter().filter_map(|(method, url)| Some((method, url.as_deref()?)))
    }

    /// The body as it is sent: a text as it is, anything else as JSON with the digits that the file has.
    pub(crate) fn body(&self) -> String {
        let Some(body) = &self.body else {
            return self.form.clone().unwrap_or_default();
        };
        serde_json::from_str::<String>(body.get()).unwrap_or_else(|_| body.get().to_owned())
    }

    /// Whether it says what a search finds.
    pub(crate) fn is_search(&self) -> bool {
        self.ids.is_some()
            || self.ordered.is_some()
            || self.includes.is_some()
            || self.total.is_some()
            || self.pages.is_some()
    }
}
