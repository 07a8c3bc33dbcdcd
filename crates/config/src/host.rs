//! The hosts of a database, as a URL names them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what RFC 3986 leaves unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it may stand in any part of a URL.
pub(crate) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Hosts, addresses or directories of sockets, separated by commas, each with the port.
pub(crate) fn authority(hosts: &str, port: u16) -> String {
    let one = |host: &str| match host.contains(':') && !host.starts_with('/') {
        true => format!("[{}]:{port}", escaped(host).replace("%3A", ":")),
        false => format!("{}:{port}", escaped(host)),
    };
    hosts.split(',').map(|host| one(trimmed(host))).collect::<Vec<_>>().join(",")
}

/// Hosts as they are compared.
pub(crate) fn compared(hosts: &str) -> String {
    let hosts = hosts.split(',').map(|host| trimmed(host).to_ascii_lowercase());
    hosts.collect::<Vec<_>>().join(",")
}

/// An address of IPv6 may stand in brackets.
fn trimmed(host: &str) -> &str {
    let host = host.trim();
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}
