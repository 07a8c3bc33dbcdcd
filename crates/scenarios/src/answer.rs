use serde_json::Value;

/// A request as it goes to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// An absolute URL, or what follows the base (`/Patient/1`); percent-encoded.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: String,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The body as JSON, null where it isn't any.
    pub json: Value,
}

/// Something that answers requests: a server behind a connection.
pub trait Exchange {
    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// Why there is no answer, in words.
    fn exchange(&mut self, request: &Request) -> Result<Answer, String>;
}

impl Answer {
    /// An answer with what the body is as JSON.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: String) -> Self {
        let json = serde_json::from_str(&body).unwrap_or(Value::Null);
        Self { status, headers, body, json }
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The URL of a Bundle's link.
    pub fn link(&self, relation: &str) -> Option<&str> {
        let links = self.json.get("link")?.as_array()?;
        links.iter().find(|l| l["relation"] == relation)?["url"].as_str()
    }

    /// A Bundle's entries.
    pub fn entries(&self) -> &[Value] {
        self.json["entry"].as_array().map_or(&[], Vec::as_slice)
    }
}
