//! Why a benchmark cannot be run.

use std::path::PathBuf;

/// A reason for which nothing, or nothing more, is measured.
///
/// A request that the server refuses is not one of them: it is counted.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The base URL does not name a server on this machine's loopback.
    #[error(
        "--base {base}: only a loopback address (127.0.0.1, [::1], localhost) is measured, \
         so that no load reaches another machine"
    )]
    NotLoopback {
        /// The URL as given.
        base: String,
    },
    /// The base URL cannot be used.
    #[error("--base {base}: {reason}")]
    Base {
        /// The URL as given.
        base: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The process to watch cannot be read.
    #[error("--pid {pid}: {source}; is the server running, and under this user?")]
    Process {
        /// The process id as given.
        pid: u32,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or directory cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `--data` holds nothing that can be loaded.
    #[error("--data {}: no transaction Bundle (*.json) in it", path.display())]
    NoBundles {
        /// The directory as given.
        path: PathBuf,
    },
    /// The server does not answer as a FHIR server does.
    #[error("{request}: {reason}")]
    Server {
        /// The request that failed.
        request: String,
        /// How it failed.
        reason: String,
    },
    /// The table cannot be written to standard output.
    #[error("standard output: {0}")]
    Output(std::io::Error),
}
