//! Migrations, with steps of the tests' own: programs of two forms on one collection, several that
//! migrate at once, and one that is killed between two steps.

use cresset_store::*;
use cresset_store_postgres::{PostgresStore, Settings, Step};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const PERSON: TypeNumber = TypeNumber(7);

/// Adds a table and a column, and later takes an index away that only form 1 needs.
const SECOND: Step = Step {
    form: 2,
    expand: &[
        "CREATE TABLE @added(r bigint NOT NULL)",
        "ALTER TABLE @resource ADD COLUMN extra int",
    ],
    distribute: &["SELECT create_distributed_table('@added', 'r', colocate_with => '@resource')"],
    contract: &["DROP INDEX @change_type"],
};
const THIRD: Step = Step {
    form: 3,
    expand: &["CREATE INDEX resource_extra ON @resource(extra)"],
    distribute: &[],
    contract: &["ALTER TABLE @resource DROP COLUMN extra"],
};
/// Takes so long that it can be killed in the middle.
const SLOW_THIRD: Step = Step {
    expand: &["CREATE INDEX resource_extra ON @resource(extra)", "SELECT pg_sleep(120)"],
    ..THIRD
};
const FORM_2: &[Step] = &[SECOND];
const FORM_3: &[Step] = &[SECOND, THIRD];
const SLOW_FORM_3: &[Step] = &[SECOND, SLOW_THIRD];

/// What a child process is told: the URL, and how long its third step takes.
const CHILD_URL: &str = "CRESSET_TEST_MIGRATE";
const CHILD_SLOW: &str = "CRESSET_TEST_MIGRATE_SLOW";

/// URLs of schemas that nobody else has; on Citus, too, where `CITUS_URL` names a cluster.
fn urls() -> Vec<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let base = format!("steps{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let with = |url: &str, more: &str| {
        format!("{url}{}schema={base}{more}", if url.contains('?') { '&' } else { '?' })
    };
    let citus = std::env::var("CITUS_URL").ok().filter(|url| !url.is_empty());
    let citus = citus.map(|url| with(&url, "&schema_type=DISTRIBUTED"));
    std::iter::once(with(&cresset_postgres_server::url(), "")).chain(citus).collect()
}

async fn open(url: &str, steps: &'static [Step]) -> Arc<PostgresStore> {
    let store = PostgresStore::open_with(url, Settings::default(), steps).await;
    Arc::new(store.expect("the store opens"))
}

fn scope() -> Scope {
    let name = CollectionName::new("clinic", "main", "records").expect("a name");
    let catalogue = Catalogue::new();
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let collection = Collection { name: name.clone(), generation: 1, kind, fhir_version };
    catalogue.enter(collection).expect("it is new");
    let principal = Arc::new(Principal::unrestricted("anyone"));
    catalogue.scope(&name, &principal).expect("it is catalogued")
}

async fn put(store: &PostgresStore, scope: &Scope, id: &str) -> Result<(), StoreError> {
    let key = Key::new(PERSON, ResourceId::new(id).expect("an id"));
    let payload = Payload::encode(b"{\"meta\":{}}", Some(9));
    let action = Action::Put { payload, index: IndexKeys::new(Vec::new()) };
    let writes = vec![Write { key, precondition: Precondition::Unknown, action }];
    store.commit(scope, Batch { writes, ..Batch::default() }).await.map(|_| ())
}

async fn count(store: &PostgresStore, scope: &Scope) -> Result<usize, StoreError> {
    store.list(scope, PERSON, None, 10_000).await.map(|listing| listing.resources.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_of_two_forms_work_side_by_side_until_the_contraction() {
    for url in urls() {
        let (old, scope) = (open(&url, &[]).await, scope());
        old.create(&scope).await.expect("created");
        put(&old, &scope, "before").await.expect("the old one writes");
        let new = open(&url, FORM_3).await;
        new.create(&scope).await.expect("whoever comes first migrates");
        let again = new.migrate(&scope, false).await.expect("nothing to do");
        assert_eq!((again.expanded.len(), again.form, again.oldest), (0, 3, 1));
        put(&old, &scope, "old").await.expect("the old one still writes");
        put(&new, &scope, "new").await.expect("so does the new one");
        assert_eq!(count(&old, &scope).await.expect("the old one reads"), 3);
        assert_eq!(count(&new, &scope).await.expect("so does the new one"), 3);
        open(&url, &[]).await.create(&scope).await.expect("an old one can be started, too");

        // The old one writes on and on; what it is told is there.
        let (writer, by) = (Arc::clone(&old), scope.clone());
        let writing = tokio::spawn(async move {
            let mut written = 0;
            loop {
                match put(&writer, &by, &format!("late-{written}")).await {
                    Ok(()) => written += 1,
                    Err(error) => return (written, error),
                }
            }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let contracted = new.migrate(&scope, true).await.expect("an operator says so");
        assert_eq!((contracted.contracted, contracted.oldest), (vec![2, 3], 3));
        let (written, refusal) = writing.await.expect("no panic");
        assert!(written > 0, "it wrote while it could");
        assert!(matches!(refusal, StoreError::Busy { .. }), "{refusal:?}");
        let refusal = count(&old, &scope).await.expect_err("nor may it read");
        assert!(refusal.to_string().contains("older version"), "{refusal}");
        old.index_state(&scope).await.expect_err("so it isn't ready");
        old.defer_index(&scope).await.expect_err("it puts no indexing off");
        old.build_index(&scope).await.expect_err("nor does it build");
        assert_eq!(new.index_state(&scope).await.expect("ready"), IndexState::Ready);
        assert_eq!(count(&new, &scope).await.expect("the new one reads"), 3 + written);
        assert_eq!(new.check(&scope, false).await.expect("it can be checked"), []);
        let refusal = open(&url, &[]).await.create(&scope).await.expect_err("too old to start");
        let text = chain(&refusal);
        assert!(text.contains("form 3 or later, this one has form 1: use the version"), "{text}");
        new.remove(&scope).await.expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_a_newer_form_says_what_to_run_before_it_uses_older_tables() {
    for url in urls() {
        let scope = scope();
        open(&url, &[]).await.create(&scope).await.expect("created");
        let new = open(&url, FORM_2).await;
        let refusal = new.index_state(&scope).await.expect_err("the tables are behind");
        assert!(chain(&refusal).contains("cresset config migrate"), "{}", chain(&refusal));
        let migrated = new.migrate(&scope, true).await.expect("both parts at once");
        assert_eq!((migrated.expanded, migrated.contracted), (vec![2], vec![2]));
        new.index_state(&scope).await.expect("now it goes");
        new.remove(&scope).await.expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_made_by_a_newer_program_has_the_newest_form() {
    for url in urls() {
        let (new, scope) = (open(&url, FORM_3).await, scope());
        let made = new.migrate(&scope, false).await.expect("made");
        assert!(made.made && made.expanded.is_empty(), "{made:?}");
        assert_eq!((made.form, made.oldest), (3, 3));
        put(&new, &scope, "one").await.expect("written");
        new.remove(&scope).await.expect("removed");
    }
}

/// What the child processes of the tests below run; without their variable there is nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(url) = std::env::var(CHILD_URL) else { return };
    let slow = std::env::var_os(CHILD_SLOW).is_some();
    let store = open(&url, if slow { SLOW_FORM_3 } else { FORM_3 }).await;
    store.create(&scope()).await.expect("migrated");
}

fn migrating(url: &str, slow: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "child"]).env(CHILD_URL, url);
    if slow {
        command.env(CHILD_SLOW, "1");
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_processes_that_migrate_at_once_each_finds_it_done() {
    for url in urls() {
        let scope = scope();
        open(&url, &[]).await.create(&scope).await.expect("created");
        let children = [0; 3].map(|_| migrating(&url, false));
        for mut child in children {
            assert!(child.wait().expect("it ends").success(), "each of them can go on");
        }
        let new = open(&url, FORM_3).await;
        let migrated = new.migrate(&scope, false).await.expect("nothing is left to do");
        assert_eq!((migrated.expanded.len(), migrated.form, migrated.oldest), (0, 3, 1));
        new.remove(&scope).await.expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_between_two_steps_the_next_process_goes_on_there() {
    for url in urls() {
        let scope = scope();
        let old = open(&url, &[]).await;
        old.create(&scope).await.expect("created");
        let mut child = migrating(&url, true);
        let second = open(&url, FORM_2).await;
        let until = Instant::now() + Duration::from_secs(60);
        while second.index_state(&scope).await.is_err() {
            assert!(Instant::now() < until, "the second step is never done");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        child.kill().expect("killed");
        child.wait().expect("it ended");
        put(&old, &scope, "meanwhile").await.expect("an old one isn't disturbed for long");
        let migrated = open(&url, FORM_3).await.migrate(&scope, false).await;
        let migrated = migrated.expect("the lock of the dead is given back");
        assert_eq!((migrated.expanded, migrated.form), (vec![3], 3));
        old.remove(&scope).await.expect("removed");
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause)));
    format!("{error}{}", cause.unwrap_or_default())
}
