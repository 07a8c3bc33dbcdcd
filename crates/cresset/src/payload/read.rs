use super::Payload;
use crate::failure::{CommandFailure, CommandResult};
use crate::offload;
use crate::places::Place;
use cresset_config::PayloadStore;
use cresset_fhir::definitions::Definitions;
use cresset_payload::{BlobName, Container};
use cresset_store::{Key, ResourceId, TypeNumber, Version};
use std::io::{self, Write};

pub(super) async fn read(
    options: &Payload,
    place: &Place,
    payload: &PayloadStore,
    container: &Container,
    name: &str,
) -> CommandResult {
    let body = if BlobName::parse(name).is_ok() {
        container.get(name).await?
    } else {
        let (key, version) = version(name)?;
        let rows = options.rows(place).await?;
        let store = offload::around(rows.store, payload)?;
        let stored = store.read_version(&rows.scope, &key, version).await?;
        stored.map(|stored| stored.body()).transpose()?.flatten()
    };
    let Some(body) = body else {
        return Err(CommandFailure::Failed(
            format!("there is no {name}, or it is a deletion").into(),
        ));
    };
    let mut out = io::stdout().lock();
    out.write_all(&body)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// `97/id/7` or `Observation/id/7`; the id may be written as blobs' names have it.
fn version(name: &str) -> Result<(Key, Version), CommandFailure> {
    let usage = || {
        CommandFailure::Usage(format!(
            "'{name}' is none of 97/id/7/payload-key, 97/id/7 and Observation/id/7"
        ))
    };
    let parts: Vec<&str> = name.split('/').collect();
    let [resource_type, id, version] = parts[..] else { return Err(usage()) };
    let number = match resource_type.parse() {
        Ok(number) => number,
        Err(_) => Definitions::r4().resource_type(resource_type).ok_or_else(usage)?.number(),
    };
    let id = ResourceId::new(&id.replace('*', ".")).map_err(|_| usage())?;
    let version = Version::parse(version).ok_or_else(usage)?;
    Ok((Key::new(TypeNumber(number), id), version))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_named_by_number_or_type() {
        let (key, number) = version("97/a*b/7").unwrap();
        assert_eq!((key.resource_type.0, key.id.as_str(), number.number()), (97, "a.b", 7));
        assert_eq!(version("Observation/a.b/7").unwrap(), (key, number));
        for wrong in
            ["", "97/a", "97/a/0", "97/a/07", "Nothing/a/1", "97/a_b/1", "97/a/1/x", "-1/a/1"]
        {
            assert!(version(wrong).is_err(), "{wrong}");
        }
    }
}
