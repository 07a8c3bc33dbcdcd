//! Configuration directories: what they say, and how their mistakes are told.

use cresset_config::{
    ConfigError, Configuration, Datasource, DefaultDatasource, PayloadStore, SchemaType,
};
use std::fs;
use std::path::Path;

/// A directory with a file for each tenant.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(tenants: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (tenant, text) in tenants {
            let tenant = folder.path().join("config").join(tenant);
            fs::create_dir_all(&tenant).unwrap();
            fs::write(tenant.join("fhir-server-config.json"), text).unwrap();
        }
        Self(folder)
    }

    fn read(&self, default: DefaultDatasource) -> Result<Configuration, ConfigError> {
        Configuration::read(self.0.path(), default)
    }
}

fn read(tenants: &[(&str, &str)]) -> Result<Configuration, ConfigError> {
    Folder::new(tenants).read(DefaultDatasource::Configured)
}

/// What is wrong with these tenants; files relative to the directory.
fn wrong(tenants: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new(tenants);
    let error = folder.read(DefaultDatasource::Configured).unwrap_err();
    let root = format!("{}/", folder.0.path().display());
    error.mistakes().iter().map(|mistake| mistake.to_string().replace(&root, "")).collect()
}

/// A file with these datasources, and with payload stores if there are any.
fn file(datasources: &str, payload: &str) -> String {
    let payload = match payload {
        "" => String::new(),
        payload => format!(r#","payload":{{{payload}}}"#),
    };
    format!(r#"{{"fhirServer":{{"persistence":{{"datasources":{{{datasources}}}{payload}}}}}}}"#)
}

fn sqlite(id: &str, path: &str) -> String {
    format!(r#""{id}":{{"type":"sqlite","connectionProperties":{{"db.path":"{path}"}}}}"#)
}

fn postgres(id: &str, host: &str, more: &str) -> String {
    format!(
        r#""{id}":{{"type":"postgresql","connectionProperties":{{"db.host":"{host}","db.database":"d","user":"u"{more}}}}}"#
    )
}

fn bodies(id: &str, path: &str) -> String {
    format!(r#""{id}":{{"type":"file","connectionProperties":{{"path":"{path}"}}}}"#)
}

fn azure(id: &str, account: &str, container: &str) -> String {
    format!(
        r#""{id}":{{"type":"azure.blob","connectionProperties":{{"connectionString":"AccountName={account};AccountKey=ZZSECRETZZ","containerName":"{container}"}}}}"#
    )
}

#[test]
fn every_tenant_has_its_datasources() {
    let text = file(
        &[sqlite("default", "a"), postgres("trial", "h", r#","db.port":6,"ssl":true"#)].join(","),
        "",
    );
    let text = text.replacen('{', r#"{"__comment":[1],"#, 1);
    let citus =
        postgres("main-1", "h", r#","password":"ZZSECRETZZ""#).replace("postgresql", "citus");
    let read = read(&[("default", &text), ("acme", &file(&citus, ""))]).unwrap();
    let told: Vec<String> =
        read.datasources().map(|(tenant, id, what)| format!("{tenant}/{id}: {what}")).collect();
    assert_eq!(
        told,
        [
            "acme/main-1: citus, h, port 5432, database d, schema cresset",
            "default/default: sqlite, a",
            "default/trial: postgresql, h, port 6, database d, schema cresset",
        ]
    );
    let url = |tenant: &str, id: &str| match &read.tenants[tenant].datasources[id] {
        Datasource::Postgres(database) => database.url(SchemaType::Plain).expose().to_owned(),
        Datasource::Citus(database) => database.url(SchemaType::Distributed).expose().to_owned(),
        Datasource::Sqlite { .. } => panic!("it is a database"),
    };
    let citus = "u:ZZSECRETZZ@h:5432/d?schema=cresset&schema_type=DISTRIBUTED";
    assert!(url("acme", "main-1").contains(citus));
    let plain = "schema_type=PLAIN&sslmode=verify-full&sslrootcert=system";
    assert!(url("default", "trial").ends_with(plain));
    assert!(!format!("{read:?}").contains("ZZSECRETZZ"));
    assert_eq!(read.warnings, [] as [&str; 0]);
}

#[test]
fn payload_stores_are_read() {
    let s3 = r#""b":{"type":"s3","connectionProperties":{"bucketName":"x","region":"r","endpoint":"e","accessKeyId":"i","secretAccessKey":"ZZSECRETZZ"}}"#;
    let datasources = [sqlite("a", "1"), sqlite("b", "2"), sqlite("c", "3")].join(",");
    let payload = [azure("a", "x", "default-a"), s3.to_owned(), bodies("c", "p")].join(",");
    let read = read(&[("default", &file(&datasources, &payload))]).unwrap();
    let told: Vec<String> =
        ["a", "b", "c"].map(|id| read.payload("default", id).unwrap().to_string()).into();
    assert_eq!(told, ["azure.blob, container default-a", "s3, bucket x", "file, p"]);
    assert!(!format!("{read:?}").contains("ZZSECRETZZ"));
    let Some(PayloadStore::AzureBlob { connection_string, .. }) = read.payload("default", "a")
    else {
        panic!("it is of Azure");
    };
    assert_eq!(connection_string.expose(), "AccountName=x;AccountKey=ZZSECRETZZ");
}

#[test]
fn each_mistake_is_named_by_file_and_key() {
    let place = "fhirServer.persistence.datasources.default";
    let bodies_place = "fhirServer.persistence.payload.default";
    let datasource = |inner: &str| file(&format!(r#""default":{{{inner}}}"#), "");
    let payload = |inner: &str| file(&sqlite("default", "x"), &format!(r#""default":{{{inner}}}"#));
    let cases = [
        ("{".to_owned(), "the document ends here, too early".to_owned()),
        ("7".to_owned(), "it must hold an object".to_owned()),
        (
            r#"{"fhirserver":{}}"#.to_owned(),
            "fhirserver: unknown key; known are fhirServer".to_owned(),
        ),
        (r#"{"fhirServer":7}"#.to_owned(), "fhirServer: an object is expected".to_owned()),
        (
            r#"{"fhirServer":{"persistance":{}}}"#.to_owned(),
            "fhirServer.persistance: unknown key; known are persistence, remoteIndexService"
                .to_owned(),
        ),
        (
            r#"{"fhirServer":{"remoteIndexService":7}}"#.to_owned(),
            "fhirServer.remoteIndexService: an object is expected".to_owned(),
        ),
        (datasource(""), format!("{place}.type: missing")),
        (
            datasource(r#""type":"derby""#),
            format!("{place}.type: there is no such store here: write 'sqlite'"),
        ),
        (
            datasource(r#""type":"db2","tenantKey":"k""#),
            format!("{place}.type: there is no such store here"),
        ),
        (datasource(r#""type":"sqlite""#), format!("{place}.connectionProperties: missing")),
        (
            datasource(r#""type":"postgresql""#),
            format!("{place}.connectionProperties: missing: what another"),
        ),
        (
            datasource(r#""type":"sqlite","connectionProperties":{"db.path":7}"#),
            format!("{place}.connectionProperties.db.path: a text"),
        ),
        (
            datasource(
                r#""type":"sqlite","connectionProperties":{"db.path":"x","password":"ZZSECRETZZ"}"#,
            ),
            format!("{place}.connectionProperties.password: unknown key; known are db.path"),
        ),
        (
            file(&postgres("default", "h", r#","serverName":"x""#), ""),
            format!("{place}.connectionProperties.serverName: unknown key; known are db.host"),
        ),
        (
            file(&postgres("default", "h", r#","db.port":"ZZSECRETZZ""#), ""),
            format!("{place}.connectionProperties.db.port: a number"),
        ),
        (
            file(&postgres("default", "h", r#","ssl":[]"#), ""),
            format!("{place}.connectionProperties.ssl: a text, a number or a boolean"),
        ),
        (
            file(&sqlite("a/b", "x"), ""),
            "fhirServer.persistence.datasources.a/b: it isn't a name".to_owned(),
        ),
        (file("", ""), "fhirServer.persistence.datasources: missing: a tenant needs".to_owned()),
        (
            payload(r#""type":"azure""#),
            format!("{bodies_place}.type: it must be azure.blob, s3 or file"),
        ),
        (payload(r#""type":"s3""#), format!("{bodies_place}.connectionProperties: missing")),
        (
            payload(r#""type":"file","connectionProperties":{"path":"p","container":"x"}"#),
            format!("{bodies_place}.connectionProperties.container: unknown key; known are path"),
        ),
        (
            payload(r#""type":"s3","connectionProperties":{"bucketName":"b","accessKeyId":"x"}"#),
            format!("{bodies_place}.connectionProperties.secretAccessKey: missing"),
        ),
        (
            file(&sqlite("default", "x"), &azure("default", "x", "Not_A_Container")),
            format!("{bodies_place}.connectionProperties.containerName: 3 to 63"),
        ),
        (
            file(
                &sqlite("default", "x"),
                &[bodies("default", "p"), bodies("trial", "q")].join(","),
            ),
            "fhirServer.persistence.payload.trial: there is no datasource of this id".to_owned(),
        ),
    ];
    for (text, expected) in cases {
        let told = wrong(&[("default", &text)]);
        let expected = format!("config/default/fhir-server-config.json: {expected}");
        assert!(told.iter().any(|line| line.starts_with(&expected)), "{expected}: {told:?}");
        assert!(!told.concat().contains("ZZSECRETZZ"), "{told:?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let told = wrong(&[
        ("acme", r#"{"fhirServer":{"x":1,"y":2}}"#),
        ("b c", &file(&sqlite("default", "x"), "")),
        ("default", &file(r#""default":{"type":"db2","z":3}"#, "")),
    ]);
    let starts = told.iter().map(|line| line.rsplit_once(": ").unwrap().0).collect::<Vec<_>>();
    assert_eq!(
        starts,
        [
            "config/acme/fhir-server-config.json: fhirServer.x",
            "config/acme/fhir-server-config.json: fhirServer.y",
            "config/b c: it isn't a name",
            "config/default/fhir-server-config.json: fhirServer.persistence.datasources.default.z",
            "config/default/fhir-server-config.json: fhirServer.persistence.datasources.default.type: there is no such store here: write 'sqlite' with connectionProperties {\"db.path\"",
        ]
    );
}

#[test]
fn the_default_tenants_file_must_be_there() {
    let told = wrong(&[("acme", &file(&sqlite("default", "x"), ""))]);
    assert_eq!(told, ["config/default/fhir-server-config.json: it is missing"]);
    let nowhere = Configuration::read(Path::new("nowhere"), DefaultDatasource::Configured);
    assert!(nowhere.unwrap_err().to_string().starts_with("nowhere/config: it can't be read"));
}

#[test]
fn two_datasources_never_share_a_place() {
    let shared = "fhirServer.persistence.datasources.default: acme/default has the same place";
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, folder.path().join("link")).unwrap();
    let within = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let schema = |name: &str| format!(r#","currentSchema":"{name}""#);
    let same = [
        (sqlite("default", "x"), sqlite("default", "./y/../x")),
        (sqlite("default", "x"), sqlite("default", "x/inside")),
        (sqlite("default", &within("real/z")), sqlite("default", &within("link/z"))),
        (postgres("default", "h", ""), postgres("default", "H", r#","db.port":5432"#)),
        (postgres("default", "h", ""), postgres("default", "h", &schema("cresset"))),
        (postgres("default", "h", ""), postgres("default", "h", "").replace("postgresql", "citus")),
    ];
    for (first, second) in same {
        let (first, second) = (file(&first, ""), file(&second, ""));
        let told = wrong(&[("acme", &first), ("default", &second)]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(shared), "{told:?}");
    }
    let apart = [
        (sqlite("default", "x"), sqlite("default", "xy")),
        (postgres("default", "h", &schema("a")), postgres("default", "h", &schema("b"))),
        (postgres("default", "h", ""), postgres("default", "h", r#","db.port":6"#)),
    ];
    for (first, second) in apart {
        let (first, second) = (file(&first, ""), file(&second, ""));
        assert!(read(&[("acme", &first), ("default", &second)]).is_ok());
    }
}

#[test]
fn two_payload_stores_never_share_a_place() {
    let with = |path: &str, payload: &str| file(&sqlite("default", path), payload);
    let same = [
        (bodies("default", "p"), bodies("default", "p/q")),
        (azure("default", "Acc", "one"), azure("default", "acc", "one")),
    ];
    for (first, second) in same {
        let told = wrong(&[("acme", &with("1", &first)), ("default", &with("2", &second))]);
        assert!(told[0].contains("payload.default: acme/default has the same place"), "{told:?}");
        assert!(!told.concat().contains("ZZSECRETZZ"), "{told:?}");
    }
    let apart = [
        (bodies("default", "p"), bodies("default", "q")),
        (azure("default", "a", "one"), azure("default", "a", "two")),
        (azure("default", "a", "one"), azure("default", "b", "one")),
    ];
    for (first, second) in apart {
        let tenants = [("acme", with("1", &first)), ("default", with("2", &second))];
        assert!(read(&tenants.each_ref().map(|(t, text)| (*t, text.as_str()))).is_ok());
    }
    let told = wrong(&[("default", &with("d/store", &bodies("default", "d")))]);
    assert!(
        told[0].contains("payload.default: the store of default/default is in this"),
        "{told:?}"
    );
}

#[test]
fn offload_is_for_all_datasources_or_for_none() {
    let with = file(&sqlite("default", "1"), &bodies("default", "p"));
    let without = file(&sqlite("default", "2"), "");
    let told = wrong(&[("acme", &with), ("default", &without)]);
    assert_eq!(told.len(), 1, "{told:?}");
    let missing = "config/default/fhir-server-config.json: fhirServer.persistence.payload.default: missing: others have it";
    assert!(told[0].starts_with(missing), "{told:?}");
    let one =
        file(&[sqlite("default", "1"), sqlite("trial", "2")].join(","), &bodies("trial", "p"));
    assert!(wrong(&[("default", &one)])[0].contains("payload.default: missing"));
}

/// Of the form of the files that LinuxForHealth's server comes with.
const FOREIGN: &str = r#"{"__comment":"x","fhirServer":{
    "core":{"tenantIdHeaderName":"X-FHIR-TENANT-ID","datastoreIdHeaderName":"x-fhir-dsid","__comment":"y","disabledOperations":""},
    "resources":{"open":true},"security":{"cors":true},"notifications":{"kafka":{"enabled":false}},
    "audit":{"serviceProperties":{}},"bulkdata":{"enabled":false},"operations":{"erase":{"enabled":true}},
    "search":{"useBoundingRadius":true},"term":{},"validation":{},
    "persistence":{"factoryClassname":"some.Factory","common":{"updateCreateEnabled":true},"jdbc":{"enableCodeSystemsCache":true},
      "datasources":{"default":DEFAULT,"_sample":{"type":"db2","tenantKey":"ZZSECRETZZ"}}}}}"#;

#[test]
fn linuxforhealths_files_are_read_with_one_warning() {
    let own = r#"{"type":"postgresql","currentSchema":"fhirdata","searchOptimizerOptions":{"join_collapse_limit":12},
        "connectionProperties":{"db.host":"h","db.database":"d","user":"u"}}"#;
    let read = read(&[("default", &FOREIGN.replace("DEFAULT", own))]).unwrap();
    assert_eq!(read.warnings.len(), 1);
    let keys = "core, fhirServer.resources, fhirServer.security, fhirServer.notifications, fhirServer.audit, \
                fhirServer.bulkdata, fhirServer.operations, fhirServer.search, fhirServer.term, fhirServer.validation, \
                fhirServer.persistence.factoryClassname, fhirServer.persistence.common, fhirServer.persistence.jdbc, \
                fhirServer.persistence.datasources.default.searchOptimizerOptions, \
                fhirServer.persistence.datasources._sample";
    assert!(read.warnings[0].ends_with(keys), "{:?}", read.warnings);
    let Datasource::Postgres(database) = &read.tenants["default"].datasources["default"] else {
        panic!("it is PostgreSQL");
    };
    assert_eq!(database.schema, "fhirdata");
}

#[test]
fn where_the_command_line_gives_the_default_datasource_the_files_own_is_not_looked_at() {
    for own in [
        r#"{"type":"derby","currentSchema":"APP"}"#,
        r#"{"type":"postgresql","currentSchema":"fhirdata"}"#,
    ] {
        let folder = Folder::new(&[("default", &FOREIGN.replace("DEFAULT", own))]);
        assert!(folder.read(DefaultDatasource::Configured).is_err());
        let read = folder.read(DefaultDatasource::Elsewhere).unwrap();
        assert_eq!(read.datasources().count(), 0);
        assert_eq!(read.warnings.len(), 1);
    }
    // Another tenant is no guest there.
    let default = FOREIGN.replace("DEFAULT", "{}");
    let folder = Folder::new(&[("acme", &file("", "")), ("default", &default)]);
    let error = folder.read(DefaultDatasource::Elsewhere).unwrap_err().to_string();
    assert!(
        error.contains("acme/fhir-server-config.json: fhirServer.persistence.datasources: missing"),
        "{error}"
    );
}

#[test]
fn what_would_lead_requests_to_another_tenant_is_refused() {
    for (key, value) in [
        ("tenantIdHeaderName", "X-T"),
        ("datastoreIdHeaderName", "X-D"),
        ("defaultTenantId", "acme"),
    ] {
        let text = file(&sqlite("default", "x"), "").replacen(
            r#"{"persistence""#,
            &format!(r#"{{"core":{{"{key}":"{value}"}},"persistence""#),
            1,
        );
        let told = wrong(&[("default", &text)]);
        let expected = format!("fhirServer.core.{key}: it can't be changed here");
        assert!(told.len() == 1 && told[0].contains(&expected), "{told:?}");
    }
}

#[test]
fn two_ways_to_say_another_schema_are_refused() {
    let text = file(&postgres("default", "h", r#","currentSchema":"a""#), "")
        .replace(r#""type""#, r#""currentSchema":"b","type""#);
    let told = wrong(&[("default", &text)]);
    assert!(
        told[0].contains("datasources.default.currentSchema: connectionProperties has another"),
        "{told:?}"
    );
}

#[test]
fn folders_without_a_file_are_no_tenants() {
    let folder = Folder::new(&[("default", &file(&sqlite("default", "x"), ""))]);
    for name in ["empty", ".hidden"] {
        fs::create_dir(folder.0.path().join("config").join(name)).unwrap();
    }
    let read = folder.read(DefaultDatasource::Configured).unwrap();
    assert_eq!(read.tenants.keys().collect::<Vec<_>>(), ["default"]);
    assert_eq!(read.warnings.len(), 1);
    assert!(
        read.warnings[0].ends_with("config/empty: without fhir-server-config.json it is no tenant")
    );
}
