//! What attackers and broken clients send: each gets a clear error, memory stays bounded, and the
//! server goes on.

#[path = "hostile/addresses.rs"]
mod addresses;
#[path = "hostile/bodies.rs"]
mod bodies;
#[path = "hostile/bundles.rs"]
mod bundles;
#[path = "hostile/code_sets.rs"]
mod code_sets;
#[path = "hostile/costly.rs"]
mod costly;
#[path = "hostile/costs.rs"]
mod costs;
#[path = "hostile/headers.rs"]
mod headers;
#[path = "hostile/hub.rs"]
mod hub;
#[path = "hostile/hub_texts.rs"]
mod hub_texts;
#[path = "hostile/overload.rs"]
mod overload;
#[path = "hostile/page_tokens.rs"]
mod page_tokens;
#[path = "hostile/protocol.rs"]
mod protocol;
#[path = "hostile/search_shapes.rs"]
mod search_shapes;
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
