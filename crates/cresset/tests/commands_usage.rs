//! How commands are asked, wrongly and rightly: 0 done, 1 failed, 2 wrong usage.

mod support;

use std::fs;
use std::path::Path;
use support::server::{cresset, run};

fn told(args: &[&str], status: i32) -> String {
    let output = run(args);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(output.status.code(), Some(status), "{args:?}: {text}");
    text
}

#[test]
fn wrong_usage_is_told_with_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("store").to_str().unwrap().to_owned();
    let nothing = folder.path().join("nothing").to_str().unwrap().to_owned();
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    let wrong: [(&[&str], &str); 16] = [
        (&[], "Usage: cresset"),
        (&["frobnicate"], "unrecognized subcommand"),
        (&["serve", "--frobnicate"], "unexpected argument"),
        (&["serve", "--listen", "nowhere", "--data", &data], "--listen"),
        (&["serve", "--max-body", "12parsecs", "--data", &data], "MiB"),
        (&["serve", "--roles", "admin", "--data", &data], "fhir"),
        (&["serve", "--roles", "king", "--data", &data], "possible values"),
        (&["serve", "--data", &data, "--store", "postgres://x"], "cannot be used with"),
        (&["serve", "--store", "mysql://x"], "no store for 'mysql'"),
        (&["import", "--data", &data], "<PATH>"),
        (&["import", &nothing, "--data", &data], "there is no "),
        (&["import", &out, "--index", "sometimes", "--data", &data], "possible values"),
        (&["export", "--data", &data], "--out"),
        (&["export", "--data", &nothing, "--out", &out], "there is no store"),
        (
            &["export", "--data", &nothing, "--out", &out, "--type", "Foo"],
            "'Foo' is not a resource type",
        ),
        (&["export", "--data", &nothing, "--out", &out, "--since", "yesterday"], "instant"),
    ];
    for (args, problem) in wrong {
        let text = told(args, 2);
        assert!(text.contains(problem), "{args:?}: {problem} is expected: {text}");
    }
    for command in ["verify", "export"] {
        assert!(
            told(
                &[command, "--data", &nothing, "--out", &out]
                    [..if command == "verify" { 3 } else { 5 }],
                2
            )
            .contains("there is no store")
        );
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "wrong usage leaves nothing behind"
    );
}

#[test]
fn each_command_has_help_with_an_example() {
    let help = told(&["--help"], 0);
    for command in ["serve", "import", "export", "verify", "reindex", "config", "sample", "bench"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        let own = told(&[command, "--help"], 0);
        assert!(own.contains(&format!("Example: cresset {command}")), "{own}");
    }
    assert!(told(&["--version"], 0).starts_with("cresset "));
}

#[test]
fn failures_have_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("store").to_str().unwrap().to_owned();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let torn = file("torn.json", r#"{"resourceType":"Bundle","entry":[{"resource":{"#);
    let text = told(&["import", &torn, "--data", &data], 1);
    assert!(text.contains("torn.json can't be imported"), "{text}");
    let no_gzip = file("no.ndjson.gz", "plain");
    assert!(
        told(&["import", &no_gzip, "--data", &data], 1).contains("no.ndjson.gz can't be imported")
    );
    let occupied = file("occupied", "a file where a directory is wanted");
    told(&["import", &torn, "--data", &occupied], 1);
    told(&["verify", "--data", &data], 0);
}

/// Checks a configuration whose default tenant has this file.
fn checked(folder: &Path, config: &str, status: i32) -> String {
    let tenant = folder.join("config/default");
    fs::create_dir_all(&tenant).unwrap();
    fs::write(tenant.join("fhir-server-config.json"), config).unwrap();
    told(&["config", "check", "--fhir-config-dir", folder.to_str().unwrap()], status)
}

#[test]
fn mistakes_of_a_configuration_are_named_by_file_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let datasource = |inner: &str| {
        format!(r#"{{"fhirServer":{{"persistence":{{"datasources":{{"default":{{{inner}}}}}}}}}}}"#)
    };
    let sqlite = |properties: &str| {
        datasource(&format!(r#""type":"sqlite","connectionProperties":{properties}"#))
    };
    let place = "fhirServer.persistence.datasources.default";
    for (config, problem) in [
        ("{".to_owned(), "the document ends here".to_owned()),
        ("7".to_owned(), "an object".to_owned()),
        (r#"{"fhirserver":{}}"#.to_owned(), "fhirserver: unknown key".to_owned()),
        (
            r#"{"fhirServer":{"persistance":{}}}"#.to_owned(),
            "fhirServer.persistance: unknown key".to_owned(),
        ),
        (datasource(r#""type":"db2""#), format!("{place}.type: ")),
        (sqlite(r#"{"db.path":7}"#), format!("{place}.connectionProperties.db.path: a text")),
        (
            sqlite(r#"{"db.path":"x","password":"ZZSECRETZZ"}"#),
            format!("{place}.connectionProperties.password: unknown key"),
        ),
        (datasource(r#""type":"sqlite""#), format!("{place}.connectionProperties: missing")),
        (
            datasource(r#""type":"postgresql""#),
            format!("{place}.connectionProperties: missing: what another server"),
        ),
        (
            sqlite(r#"{"db.path":"x"}"#).replace(
                r#""datasources""#,
                r#""payload":{"trial":{"type":"file","connectionProperties":{"path":"p"}}},"datasources""#,
            ),
            "persistence.payload.trial: there is no datasource of this id".to_owned(),
        ),
    ] {
        let text = checked(folder, &config, 1);
        assert!(text.contains("config/default/fhir-server-config.json: "), "{text}");
        assert!(text.contains(&problem), "{problem} is expected: {text}");
        assert!(!text.contains("ZZSECRETZZ"), "{text}");
    }
    let good = sqlite(r#"{"__comment":"here","db.path":"x"}"#);
    assert!(checked(folder, &good, 0).contains("no mistake found"));
    told(&["config", "check", "--fhir-config-dir", folder.join("nothing").to_str().unwrap()], 1);
    told(&["config", "check"], 2);
}

#[test]
fn a_configuration_names_the_store_and_data_overrides_it() {
    let folder = tempfile::tempdir().unwrap();
    let configured = folder.path().join("configured");
    let path = serde_json::Value::from(configured.to_str().unwrap());
    let config = format!(
        r#"{{"fhirServer":{{"persistence":{{"datasources":{{"default":{{"type":"sqlite","connectionProperties":{{"db.path":{path}}}}}}}}}}}}}"#
    );
    checked(folder.path(), &config, 0);
    let file = folder.path().join("one.ndjson");
    fs::write(&file, r#"{"resourceType":"Patient","id":"a"}"#).unwrap();
    let import = |options: &[&Path]| {
        let mut command = cresset(&["import", "--fhir-config-dir"]);
        command.arg(folder.path()).arg(&file).args(options).current_dir(folder.path());
        let output = command.output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("1 created"), "{output:?}");
    };
    import(&[]);
    assert!(configured.is_dir());
    let other = folder.path().join("other");
    import(&[Path::new("--data"), &other]);
    assert!(other.is_dir());
}
