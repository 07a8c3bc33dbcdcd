//! Where a broker listens.

use std::net::TcpListener;

/// Different ports of the loopback address that nobody listens on at the moment.
pub(crate) fn free<const COUNT: usize>() -> [u16; COUNT] {
    let held = [(); COUNT].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("an address").port())
}

/// How clients are told of a port.
pub(crate) fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
