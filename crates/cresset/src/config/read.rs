use super::keys::{ConfigError, Section};
use super::{Config, Datasource};
use cresset_fhir::json::{self, Limits};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Reads every tenant's file.
pub(crate) fn read(directory: &Path) -> Result<Config, ConfigError> {
    let folder = directory.join("config");
    let mut tenants = BTreeMap::new();
    let failed = |error: std::io::Error| ConfigError::File {
        file: folder.display().to_string(),
        problem: format!("it can't be read: {error}"),
    };
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let file = path.join("fhir-server-config.json");
        let tenant = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if let (true, Some(tenant)) = (file.is_file(), tenant) {
            tenants.insert(tenant, tenant_file(&file)?);
        }
    }
    if !tenants.contains_key("default") {
        let file = folder.join("default/fhir-server-config.json").display().to_string();
        return Err(ConfigError::File { file, problem: "it is missing".to_owned() });
    }
    Ok(Config { tenants })
}

fn tenant_file(file: &Path) -> Result<BTreeMap<String, Datasource>, ConfigError> {
    let failed = |problem: String| ConfigError::File { file: file.display().to_string(), problem };
    let text = fs::read(file).map_err(|error| failed(format!("it can't be read: {error}")))?;
    let json = json::parse(&text, &Limits::default()).map_err(|error| failed(error.to_string()))?;
    let root = Section::root(file, &json)?;
    root.only(&["fhirServer"])?;
    let Some(server) = root.section("fhirServer")? else { return Ok(BTreeMap::new()) };
    server.only(&["persistence", "remoteIndexService"])?;
    if server.section("remoteIndexService")?.is_some() {
        return Err(server.wrong("remoteIndexService", "this version has no remote index"));
    }
    let Some(persistence) = server.section("persistence")? else { return Ok(BTreeMap::new()) };
    persistence.only(&["datasources", "payload"])?;
    if persistence.section("payload")?.is_some() {
        return Err(persistence.wrong("payload", "this version has no payload offload"));
    }
    let Some(datasources) = persistence.section("datasources")? else { return Ok(BTreeMap::new()) };
    let datasources = datasources.sections()?;
    datasources
        .into_iter()
        .map(|(id, section)| Ok((id.to_owned(), datasource(&section)?)))
        .collect()
}

fn datasource(section: &Section<'_>) -> Result<Datasource, ConfigError> {
    section.only(&["type", "connectionProperties"])?;
    if section.text("type")? != "sqlite" {
        return Err(section.wrong("type", "this version knows 'sqlite' only"));
    }
    let properties = section.section("connectionProperties")?;
    let properties = properties.ok_or_else(|| section.wrong("connectionProperties", "missing"))?;
    properties.only(&["db.path"])?;
    Ok(Datasource::Sqlite { path: properties.text("db.path")?.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let tenant = folder.path().join("config/default");
        fs::create_dir_all(&tenant).unwrap();
        fs::write(tenant.join("fhir-server-config.json"), text).unwrap();
        read(folder.path())
            .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
    }

    #[test]
    fn an_embedded_datasource_is_read_and_comments_are_passed_over() {
        let config = checked(
            r#"{"__comment":"x","fhirServer":{"persistence":{"datasources":{"default":{
              "__comment2":1,"factoryClassname":"y","type":"sqlite","connectionProperties":{"db.path":"d"}}}}}}"#,
        );
        assert_eq!(config.unwrap().default_directory().unwrap(), Path::new("d"));
    }

    #[test]
    fn a_mistake_is_named_by_file_and_key() {
        let mistakes = [
            (r#"{"fhirServer":{"persistance":{}}}"#, "fhirServer.persistance: unknown key"),
            (
                r#"{"fhirServer":{"persistence":{"datasources":{"default":{"type":"db2"}}}}}"#,
                "fhirServer.persistence.datasources.default.type: this version knows 'sqlite' only",
            ),
            (r#"{"fhirServer":7}"#, "fhirServer: an object is expected"),
            ("{", "the document ends here"),
        ];
        for (text, expected) in mistakes {
            let error = checked(text).unwrap_err();
            assert!(error.starts_with("/config/default/fhir-server-config.json: "), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }
}
