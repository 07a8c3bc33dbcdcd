//! What `server.properties` says.

use crate::ports::address;
use std::collections::BTreeMap;
use std::path::Path;

/// One node is all there is; a small one that is quickly there.
const SINGLE: [(&str, &str); 18] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.listener.names", "CONTROLLER"),
    (
        "listener.security.protocol.map",
        "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
    ),
    ("auto.create.topics.enable", "false"),
    ("default.replication.factor", "1"),
    ("min.insync.replicas", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("offsets.topic.num.partitions", "4"),
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.num.partitions", "4"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.num.partitions", "4"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("num.network.threads", "2"),
    ("num.io.threads", "4"),
    // A quarter of the heap otherwise.
    ("log.cleaner.dedupe.buffer.size", "4194304"),
];

/// A way into the broker: its name, which is also its protocol, and its port.
pub(crate) type Listener = (&'static str, u16);

/// The file of a broker whose data are in a folder; what a test has set goes before the rest.
pub(crate) fn properties(
    folder: &Path,
    controller: u16,
    listeners: &[Listener],
    set: &[(String, String)],
) -> String {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut all: BTreeMap<String, String> = SINGLE.iter().map(own).collect();
    let advertised = listeners.iter().map(listener).collect::<Vec<_>>().join(",");
    let mut put = |name: &str, value: String| all.insert(name.to_owned(), value);
    put("listeners", format!("{},{advertised}", listener(&("CONTROLLER", controller))));
    put("advertised.listeners", advertised);
    put("controller.quorum.voters", format!("1@{}", address(controller)));
    put("log.dirs", folder.join("data").display().to_string());
    all.extend(set.iter().cloned());
    all.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

fn listener((name, port): &Listener) -> String {
    format!("{name}://{}", address(*port))
}
