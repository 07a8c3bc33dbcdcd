//! What each property of a Java client is in librdkafka. The crate's documentation lists them.

/// What becomes of a property.
pub(super) enum Meaning {
    /// A property of this name with the same value.
    As(&'static str),
    /// The same, a number up to this.
    Number(&'static str, i64),
    /// The same, true or false.
    Truth(&'static str),
    /// A property of this name, whose values have other names.
    Names(&'static str, &'static [(&'static str, &'static str)]),
    /// What holds anyway; other values would break a guarantee.
    Only(&'static [&'static str], &'static str),
    /// Protocols of TLS.
    Tls,
    /// How large a record may be.
    RecordBytes,
    /// Whether the broker's certificate must name it.
    EndpointName,
    /// Nothing, with a word about it.
    WithoutEffect(&'static str),
    /// Read together with others.
    Elsewhere,
    /// About Java.
    Java,
}

use Meaning::{
    As, Elsewhere, EndpointName, Java, Names, Number, Only, RecordBytes, Tls, Truth, WithoutEffect,
};

/// The longest times and largest sizes that librdkafka takes.
const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const QUARTER: i64 = 900_000;
const GIGABYTE: i64 = 1_000_000_000;

const PROTOCOLS: &[(&str, &str)] = &[
    ("PLAINTEXT", "plaintext"),
    ("SSL", "ssl"),
    ("SASL_PLAINTEXT", "sasl_plaintext"),
    ("SASL_SSL", "sasl_ssl"),
];
const MECHANISMS: &[(&str, &str)] =
    &[("PLAIN", "PLAIN"), ("SCRAM-SHA-256", "SCRAM-SHA-256"), ("SCRAM-SHA-512", "SCRAM-SHA-512")];
const COMPRESSIONS: &[(&str, &str)] =
    &[("none", "none"), ("gzip", "gzip"), ("snappy", "snappy"), ("lz4", "lz4"), ("zstd", "zstd")];
const RESETS: &[(&str, &str)] = &[("earliest", "earliest"), ("latest", "latest")];
const ASSIGNORS: &[(&str, &str)] = &[
    ("org.apache.kafka.clients.consumer.RangeAssignor", "range"),
    ("org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin"),
    ("org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"),
];
const LOOKUPS: &[(&str, &str)] = &[
    ("use_all_dns_ips", "use_all_dns_ips"),
    ("resolve_canonical_bootstrap_servers_only", "resolve_canonical_bootstrap_servers_only"),
];

const BY_OPTION: Meaning = WithoutEffect("an option or another setting says it");

const TABLE: &[(&str, Meaning)] = &[
    // Both sides.
    ("bootstrap.servers", As("bootstrap.servers")),
    ("client.id", As("client.id")),
    ("client.rack", As("client.rack")),
    ("client.dns.lookup", Names("client.dns.lookup", LOOKUPS)),
    ("request.timeout.ms", Number("socket.timeout.ms", 300_000)),
    ("default.api.timeout.ms", WithoutEffect("calls have limits of their own")),
    (
        "socket.connection.setup.timeout.ms",
        Number("socket.connection.setup.timeout.ms", i32::MAX as i64),
    ),
    ("socket.connection.setup.timeout.max.ms", WithoutEffect("the first time-out stays")),
    ("connections.max.idle.ms", Number("connections.max.idle.ms", i32::MAX as i64)),
    ("metadata.max.age.ms", Number("topic.metadata.refresh.interval.ms", HOUR)),
    ("reconnect.backoff.ms", Number("reconnect.backoff.ms", HOUR)),
    ("reconnect.backoff.max.ms", Number("reconnect.backoff.max.ms", HOUR)),
    ("retry.backoff.ms", Number("retry.backoff.ms", 300_000)),
    ("retry.backoff.max.ms", Number("retry.backoff.max.ms", 300_000)),
    ("send.buffer.bytes", Number("socket.send.buffer.bytes", 100_000_000)),
    ("receive.buffer.bytes", Number("socket.receive.buffer.bytes", 100_000_000)),
    // Encryption and names.
    ("security.protocol", Names("security.protocol", PROTOCOLS)),
    ("sasl.mechanism", Names("sasl.mechanism", MECHANISMS)),
    ("sasl.jaas.config", Elsewhere),
    ("ssl.protocol", Tls),
    ("ssl.enabled.protocols", Tls),
    ("ssl.endpoint.identification.algorithm", EndpointName),
    ("ssl.cipher.suites", WithoutEffect("OpenSSL's are taken, which have other names")),
    ("ssl.key.password", Elsewhere),
    ("ssl.keystore.type", Elsewhere),
    ("ssl.keystore.location", Elsewhere),
    ("ssl.keystore.password", WithoutEffect("a key of PEM has ssl.key.password")),
    ("ssl.keystore.key", Elsewhere),
    ("ssl.keystore.certificate.chain", Elsewhere),
    ("ssl.truststore.type", Elsewhere),
    ("ssl.truststore.location", Elsewhere),
    ("ssl.truststore.password", WithoutEffect("certificates of PEM have no password")),
    ("ssl.truststore.certificates", Elsewhere),
    // The server.
    ("acks", Only(&["all", "-1"], "an announcement must not be lost once it is acknowledged")),
    ("enable.idempotence", Only(&["true"], "announcements must not be sent twice")),
    ("linger.ms", Number("linger.ms", QUARTER)),
    ("batch.size", Number("batch.size", i32::MAX as i64)),
    ("buffer.memory", WithoutEffect("the queue has a bound of its own")),
    ("compression.type", Names("compression.type", COMPRESSIONS)),
    ("delivery.timeout.ms", WithoutEffect("the limit for acknowledgements says it")),
    ("max.block.ms", WithoutEffect("the limit for acknowledgements says it")),
    ("retries", WithoutEffect("it is tried again until the limit for acknowledgements")),
    (
        "max.in.flight.requests.per.connection",
        Only(&["1", "2", "3", "4", "5"], "order is kept up to 5"),
    ),
    ("max.request.size", RecordBytes),
    ("key.serializer", Java),
    ("value.serializer", Java),
    // The remote index.
    ("group.id", BY_OPTION),
    ("group.instance.id", WithoutEffect("several members run under one configuration")),
    ("auto.offset.reset", Names("auto.offset.reset", RESETS)),
    ("enable.auto.commit", WithoutEffect("places are kept after the database has committed")),
    ("auto.commit.interval.ms", WithoutEffect("places are kept after the database has committed")),
    ("max.poll.interval.ms", Number("max.poll.interval.ms", DAY)),
    ("max.poll.records", WithoutEffect("batches have a bound of their own")),
    ("session.timeout.ms", Number("session.timeout.ms", HOUR)),
    ("heartbeat.interval.ms", Number("heartbeat.interval.ms", HOUR)),
    ("fetch.min.bytes", Number("fetch.min.bytes", 100_000_000)),
    ("fetch.max.bytes", Number("fetch.max.bytes", 2_147_483_135)),
    ("fetch.max.wait.ms", Number("fetch.wait.max.ms", 300_000)),
    ("max.partition.fetch.bytes", Number("max.partition.fetch.bytes", GIGABYTE)),
    ("partition.assignment.strategy", Names("partition.assignment.strategy", ASSIGNORS)),
    ("isolation.level", WithoutEffect("no transactions of Kafka are used")),
    ("allow.auto.create.topics", WithoutEffect("topics aren't made")),
    ("check.crcs", Truth("check.crcs")),
    ("key.deserializer", Java),
    ("value.deserializer", Java),
];

/// What a key means; nothing if it is unknown.
pub(super) fn meaning(key: &str) -> Option<&'static Meaning> {
    TABLE.iter().find(|(known, _)| *known == key).map(|(_, meaning)| meaning)
}

/// The keys that are known.
#[cfg(test)]
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(key, _)| *key)
}
