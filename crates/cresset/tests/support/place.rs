//! Where a store is: in a directory, on a PostgreSQL server, or where a configuration says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A store for the commands to open.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The embedded one.
    Data(PathBuf),
    /// The one that a URL names; and the path beside which its server's log goes.
    Url(String, PathBuf),
    /// Those of a configuration directory.
    Configured(PathBuf),
}

impl Place {
    /// A store in a directory.
    pub(crate) fn data(data_dir: &Path) -> Self {
        Self::Data(data_dir.to_owned())
    }

    /// One on the database of a URL, in schemas that nobody else has.
    pub(crate) fn database(url: &str, folder: &Path) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let separator = if url.contains('?') { '&' } else { '?' };
        let schema = format!("end{}x{number}", std::process::id());
        Self::Url(format!("{url}{separator}schema={schema}"), folder.join(schema))
    }

    /// The options that name it to a command.
    pub(crate) fn options(&self) -> [OsString; 2] {
        match self {
            Self::Data(data_dir) => ["--data".into(), data_dir.into()],
            Self::Url(url, _) => ["--store".into(), url.into()],
            Self::Configured(folder) => ["--fhir-config-dir".into(), folder.into()],
        }
    }

    /// Where the log of a server goes.
    pub(crate) fn log(&self) -> PathBuf {
        let (Self::Data(path) | Self::Url(_, path) | Self::Configured(path)) = self;
        let mut name = path.as_os_str().to_owned();
        name.push(".log");
        name.into()
    }
}
