use crate::foreign;
use crate::secret::Secret;
use crate::section::{Findings, Section};
use std::fmt;
use std::path::PathBuf;

/// Where the bodies of a datasource's resources are, when they aren't beside their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayloadStore {
    /// A container of Azure Blob Storage.
    AzureBlob {
        /// The account and its key, as Azure writes them.
        connection_string: Secret,
        /// The container.
        container: String,
    },
    /// A bucket of S3, or of something that speaks as S3 does.
    S3 {
        /// The bucket.
        bucket: String,
        /// Its region.
        region: Option<String>,
        /// Where it is, when it isn't Amazon's.
        endpoint: Option<String>,
        /// The name of the access key; nothing: as the environment says.
        access_key_id: Option<String>,
        /// The access key.
        secret_access_key: Option<Secret>,
    },
    /// A directory.
    File {
        /// Its path; a relative one begins where the process was started.
        path: PathBuf,
    },
}

impl PayloadStore {
    pub(crate) fn read(section: &Section<'_>, found: &mut Findings) -> Option<Self> {
        section.only(&["type", "connectionProperties"], foreign::PAYLOAD, found);
        let kind = section.text("type", found)?;
        if !matches!(kind, "azure.blob" | "s3" | "file") {
            section.wrong("type", "it must be azure.blob, s3 or file", found);
            return None;
        }
        if !section.has("connectionProperties") {
            section.wrong("connectionProperties", "missing: an object is expected", found);
        }
        let properties = section.section("connectionProperties", found)?;
        match kind {
            "azure.blob" => azure_blob(&properties, found),
            "s3" => s3(&properties, found),
            _ => {
                properties.only(&["path"], &[], found);
                Some(Self::File { path: properties.text("path", found)?.into() })
            }
        }
    }
}

fn azure_blob(properties: &Section<'_>, found: &mut Findings) -> Option<PayloadStore> {
    properties.only(&["connectionString", "containerName"], &[], found);
    let connection = properties.text("connectionString", found);
    let container = properties.text("containerName", found)?;
    if !is_container(container) {
        let problem = "3 to 63 of a-z, 0-9 and '-' are expected, with a letter or a digit at both ends and no two '-' together";
        properties.wrong("containerName", problem, found);
    }
    let connection_string = Secret::new(connection?);
    Some(PayloadStore::AzureBlob { connection_string, container: container.to_owned() })
}

/// Azure's rule for the names of containers.
fn is_container(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let ends = !name.starts_with('-') && !name.ends_with('-');
    (3..=63).contains(&name.len()) && name.bytes().all(allowed) && ends && !name.contains("--")
}

fn s3(properties: &Section<'_>, found: &mut Findings) -> Option<PayloadStore> {
    let known = ["bucketName", "region", "endpoint", "accessKeyId", "secretAccessKey"];
    properties.only(&known, &[], found);
    let bucket = properties.text("bucketName", found);
    let mut text = |name| properties.optional_text(name, found).map(str::to_owned);
    let (region, endpoint) = (text("region"), text("endpoint"));
    let (access_key_id, secret) = (text("accessKeyId"), text("secretAccessKey").map(Secret::new));
    match (&access_key_id, &secret) {
        (Some(_), None) if !properties.has("secretAccessKey") => {
            properties.wrong(
                "secretAccessKey",
                "missing: the key of accessKeyId is expected",
                found,
            );
        }
        (None, Some(_)) if !properties.has("accessKeyId") => {
            properties.wrong(
                "accessKeyId",
                "missing: the name of secretAccessKey is expected",
                found,
            );
        }
        _ => {}
    }
    let bucket = bucket?.to_owned();
    Some(PayloadStore::S3 { bucket, region, endpoint, access_key_id, secret_access_key: secret })
}

/// Without what opens it.
impl fmt::Display for PayloadStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AzureBlob { container, .. } => write!(f, "azure.blob, container {container}"),
            Self::S3 { bucket, .. } => write!(f, "s3, bucket {bucket}"),
            Self::File { path } => write!(f, "file, {}", path.display()),
        }
    }
}
