//! A past for a collection: everything that can happen to resources, by dice.

use super::{key, put};
use cresset_copy::Side;
use cresset_store::*;
use std::sync::Arc;

/// Random numbers (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self((seed ^ 0x9e37_79b9_7f4a_7c15).max(1))
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound.max(1)
    }
}

/// So many steps: creations, updates, deletions, purges of some or all versions, versions that come
/// from elsewhere, by different people; several in a commit at times.
pub(crate) async fn live(side: &Side, dice: &mut Dice, steps: usize) {
    for _ in 0..steps {
        step(side, dice).await;
    }
}

async fn step(side: &Side, dice: &mut Dice) {
    let Side { store, scope, .. } = side;
    let id = dice.below(12);
    let key = key("Patient", &format!("p{id}"));
    match dice.below(12) {
        0..=6 => {
            let mut writes = vec![patient(id, dice)];
            if dice.below(3) == 0 {
                writes.push(observation(id, dice));
                writes.push(patient(id + 12, dice));
            }
            let batch = Batch { writes, provenance: who(dice), ..Batch::default() };
            store.commit(scope, batch).await.expect("nothing stands against it");
        }
        7 | 8 => {
            let write = Write { key, precondition: Precondition::None, action: Action::Delete };
            let batch = Batch { writes: vec![write], provenance: who(dice), ..Batch::default() };
            store.commit(scope, batch).await.expect("nothing stands against it");
        }
        9 => {
            store.purge(scope, &key, None, who(dice)).await.expect("it can be purged");
        }
        10 => {
            let versions = (0..4).filter_map(|_| Version::new(1 + dice.below(8))).collect();
            store.purge(scope, &key, Some(versions), who(dice)).await.expect("it can be purged");
        }
        _ => from_elsewhere(side, dice, key).await,
    }
}

/// A version that leaves a gap, at a time of its own.
async fn from_elsewhere(side: &Side, dice: &mut Dice, key: Key) {
    let highest = super::changes(side).await.into_iter().filter(|change| change.key == key);
    let highest = highest.map(|change| change.version.number()).max().unwrap_or_default();
    let Action::Put { payload, index } = patient(dice.below(99), dice).action else { return };
    let replica = Replica {
        key,
        version: Version::new(highest + 1 + dice.below(4)).expect("a version"),
        updated: Timestamp::from_milliseconds(1_500_000_000_000 + dice.below(1 << 30) as i64),
        state: ReplicaState::Live(payload),
        index,
        lineage: None,
        provenance: Arc::new(who(dice)),
    };
    let batch = ReplicaBatch { replicas: vec![replica], ..ReplicaBatch::default() };
    side.store.replicate(&side.scope, batch).await.expect("it is taken over");
}

pub(crate) fn patient(id: u64, dice: &mut Dice) -> Write {
    let (name, year) = (dice.below(50), 1920 + dice.below(100));
    put(&format!(
        r#"{{"resourceType": "Patient", "id": "p{id}", "birthDate": "{year}-05-17",
            "name": [{{"family": "Family{name}", "given": ["G{year}"]}}],
            "generalPractitioner": [{{"reference": "http://fhir.example/r4/Practitioner/{name}"}}]}}"#
    ))
}

fn observation(id: u64, dice: &mut Dice) -> Write {
    let (value, of) = (dice.below(300), dice.below(12));
    put(&format!(
        r#"{{"resourceType": "Observation", "id": "o{id}", "status": "final",
            "code": {{"coding": [{{"system": "http://loinc.org", "code": "8302-2"}}]}},
            "subject": {{"reference": "Patient/p{of}"}},
            "valueQuantity": {{"value": {value}.50, "unit": "cm"}}}}"#
    ))
}

fn who(dice: &mut Dice) -> Provenance {
    let principal = (dice.below(3) > 0).then(|| format!("Dr. {}", dice.below(2)).into());
    let request = (dice.below(2) > 0).then(|| format!("request {}", dice.below(1000)).into());
    Provenance { principal, request, origin: Some("http".into()) }
}
