//! `remoteIndexService` of `fhir-server-config.json`.

use cresset_config::{Configuration, DefaultDatasource, TOPIC};
use std::fs;

const POSTGRES: &str = r#"{"type":"postgresql","connectionProperties":{"db.host":"h","db.database":"d","user":"u","currentSchema":"s"}}"#;
const SQLITE: &str = r#"{"type":"sqlite","connectionProperties":{"db.path":"x"}}"#;
const KAFKA: &str = r#""kafka":{"mode":"ACTIVE","topicName":"T","connectionProperties":{"bootstrap.servers":"b:9092","sasl.jaas.config":"ZZSECRETZZ"}}"#;

fn file(datasource: &str, remote: &str) -> String {
    format!(
        r#"{{"fhirServer":{{"remoteIndexService":{remote},"persistence":{{"datasources":{{"default":{datasource}}}}}}}}}"#
    )
}

/// The configuration of these tenants, or what is wrong with it.
fn read(tenants: &[(&str, String)]) -> Result<Configuration, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in tenants {
        let tenant = folder.path().join("config").join(name);
        fs::create_dir_all(&tenant).unwrap();
        fs::write(tenant.join("fhir-server-config.json"), text).unwrap();
    }
    let read = Configuration::read(folder.path(), DefaultDatasource::Configured);
    read.map_err(|error| error.to_string())
}

fn remote(inner: &str) -> String {
    format!(r#"{{"type":"kafka","instanceIdentifier":"one",{inner}}}"#)
}

#[test]
fn it_is_read_with_kafkas_properties() {
    let read = read(&[("default", file(POSTGRES, &remote(KAFKA)))]).unwrap();
    let index = read.remote_index().unwrap();
    assert_eq!((&*index.instance_identifier, &*index.topic_name), ("one", "T"));
    let properties: Vec<_> =
        index.connection_properties.iter().map(|(k, v)| (k.as_str(), v.expose())).collect();
    let expected = [("bootstrap.servers", "b:9092"), ("sasl.jaas.config", "ZZSECRETZZ")];
    assert_eq!(properties, expected);
    assert!(!format!("{read:?}").contains("ZZSECRETZZ"));
}

#[test]
fn the_topic_has_a_name_unless_another_is_given() {
    let unnamed = KAFKA.replace(r#""topicName":"T","#, "");
    let read = read(&[("default", file(POSTGRES, &remote(&unnamed)))]).unwrap();
    assert_eq!(read.remote_index().unwrap().topic_name, TOPIC);
}

#[test]
fn each_mistake_is_named() {
    let place = "fhirServer.remoteIndexService";
    for (text, told) in [
        ("{}".to_owned(), format!("{place}.type: missing")),
        (remote(KAFKA).replace("kafka\",", "pulsar\","), format!("{place}.type: it must be kafka")),
        (
            remote(KAFKA).replace("ACTIVE", "LOGONLY"),
            format!("{place}.kafka.mode: it must be ACTIVE"),
        ),
        (remote(KAFKA).replace("\"T\"", "\"a b\""), format!("{place}.kafka.topicName: 1 to 249")),
        (
            remote(KAFKA).replace("bootstrap.servers", "bootstrap"),
            format!("{place}.kafka.connectionProperties.bootstrap.servers: missing"),
        ),
        (remote(r#""kafka":7"#), format!("{place}.kafka: an object is expected")),
        (remote(KAFKA).replace("topicName", "topic"), format!("{place}.kafka.topic: unknown key")),
    ] {
        let wrong = read(&[("default", file(POSTGRES, &text))]).unwrap_err();
        assert!(wrong.contains(&told), "{text}: {wrong}");
    }
}

#[test]
fn it_is_the_servers_and_needs_a_database_of_many_processes() {
    let wrong = read(&[("default", file(SQLITE, &remote(KAFKA)))]).unwrap_err();
    let told = "fhirServer.persistence.datasources.default.type: with remoteIndexService it must be postgresql or citus";
    assert!(wrong.contains(told), "{wrong}");
    let plain = |schema: &str| {
        let datasource = POSTGRES.replace(r#""s""#, &format!("\"{schema}\""));
        format!(
            r#"{{"fhirServer":{{"persistence":{{"datasources":{{"default":{datasource}}}}}}}}}"#
        )
    };
    let other = file(&POSTGRES.replace(r#""s""#, r#""t""#), &remote(KAFKA));
    let wrong = read(&[("default", plain("s")), ("other", other)]).unwrap_err();
    assert!(wrong.contains("fhirServer.remoteIndexService: it is for the whole server"), "{wrong}");
}
