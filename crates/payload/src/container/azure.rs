//! Azure Blob Storage, by connection string.

use super::crypto::SharedKeys;
use super::failure::Failing;
use super::place::Secret;
use super::{ContainerError, Opened, client, retries};
use object_store::azure::{
    AzureAccessKey, AzureAuthorizer, AzureCredential, MicrosoftAzureBuilder, split_sas,
};
use object_store::client::HttpRequestBody;
use reqwest::Url;
use std::collections::HashMap;
use std::sync::Arc;

/// What a connection string says.
struct Account {
    name: String,
    endpoint: Url,
    credential: AzureCredential,
}

/// The account of Azurite and of its predecessors: publicly known, and for development only.
const DEVELOPMENT: &str = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1";

pub(super) fn open(connection_string: &Secret, container: &str) -> Result<Opened, ContainerError> {
    let account = Account::parse(connection_string.reveal())?;
    require_name(container)?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account.name)
        .with_container_name(container)
        .with_endpoint(account.endpoint.to_string())
        .with_client_options(client(&account.endpoint)?)
        .with_crypto_provider(Arc::new(SharedKeys))
        .with_retry(retries());
    builder = match account.credential {
        AzureCredential::SASToken(pairs) => builder.with_sas_authorization(pairs),
        credential => builder
            .with_credentials(Arc::new(object_store::StaticCredentialProvider::new(credential))),
    };
    Opened::cloud(builder.build())
}

/// Makes the container; whether it wasn't there (the service's operation "Create Container").
pub(super) async fn create(
    connection_string: &Secret,
    container: &str,
) -> Result<bool, ContainerError> {
    let account = Account::parse(connection_string.reveal())?;
    require_name(container)?;
    let mut url = account.endpoint.clone();
    url.path_segments_mut()
        .map_err(|()| ContainerError::wrong("its endpoint is no URL"))?
        .pop_if_empty()
        .push(container);
    url.query_pairs_mut().append_pair("restype", "container");
    if let AzureCredential::SASToken(pairs) = &account.credential {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    let mut request = http::Request::put(url.as_str())
        .header("content-length", "0")
        .body(HttpRequestBody::empty())
        .map_err(|_| ContainerError::wrong("its endpoint is no URL"))?;
    AzureAuthorizer::new(&account.credential, &account.name)
        .with_crypto(&SharedKeys)
        .try_authorize(&mut request)
        .map_err(|error| ContainerError::of("create", error))?;
    super::create(&account.endpoint, request, 201).await
}

impl Account {
    fn parse(connection_string: &str) -> Result<Self, ContainerError> {
        let pairs = pairs(connection_string)?;
        let pairs = match pairs.get("usedevelopmentstorage") {
            Some(yes) if yes.eq_ignore_ascii_case("true") => self::pairs(DEVELOPMENT)?,
            _ => pairs,
        };
        let missing =
            |key: &str| ContainerError::Configured(format!("its connection string has no {key}"));
        let name = pairs.get("accountname").map(|name| (*name).to_owned());
        let endpoint = match pairs.get("blobendpoint") {
            Some(endpoint) => (*endpoint).to_owned(),
            None => {
                let scheme = pairs.get("defaultendpointsprotocol").unwrap_or(&"https");
                let suffix = pairs.get("endpointsuffix").unwrap_or(&"core.windows.net");
                let name = name.as_ref().ok_or_else(|| missing("AccountName"))?;
                format!("{scheme}://{name}.blob.{suffix}")
            }
        };
        let endpoint = Url::parse(endpoint.trim_end_matches('/'))
            .map_err(|_| ContainerError::wrong("its BlobEndpoint is no URL"))?;
        let name = name.or_else(|| account_of(&endpoint)).ok_or_else(|| missing("AccountName"))?;
        let credential = match (pairs.get("accountkey"), pairs.get("sharedaccesssignature")) {
            (Some(key), _) => AzureCredential::AccessKey(
                AzureAccessKey::try_new(key)
                    .map_err(|_| ContainerError::wrong("its AccountKey is not Base64"))?,
            ),
            (None, Some(signature)) => {
                AzureCredential::SASToken(split_sas(signature.trim_start_matches('?')).map_err(
                    |_| ContainerError::wrong("its SharedAccessSignature can't be read"),
                )?)
            }
            (None, None) => return Err(missing("AccountKey or SharedAccessSignature")),
        };
        Ok(Self { name, endpoint, credential })
    }
}

/// The keys in lower case and their values.
fn pairs(connection_string: &str) -> Result<HashMap<String, &str>, ContainerError> {
    let parts = connection_string.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((key, value)) => Ok((key.trim().to_ascii_lowercase(), value.trim())),
            None => Err(ContainerError::wrong("its connection string must be KEY=VALUE;…")),
        })
        .collect()
}

/// The account that an endpoint of the usual form names.
fn account_of(endpoint: &Url) -> Option<String> {
    let host = endpoint.host_str()?;
    host.split_once(".blob.").map(|(account, _)| account.to_owned())
}

/// 3 to 63 of `a–z 0–9 -`, no hyphen first, last or twice in a row.
fn require_name(container: &str) -> Result<(), ContainerError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let valid = (3..=63).contains(&container.len())
        && container.bytes().all(allowed)
        && !container.starts_with('-')
        && !container.ends_with('-')
        && !container.contains("--");
    let problem = "containerName must have 3 to 63 of a-z, 0-9 and single hyphens between them";
    if valid { Ok(()) } else { Err(ContainerError::wrong(problem)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<(String, String), String> {
        Account::parse(text)
            .map(|account| (account.name, account.endpoint.to_string()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn connection_strings_have_the_portals_forms() {
        let key = "AccountKey=c2VjcmV0";
        let account = |name: &str, endpoint: &str| Ok((name.to_owned(), endpoint.to_owned()));
        assert_eq!(
            parsed(&format!(
                "DefaultEndpointsProtocol=https;AccountName=a;{key};EndpointSuffix=core.chinacloudapi.cn"
            )),
            account("a", "https://a.blob.core.chinacloudapi.cn/"),
        );
        assert_eq!(
            parsed(&format!(" accountname = a ;{key};")),
            account("a", "https://a.blob.core.windows.net/")
        );
        assert_eq!(
            parsed(
                "BlobEndpoint=https://b.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=x%3D"
            ),
            account("b", "https://b.blob.core.windows.net/"),
        );
        assert_eq!(
            parsed("UseDevelopmentStorage=true"),
            account("devstoreaccount1", "http://127.0.0.1:10000/devstoreaccount1"),
        );
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not() {
        for (text, problem) in [
            ("AccountName=a", "no AccountKey or SharedAccessSignature"),
            ("AccountKey=c2VjcmV0", "no AccountName"),
            ("AccountName=a;AccountKey=se cret!", "AccountKey is not Base64"),
            ("secret", "KEY=VALUE"),
            ("AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint=:", "BlobEndpoint is no URL"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
            assert!(!error.contains("secret") && !error.contains("se cret"), "{error}");
        }
    }

    #[test]
    fn a_connection_that_is_not_encrypted_stays_on_this_machine() {
        for (endpoint, allowed) in [
            ("https://a.blob.core.windows.net", true),
            ("http://127.0.0.1:10000/a", true),
            ("http://[::1]:10000/a", true),
            ("http://localhost/a", true),
            ("http://10.0.0.1/a", false),
            ("http://127.0.0.1.example.org/a", false),
        ] {
            let text = format!("AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint={endpoint}");
            assert_eq!(open(&Secret::new(text), "bodies").is_ok(), allowed, "{endpoint}");
        }
    }

    #[test]
    fn containers_have_names_that_the_service_takes() {
        for (name, valid) in [
            ("default-default", true),
            ("a", false),
            ("A-b", false),
            ("a--b", false),
            ("-ab", false),
        ] {
            assert_eq!(require_name(name).is_ok(), valid, "{name}");
        }
    }
}
