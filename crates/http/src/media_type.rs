//! Media types with their parameters (RFC 9110, section 8.3).

/// The forms that answers come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Json {
    /// `application/fhir+json`
    #[default]
    Fhir,
    /// `application/json`
    Plain,
    /// `text/json`
    Text,
}

impl Json {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Fhir => "application/fhir+json; charset=utf-8",
            Self::Plain => "application/json; charset=utf-8",
            Self::Text => "text/json; charset=utf-8",
        }
    }

    /// The form with this name, whatever its case; `+` may have become a space in a URL.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("application/fhir+json") || is("application/fhir json") || is("json") {
            Some(Self::Fhir)
        } else if is("application/json") {
            Some(Self::Plain)
        } else if is("text/json") {
            Some(Self::Text)
        } else {
            None
        }
    }
}

/// A media type in a header, cut into its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaType<'a> {
    /// `application/fhir+json`, as it was written.
    pub(crate) essence: &'a str,
    parameters: &'a str,
}

impl<'a> MediaType<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        Self { essence: essence.trim(), parameters }
    }

    /// The parameter's value without quotes.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.split(';').find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }

    /// Whether it asks for, or is, the FHIR version that is served.
    pub(crate) fn version_fits(&self) -> bool {
        self.parameter("fhirVersion").is_none_or(|v| matches!(v, "4.0" | "4.0.1"))
    }

    /// Whether it asks for, or is, UTF-8.
    pub(crate) fn charset_fits(&self) -> bool {
        let fits =
            |c: &str| ["utf-8", "utf8", "us-ascii"].iter().any(|u| c.eq_ignore_ascii_case(u));
        self.parameter("charset").is_none_or(fits)
    }
}
