use crate::page_token;

/// The URL of a search, history or operation with these parameters, and of its page.
pub(crate) fn url(
    base: &str,
    path: &str,
    parameters: &[(String, String)],
    page: Option<&str>,
) -> String {
    let mut url = String::with_capacity(base.len() + path.len() + 64);
    url.push_str(base);
    if !path.is_empty() {
        url.push('/');
        url.push_str(path);
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        query.append_pair(name, value);
    }
    if let Some(token) = page {
        query.append_pair(page_token::PARAMETER, token);
    }
    let query = query.finish();
    if !query.is_empty() {
        url.push('?');
        // Colons, commas and slashes are legal in a query and keep it readable.
        url.push_str(&query.replace("%3A", ":").replace("%2C", ",").replace("%2F", "/"));
    }
    url
}
