use super::{Payload, Rows};
use crate::failure::{CommandFailure, CommandResult};
use crate::offload;
use cresset_payload::{Container, Reconcile, Report, Token, verify};
use std::io::{self, Write};
use std::time::Duration;

pub(super) async fn reconcile(
    options: &Payload,
    rows: &Rows,
    container: &Container,
) -> CommandResult {
    let (store, scope) = (&*rows.store, &rows.scope);
    let prefix = offload::settings()?.prefix(scope.collection());
    // A store that these bodies don't belong to would take all of them for orphans.
    verify(store, scope, container, &prefix).await?;
    let token = match &options.continuation_token {
        None => None,
        Some(text) => {
            let read = Token::read(text, container.place(), &prefix);
            Some(read.map_err(|error| CommandFailure::Usage(error.to_string()))?)
        }
    };
    let dry_run = !options.no_dry_run;
    let grace = offload::grace()?;
    let most = options.max_scan_seconds.map(Duration::from_secs);
    let reconcile = Reconcile { store, scope, container, prefix, dry_run, grace, most };
    let told = |report: &Report, token: &Token| {
        let Report { scanned, matched, orphaned, deleted, rows, missing_count, .. } = *report;
        tracing::info!(
            scanned,
            matched,
            orphaned,
            deleted,
            rows,
            missing = missing_count,
            "reconciling"
        );
        // A line that scripts look for, whatever form logs have and however they are filtered.
        let _ = writeln!(io::stderr(), "__CONTINUATION_TOKEN__ = {token}");
    };
    let (report, rest) = reconcile.run(token, told).await?;
    tell(&report, dry_run, rest.as_ref())?;
    if report.missing_count > 0 { Err(CommandFailure::FoundWrong) } else { Ok(()) }
}

fn tell(report: &Report, dry_run: bool, rest: Option<&Token>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let Report { scanned, matched, young, orphaned, deleted, bytes, foreign, rows, .. } = report;
    let orphans = if dry_run { "not taken away: --no-dry-run does that" } else { "taken away" };
    writeln!(out, "scanned   {scanned} blobs")?;
    writeln!(out, "matched   {matched}")?;
    writeln!(out, "young     {young} left alone: a commit may be on its way")?;
    writeln!(out, "foreign   {foreign} left alone: their names are no bodies'")?;
    writeln!(out, "orphaned  {orphaned} of {bytes} bytes")?;
    writeln!(out, "deleted   {deleted}, {orphans}")?;
    writeln!(out, "versions  {rows} looked at, {} without a body", report.missing_count)?;
    for version in &report.missing {
        writeln!(out, "missing   {version}")?;
    }
    if let Some(token) = rest {
        writeln!(out, "not done: go on with --continuation-token {token}")?;
    }
    Ok(())
}
