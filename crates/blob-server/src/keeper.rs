//! The shell that starts and ends Azurite.

use cresset_test_service::Shell;
use std::path::Path;
use std::time::Duration;

/// Follows the orders in its input. When that ends, with the tests, however these end, it kills what
/// runs and removes the files. A process is the first of a group, and waited for by nobody else, so
/// that its id can't have become another's.
const KEEPER: &str = r#"
trap '' HUP INT TERM
folder=$1 process=
shift
while read -r order port; do
    case $order in
    start)
        : >"$folder/log"
        setsid "$@" --blobPort "$port" >>"$folder/log" 2>&1 </dev/null &
        process=$!
        echo "$process"
        ;;
    die | kill)
        if [ "$order" = die ]; then kill -USR2 "$process"; else kill -KILL "$process"; fi
        wait "$process"
        status=$?
        kill -KILL "-$process"
        process=
        echo "$status"
        ;;
    esac
done
if [ -n "$process" ]; then
    kill -KILL "-$process" || kill -KILL "$process"
    wait "$process"
fi
rm -rf "$folder"
"#;

/// Makes Azurite die without forgetting anything.
const DIE: &str = include_str!("../azurite/die.cjs");

/// How long a process may take to die.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the shell says of a process that SIGKILL ended.
const KILLED: &str = "137";

/// One shell. Dropped, it ends.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Shell,
    /// The id of the process that runs.
    process: Option<String>,
}

impl Keeper {
    pub(crate) fn of(program: &Path) -> Self {
        let shell = Shell::run(KEEPER, PATIENCE, |command, folder| {
            let before_azurite = folder.join("die.cjs");
            std::fs::write(&before_azurite, DIE).expect("a file in the temporary folder");
            command.arg(program);
            command.args(["--blobHost", "127.0.0.1", "--location"]).arg(folder.join("data"));
            command.args(["--silent", "--disableTelemetry", "--skipApiVersionCheck"]);
            command.env("NODE_OPTIONS", format!("--require \"{}\"", before_azurite.display()));
            // Other accounts, and metadata in a database elsewhere.
            command.env_remove("AZURITE_ACCOUNTS").env_remove("AZURITE_DB");
        });
        Self { shell, process: None }
    }

    /// Starts the process; 0 is any port.
    pub(crate) fn start(&mut self, port: u16) {
        assert!(self.process.is_none(), "Azurite runs already");
        self.shell.order(&format!("start {port}"));
        self.process = self.shell.answer();
        assert!(self.process.is_some(), "the shell starts Azurite");
    }

    /// Kills the process with all that it started, after it has written what it acknowledged.
    pub(crate) fn die(&mut self) {
        let process = self.process.take().expect("Azurite runs");
        let status = self.shell.end("die", &process);
        let status = status.as_deref().unwrap_or("none in time");
        assert!(status == KILLED, "Azurite was to die; its status is {status}:\n{}", self.log());
    }

    /// Kills a process that hasn't begun to serve.
    pub(crate) fn kill(&mut self) {
        if self.process.take().is_some() {
            self.shell.order("kill");
            self.shell.answer();
        }
    }

    /// What the process has said since its start.
    pub(crate) fn log(&self) -> String {
        self.shell.log()
    }
}
