//! Payload offload while the object store, servers and connections die: no acknowledged version is ever
//! without its body, and reconciling takes exactly what no row tells of.
//!
//! `CRESSET_FAULT_ROUNDS` (25; the full dose is 1,000) says how many troubles the chaos has,
//! `CRESSET_RECONCILE_BLOBS` (3,000; 200,000) how many blobs are reconciled, `CRESSET_CRASH_SEED` which
//! troubles come.

#[path = "offload_faults/chaos.rs"]
mod chaos;
#[path = "offload_faults/crashes.rs"]
mod crashes;
#[path = "offload_faults/front_ends.rs"]
mod front_ends;
#[path = "offload_faults/outages.rs"]
mod outages;
#[path = "postgres_faults/races.rs"]
mod races;
#[path = "offload_faults/reconcile.rs"]
mod reconcile;
#[path = "offload_faults/rig.rs"]
mod rig;
#[path = "offload_faults/rivals.rs"]
mod rivals;
#[path = "offload_faults/scan.rs"]
mod scan;
#[path = "offload_faults/strangers.rs"]
mod strangers;
mod support;
#[path = "postgres_faults/worker.rs"]
mod worker;
