/// From here on, parsing and validating takes longer than a reactor's thread should be away.
const HEAVY_BYTES: usize = 256 << 10;

/// Runs `work` on about `bytes` of input where it stands, and lets another thread take over this
/// one's other tasks when that will take long.
pub(crate) fn heavy<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    let threads = Handle::try_current().map(|h| h.runtime_flavor());
    match threads {
        Ok(RuntimeFlavor::MultiThread) if bytes > HEAVY_BYTES => tokio::task::block_in_place(work),
        _ => work(),
    }
}
