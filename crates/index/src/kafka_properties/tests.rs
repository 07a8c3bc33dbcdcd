use super::table::{Meaning, keys, meaning};
use super::*;
use rdkafka::producer::BaseProducer;

fn translated(pairs: &[(&str, &str)]) -> Result<Translated, Vec<PropertyError>> {
    let mut all = BTreeMap::from([("bootstrap.servers".to_owned(), "kafka:9092".to_owned())]);
    all.extend(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    translate(&all)
}

/// What librdkafka is told besides where the broker is.
fn told(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let config = translated(pairs).expect("it can be translated").config;
    // The map has no secrets in it.
    let value = |name: &str| config.get(name).expect("it is set").to_owned();
    let names = config.config_map().into_keys().filter(|name| *name != "bootstrap.servers");
    names.map(|name| (name.to_owned(), value(name))).collect()
}

/// The only key that is wrong, and why.
fn wrong(pairs: &[(&str, &str)]) -> (String, String) {
    let mut errors = translated(pairs).expect_err("it can't be translated");
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = errors.remove(0);
    (error.key, error.problem)
}

fn login(mechanism: &str, entry: &str) -> Vec<(&'static str, String)> {
    vec![
        ("security.protocol", "SASL_SSL".to_owned()),
        ("sasl.mechanism", mechanism.to_owned()),
        ("sasl.jaas.config", entry.to_owned()),
    ]
}

fn borrowed<'a>(pairs: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    pairs.iter().map(|(key, value)| (*key, value.as_str())).collect()
}

#[test]
fn librdkafka_knows_every_name_and_value_in_the_table() {
    for key in keys() {
        let values: Vec<(&str, String)> = match meaning(key).expect("a key of the table") {
            Meaning::As(name) => vec![(*name, "some".into())],
            Meaning::Number(name, most) => vec![(*name, most.to_string())],
            Meaning::Truth(name) => vec![(*name, "true".into()), (*name, "false".into())],
            Meaning::Names(name, known) => {
                known.iter().map(|(_, ours)| (*name, (*ours).to_owned())).collect()
            }
            _ => continue,
        };
        for (name, value) in values {
            // What must go together isn't looked at here, only whether name and value are known.
            let made: Result<BaseProducer, _> = ClientConfig::new().set(name, &value).create();
            let told = made.err().map(|error| error.to_string()).unwrap_or_default();
            let unknown = ["No such configuration", "Invalid value", "outside allowed range"];
            assert!(!unknown.iter().any(|no| told.contains(no)), "{key}: {name}={value}: {told}");
        }
    }
}

#[test]
fn names_and_passwords_are_taken_out_of_the_login_module() {
    let entry = r#"org.apache.kafka.common.security.plain.PlainLoginModule required
        username="al\"ice" password='p;w=\\d';"#;
    let told = told(&borrowed(&login("PLAIN", entry)));
    let expected = [
        ("sasl.mechanism", "PLAIN"),
        ("sasl.password", r"p;w=\d"),
        ("sasl.username", "al\"ice"),
        ("security.protocol", "sasl_ssl"),
    ];
    assert_eq!(told, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    let entry = "org.apache.kafka.common.security.scram.ScramLoginModule required username=bob password=x ;";
    for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
        assert!(translated(&borrowed(&login(mechanism, entry))).is_ok());
    }
}

#[test]
fn a_login_that_cannot_be_taken_over_is_refused_without_the_password() {
    let module = "org.apache.kafka.common.security.plain.PlainLoginModule";
    for entry in [
        String::new(),
        format!("{module} required username=\"a\" password=\"s3cret\""),
        format!("{module} required username=\"a\" password=\"s3cret;"),
        format!("{module} required username=\"s3cret\";"),
        format!("{module} username=\"a\" password=\"s3cret\";"),
        format!("{module} required username=\"a\" password=\"s3cret\" other=\"x\";"),
        format!("{module} required username=\"a\" password=\"s3cret\"; {module} required;"),
        "com.example.s3cret required username=\"a\" password=\"b\";".to_owned(),
    ] {
        let (key, problem) = wrong(&borrowed(&login("PLAIN", &entry)));
        assert_eq!(key, "sasl.jaas.config");
        assert!(!problem.contains("s3cret"), "{problem}");
    }
    let entry = format!("{module} required username=\"a\" password=\"s3cret\";");
    assert_eq!(wrong(&borrowed(&login("SCRAM-SHA-256", &entry))).0, "sasl.jaas.config");
    let kerberos = translated(&borrowed(&login("GSSAPI", &entry))).expect_err("not here");
    assert_eq!(kerberos[0].key, "sasl.mechanism");
    assert_eq!(wrong(&[("security.protocol", "SASL_SSL")]).0, "sasl.jaas.config");
    let debug = format!("{:?}", translated(&borrowed(&login("PLAIN", &entry))));
    assert!(debug.contains("sasl.password") && !debug.contains("s3cret"), "{debug}");
}

#[test]
fn an_unknown_key_and_a_wrong_value_are_named() {
    assert_eq!(wrong(&[("sasl.login.class", "x")]).0, "sasl.login.class");
    assert_eq!(wrong(&[("linger.ms", "soon")]).0, "linger.ms");
    assert_eq!(wrong(&[("acks", "1")]).0, "acks");
    assert_eq!(wrong(&[("enable.idempotence", "false")]).0, "enable.idempotence");
    assert_eq!(wrong(&[("security.protocol", "TLS")]).0, "security.protocol");
    assert_eq!(translate(&BTreeMap::new()).expect_err("nothing").len(), 1);
    assert_eq!(translated(&[("acks", "0"), ("other", "x")]).expect_err("two").len(), 2);
}

#[test]
fn what_has_no_effect_is_told() {
    let all = [("max.poll.records", "500"), ("enable.auto.commit", "true"), ("acks", "-1")];
    let translated = translated(&all).expect("it can be translated");
    assert_eq!(translated.warnings.len(), 2, "{:?}", translated.warnings);
    assert!(translated.config.get("acks").is_none(), "the publisher says it");
}

#[test]
fn tls_from_1_2_on_passes_with_a_warning() {
    for (key, value) in [("ssl.protocol", "TLSv1.3"), ("ssl.enabled.protocols", "TLSv1.1, TLSv1.2")]
    {
        let translated = translated(&[(key, value)]).expect("it passes");
        assert!(translated.warnings[0].starts_with(key));
        assert_eq!(translated.config.config_map().len(), 1);
    }
    assert_eq!(wrong(&[("ssl.protocol", "TLSv1.1")]).0, "ssl.protocol");
}

#[test]
fn a_trust_store_of_java_is_refused_with_the_command_that_converts_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, contents: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, contents).expect("a file");
        path.display().to_string()
    };
    let java = file("store.jks", &[0xfe, 0xed, 0xfe, 0xed, 0, 0]);
    let pem = file("ca.pem", b"# ours\n-----BEGIN CERTIFICATE-----\nAA==\n");
    let store = |path: &str, kind: Option<&str>| {
        let mut all = vec![("ssl.truststore.location", path.to_owned())];
        all.extend(kind.map(|kind| ("ssl.truststore.type", kind.to_owned())));
        all
    };
    for all in [store(&java, None), store(&java, Some("PEM")), store(&pem, Some("JKS"))] {
        let (key, problem) = wrong(&borrowed(&all));
        assert_eq!(key, "ssl.truststore.location");
        assert!(problem.contains(&format!("keytool -list -rfc -keystore {}", all[0].1)));
    }
    for all in [store(&pem, None), store(&pem, Some("pem"))] {
        assert_eq!(told(&borrowed(&all)), [("ssl.ca.location".to_owned(), pem.clone())]);
    }
    assert!(wrong(&borrowed(&store("nowhere.pem", None))).1.contains("can't be read"));
    let keys = [("ssl.keystore.location", java.as_str()), ("ssl.keystore.type", "PKCS12")];
    assert!(wrong(&keys).1.contains("keytool -importkeystore"));
}

#[test]
fn certificates_in_the_properties_get_the_lines_that_openssl_needs() {
    let body = "QUJD".repeat(20);
    let line = format!("-----BEGIN CERTIFICATE----- {body} -----END CERTIFICATE-----");
    let lines = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n{}\n-----END CERTIFICATE-----\n",
        &body[..64],
        &body[64..]
    );
    let all = [
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.certificates", &line),
        ("ssl.keystore.certificate.chain", &line),
        ("ssl.keystore.key", &line),
    ];
    let expected = ["ssl.ca.pem", "ssl.certificate.pem", "ssl.key.pem"];
    assert_eq!(told(&all), expected.map(|name| (name.to_owned(), lines.clone())));
    assert_eq!(wrong(&[("ssl.keystore.key", &line)]).0, "ssl.keystore.type");
}

#[test]
fn the_documentation_lists_every_key() {
    let documentation = include_str!("../../README.md");
    for key in keys() {
        assert!(documentation.contains(&format!("`{key}`")), "README.md doesn't tell of {key}");
    }
}
