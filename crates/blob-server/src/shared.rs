//! The Azurite that the tests of a process share.

use crate::azurite::Azurite;
use cresset_test_service::in_ci;
use std::sync::LazyLock;

/// Ended by the process's end.
static SHARED: LazyLock<Option<Azurite>> = LazyLock::new(Azurite::start);

/// The Azurite of this process: each test takes containers of its own. Without one the tests of this
/// process end here: loudly, and in CI as a failure.
pub fn shared() -> &'static Azurite {
    shared_if_there().unwrap_or_else(|| std::process::exit(i32::from(in_ci())))
}

/// The same, for tests beside which others don't need one.
pub fn shared_if_there() -> Option<&'static Azurite> {
    SHARED.as_ref()
}
