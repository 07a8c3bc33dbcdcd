use std::fmt;
use std::path::PathBuf;

/// A text that is told to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where bodies are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A container of Azure Blob Storage.
    AzureBlob {
        /// As the portal gives it: account, key or shared access signature, endpoint.
        connection_string: Secret,
        /// Its name.
        container: String,
    },
    /// A bucket of S3, or of what speaks its protocol.
    S3(Bucket),
    /// A directory.
    Directory(PathBuf),
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is, such as `eu-central-1`.
    pub region: String,
    /// The URL of another service than Amazon's.
    pub endpoint: Option<String>,
    /// Who asks.
    pub access_key_id: String,
    /// What proves it.
    pub secret_access_key: Secret,
}

impl Place {
    /// The kind, as configurations have it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AzureBlob { .. } => "azure.blob",
            Self::S3(_) => "s3",
            Self::Directory(_) => "file",
        }
    }

    /// The container, bucket or directory: what a store remembers. The account may change its name.
    pub fn container(&self) -> String {
        match self {
            Self::AzureBlob { container, .. } => container.clone(),
            Self::S3(bucket) => bucket.name.clone(),
            Self::Directory(path) => path.display().to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.container())
    }
}
