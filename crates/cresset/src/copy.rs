use crate::failure::{CommandFailure, CommandResult};
use crate::options::{DatasourceOptions, StoreOptions};
use crate::progress::Progress;
use crate::store;
use clap::Args;
use cresset_copy::{Copy as Copying, CopyError, Settings, Side, Standing};
use cresset_store_sqlite::{OpenMode, Settings as SqliteSettings};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// Carry everything that a store holds to another one: all versions with their ids, numbers and
/// times, deletions, purges, and the order of changes.
///
/// The target must be empty, or hold a copy of the same source: then the copy goes on where it ended,
/// however it ended. The source may be served and written to meanwhile.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cresset copy --from ./cresset-data --to postgres://cresset@db.example/records\n  \
                  cresset copy --from ./cresset-data --to ./other-data --follow\n\n\
                  To move with a short pause: follow, wait until nothing is behind, stop the source's \
                  server, end the copy with Ctrl-C (SIGINT or SIGTERM), start a server on the target."
)]
pub(crate) struct Copy {
    /// The source: the directory of an embedded store, or `postgres://USER@HOST/DATABASE?schema=NAME`.
    #[arg(long, value_name = "URL")]
    from: String,
    /// The target, likewise. A directory is made if it isn't there.
    #[arg(long, value_name = "URL")]
    to: String,
    /// The configuration directory of the source: where its default datasource keeps bodies.
    #[arg(long, value_name = "DIR")]
    from_fhir_config_dir: Option<PathBuf>,
    /// That of the target.
    #[arg(long, value_name = "DIR")]
    to_fhir_config_dir: Option<PathBuf>,
    /// Go on copying what the source gets until SIGINT or SIGTERM; then make a last pass and end. A
    /// second one ends at once.
    #[arg(long)]
    follow: bool,
}

/// Between two lines that tell how far behind a copy is.
const EVERY: Duration = Duration::from_secs(5);

impl Copy {
    pub(crate) async fn run(self) -> CommandResult {
        // The source first: nothing is made for a source that isn't there.
        let from = side(&self.from, self.from_fhir_config_dir.clone(), OpenMode::Read).await?;
        let to = side(&self.to, self.to_fhir_config_dir.clone(), OpenMode::Write).await?;
        let begun = Instant::now();
        let mut copying = Copying::begin(from, to, Settings::default()).await.map_err(failed)?;
        if copying.seq().0 > 0 {
            tracing::info!(seq = copying.seq().0, "going on with the copy");
        }
        let mut lag = Lag::new();
        let standing = if self.follow {
            copying.follow(stopped(), &mut |progress| lag.tell(progress)).await
        } else {
            copying.catch_up(&mut |progress| lag.tell(progress)).await
        };
        lag.progress.finish();
        let standing = standing.map_err(failed)?;
        let mut out = io::stdout();
        writeln!(out, "{}", told(&standing, begun.elapsed()))?;
        if standing.unexplained > 0 {
            return Err(CommandFailure::FoundWrong);
        }
        Ok(())
    }
}

fn told(standing: &Standing, took: Duration) -> String {
    let Standing { copied, seq, behind, reindexed, unindexed, unexplained } = *standing;
    let seconds = took.as_secs_f64();
    let rate = copied as f64 / seconds.max(1e-9);
    let mut told = format!("{copied} changes copied in {seconds:.1} s, {rate:.0} changes/s");
    if reindexed > 0 {
        told.push_str(&format!("; {reindexed} resources indexed anew"));
    }
    let seq = seq.0;
    told.push_str(&match behind {
        0 => format!("\nboth are equal up to change {seq}, the source's last"),
        _ => format!("\ncopied up to change {seq}; the source has {behind} more"),
    });
    if unindexed > 0 {
        told.push_str(&format!(
            "\n{unindexed} versions can't be read as valid resources: they are there, but not found by \
             their contents"
        ));
    }
    if unexplained > 0 {
        told.push_str(&format!(
            "\n{unexplained} versions have no contents in the source, and no purge says why: look there \
             with `cresset verify`"
        ));
    }
    told
}

/// A store that is given as a directory or a URL.
async fn side(
    place: &str,
    fhir_config_dir: Option<PathBuf>,
    mode: OpenMode,
) -> Result<Side, CommandFailure> {
    let is_url = place.contains("://");
    let store = StoreOptions {
        data: (!is_url).then(|| place.into()),
        store: is_url.then(|| place.to_owned()),
        fhir_config_dir,
    };
    let options = DatasourceOptions { store, tenant_id: None, ds_id: None };
    let opened = store::open(&options, mode, SqliteSettings::default()).await?;
    let scope = opened.scope("copy")?;
    Ok(Side { store: opened.store, scope, place: opened.place })
}

fn failed(error: CopyError) -> CommandFailure {
    if error.is_usage() { CommandFailure::Usage(error.to_string()) } else { error.into() }
}

/// Ready with the first signal that asks to end; the second one ends the process.
async fn stopped() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::warn!("signals can't be heard: end the copy by killing it, and begin it again");
        return std::future::pending().await;
    };
    let mut asked = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    asked().await;
    tracing::info!("making the last pass; a second signal ends the copy at once");
    tokio::spawn(async move {
        asked().await;
        tracing::warn!("ended before the last pass was done; begun again, the copy goes on");
        std::process::exit(1);
    });
}

/// Tells how far a copy has got: as any long work, and every few seconds how far it is behind.
struct Lag {
    progress: Progress,
    copied: u64,
    told: Instant,
}

impl Lag {
    fn new() -> Self {
        Self { progress: Progress::new("changes copied"), copied: 0, told: Instant::now() }
    }

    fn tell(&mut self, progress: cresset_copy::Progress) {
        self.progress.add(progress.copied - self.copied);
        self.copied = progress.copied;
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            tracing::info!(seq = progress.seq.0, behind = progress.behind(), "copied up to here");
        }
    }
}
