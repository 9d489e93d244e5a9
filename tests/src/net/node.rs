//! One node: its process, its end, its log.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jmesd::rpc::Client;
use serde::Deserialize;

use super::system::{end_with_this_thread, jmesd, processes_naming, send_signal, until, PATIENCE};

/// How much of a log is shown when a test fails.
const SHOWN_LINES: usize = 40;
/// Lines that say nothing about a failure and would push out those that do.
const NOISE: &str = "INFO engine";

/// Where a node answers.
#[derive(Clone, Debug, Deserialize)]
pub struct Endpoints {
    /// URL of the engine's RPC.
    pub rpc: String,
    /// URL of REST.
    pub rest: String,
    /// Address of gRPC.
    pub grpc: String,
}

/// A node's home, and its process while it runs.
pub struct Node {
    /// The home directory.
    pub home: PathBuf,
    /// Where it answers.
    pub endpoints: Endpoints,
    /// The engine's RPC.
    pub rpc: Client,
    process: Option<Child>,
    log: PathBuf,
    /// Where in the log the latest start begins.
    log_start: usize,
}

/// How a node's process ended.
#[derive(Debug)]
pub struct End {
    /// Its status.
    pub status: ExitStatus,
    /// What it has logged since it started.
    pub log: String,
}

impl End {
    /// Asserts that the node ended as one that was asked to: status 0.
    pub fn assert_clean(&self) {
        assert_eq!(self.status.code(), Some(0), "the node ended with {}:\n{}", self.status, tail(&self.log));
    }

    /// Asserts that the node ended with status 1 and told why: its last words have each of `texts`.
    pub fn assert_failed_saying(&self, texts: &[&str]) {
        assert_eq!(self.status.code(), Some(1), "the node ended with {}:\n{}", self.status, tail(&self.log));
        let said = self.log.find("Error: ").map(|start| &self.log[start..]);
        let said = said.unwrap_or_else(|| panic!("the node did not say why it ended:\n{}", tail(&self.log)));
        for text in texts {
            assert!(said.contains(text), "\"{text}\" is not in the node's last words:\n{said}");
        }
    }
}

impl Node {
    pub(super) fn new(home: PathBuf, endpoints: Endpoints, log: PathBuf) -> Self {
        let rpc = Client::with_timeout(&endpoints.rpc, Duration::from_secs(10)).expect("a URL");
        Self { home, endpoints, rpc, process: None, log, log_start: 0 }
    }

    /// A node whose home the test makes itself, with the ports of networks from `port_base` on.
    pub fn at(home: &Path, port_base: u16) -> Self {
        let url = |port| format!("http://127.0.0.1:{}", port_base + port);
        let endpoints = Endpoints { rpc: url(1), rest: url(2), grpc: format!("127.0.0.1:{}", port_base + 3) };
        Self::new(home.to_owned(), endpoints, home.with_extension("log"))
    }

    /// Another process of this node's home, with a log of its own: an engine that the operator runs.
    pub fn beside(node: &Self, name: &str) -> Self {
        Self::new(node.home.clone(), node.endpoints.clone(), node.log.with_file_name(format!("{name}.log")))
    }

    /// Starts `jmesd start` with further arguments.
    pub fn start(&mut self, arguments: &[&str]) {
        assert!(self.process.is_none(), "the node runs already");
        let mut command = Command::new(jmesd());
        command.args(["start", "--home"]).arg(&self.home).args(arguments);
        self.spawn(command);
    }

    /// Starts a command as the node's process, its output appended to the node's log.
    pub fn spawn(&mut self, mut command: Command) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).expect("the log");
        self.log_start = usize::try_from(log.metadata().map_or(0, |meta| meta.len())).unwrap_or(0);
        let errors = log.try_clone().expect("the log again");
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        end_with_this_thread(&mut command, libc::SIGKILL);
        self.process = Some(command.spawn().expect("jmesd starts"));
    }

    /// The id of the node's process, which must run.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the node runs").id()
    }

    /// The ids of the processes that work in this node's home, besides the node's own: its engine.
    pub fn engine_pids(&self) -> Vec<u32> {
        let own = self.process.as_ref().map(Child::id);
        processes_naming(&self.home).into_iter().filter(|pid| Some(*pid) != own).collect()
    }

    /// Sends the node's process a signal.
    pub fn signal(&self, signal: i32) {
        send_signal(self.pid(), signal);
    }

    /// Asks the node to stop (SIGTERM), and asserts that it does so with status 0 and leaves nothing behind.
    pub fn stop(&mut self) {
        self.signal(libc::SIGTERM);
        self.wait_for_end().assert_clean();
    }

    /// Waits for the end of the node's process; its engine must be gone with it.
    pub fn wait_for_end(&mut self) -> End {
        let mut process = self.process.take().expect("the node runs");
        let start = Instant::now();
        let status = loop {
            if let Some(status) = process.try_wait().expect("the node's status") {
                break status;
            }
            if start.elapsed() > PATIENCE {
                self.process = Some(process);
                panic!("the node still runs after {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(10));
        };
        until("the end of the engine", || self.engine_pids().is_empty().then_some(()));
        End { status, log: self.log() }
    }

    /// Whether the node's process still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.try_wait().is_ok_and(|status| status.is_none()))
    }

    /// The node's latest height; `None` while it does not answer.
    pub fn height(&self) -> Option<u64> {
        self.rpc.status().ok().map(|status| status.sync_info.latest_block_height.value())
    }

    /// Waits until the node has block `height`, and fails if its process ends before.
    pub fn wait_for_height(&mut self, height: u64) -> u64 {
        let start = Instant::now();
        loop {
            if let Some(now) = self.height().filter(|now| *now >= height) {
                return now;
            }
            assert!(self.is_running(), "the node ended before block {height}");
            assert!(start.elapsed() < PATIENCE, "block {height} did not come within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the node has logged since its latest start.
    pub fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(self.log_start..).unwrap_or_default()).into_owned()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- the end of {}:\n{}", self.log.display(), tail(&self.log()));
        }
        let Some(process) = &mut self.process else { return };
        send_signal(process.id(), libc::SIGTERM);
        let start = Instant::now();
        while start.elapsed() < PATIENCE / 2 {
            if !matches!(process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // Nothing is left to do for a test that is over.
        let _ = process.kill();
        let _ = process.wait();
    }
}

/// The last lines of a log, without the engine's talk when all is well.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains(NOISE)).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
