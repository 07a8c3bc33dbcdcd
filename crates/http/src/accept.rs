//! In which form the answer goes out: `Accept`, `_format`, `_pretty` (R4, section 3.1.0.1.10).

use crate::media_type::{Json, MediaType};
use cresset_interaction::{ErrorKind, Failure};
use http::{HeaderMap, header};

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) json: Json,
    pub(crate) pretty: bool,
}

/// What the client asks for; `_format` goes before `Accept`.
pub(crate) fn negotiate(
    headers: &HeaderMap,
    parameters: &[(String, String)],
) -> Result<Format, Failure> {
    let pretty = parameters.iter().any(|(n, v)| n == "_pretty" && v == "true");
    let format = parameters.iter().rfind(|(n, _)| n == "_format");
    let json = match format {
        Some((_, value)) => named(value)?,
        None => match headers.get(header::ACCEPT) {
            None => Json::Fhir,
            Some(_) => accepted(headers)?,
        },
    };
    Ok(Format { json, pretty })
}

fn named(value: &str) -> Result<Json, Failure> {
    let media = MediaType::of(value);
    let json = Json::named(media.essence).filter(|_| media.version_fits() && media.charset_fits());
    json.ok_or_else(|| not_acceptable().at("http._format"))
}

fn accepted(headers: &HeaderMap) -> Result<Json, Failure> {
    let mut best: Option<(Weight, Json)> = None;
    for line in headers.get_all(header::ACCEPT) {
        let line = line.to_str().map_err(|_| not_acceptable())?;
        for range in line.split(',') {
            let Some((weight, json)) = offer(MediaType::of(range)) else {
                continue;
            };
            if best.is_none_or(|(w, _)| weight > w) {
                best = Some((weight, json));
            }
        }
    }
    best.map(|(_, json)| json).ok_or_else(|| not_acceptable().at("http.Accept"))
}

/// Quality in thousandths, then how exactly the range names a type.
type Weight = (u16, u8);

fn offer(range: MediaType<'_>) -> Option<(Weight, Json)> {
    let (exactness, json) = match range.essence {
        "*/*" => (0, Json::Fhir),
        "application/*" => (1, Json::Fhir),
        "text/*" => (1, Json::Text),
        name => (2, Json::named(name).filter(|_| name.contains('/'))?),
    };
    let quality = match range.parameter("q") {
        None => 1000,
        Some(q) => (q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q))? * 1000.0) as u16,
    };
    let fits = quality > 0 && range.version_fits() && range.charset_fits();
    fits.then_some(((quality, exactness), json))
}

fn not_acceptable() -> Failure {
    let problem =
        "only application/fhir+json (or application/json) in UTF-8, fhirVersion 4.0, can be sent";
    Failure::new(ErrorKind::NotAcceptable, "not-supported", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(accept: &str) -> Option<Json> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        negotiate(&headers, &[]).ok().map(|f| f.json)
    }

    #[test]
    fn the_best_range_decides() {
        assert_eq!(form("*/*"), Some(Json::Fhir));
        assert_eq!(form("application/fhir+json; fhirVersion=4.0"), Some(Json::Fhir));
        assert_eq!(form("application/json, application/fhir+json;q=0.5"), Some(Json::Plain));
        assert_eq!(form("text/html, application/xml;q=0.9, */*;q=0.8"), Some(Json::Fhir));
        assert_eq!(form("application/json;q=0.5, */*;q=0.5"), Some(Json::Plain));
        assert_eq!(form("text/json"), Some(Json::Text));
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for accept in [
            "text/html",
            "application/fhir+xml",
            "application/fhir+json;fhirVersion=3.0",
            "application/fhir+json;q=0",
            "application/json;charset=latin1",
            "json",
        ] {
            assert_eq!(form(accept), None, "{accept}");
        }
    }

    #[test]
    fn format_goes_before_accept() {
        let parameters = [
            ("_format".to_owned(), "application/fhir json".to_owned()),
            ("_pretty".to_owned(), "true".to_owned()),
        ];
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, "text/html".parse().unwrap());
        assert_eq!(
            negotiate(&headers, &parameters).unwrap(),
            Format { json: Json::Fhir, pretty: true }
        );
        assert!(negotiate(&headers, &[("_format".to_owned(), "xml".to_owned())]).is_err());
    }
}
