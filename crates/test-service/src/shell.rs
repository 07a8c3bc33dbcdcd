//! A shell that starts and ends a server.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A shell with a folder of its own, whose script follows the orders in its input; when that ends, with the
/// tests, the script has to kill what runs and to remove the folder. Dropped, it ends.
#[derive(Debug)]
pub struct Shell {
    folder: PathBuf,
    child: Child,
    answers: Receiver<String>,
    patience: Duration,
}

impl Shell {
    /// Runs a script with its folder as the first argument and what `add` adds for that folder. An answer
    /// may take so long.
    ///
    /// # Panics
    /// When there is no folder or no shell.
    pub fn run(script: &str, patience: Duration, add: impl FnOnce(&mut Command, &Path)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        let mut command = Command::new("sh");
        command.args(["-c", script, "keeper"]).arg(&folder);
        add(&mut command, &folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("sh runs");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (send, answers) = channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        Self { folder, child, answers, patience }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the file `log` in its folder holds.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Gives it an order.
    ///
    /// # Panics
    /// When it has ended.
    pub fn order(&mut self, order: &str) {
        let input = self.child.stdin.as_mut().expect("it is piped");
        writeln!(input, "{order}").expect("the shell reads");
    }

    /// Its next answer; `None` when there is none in time.
    pub fn answer(&self) -> Option<String> {
        self.answers.recv_timeout(self.patience).ok()
    }

    /// Ends a process by an order: the answer, or `None` when there was none in time and it was killed.
    pub fn end(&mut self, order: &str, process: &str) -> Option<String> {
        self.order(order);
        self.answer().or_else(|| {
            drop(Command::new("kill").args(["-KILL", process]).status());
            self.answer();
            None
        })
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Nothing depends on how the shell ends.
        drop(self.child.wait());
    }
}
