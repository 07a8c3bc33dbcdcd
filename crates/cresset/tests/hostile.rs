//! What attackers and broken clients send: each gets a clear error, memory stays bounded, and the
//! server goes on.

#[path = "hostile/addresses.rs"]
mod addresses;
#[path = "hostile/bodies.rs"]
mod bodies;
#[path = "hostile/bundles.rs"]
mod bundles;
#[path = "hostile/headers.rs"]
mod headers;
#[path = "hostile/overload.rs"]
mod overload;
#[path = "hostile/protocol.rs"]
mod protocol;
#[path = "hostile/searches.rs"]
mod searches;
#[path = "hostile/sizes.rs"]
mod sizes;
#[path = "hostile/slow.rs"]
mod slow;
#[path = "hostile/structures.rs"]
mod structures;
mod support;
#[path = "hostile/target.rs"]
mod target;
