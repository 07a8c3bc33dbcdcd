//! The store on PostgreSQL while connections, front ends and servers die: nothing that was acknowledged is
//! lost, nothing is written twice, nobody reads what was replaced.
//!
//! `CRESSET_FAULT_SECONDS` (6; the full dose is 120) says how long each kind of trouble lasts, `CRESSET_CRASH_SEED` at which
//! moments it comes.

#[path = "postgres_faults/bouncer.rs"]
mod bouncer;
#[path = "postgres_faults/chaos.rs"]
mod chaos;
#[path = "postgres_faults/doubt.rs"]
mod doubt;
#[path = "postgres_faults/failover.rs"]
mod failover;
#[path = "postgres_faults/front_ends.rs"]
mod front_ends;
#[path = "postgres_faults/load.rs"]
mod load;
#[path = "postgres_faults/proxy.rs"]
mod proxy;
#[path = "postgres_faults/races.rs"]
mod races;
mod support;
#[path = "postgres_faults/worker.rs"]
mod worker;
