use crate::Failure;
use crate::entity_tag::IfMatch;
use crate::route::{self, Interaction, Method, Target};
use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Limits, parse};

/// A request, whether it came by HTTP or as an entry of a Bundle.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Where it is aimed.
    pub target: Target<'a>,
    /// What it asks for.
    pub interaction: Interaction,
    /// Decoded parameters of the URL (and of a form), in order.
    pub parameters: Vec<(String, String)>,
    /// The `If-…` headers.
    pub conditions: Conditions<'a>,
    /// The body.
    pub body: Body<'a>,
}

/// The conditional headers, as they were sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// `If-Match`
    pub if_match: Option<&'a str>,
    /// `If-None-Match`
    pub if_none_match: Option<&'a str>,
    /// `If-Modified-Since`, in seconds since 1970.
    pub if_modified_since: Option<i64>,
    /// `If-None-Exist`: a query string.
    pub if_none_exist: Option<&'a str>,
}

/// The body of a request.
#[derive(Clone, Debug, Default)]
pub enum Body<'a> {
    /// None.
    #[default]
    None,
    /// FHIR JSON.
    Text(&'a [u8]),
    /// A JSON Patch (RFC 6902).
    JsonPatch(&'a [u8]),
    /// A resource that has been parsed with the Bundle around it.
    Parsed(Json),
}

impl<'a> Request<'a> {
    /// Understands a method and a path below the base.
    ///
    /// # Errors
    /// When there is nothing at the path, or not by this method.
    pub fn new(definitions: &Definitions, method: Method, path: &'a str) -> Result<Self, Failure> {
        let target = route::target(definitions, path)?;
        let interaction = route::interaction(target.place, method)?;
        let (parameters, conditions, body) = (Vec::new(), Conditions::default(), Body::None);
        Ok(Self { target, interaction, parameters, conditions, body })
    }

    /// The parameter's first value.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

impl Conditions<'_> {
    pub(crate) fn if_match(&self) -> Result<Option<IfMatch>, Failure> {
        self.if_match.map(IfMatch::parse).transpose()
    }
}

impl Body<'_> {
    pub(crate) fn parsed(self, limits: &Limits) -> Result<Json, Failure> {
        match self {
            Self::Parsed(json) => Ok(json),
            Self::Text(bytes) | Self::JsonPatch(bytes) => parsed(bytes, limits),
            Self::None => Err(Failure::bad_request("required", "the request needs a body")),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(bytes) | Self::JsonPatch(bytes) => bytes.len(),
            Self::None | Self::Parsed(_) => 0,
        }
    }
}

/// Reads JSON; a document that isn't JSON is a bad request.
pub(crate) fn parsed(bytes: &[u8], limits: &Limits) -> Result<Json, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::bad_request("required", "the request needs a body"));
    }
    parse(bytes, limits).map_err(|e| {
        let text = format!("the body is not acceptable JSON: {e}");
        match e.kind {
            cresset_fhir::json::ParseErrorKind::TooLarge(_) => {
                Failure::new(crate::ErrorKind::TooLarge, "too-long", text)
            }
            _ => Failure::bad_request("structure", text),
        }
    })
}

/// Decodes a query string.
pub(crate) fn query_parameters(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
