//! What a role that doesn't own the tables can and can't do.

use cresset_store::*;
use cresset_store_postgres::{PostgresStore, Settings, Step};
use std::sync::Arc;

const PERSON: TypeNumber = TypeNumber(7);

/// A step of the test's own.
const SECOND: Step = Step {
    form: 2,
    expand: &["ALTER TABLE @resource ADD COLUMN extra int"],
    distribute: &[],
    contract: &["ALTER TABLE @resource DROP COLUMN extra"],
};

/// The URL of a schema that nobody else has, as a role.
fn url(role: Option<&str>) -> String {
    let url = cresset_postgres_server::url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let user = role.map_or_else(String::new, |role| format!("&user={role}"));
    format!("{url}{separator}schema=roles{}{user}", std::process::id())
}

async fn open(role: Option<&str>) -> PostgresStore {
    PostgresStore::open(&url(role), Settings::default()).await.expect("the store opens")
}

/// Runs SQL as the superuser that the tests' server has.
async fn execute(sql: &str) {
    let server = cresset_postgres_server::url();
    let connected = tokio_postgres::connect(&server, tokio_postgres::NoTls).await;
    let (client, connection) = connected.expect("the database answers");
    tokio::spawn(connection);
    client.batch_execute(sql).await.expect("it is done");
}

fn scope(collection: &str) -> Scope {
    let name = CollectionName::new("clinic", "main", collection).expect("a name");
    let catalogue = Catalogue::new();
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let collection = Collection { name: name.clone(), generation: 1, kind, fhir_version };
    catalogue.enter(collection).expect("it is new");
    let principal = Arc::new(Principal::unrestricted("anyone"));
    catalogue.scope(&name, &principal).expect("it is catalogued")
}

fn batch(id: &str) -> Batch {
    let key = Key::new(PERSON, ResourceId::new(id).expect("an id"));
    let payload = Payload::encode(b"{\"meta\":{}}", Some(9));
    let value = vec![Segment::Term("names".into()), Segment::Text("smith".into())];
    let index = IndexKey { parameter: Parameter::new("name"), value };
    let action = Action::Put { payload, index: IndexKeys::new(vec![index]) };
    let writes = vec![Write { key, precondition: Precondition::None, action }];
    Batch { writes, ..Batch::default() }
}

async fn found(store: &PostgresStore, scope: &Scope) -> usize {
    let value = vec![Segment::Term("names".into()), Segment::Text("smith".into())];
    let filter = Filter::Scan(Scan::starting(Parameter::new("name"), value));
    let (sort, start) = (Vec::new(), Start::First);
    let query = Query { types: vec![PERSON], filter, sort, start, limit: 100, total: false };
    store.search(scope, query).await.expect("a search is answered").resources.len()
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_role_serves_and_builds_but_makes_and_drops_nothing() {
    let number = std::process::id();
    let (owner, service) = (format!("owner{number}"), format!("service{number}"));
    execute(&format!(
        "CREATE ROLE {owner} LOGIN; CREATE ROLE {service} LOGIN;
         DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO {owner}', current_database()); END $$"
    ))
    .await;
    let (records, other) = (scope("records"), scope("other"));
    let (owning, serving) = (open(Some(&owner)).await, open(Some(&service)).await);

    let refusal = chain(&serving.create(&records).await.expect_err("it may not make tables"));
    assert!(refusal.contains("may not make"), "{refusal}");
    assert!(refusal.contains("`cresset config migrate --store URL"), "{refusal}");
    assert!(owning.migrate(&records, false).await.expect("the owner may").made);
    let refusal = chain(&serving.create(&records).await.expect_err("it has no rights yet"));
    assert!(refusal.contains("`cresset config migrate --store URL"), "{refusal}");
    owning.grant(&records, &service).await.expect("granted");
    owning.grant(&records, &service).await.expect("granted again, which changes nothing");

    serving.create(&records).await.expect("what is there need not be made");
    serving.commit(&records, batch("a")).await.expect("it writes");
    serving.commit(&records, batch("a")).await.expect("and updates");
    assert_eq!(found(&serving, &records).await, 1);
    let purged = serving.purge(&records, &key("a"), None, Provenance::default()).await;
    assert_eq!(purged.expect("it deletes"), 2);

    serving.defer_index(&records).await.expect("deferred");
    serving.commit(&records, batch("b")).await.expect("written without index");
    serving.build_index(&records).await.expect("built without making indexes");
    assert_eq!(found(&serving, &records).await, 1);
    assert_eq!(serving.check(&records, true).await.expect("checked"), []);

    let of_form_2 = async |role: &str| {
        PostgresStore::open_with(&url(Some(role)), Settings::default(), &[SECOND]).await
    };
    let newer = of_form_2(&service).await.expect("the store opens");
    let refusal = chain(&newer.create(&records).await.expect_err("it may not migrate"));
    assert!(refusal.contains("`cresset config migrate --store URL"), "{refusal}");
    let migrating = of_form_2(&owner).await.expect("the store opens");
    migrating.migrate(&records, false).await.expect("the owner may");
    newer.create(&records).await.expect("now it can be served, before anything is granted anew");
    open(Some(&service)).await.create(&records).await.expect("by the version before, too");

    let refusal = chain(&serving.create(&other).await.expect_err("another collection"));
    assert!(refusal.contains("may not make"), "{refusal}");
    let refusal = chain(&serving.remove(&records).await.expect_err("nor may it drop one"));
    assert!(refusal.contains("must be owner"), "{refusal}");
    assert_eq!(found(&serving, &records).await, 1, "all is still there");

    owning.remove(&records).await.expect("the owner may");
    execute(&format!("DROP ROLE {service}; DROP OWNED BY {owner}; DROP ROLE {owner}")).await;
}

fn key(id: &str) -> Key {
    Key::new(PERSON, ResourceId::new(id).expect("an id"))
}
