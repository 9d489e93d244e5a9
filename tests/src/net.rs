//! Networks of real nodes on this machine for the end-to-end suites: `jmesd` and its engine as their users start them.
//!
//! Each network has a directory and loopback ports of its own. When it is dropped its nodes are stopped, and if the
//! test has failed the ends of their logs are printed.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread;
use std::time::{Duration, Instant};

use crate::Key;
use jmesd::rpc::Client;
use serde::Deserialize;
use tempfile::TempDir;

/// The longest that one step of a network may take: a start, a stop, the next block.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Nils of the funded key.
const FUNDS: u64 = 1_000_000_000_000;
/// How much of a log is shown when a test fails.
const SHOWN_LINES: usize = 40;
/// Lines that say nothing about a failure and would push out those that do.
const NOISE: &str = "INFO engine";

/// A wallet that the network's genesis funds.
#[derive(Clone, Debug, Deserialize)]
pub struct TestKey {
    /// Its name in the first node's test keyring.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The words it derives from.
    pub mnemonic: String,
}

/// Several nodes of one chain.
pub struct Network {
    /// The nodes, all of them validators.
    pub nodes: Vec<Node>,
    /// The chain's id.
    pub chain_id: String,
    /// The funded wallets.
    pub keys: Vec<TestKey>,
    home: PathBuf,
    _dir: TempDir,
    _turn: Turn,
}

/// What `jmesd testnet` says of the network it made.
#[derive(Deserialize)]
struct Summary {
    chain_id: String,
    nodes: Vec<Endpoints>,
    keys: Vec<TestKey>,
}

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

/// Tests that measure time run while no other network does.
enum Turn {
    Shared { _guard: RwLockReadGuard<'static, ()> },
    Alone { _guard: RwLockWriteGuard<'static, ()> },
}

static TURNS: RwLock<()> = RwLock::new(());

fn shared_turn() -> Turn {
    Turn::Shared { _guard: TURNS.read().unwrap_or_else(PoisonError::into_inner) }
}

impl Network {
    /// Makes the files of a network and starts nothing. `block_time` is as `--block-time` takes it.
    pub fn make(validators: u16, block_time: &str) -> Self {
        Self::make_in(None, validators, block_time, shared_turn())
    }

    /// As [`make`](Self::make) in a directory of the caller's; logs are elsewhere.
    pub fn make_at(home: &Path, validators: u16, block_time: &str) -> Self {
        Self::make_in(Some(home), validators, block_time, shared_turn())
    }

    /// As [`make`](Self::make), waiting until no other network of this process exists, and letting none begin.
    pub fn make_alone(validators: u16, block_time: &str) -> Self {
        let guard = TURNS.write().unwrap_or_else(PoisonError::into_inner);
        Self::make_in(None, validators, block_time, Turn::Alone { _guard: guard })
    }

    /// Makes a network, starts its nodes and waits until each has a block.
    pub fn start(validators: u16, block_time: &str) -> Self {
        let mut network = Self::make(validators, block_time);
        network.start_all();
        network
    }

    fn make_in(home: Option<&Path>, validators: u16, block_time: &str, turn: Turn) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let home = home.map_or_else(|| dir.path().join("home"), Path::to_owned);
        let base = free_port_base(validators);
        run(Command::new(jmesd())
            .args(["testnet", "--home"])
            .arg(&home)
            .args(["--validators", &validators.to_string(), "--block-time", block_time])
            .args([
                "--port-base",
                &base.to_string(),
                "--fund",
                &format!("{}={FUNDS}ujmes", funded().address()),
            ]));
        let text = fs::read(home.join("testnet.json")).expect("the network's description");
        let Summary { chain_id, nodes, keys } = serde_json::from_slice(&text).expect("its fields");
        let node = |(index, endpoints)| {
            let name = format!("node{index}");
            Node::new(home.join(&name), endpoints, dir.path().join(name).with_extension("log"))
        };
        let nodes = nodes.into_iter().enumerate().map(node).collect();
        Self { nodes, chain_id, keys, home, _dir: dir, _turn: turn }
    }

    /// Starts all nodes and waits until each has a block.
    pub fn start_all(&mut self) {
        for node in &mut self.nodes {
            node.start(&[]);
        }
        for node in &mut self.nodes {
            node.wait_for_height(1);
        }
    }

    /// A key that this network's genesis funds, besides the test keys.
    pub fn funded(&self) -> Key {
        funded()
    }

    /// The file that describes the network to clients, as `endpoints.json` of `scripts/run` does.
    pub fn description(&self) -> PathBuf {
        self.home.join("testnet.json")
    }

    /// Runs `jmesd` with `arguments` as a user of the first node would, for results in JSON.
    pub fn cli(&self, arguments: &[&str]) -> serde_json::Value {
        let node = &self.nodes[0];
        let output = run(Command::new(jmesd())
            .args(arguments)
            .arg("--home")
            .arg(&node.home)
            .args(["--output", "json"])
            .envs([("JMES_NODE", node.endpoints.rpc.as_str()), ("JMES_KEYRING_BACKEND", "test")]));
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{arguments:?} gave {error}: {output}"))
    }
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
    fn new(home: PathBuf, endpoints: Endpoints, log: PathBuf) -> Self {
        let rpc = Client::with_timeout(&endpoints.rpc, Duration::from_secs(10)).expect("a URL");
        Self { home, endpoints, rpc, process: None, log, log_start: 0 }
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
        die_with_this_thread(&mut command);
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

fn funded() -> Key {
    Key::new(0)
}

/// The node's binary, built from this checkout in the profile of the tests.
pub fn jmesd() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let test = std::env::current_exe().expect("the path of the tests");
        let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build
            .current_dir(repository())
            .args(["build", "--quiet", "--locked", "-p", "jmesd", "--bin", "jmesd"]);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        run(&mut build);
        profile.join("jmesd")
    })
}

/// The root of this checkout.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the repository")
}

/// Whether the tests that take too long for every submission are wanted (`scripts/test --long`).
pub fn is_long() -> bool {
    std::env::var_os("JMES_TEST_LONG").is_some()
}

/// Runs a command to its end and gives its output; fails with all it said if its status is not 0.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Asks again every few milliseconds until `look` gives something, and fails after [`PATIENCE`].
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{what} did not come within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal to a process, which may have ended.
pub fn send_signal(pid: u32, signal: i32) {
    let pid = libc::pid_t::try_from(pid).expect("a process id");
    // SAFETY: kill takes plain numbers.
    unsafe { libc::kill(pid, signal) };
}

/// The first port for [`Network`]s of `nodes` nodes, with all their ports free and given to nobody else in this
/// process. They are below those that the system gives to outgoing connections.
pub fn free_port_base(nodes: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let is_free = |base: u16| {
        let mut ports = (0..nodes).flat_map(|node| (0..6).map(move |port| base + 100 * node + port));
        ports.all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
    };
    // Several processes of the suite may run at once.
    let start = 10_000 + u16::try_from(std::process::id() % 50).unwrap_or(0) * 10;
    loop {
        let base = start + NEXT.fetch_add(100 * nodes, Ordering::Relaxed) % 9_000;
        if is_free(base) {
            return base;
        }
    }
}

/// Running processes with `path` or a path under it among their arguments.
fn processes_naming(path: &Path) -> Vec<u32> {
    let wanted = path.as_os_str().as_encoded_bytes();
    let names = |argument: &[u8]| {
        argument.starts_with(wanted) && matches!(argument.get(wanted.len()), None | Some(b'/'))
    };
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            // What has ended but was not waited for has no arguments any more.
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            arguments.split(|byte| *byte == 0).any(names)
        })
        .collect()
}

/// Makes the kernel kill a child when the thread that starts it ends, so that nothing outlives an aborted test.
fn die_with_this_thread(command: &mut Command) {
    let prepare = || {
        // SAFETY: with these arguments prctl only sets a flag of the process.
        match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: between fork and exec the closure makes one system call and allocates nothing.
    unsafe { command.pre_exec(prepare) };
}

/// The last lines of a log, without the engine's talk when all is well.
pub fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains(NOISE)).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
