//! The shell that starts and ends a broker.

use cresset_test_service::Shell;
use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant};

/// Follows the orders in its input. When that ends, with the tests, however these end, it kills what
/// runs and removes the files. A process is waited for by nobody else, so that its id can't have become
/// another's. It is in a session of its own, where no key of a terminal reaches it, and may be asked to
/// end, which it otherwise would inherit to ignore.
const KEEPER: &str = r#"
set -f
trap '' HUP INT TERM
folder=$1 process=
shift
while read -r order arguments; do
    case $order in
    format)
        "$@" kafka.tools.StorageTool format --config "$folder/server.properties" \
            $arguments >"$folder/log" 2>&1 </dev/null
        echo "$?"
        ;;
    start)
        : >"$folder/log"
        (
            trap - HUP INT TERM
            exec setsid "$@" kafka.Kafka "$folder/server.properties"
        ) >>"$folder/log" 2>&1 </dev/null &
        process=$!
        echo "$process"
        ;;
    KILL | TERM)
        kill "-$order" "$process"
        wait "$process"
        echo "$?"
        process=
        ;;
    esac
done
if [ -n "$process" ]; then
    kill -KILL "$process"
    wait "$process"
fi
rm -rf "$folder"
"#;

/// A small heap and the quick compiler: a broker of a test doesn't live long.
const JAVA: [&str; 6] = [
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    // Else it leaves a file when it is killed.
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    // Says that the broker serves.
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];

/// What a broker says when it serves.
const SERVES: &str = "Kafka Server started";

/// What a broker, or Java itself, says when it gives up.
const GIVES_UP: [&str; 3] = ["Exiting Kafka due to fatal exception", "Error: ", "OutOfMemoryError"];

/// How long a start or an end may take; seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// One shell. Dropped, it ends.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Shell,
    /// The id of the process that runs.
    process: Option<String>,
}

/// Another has a port that the broker is to listen on.
pub(crate) struct InUse;

impl Keeper {
    pub(crate) fn of(class_path: &OsStr) -> Self {
        let shell = Shell::run(KEEPER, PATIENCE, |command, folder| {
            command.arg("java").args(JAVA);
            // Libraries that Java unpacks go away with the rest.
            command.arg(format!("-Djava.io.tmpdir={}", folder.display()));
            command.arg("-cp").arg(class_path).current_dir(folder);
        });
        Self { shell, process: None }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.shell.folder()
    }

    /// Says what the broker is to be like from its next start.
    pub(crate) fn configure(&self, properties: &str) {
        let path = self.folder().join("server.properties");
        std::fs::write(path, properties).expect("a file in the temporary folder");
    }

    /// Makes the broker's storage. No argument has spaces.
    pub(crate) fn format(&mut self, arguments: &[String]) {
        self.shell.order(&format!("format {}", arguments.join(" ")));
        let status = self.shell.answer();
        assert!(
            status.as_deref() == Some("0"),
            "Kafka's storage isn't formatted: {status:?}:\n{}",
            self.log()
        );
    }

    /// Starts the broker, and waits until it serves.
    pub(crate) fn start(&mut self) -> Result<(), InUse> {
        assert!(self.process.is_none(), "the broker runs already");
        self.shell.order("start");
        self.process = self.shell.answer();
        assert!(self.process.is_some(), "the shell starts a broker");
        let until = Instant::now() + PATIENCE;
        loop {
            let log = self.log();
            if log.contains(SERVES) {
                return Ok(());
            }
            let gives_up = GIVES_UP.iter().any(|word| log.contains(word));
            if gives_up || Instant::now() > until {
                self.end("KILL");
                if log.contains("Address already in use") {
                    return Err(InUse);
                }
                panic!("the broker doesn't start:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends the signal to the broker, and waits until it has ended; with which status.
    pub(crate) fn end(&mut self, signal: &str) -> String {
        let process = self.process.take().expect("the broker runs");
        self.shell.end(signal, &process).unwrap_or_else(|| "none in time".to_owned())
    }

    /// What the process has said since its start.
    pub(crate) fn log(&self) -> String {
        self.shell.log()
    }
}
