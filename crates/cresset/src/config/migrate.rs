//! Making and migrating the tables of a store.

use crate::config::read;
use crate::failure::CommandResult;
use crate::options::StoreOptions;
use crate::store;
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
    #[arg(long, requires = "store")]
    contract: bool,
    /// Give this role what `cresset serve` needs, and nothing more.
    #[arg(long, value_name = "ROLE", requires = "store")]
    grant: Option<String>,
}

impl Migrate {
    pub(super) async fn run(self) -> CommandResult {
        if let Some(url) = &self.options.store {
            return self.database(url).await;
        }
        if let Some(directory) = &self.options.fhir_config_dir {
            read(directory)?;
        }
        let told = "nothing to do: embedded stores have one form so far, made when they are opened";
        Ok(writeln!(io::stdout(), "{told}")?)
    }

    async fn database(&self, url: &str) -> CommandResult {
        let database = store::postgres(url).await?;
        let place = database.place();
        let catalogue = store::catalogue()?;
        let scope = store::scope_in(&catalogue, "migrate")?;
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
