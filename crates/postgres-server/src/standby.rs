//! A second server that follows a first one.

use crate::binaries::{run, unprivileged};
use crate::server::Server;

impl Server {
    /// Starts a copy that follows this server's log from now on, and calls itself `name`.
    pub fn standby(&self, name: &str) -> Server {
        let standby = Self::prepared(self.binaries.clone());
        let mut command = unprivileged(&self.binaries.join("pg_basebackup"));
        command.args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-D"]).arg(standby.data());
        command.arg("-d").arg(self.as_primary(name));
        run(&mut command, "pg_basebackup");
        standby.run_up();
        standby
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.quietly(self.pg_ctl().args(["-w", "-t", "60", "promote"]), "pg_ctl promote");
    }

    fn as_primary(&self, name: &str) -> String {
        format!("host=127.0.0.1 port={} user=postgres application_name={name}", self.port)
    }
}
