//! Which FHIR base a request is below, and of which tenant.

use crate::server::Server;
use crate::tenants::Served;
use cresset_interaction::Failure;
use http::HeaderMap;
use std::sync::Arc;

const TENANT: &str = "x-fhir-tenant-id";
const DATASOURCE: &str = "x-fhir-dsid";

/// A request's URL, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Base<'a> {
    /// From `/` to the end of the base: `/fhir`.
    prefix: &'a str,
    /// What follows it.
    pub(crate) path: &'a str,
    tenant: Option<&'a str>,
    datasource: Option<&'a str>,
}

impl<'a> Base<'a> {
    /// Takes apart a path that the router has sent here.
    pub(crate) fn of(path: &'a str) -> Self {
        if let Some(rest) = path.strip_prefix("/tenants/") {
            let mut parts = rest.splitn(4, '/');
            let (tenant, datasource) = (parts.next(), parts.next());
            let (_, below) = (parts.next(), parts.next().unwrap_or_default());
            let prefix = path[..path.len() - below.len()].trim_end_matches('/');
            return Self { prefix, path: below, tenant, datasource };
        }
        let (prefix, path) = path.split_at("/fhir".len().min(path.len()));
        Self { prefix, path, tenant: None, datasource: None }
    }

    /// The collection that is meant: the URL's tenant, or the headers'. A header beside a URL that names
    /// them must name the same: what stands before the server may have let the request through by it.
    pub(crate) fn served(
        &self,
        server: &Server,
        headers: &'a HeaderMap,
    ) -> Result<Arc<Served>, Failure> {
        let (tenant, datasource) = (named(headers, TENANT)?, named(headers, DATASOURCE)?);
        if self.tenant.is_none() {
            return server.tenants.served(tenant, datasource);
        }
        for (own, header) in [(self.tenant, tenant), (self.datasource, datasource)] {
            if header.is_some() && header != own {
                let problem = "the URL and the header name different tenants or datasources";
                return Err(Failure::bad_request("invalid", problem).at("http.X-FHIR-TENANT-ID"));
            }
        }
        server.tenants.served(self.tenant, self.datasource)
    }

    /// The base as clients see it.
    pub(crate) fn url(
        &self,
        server: &Server,
        headers: &HeaderMap,
        authority: Option<&str>,
    ) -> Arc<str> {
        if let Some(base) = &server.settings.base_url {
            return format!("{base}{}", self.prefix).into();
        }
        let host = headers.get(http::header::HOST).and_then(|h| h.to_str().ok()).or(authority);
        let host = host.filter(|h| is_authority(h)).unwrap_or("localhost");
        format!("http://{host}{}", self.prefix).into()
    }
}

fn named<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let refused = || {
        let problem = format!("{name} must be there once, with one plain name");
        Failure::bad_request("value", problem)
    };
    match (values.next(), value.to_str()) {
        (None, Ok(text)) => Ok(Some(text)),
        _ => Err(refused()),
    }
}

/// A `Host` goes into links: nothing but a host and a port may stand in it.
fn is_authority(host: &str) -> bool {
    let plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'[' | b']' | b'_');
    (1..=255).contains(&host.len()) && host.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_apart() {
        let base = Base::of("/fhir/Patient/1");
        assert_eq!((base.prefix, base.path), ("/fhir", "/Patient/1"));
        assert_eq!(Base::of("/fhir").path, "");
        let base = Base::of("/tenants/a/b/fhir/Patient/1/_history");
        assert_eq!((base.prefix, base.path), ("/tenants/a/b/fhir", "Patient/1/_history"));
        assert_eq!((base.tenant, base.datasource), (Some("a"), Some("b")));
        assert_eq!(Base::of("/tenants/a/b/fhir").prefix, "/tenants/a/b/fhir");
        assert_eq!(Base::of("/tenants/a/b/fhir/").prefix, "/tenants/a/b/fhir");
    }
}
