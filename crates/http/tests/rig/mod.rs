//! A server over the memory store, driven in-process.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use axum::Router;
use axum::body::{Body, to_bytes};
use cresset_fhir::json::Limits;
use cresset_http::{KnownTenants, Served, Server, Settings, router};
use cresset_interaction::Service;
use cresset_search::Registry;
use cresset_store::memory::MemoryStore;
use cresset_store::{Catalogue, Collection, CollectionKind, CollectionName, Principal, Store};
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

/// A server to send requests to.
#[derive(Clone)]
pub struct Rig {
    pub router: Router,
    pub server: Arc<Server>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Rig {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::with_parts(settings).await.0
    }

    /// A server of two tenants, with the service of the default one, and the catalogue.
    pub async fn with_parts(settings: Settings) -> (Self, Arc<Service>, Arc<Catalogue>) {
        let catalogue = Arc::new(Catalogue::new());
        let store = Arc::new(MemoryStore::new());
        let limits = Limits { bytes: settings.max_body, ..Limits::default() };
        let mut all = Vec::new();
        for tenant in ["default", "other"] {
            let name = CollectionName::new(tenant, "default", "fhir").unwrap();
            let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
            catalogue
                .enter(Collection { name: name.clone(), generation: 1, kind, fhir_version })
                .unwrap();
            let principal = Arc::new(Principal::unrestricted("test"));
            let scope = catalogue.scope(&name, &principal).unwrap();
            store.create(&scope).await.unwrap();
            let own = ["http://localhost/fhir".to_owned(), base(tenant)];
            let registry = Arc::new(Registry::r4(own.into()));
            let store = Arc::clone(&store) as Arc<dyn Store>;
            let service = Arc::new(Service::new(store, registry, limits));
            all.push(Served { service, scope });
        }
        let service = Arc::clone(&all[0].service);
        let server = Arc::new(Server::new(Arc::new(KnownTenants::new(all)), settings));
        (Self { router: router(Arc::clone(&server)), server }, service, catalogue)
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Sends a request; `headers` as `name: value`.
    pub async fn request(&self, method: &str, uri: &str, headers: &[&str], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        if !body.is_empty()
            && !headers.iter().any(|h| h.to_ascii_lowercase().starts_with("content-type"))
        {
            request = request.header("content-type", "application/fhir+json");
        }
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.request("GET", uri, &[], "").await
    }

    pub async fn post(&self, uri: &str, body: &str) -> Answer {
        self.request("POST", uri, &[], body).await
    }

    pub async fn put(&self, uri: &str, body: &str) -> Answer {
        self.request("PUT", uri, &[], body).await
    }

    pub async fn delete(&self, uri: &str) -> Answer {
        self.request("DELETE", uri, &[], "").await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Checks status, and that an error is an `OperationOutcome` with this code.
    #[track_caller]
    pub fn fails(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let json = self.json();
        assert_eq!(json["resourceType"], "OperationOutcome");
        assert_eq!(json["issue"][0]["code"], code, "{}", self.text());
        assert!(
            json["issue"][0]["diagnostics"].as_str().is_some_and(|d| d.len() > 5),
            "{}",
            self.text()
        );
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The ids of a Bundle's resources.
    pub fn ids(&self) -> Vec<String> {
        let json = self.json();
        let entries = json["entry"].as_array().cloned().unwrap_or_default();
        entries.iter().filter_map(|e| Some(e["resource"]["id"].as_str()?.to_owned())).collect()
    }
}

pub const PATIENT: &str = r#"{"resourceType":"Patient","id":"a","name":[{"family":"Ohm","given":["Ada"]}],"active":true}"#;

/// Where a tenant's default datasource is without headers.
fn base(tenant: &str) -> String {
    format!("http://localhost/tenants/{tenant}/default/fhir")
}
