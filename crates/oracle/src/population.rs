//! The resources that a server holds, as raw JSON.

use crate::client::{Client, ClientError};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;

/// Resources by type.
#[derive(Debug, Default)]
pub struct Population {
    types: BTreeMap<String, Vec<Json>>,
    places: HashMap<String, HashMap<String, usize>>,
}

/// What stands in the way of a population.
#[derive(Debug, thiserror::Error)]
pub enum PopulationError {
    /// A file or folder can't be read.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// A line is no resource.
    #[error("{0}, line {1}: not a resource with a type and an id")]
    NoResource(String, usize),
    /// The server doesn't answer.
    #[error("the resources can't be fetched: {0}")]
    Fetch(#[from] ClientError),
}

impl Population {
    /// Reads a folder of NDJSON files, such as `cresset export` writes.
    ///
    /// # Errors
    /// [`PopulationError`] names the file and the line.
    pub fn read(folder: &Path) -> Result<Self, PopulationError> {
        let failed = |path: &Path, error| PopulationError::File(path.display().to_string(), error);
        let mut population = Self::default();
        for entry in fs::read_dir(folder).map_err(|e| failed(folder, e))? {
            let path = entry.map_err(|e| failed(folder, e))?.path();
            if path.extension().is_none_or(|ending| ending != "ndjson") {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|e| failed(&path, e))?;
            for (number, line) in text.lines().enumerate() {
                let added = serde_json::from_str(line).ok().and_then(|json| population.add(json));
                if added.is_none() {
                    let name = path.display().to_string();
                    return Err(PopulationError::NoResource(name, number + 1));
                }
            }
        }
        Ok(population)
    }

    /// Fetches all resources of some types by searching for them without criteria. What such a
    /// search leaves out, the oracle can't miss: a folder is the better source.
    ///
    /// # Errors
    /// [`PopulationError::Fetch`] when the server refuses or is gone.
    pub fn fetch(client: &mut Client, types: &[&str]) -> Result<Self, PopulationError> {
        let mut population = Self::default();
        for name in types {
            let mut next = Some(format!("{}/{name}?_count=500", client.base_path()));
            while let Some(path) = next.take() {
                let bundle = client.get_json(&path)?;
                for entry in bundle["entry"].as_array().map_or(&[][..], Vec::as_slice) {
                    population.add(entry["resource"].clone());
                }
                next = client.next(&bundle);
            }
        }
        Ok(population)
    }

    /// Adds a resource; `None` when it has no type or no id.
    pub fn add(&mut self, json: Json) -> Option<()> {
        let name = json["resourceType"].as_str()?.to_owned();
        let id = json["id"].as_str()?.to_owned();
        let of_type = self.types.entry(name.clone()).or_default();
        self.places.entry(name).or_default().insert(id, of_type.len());
        of_type.push(json);
        Some(())
    }

    /// The types that have resources.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// All resources of a type.
    pub fn of(&self, resource_type: &str) -> &[Json] {
        self.types.get(resource_type).map_or(&[], Vec::as_slice)
    }

    /// Where a resource is among those of its type.
    pub fn place(&self, resource_type: &str, id: &str) -> Option<usize> {
        self.places.get(resource_type)?.get(id).copied()
    }

    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.types.values().map(Vec::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}
