//! The server under measurement: a FHIR base on this machine's loopback.

use crate::BenchError;
use http::Uri;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

/// A FHIR base URL, resolved to the address that is connected to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    base: String,
    address: SocketAddr,
    authority: String,
    path: String,
}

impl Target {
    pub(crate) fn parse(base: &str) -> Result<Self, BenchError> {
        let wrong = |reason: String| BenchError::Base { base: base.into(), reason };
        let uri: Uri = base.parse().map_err(|e| wrong(format!("{e}")))?;
        if uri.scheme_str() != Some("http") {
            return Err(wrong("an http:// URL is needed".into()));
        }
        if uri.query().is_some() {
            return Err(wrong("a base URL has no query".into()));
        }
        let authority = uri.authority().ok_or_else(|| wrong("it names no host".into()))?;
        let port = uri.port_u16().unwrap_or(80);
        let address = loopback(authority.host(), port)
            .ok_or_else(|| BenchError::NotLoopback { base: base.into() })?;
        Ok(Self {
            base: base.trim_end_matches('/').into(),
            address,
            authority: format!("{}:{port}", authority.host()),
            path: uri.path().trim_end_matches('/').into(),
        })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the `Host` header says.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The request target of something named relative to the base.
    pub(crate) fn path(&self, relative: &str) -> String {
        format!("{}/{relative}", self.path)
    }

    /// The request target of a link that the server gave. Its host is left aside: servers
    /// put the public name they are configured with there, and requests go to one address.
    pub(crate) fn follow(&self, link: &str) -> Option<String> {
        if link.starts_with('/') {
            return Some(link.into());
        }
        if !link.contains("://") {
            return Some(self.path(link));
        }
        let uri: Uri = link.parse().ok()?;
        Some(uri.path_and_query()?.to_string())
    }
}

/// The address of `host` when that can be nothing but this machine.
fn loopback(host: &str, port: u16) -> Option<SocketAddr> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return ip.is_loopback().then(|| SocketAddr::new(ip, port));
    }
    if !host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    // A hosts file can send even this name elsewhere, so what it resolves to is checked too.
    (host, port)
        .to_socket_addrs()
        .ok()?
        .filter(|address| address.ip().is_loopback())
        .min_by_key(SocketAddr::is_ipv6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_all_but_loopback() {
        for base in [
            "http://192.0.2.1:8080/fhir",
            "http://0.0.0.0:8080/fhir",
            "http://hapi.example.org/baseR4",
            "http://127.0.0.1.example.org/fhir",
            "http://127.0.0.1@example.org/fhir",
            "http://[2001:db8::1]/fhir",
        ] {
            let refused = Target::parse(base);
            assert!(matches!(refused, Err(BenchError::NotLoopback { .. })), "{base}: {refused:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_base() {
        for base in ["https://127.0.0.1/fhir", "127.0.0.1:8080", "http://127.0.0.1/?a=b", ""] {
            assert!(matches!(Target::parse(base), Err(BenchError::Base { .. })), "{base}");
        }
    }

    #[test]
    fn takes_loopback() {
        for base in
            ["http://127.0.0.1:8080/fhir", "http://[::1]:8080/fhir/", "http://localhost:8080/fhir"]
        {
            let target = Target::parse(base).expect(base);
            assert!(target.address().ip().is_loopback());
            assert_eq!(target.path("Patient/1"), "/fhir/Patient/1");
        }
        let root = Target::parse("http://127.0.0.1:8080").expect("base without path");
        assert_eq!(root.path("metadata"), "/metadata");
    }

    #[test]
    fn follows_links_on_the_same_address_only() {
        let target = Target::parse("http://127.0.0.1:8080/fhir").expect("base");
        let follow = |link| target.follow(link);
        assert_eq!(
            follow("http://elsewhere.example/fhir/Patient?page=2").as_deref(),
            Some("/fhir/Patient?page=2")
        );
        assert_eq!(follow("/fhir/Patient?p=2").as_deref(), Some("/fhir/Patient?p=2"));
        assert_eq!(follow("Patient?p=2").as_deref(), Some("/fhir/Patient?p=2"));
    }
}
