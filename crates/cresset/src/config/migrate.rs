//! Making and migrating the tables of a store.

use crate::backend::{Location, postgres};
use crate::failure::{CommandFailure, CommandResult};
use crate::options::StoreOptions;
use crate::places::{self, Place};
use crate::store::{catalogue, scope_of};
use clap::Args;
use cresset_store_postgres::Migrated;
use std::io::{self, Write};

/// Make the tables of a store where they are missing, and bring them to this version's form.
#[derive(Args)]
#[command(
    after_help = "Example: cresset config migrate --store postgres://owner@db.example.org/records --grant cresset_service"
)]
pub(super) struct Migrate {
    #[command(flatten)]
    options: StoreOptions,
    /// Also take away what only earlier versions need: when none of them runs any more.
    #[arg(long)]
    contract: bool,
    /// Give this role what `cresset serve` needs, and nothing more.
    #[arg(long, value_name = "ROLE")]
    grant: Option<String>,
}

impl Migrate {
    pub(super) async fn run(self) -> CommandResult {
        let mut are_any = false;
        for place in places::all(&self.options)? {
            if let Location::Url(url) = &place.location {
                are_any = true;
                self.database(&place, url.expose()).await?;
            }
        }
        if !are_any && (self.contract || self.grant.is_some()) {
            let problem = "--contract and --grant are about databases: name one with --store, or \
                           with --fhir-config-dir";
            return Err(CommandFailure::Usage(problem.to_owned()));
        }
        if !are_any {
            let told =
                "nothing to do: embedded stores have one form so far, made when they are opened";
            writeln!(io::stdout(), "{told}")?;
        }
        Ok(())
    }

    async fn database(&self, place: &Place, url: &str) -> CommandResult {
        let database = postgres(url, Default::default()).await?;
        let catalogue = catalogue([&place.name])?;
        let scope = scope_of(&catalogue, &place.name, "migrate")?;
        let place = database.place();
        let migrated = database.migrate(&scope, self.contract).await?;
        let mut out = io::stdout().lock();
        for line in told(&migrated) {
            writeln!(out, "{place}: {line}")?;
        }
        if let Some(role) = &self.grant {
            database.grant(&scope, role).await?;
            writeln!(out, "{place}: the role {role} may serve it")?;
        }
        Ok(())
    }
}

/// What was done and what is left, for people.
fn told(migrated: &Migrated) -> Vec<String> {
    let Migrated { made, expanded, contracted, form, oldest } = migrated;
    let mut lines = Vec::new();
    if *made {
        lines.push("the tables were made".to_owned());
    }
    lines.extend(expanded.iter().map(|to| format!("expanded to form {to}")));
    lines.extend(contracted.iter().map(|to| format!("contracted to form {to}")));
    if lines.is_empty() {
        lines.push("nothing to do".to_owned());
    }
    lines.push(match form == oldest {
        true => format!("the tables have form {form}"),
        false => format!(
            "the tables have form {form}, and versions from form {oldest} on may run; when none before form {form} does: cresset config migrate --contract"
        ),
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_and_what_is_left_is_told() {
        let made = Migrated { made: true, form: 1, oldest: 1, ..Migrated::default() };
        assert_eq!(told(&made), ["the tables were made", "the tables have form 1"]);
        let nothing = Migrated { form: 1, oldest: 1, ..Migrated::default() };
        assert_eq!(told(&nothing), ["nothing to do", "the tables have form 1"]);
        let expanded = Migrated { expanded: vec![2], form: 2, oldest: 1, ..Migrated::default() };
        let lines = told(&expanded);
        assert_eq!(lines[0], "expanded to form 2");
        assert!(
            lines[1].ends_with("when none before form 2 does: cresset config migrate --contract")
        );
    }
}
