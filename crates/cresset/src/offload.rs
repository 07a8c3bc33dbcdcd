//! Payload offload, as the configuration says.

use crate::failure::CommandFailure;
use crate::memory;
use crate::store::MAIN;
use cresset_config::PayloadStore;
use cresset_payload::{
    Bucket, Container, ContainerError, Offload, Place, Secret, Settings, recorded,
};
use cresset_store::{Scope, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// A store whose bodies are where the configuration says.
pub(crate) fn around(
    store: Arc<dyn Store>,
    payload: &PayloadStore,
) -> Result<Arc<dyn Store>, CommandFailure> {
    let container = Container::open(&place(payload)?).map_err(|error| match error {
        ContainerError::Configured(_) => CommandFailure::Usage(error.to_string()),
        other => other.into(),
    })?;
    Ok(Arc::new(Offload::new(store, container, settings()?)))
}

/// Where that is.
pub(crate) fn place(payload: &PayloadStore) -> Result<Place, CommandFailure> {
    let hidden = |secret: &cresset_config::Secret| Secret::new(secret.expose().to_owned());
    Ok(match payload {
        PayloadStore::AzureBlob { connection_string, container } => Place::AzureBlob {
            connection_string: hidden(connection_string),
            container: container.clone(),
        },
        PayloadStore::File { path } => Place::Directory(path.clone()),
        PayloadStore::S3 { bucket, region, endpoint, access_key_id, secret_access_key } => {
            Place::S3(Bucket {
                name: bucket.clone(),
                region: region.clone().unwrap_or_else(|| "us-east-1".to_owned()),
                endpoint: endpoint.clone(),
                access_key_id: match access_key_id {
                    Some(id) => id.clone(),
                    None => environment("AWS_ACCESS_KEY_ID")?,
                },
                secret_access_key: match secret_access_key {
                    Some(key) => hidden(key),
                    None => Secret::new(environment("AWS_SECRET_ACCESS_KEY")?),
                },
            })
        }
    })
}

fn environment(name: &str) -> Result<String, CommandFailure> {
    std::env::var(name).map_err(|_| {
        CommandFailure::Usage(format!(
            "the bucket's accessKeyId and secretAccessKey are not configured, and {name} is not set either"
        ))
    })
}

/// A sixteenth of the memory for bodies. `CRESSET_PAYLOAD_DEADLINE=5` makes commits begin within 5 s,
/// for tests.
pub(crate) fn settings() -> Result<Settings, CommandFailure> {
    let mut settings =
        Settings { top: MAIN.into(), cache: memory::available() / 16, ..Settings::default() };
    if let Some(seconds) = seconds("CRESSET_PAYLOAD_DEADLINE")? {
        settings.deadline = seconds;
    }
    Ok(settings)
}

/// How old a blob without a row must be to be an orphan. `CRESSET_PAYLOAD_GRACE=10` makes it 10 s, for
/// tests.
pub(crate) fn grace() -> Result<Duration, CommandFailure> {
    let usual = settings()?.grace();
    Ok(seconds("CRESSET_PAYLOAD_GRACE")?.unwrap_or(usual))
}

fn seconds(name: &str) -> Result<Option<Duration>, CommandFailure> {
    let Ok(text) = std::env::var(name) else { return Ok(None) };
    let seconds = text.parse().map(Duration::from_secs);
    let seconds = seconds
        .map_err(|_| CommandFailure::Usage(format!("{name} must be a number of seconds")))?;
    Ok(Some(seconds))
}

/// Whether a collection's bodies are where the configuration says, as far as its own record tells.
pub(crate) async fn require_agreement(
    store: &dyn Store,
    scope: &Scope,
    payload: Option<&PayloadStore>,
) -> Result<(), CommandFailure> {
    let recorded = match recorded(store, scope).await {
        Err(StoreError::UnknownCollection(_)) => return Ok(()),
        recorded => recorded?,
    };
    let Some(recorded) = recorded else {
        if payload.is_some() && store.horizon(scope).await?.seq.0 > 0 {
            return Err(CommandFailure::Failed(format!(
                "{} holds resources whose bodies are in the database: offload must be configured before the \
                 first resource. Take persistence.payload out again, or copy the store into a new one with \
                 `cresset copy`",
                scope.collection().name
            ).into()));
        }
        return Ok(());
    };
    let configured = payload.map(place).transpose()?;
    let agrees = configured
        .as_ref()
        .is_some_and(|c| (c.kind(), c.container()) == (&recorded.kind, recorded.container.clone()));
    if agrees {
        return Ok(());
    }
    let instead = configured.map_or("no payload offload".to_owned(), |c| c.to_string());
    Err(CommandFailure::Usage(format!(
        "the bodies of {} are in {recorded}, but {instead} is configured: name the configuration that it was \
         filled with by --fhir-config-dir",
        scope.collection().name
    )))
}
