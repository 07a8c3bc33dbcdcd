//! The options of `cresset bench`.

use std::path::PathBuf;
use std::time::Duration;

/// What to measure, where, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// FHIR base URL of the server to measure; it must be on this machine's loopback
    #[arg(long, value_name = "URL")]
    pub base: String,

    /// Process id of the server, for its CPU time, memory and bytes written
    #[arg(long, value_name = "SERVER_PID")]
    pub pid: Option<u32>,

    /// Directory of transaction Bundles (*.json) to load first, in name order
    #[arg(long, value_name = "DIR_OF_BUNDLES")]
    pub data: Option<PathBuf>,

    /// File for the markdown report; the JSON goes beside it, with the ending .json
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Numbers of concurrent clients to measure with
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,16,64",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub clients: Vec<u16>,

    /// Numbers of concurrent clients of each search shape by itself
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,16",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub search_clients: Vec<u16>,

    /// Also send searches at this rate, in requests per second in all, whether the server keeps
    /// up or not (an open loop): each shape, then all mixed, then at which rate that breaks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: Option<u32>,

    /// Connections of --rate
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,

    /// Milliseconds of p99 over which a rate counts as broken
    #[arg(long, value_name = "MS", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub most_p99: u32,

    /// Concurrent clients of the loading
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub load_clients: u16,

    /// Seconds of each measurement
    #[arg(long, value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,

    /// Times that each measurement is repeated; the table shows the median run
    #[arg(long, value_name = "N", default_value_t = 3,
          value_parser = clap::value_parser!(u16).range(1..=20))]
    pub runs: u16,

    /// Load at most so many Bundles of --data
    #[arg(long, value_name = "N")]
    pub bundles: Option<usize>,

    /// Begin no further Bundle after so many seconds of loading
    #[arg(long, value_name = "N", default_value_t = 900,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub load_seconds: u64,

    /// Requests at which a measurement ends before its time
    #[arg(long, value_name = "N", default_value_t = 1_000_000,
          value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub max_requests: u64,

    /// Seconds after which an unanswered request counts as an error
    #[arg(long, value_name = "N", default_value_t = 120,
          value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// Seed of every random choice
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Leave a shape out of the search suite, by its name in the table; can be repeated
    #[arg(long, value_name = "SHAPE")]
    pub without: Vec<String>,

    /// Works to measure, in the order load, read, search, update, create
    #[arg(long, value_name = "WORK,…", value_delimiter = ',', value_enum,
          default_values_t = WorkKind::ALL)]
    pub work: Vec<WorkKind>,
}

/// One kind of work that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WorkKind {
    /// Whole-patient transactions from --data
    Load,
    /// Reads by id
    Read,
    /// The search suite, each shape by itself and all of them mixed
    Search,
    /// Updates of one hot resource and of random resources
    Update,
    /// Durable creates of small Observations
    Create,
}

impl WorkKind {
    /// Every kind, in the order in which they are measured: those that only read come
    /// before those that add a number of resources which depends on the server's speed,
    /// so that two servers answer the searches from the same content.
    pub const ALL: [Self; 5] = [Self::Load, Self::Read, Self::Search, Self::Update, Self::Create];
}

impl Options {
    pub(crate) fn wants(&self, kind: WorkKind) -> bool {
        self.work.contains(&kind)
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}
