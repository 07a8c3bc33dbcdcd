//! The races between requests, the parameters in force and the job.

use super::*;
use crate::{Context, Handling, Method, Request, Service, extract, jobs};
use cresset_fhir::json::{Json, Limits, parse};
use cresset_store::memory::MemoryStore;
use cresset_store::*;
use std::time::Duration;

struct Rig {
    service: Arc<Service>,
    scope: Scope,
}

fn parameter(id: &str, path: &str) -> String {
    format!(
        r#"{{"resourceType": "SearchParameter", "id": "{id}", "url": "http://example.org/{id}",
            "name": "{id}", "status": "active", "description": "d", "code": "{id}",
            "base": ["Patient"], "type": "string", "expression": "{path}"}}"#
    )
}

const FIRST: &str = "Patient.name.given.first()";

impl Rig {
    async fn new() -> Self {
        let name = CollectionName::new("default", "default", "fhir").expect("a name");
        let catalogue = Catalogue::new();
        let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
        let collection = Collection { name: name.clone(), generation: 1, kind, fhir_version };
        catalogue.enter(collection).expect("a new collection");
        let principal = Arc::new(Principal::unrestricted("test"));
        let scope = catalogue.scope(&name, &principal).expect("a scope");
        let store = MemoryStore::new();
        store.create(&scope).await.expect("made");
        let registry = Arc::new(Registry::r4(Vec::new()));
        let service = Arc::new(Service::new(Arc::new(store), registry, Limits::default()));
        Self { service, scope }
    }

    async fn send(&self, method: Method, path: &str, body: &str) -> Result<Json, String> {
        let definitions = self.service.definitions();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::new(definitions, method, path).expect("a request");
        request.parameters = crate::request::query_parameters(query);
        if !body.is_empty() {
            request.body = crate::Body::Text(body.as_bytes());
        }
        let context = Context {
            scope: self.scope.clone(),
            base_url: "http://localhost/fhir".into(),
            request_id: "test".into(),
            handling: Handling::Strict,
            prefer_return: None,
            consistency: Default::default(),
            reached: Default::default(),
        };
        let outcome = self.service.handle(&context, request).await;
        let outcome = outcome.map_err(|failure| failure.issues[0].diagnostics.clone())?;
        let bytes = outcome.contents.collect().expect("decodes").unwrap_or(b"null".to_vec());
        Ok(parse(&bytes, &Limits::default()).expect("JSON"))
    }

    async fn put(&self, path: &str, body: &str) {
        self.send(Method::Put, path, body).await.expect("written");
    }

    async fn patient(&self, id: &str, given: &str) {
        self.put(&format!("Patient/{id}"), &patient(id, given)).await;
    }

    async fn count(&self, search: &str) -> Result<usize, String> {
        let found = self.send(Method::Get, search, "").await?;
        Ok(found.get("entry").map_or(0, |entries| entries.items().len()))
    }

    async fn adopt(&self) -> Arc<SearchParameters> {
        self.service.adopt_search_parameters(self.scope.clone()).await.expect("adopted")
    }

    /// What a process that starts now makes of the store.
    async fn restarted(&self) -> Self {
        let registry = Arc::new(Registry::r4(Vec::new()));
        let store = Arc::clone(self.service.store());
        let service = Arc::new(Service::new(store, registry, Limits::default()));
        Self { service, scope: self.scope.clone() }
    }

    async fn is_done(&self) -> bool {
        let jobs = jobs(&**self.service.store(), &self.scope).await.expect("jobs");
        jobs.first().is_some_and(|job| job.status == crate::JobStatus::Completed)
    }

    async fn until_done(&self) {
        for _ in 0..2_000 {
            if self.is_done().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the job doesn't end");
    }
}

fn patient(id: &str, given: &str) -> String {
    format!(r#"{{"resourceType": "Patient", "id": "{id}", "name": [{{"given": ["{given}"]}}]}}"#)
}

fn work(parameters: &Arc<SearchParameters>, pace: Pace) -> tokio::task::JoinHandle<()> {
    let parameters = Arc::clone(parameters);
    tokio::spawn(async move { parameters.run(pace).await })
}

const FAST: Pace = Pace { batch: 500, rest: 0.0, pause: Duration::ZERO };

/// A transaction that was prepared before the parameter came, and commits long after.
#[tokio::test]
async fn a_write_that_was_prepared_before_is_found_when_it_commits_after() {
    let rig = Rig::new().await;
    let parameters = rig.adopt().await;
    let in_use = rig.service.in_force.enter();
    let text = patient("late", "Ada");
    let resource = parse(text.as_bytes(), &Limits::default()).expect("JSON");
    let id = ResourceId::new("late").expect("an id");
    let prepared = crate::prepare(&rig.service.registry(), resource, id).expect("valid");

    rig.put("SearchParameter/first", &parameter("first", FIRST)).await;
    let working = work(&parameters, FAST);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!rig.is_done().await, "the job waits for the request");
    let writes = vec![prepared.write(Precondition::None)];
    let batch = Batch { writes, ..Batch::default() };
    rig.service.store().commit(&rig.scope, batch).await.expect("written");
    drop(in_use);
    rig.until_done().await;
    assert_eq!(rig.count("Patient?first=ada").await, Ok(1));
    working.abort();
}

#[tokio::test]
async fn a_second_parameter_does_not_hold_up_the_first() {
    let rig = Rig::new().await;
    let parameters = rig.adopt().await;
    for n in 0..30 {
        rig.patient(&format!("p{n}"), "Ada").await;
    }
    rig.put("SearchParameter/first", &parameter("first", FIRST)).await;
    let slow = Pace { batch: 1, rest: 0.0, pause: Duration::from_millis(10) };
    let working = work(&parameters, slow);
    tokio::time::sleep(Duration::from_millis(100)).await;
    rig.put("SearchParameter/last", &parameter("last", "Patient.name.given.last()")).await;
    while rig.count("Patient?first=ada").await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(rig.count("Patient?last=ada").await.is_err(), "its own walk is still to come");
    rig.until_done().await;
    assert_eq!(rig.count("Patient?last=ada").await, Ok(30));
    let jobs = jobs(&**rig.service.store(), &rig.scope).await.expect("jobs");
    assert_eq!((jobs.len(), jobs[0].done), (1, 60));
    working.abort();
}

/// Between a deletion and the next definition, writes leave no rows: it has to start over.
#[tokio::test]
async fn one_that_is_deleted_and_made_again_is_indexed_again() {
    let rig = Rig::new().await;
    let working = work(&rig.adopt().await, FAST);
    rig.put("SearchParameter/first", &parameter("first", FIRST)).await;
    rig.until_done().await;
    assert_eq!(rig.count("Patient?first=ada").await, Ok(0));
    working.abort();
    rig.send(Method::Delete, "SearchParameter/first", "").await.expect("deleted");
    rig.patient("between", "Ada").await;
    rig.put("SearchParameter/first", &parameter("first", FIRST)).await;
    let refused = rig.count("Patient?first=ada").await.expect_err("not yet");
    assert!(refused.contains("not searchable yet"), "{refused}");
    // Another process sees it the same.
    let rig = rig.restarted().await;
    let parameters = rig.adopt().await;
    assert!(rig.count("Patient?first=ada").await.is_err());
    let working = work(&parameters, FAST);
    rig.until_done().await;
    assert_eq!(rig.count("Patient?first=ada").await, Ok(1));
    working.abort();
}

/// What nobody could put in force at the time – an import wrote it – is found at the next start.
#[tokio::test]
async fn parameters_that_were_written_behind_the_servers_back_are_found_at_the_start() {
    let rig = Rig::new().await;
    rig.patient("p", "Ada").await;
    rig.put("SearchParameter/first", &parameter("first", FIRST)).await;
    assert!(rig.count("Patient?first=ada").await.is_err());
    let (store, r4) = (Arc::clone(rig.service.store()), Registry::r4(Vec::new()));
    let registry = registry_of(&*store, &rig.scope, r4).await.expect("read");
    assert!(!is_settled(&*store, &rig.scope, &registry).await.expect("read"));
    let working = work(&rig.adopt().await, FAST);
    rig.until_done().await;
    assert_eq!(rig.count("Patient?first=ada").await, Ok(1));
    assert!(is_settled(&*store, &rig.scope, &registry).await.expect("read"));
    let number = registry.definitions().resource_type("Patient").expect("a type").number();
    let page = store.list(&rig.scope, TypeNumber(number), None, 10).await.expect("listed");
    let entries: Vec<_> = page.resources.iter().filter_map(|s| extract(&registry, s)).collect();
    assert_eq!(store.compare_index(&rig.scope, entries).await.expect("compared"), []);
    working.abort();
}

fn following(parameters: &Arc<SearchParameters>) -> tokio::task::JoinHandle<()> {
    let (look, grace) = (Duration::from_millis(20), Duration::from_millis(400));
    parameters.share(Sharing { look, grace });
    let parameters = Arc::clone(parameters);
    tokio::spawn(async move { parameters.follow().await })
}

/// Waits until a search is answered, or refused.
async fn until_answered(rig: &Rig, search: &str, is_answered: bool) {
    for _ in 0..1_000 {
        if rig.count(search).await.is_ok() == is_answered {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("answered: {is_answered} is expected of {search}");
}

/// Two processes on one store, of which one alone does jobs.
#[tokio::test]
async fn what_one_process_changes_the_other_follows() {
    let one = Rig::new().await;
    let other = one.restarted().await;
    let working_for = one.adopt().await;
    let tasks = [following(&working_for), following(&other.adopt().await)];
    let working = work(&working_for, FAST);
    other.put("SearchParameter/first", &parameter("first", FIRST)).await;
    // It doesn't know the parameter yet; the walk waits until it does.
    one.patient("early", "Ada").await;
    other.patient("known", "Ada").await;
    for rig in [&one, &other] {
        until_answered(rig, "Patient?first=ada", true).await;
        assert_eq!(rig.count("Patient?first=ada").await, Ok(2));
    }
    one.patient("late", "Ada").await;
    other.patient("later", "Ada").await;
    assert_eq!(one.count("Patient?first=ada").await, Ok(4));
    one.send(Method::Delete, "SearchParameter/first", "").await.expect("deleted");
    until_answered(&other, "Patient?first=ada", false).await;
    working.abort();
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

/// An import holds the parameters that were in force when it began.
#[tokio::test]
async fn what_was_written_under_older_parameters_is_indexed_again() {
    let rig = Rig::new().await;
    let parameters = rig.adopt().await;
    let tasks = [following(&parameters), work(&parameters, FAST)];
    let (store, old) = (Arc::clone(rig.service.store()), rig.service.registry());
    rig.put("SearchParameter/first", &parameter("first", FIRST)).await;
    until_answered(&rig, "Patient?first=ada", true).await;
    let resource = parse(patient("late", "Ada").as_bytes(), &Limits::default()).expect("JSON");
    let id = ResourceId::new("late").expect("an id");
    let prepared = crate::prepare(&old, resource, id).expect("valid");
    let writes = vec![prepared.write(Precondition::None)];
    store.commit(&rig.scope, Batch { writes, ..Batch::default() }).await.expect("written");
    assert_eq!(rig.count("Patient?first=ada").await, Ok(0), "it has no row");

    written_under(&*store, &rig.scope, &old).await.expect("noted");
    until_answered(&rig, "Patient?first=ada", false).await;
    until_answered(&rig, "Patient?first=ada", true).await;
    assert_eq!(rig.count("Patient?first=ada").await, Ok(1));
    written_under(&*store, &rig.scope, &rig.service.registry()).await.expect("nothing differs");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rig.count("Patient?first=ada").await, Ok(1), "nothing begins again");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}
