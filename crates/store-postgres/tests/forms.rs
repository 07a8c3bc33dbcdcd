//! Tables of an older form are brought to this one.

mod server;

use cresset_store::*;
use cresset_store_postgres::{PostgresStore, Settings};
use std::sync::Arc;

fn write(id: &str) -> Batch {
    let key = Key::new(TypeNumber(7), ResourceId::new(id).expect("an id"));
    let payload = Payload::encode(b"{\"meta\":{}}", Some(9));
    let action = Action::Put { payload, index: IndexKeys::default() };
    let writes = vec![Write { key, precondition: Precondition::None, action }];
    Batch { writes, ..Batch::default() }
}

#[tokio::test]
async fn tables_of_an_older_form_become_those_of_this_one() {
    let base = format!("form{}", std::process::id());
    let url = server::url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let at = format!("{url}{separator}schema={base}");
    let open = || async { PostgresStore::open(&at, Settings::default()).await.expect("it opens") };
    let name = CollectionName::new("clinic", "main", "records").expect("a name");
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let catalogue = Catalogue::new();
    let collection = Collection { name: name.clone(), generation: 0, kind, fhir_version };
    catalogue.enter(collection).expect("it is new");
    let principal = Arc::new(Principal::unrestricted("anyone"));
    let scope = catalogue.scope(&name, &principal).expect("it is catalogued");
    let store = open().await;
    let incarnation = store.create(&scope).await.expect("it is made");
    store.commit(&scope, write("a")).await.expect("nothing stands against it");

    let config: tokio_postgres::Config = url.parse().expect("a URL");
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect("connected");
    tokio::spawn(connection);
    let sql = "SELECT nspname FROM pg_namespace WHERE nspname LIKE $1";
    let row = client.query_one(sql, &[&format!("{base}%")]).await.expect("its schema");
    let schema: &str = row.get(0);
    let older = format!(
        "ALTER TABLE \"{schema}\".resource DROP COLUMN highest; UPDATE \"{schema}\".setting SET form = 1"
    );
    client.batch_execute(&older).await.expect("form 1");

    let store = open().await;
    let unread = store.horizon(&scope).await;
    assert!(matches!(unread, Err(StoreError::UnknownCollection(_))), "not by reading: {unread:?}");
    for _ in 0..2 {
        let made = store.create(&scope).await.expect("it is raised, once");
        assert_eq!(made, incarnation, "it stays the same collection");
    }
    let committed = store.commit(&scope, write("a")).await.expect("it can be written");
    assert_eq!(committed.written[0].version.map(Version::number), Some(2), "it went on");
    assert_eq!(store.check(&scope, false).await.expect("it is checked"), []);
}
