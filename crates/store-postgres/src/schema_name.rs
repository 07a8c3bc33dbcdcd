//! The name of the schema that holds a collection.

use cresset_store::Collection;
use sha2::{Digest, Sha256};

/// PostgreSQL cuts longer names.
const LONGEST: usize = 63;
/// Characters of a digest: 80 bits.
const DIGEST: usize = 20;

/// The schema of a collection: readable, and never that of another one. Where folding or cutting
/// would make two names one, a digest of the whole name tells them apart.
pub(crate) fn schema_name(base: &str, collection: &Collection) -> String {
    let name = &collection.name;
    let generation = collection.generation.to_string();
    let parts = [base, &name.tenant, &name.datasource, &name.collection, &generation];
    let plain = |part: &str| {
        part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) && !part.is_empty()
    };
    let folded: Vec<String> = parts.iter().map(|part| fold(part)).collect();
    let readable = folded.join("_");
    // Only plain parts joined by '_' can be taken apart again, so nothing else has this name. A base
    // that begins otherwise than with a letter could be taken for one of PostgreSQL's own.
    if parts.iter().all(|part| plain(part))
        && readable.len() < LONGEST - DIGEST
        && base.starts_with(|c: char| c.is_ascii_lowercase())
        && !base.starts_with("pg")
    {
        return readable;
    }
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: String =
        hash.finalize().iter().take(DIGEST / 2).map(|byte| format!("{byte:02x}")).collect();
    let mut name = if readable.starts_with("pg") { format!("c_{readable}") } else { readable };
    name.truncate(LONGEST - DIGEST - 1);
    format!("{name}_{digest}")
}

fn fold(part: &str) -> String {
    part.chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_store::{CollectionKind, CollectionName};
    use std::collections::HashSet;

    fn named(tenant: &str, collection: &str, generation: u32) -> String {
        let name = CollectionName::new(tenant, "main", collection).expect("a name");
        let kind = CollectionKind::Fhir;
        let collection = Collection { name, generation, kind, fhir_version: "4.0.1".into() };
        schema_name("cresset", &collection)
    }

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(named("clinic", "records", 1), "cresset_clinic_main_records_1");
    }

    #[test]
    fn no_two_collections_share_a_schema() {
        let long = "x".repeat(64);
        let names = ["a", "A", "a-b", "a_b", "a_main", &long, &long[1..], "1", "a_", "_a"];
        let mut seen = HashSet::new();
        for tenant in names {
            for collection in names {
                for generation in [0, 1, 11] {
                    let schema = named(tenant, collection, generation);
                    assert!(schema.len() <= LONGEST, "{schema} fits");
                    assert!(
                        schema.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')),
                        "{schema} needs no quotes"
                    );
                    assert!(seen.insert(schema), "{tenant} {collection} {generation}");
                }
            }
        }
    }
}
