//! Certificates and keys.

use super::{PropertyError, Translated, pem};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

type Properties = BTreeMap<String, String>;

/// A value that says something.
fn given<'a>(properties: &'a Properties, key: &str) -> Option<&'a str> {
    properties.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// Whom the client believes.
pub(super) fn trust(properties: &Properties, to: &mut Translated) -> Option<PropertyError> {
    let (location, certificates) = (
        given(properties, "ssl.truststore.location"),
        given(properties, "ssl.truststore.certificates"),
    );
    let kind = given(properties, "ssl.truststore.type");
    if certificates.is_some() && (location.is_some() || !is_pem(kind.unwrap_or("PEM"))) {
        let either = "it goes with ssl.truststore.type=PEM, and without ssl.truststore.location";
        return Some(PropertyError::new("ssl.truststore.certificates", either));
    }
    if let Some(certificates) = certificates {
        to.config.set("ssl.ca.pem", pem::lines(certificates));
    }
    let location = location?;
    if let Err(error) = check("ssl.truststore.location", location, kind) {
        return Some(error);
    }
    to.config.set("ssl.ca.location", location);
    None
}

/// What the client shows of itself.
pub(super) fn identity(properties: &Properties, to: &mut Translated) -> Option<PropertyError> {
    let location = given(properties, "ssl.keystore.location");
    let (chain, key) = (
        given(properties, "ssl.keystore.certificate.chain"),
        given(properties, "ssl.keystore.key"),
    );
    let kind = given(properties, "ssl.keystore.type");
    if let Some(password) = given(properties, "ssl.key.password") {
        to.config.set("ssl.key.password", password);
    }
    match (location, chain, key) {
        (None, None, None) => None,
        (Some(location), None, None) => {
            if let Err(error) = check("ssl.keystore.location", location, kind) {
                return Some(error);
            }
            // One file has both.
            to.config.set("ssl.certificate.location", location).set("ssl.key.location", location);
            None
        }
        (None, Some(chain), Some(key)) if is_pem(kind.unwrap_or("PEM")) => {
            if chain.matches(pem::BEGIN).count() > 1 {
                to.warnings.push(
                    "ssl.keystore.certificate.chain: only the first certificate is shown; \
                     ssl.keystore.location shows all"
                        .to_owned(),
                );
            }
            to.config.set("ssl.certificate.pem", pem::lines(chain));
            to.config.set("ssl.key.pem", pem::lines(key));
            None
        }
        _ => {
            let either = "with ssl.keystore.type=PEM there is either ssl.keystore.location, or \
                          ssl.keystore.certificate.chain and ssl.keystore.key";
            Some(PropertyError::new("ssl.keystore.type", either))
        }
    }
}

fn is_pem(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("PEM")
}

/// A file of PEM; Java's other ones can't be read.
fn check(key: &str, location: &str, kind: Option<&str>) -> Result<(), PropertyError> {
    if kind.is_some_and(|kind| !is_pem(kind)) {
        return Err(PropertyError::new(key, refused(key, location)));
    }
    let unreadable = |error| PropertyError::new(key, format!("{location} can't be read: {error}"));
    let mut begin = Vec::new();
    let file = File::open(location).map_err(unreadable)?;
    file.take(1 << 20).read_to_end(&mut begin).map_err(unreadable)?;
    let mark = pem::BEGIN.as_bytes();
    if begin.windows(mark.len()).any(|part| part == mark) {
        return Ok(());
    }
    Err(PropertyError::new(key, refused(key, location)))
}

/// What makes PEM of it.
fn refused(key: &str, location: &str) -> String {
    if key.starts_with("ssl.truststore") {
        return format!(
            "a trust store of Java can't be read: convert it with `keytool -list -rfc -keystore \
             {location} > truststore.pem`, name that file, and set ssl.truststore.type=PEM"
        );
    }
    format!(
        "a key store of Java can't be read: convert it with `keytool -importkeystore -srckeystore \
         {location} -destkeystore keystore.p12 -deststoretype PKCS12` and `openssl pkcs12 -in \
         keystore.p12 -out keystore.pem`, name that file, and set ssl.keystore.type=PEM"
    )
}
