//! Amazon S3, and services that speak its protocol.

use super::crypto::SharedKeys;
use super::failure::Failing;
use super::place::Bucket;
use super::{ContainerError, Opened, client, retries};
use object_store::aws::{AmazonS3Builder, AwsAuthorizer, AwsCredential};
use object_store::client::HttpRequestBody;
use reqwest::Url;
use std::sync::Arc;

pub(super) fn open(bucket: &Bucket) -> Result<Opened, ContainerError> {
    let endpoint = endpoint(bucket)?;
    let builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_endpoint(endpoint.as_str().trim_end_matches('/'))
        .with_virtual_hosted_style_request(false)
        .with_access_key_id(&bucket.access_key_id)
        .with_secret_access_key(bucket.secret_access_key.reveal())
        .with_client_options(client(&endpoint)?)
        .with_crypto_provider(Arc::new(SharedKeys))
        .with_retry(retries());
    Opened::cloud(builder.build())
}

/// Makes the bucket; whether it wasn't there (the service's operation "CreateBucket").
pub(super) async fn create(bucket: &Bucket) -> Result<bool, ContainerError> {
    let endpoint = endpoint(bucket)?;
    let url = format!("{}/{}", endpoint.as_str().trim_end_matches('/'), bucket.name);
    let constraint = match bucket.region.as_str() {
        "us-east-1" => String::new(),
        region => format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        ),
    };
    let mut request = http::Request::put(url)
        .header("content-length", constraint.len())
        .body(HttpRequestBody::from(constraint))
        .map_err(|_| ContainerError::wrong("its endpoint is no URL"))?;
    let credential = AwsCredential {
        key_id: bucket.access_key_id.clone(),
        secret_key: bucket.secret_access_key.reveal().to_owned(),
        token: None,
    };
    AwsAuthorizer::new(&credential, "s3", &bucket.region)
        .with_crypto(&SharedKeys)
        .try_authorize(&mut request, None)
        .map_err(|error| ContainerError::of("create", error))?;
    super::create(&endpoint, request, 200).await
}

fn endpoint(bucket: &Bucket) -> Result<Url, ContainerError> {
    let valid = |text: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        (1..=63).contains(&text.len()) && text.bytes().all(allowed)
    };
    if !valid(&bucket.name) || !valid(&bucket.region) {
        return Err(ContainerError::wrong("bucketName or region is no name"));
    }
    let url = match &bucket.endpoint {
        Some(endpoint) => endpoint.clone(),
        None => format!("https://s3.{}.amazonaws.com", bucket.region),
    };
    Url::parse(&url).map_err(|_| ContainerError::wrong("its endpoint is no URL"))
}
