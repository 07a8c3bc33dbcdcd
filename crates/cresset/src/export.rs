use crate::failure::CommandResult;
use crate::options::{DatasourceOptions, TypeOptions};
use crate::progress::Progress;
use crate::store::{self, OpenedStore};
use clap::Args;
use cresset_store::{Scope, Timestamp, TypeNumber};
use cresset_store_sqlite::{OpenMode, Settings};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Write the resources of a store as NDJSON, a file for each type.
#[derive(Args)]
#[command(
    after_help = "Example: cresset export --data ./cresset-data --out ./export --type Patient,Observation"
)]
pub(crate) struct Export {
    #[command(flatten)]
    store: DatasourceOptions,
    /// The directory for the files `{Type}.ndjson`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    types: TypeOptions,
    /// Only resources whose current version was committed at or after this moment.
    #[arg(long, value_name = "INSTANT")]
    since: Option<String>,
}

/// Resources read at a time.
const PAGE: usize = 1_000;

impl Export {
    pub(crate) async fn run(self) -> CommandResult {
        let since = match &self.since {
            None => None,
            Some(text) => Some(Timestamp::parse(text).ok_or_else(|| {
                let problem = "--since takes an instant such as 2026-01-31T10:20:30Z";
                crate::failure::CommandFailure::Usage(problem.to_owned())
            })?),
        };
        let types = store::types(&self.types)?;
        let opened = store::open(&self.store, OpenMode::Read, Settings::default()).await?;
        let scope = opened.scope("export")?;
        fs::create_dir_all(&self.out)?;
        let mut progress = Progress::new("resources exported");
        let mut total = 0;
        for (name, resource_type) in types {
            let file = self.out.join(format!("{name}.ndjson"));
            let written =
                write_type(&opened, &scope, resource_type, since, &file, &mut progress).await?;
            if written > 0 {
                writeln!(io::stdout(), "{name}: {written}")?;
            }
            total += written;
        }
        let seconds = progress.finish();
        writeln!(io::stdout(), "{total} resources in {seconds:.1} s")?;
        Ok(())
    }
}

/// Writes a type's file under another name first: a file that is there is whole. No file is made for
/// a type without resources.
async fn write_type(
    opened: &OpenedStore,
    scope: &Scope,
    resource_type: TypeNumber,
    since: Option<Timestamp>,
    file: &Path,
    progress: &mut Progress,
) -> Result<u64, crate::failure::CommandFailure> {
    let unfinished = file.with_extension("ndjson.unfinished");
    let mut out: Option<BufWriter<File>> = None;
    let mut after = None;
    let mut written = 0;
    loop {
        let page = opened.store.list(scope, resource_type, after, PAGE).await?;
        for stored in page.resources.iter().filter(|s| since.is_none_or(|since| s.updated >= since))
        {
            let Some(body) = stored.body()? else { continue };
            let out = match &mut out {
                Some(out) => out,
                none => none.insert(BufWriter::with_capacity(1 << 20, File::create(&unfinished)?)),
            };
            out.write_all(&body)?;
            out.write_all(b"\n")?;
            written += 1;
        }
        progress.add(page.resources.len() as u64);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if let Some(out) = out {
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&unfinished, file)?;
    }
    Ok(written)
}
