//! The engine as a child process: started so that it cannot outlive this process, stopped in order, its end noticed
//! and explained. Everything here blocks; no async runtime is needed.

use std::fmt;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{mpsc, Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, Context, Result};

use super::log::{self, Trouble};
use super::preflight;

/// How long an engine whose consensus has failed may take to close its databases.
const GRACE_AFTER_HALT: Duration = Duration::from_secs(10);

/// How the engine is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The engine's binary, see [`find_binary`](super::find_binary).
    pub binary: PathBuf,
    /// The node's home directory.
    pub home: PathBuf,
    /// The application: `unix://` and the path of [`app_socket`](super::app_socket), which must be listened on
    /// already (the engine tries again only after 3 s). A name of the engine's built-in applications works too.
    pub application: String,
    /// The engine's `log_level`, such as `info` or `consensus:debug,*:error`; `None` takes that of `config.toml`.
    pub log_level: Option<String>,
}

/// How the engine ended.
#[derive(Clone, Debug)]
pub struct Exit {
    /// The process's status.
    pub status: ExitStatus,
    /// Whether it ended because [`Engine::stop`] asked for it.
    pub requested: bool,
    /// The last lines of trouble from its output, oldest first.
    pub lines: Vec<String>,
}

impl Exit {
    /// A report for the operator: that the engine ended, the likely cause with what to do, its last lines of trouble.
    pub fn explain(&self) -> String {
        let mut report = format!("the consensus engine ended by itself ({})", self.status);
        if let Some(cause) = self.cause() {
            report.push_str(": ");
            report.push_str(cause);
        }
        for line in &self.lines {
            report.push_str("\n  engine: ");
            report.push_str(line);
        }
        report
    }

    fn cause(&self) -> Option<&'static str> {
        let said = |text: &str| self.lines.iter().any(|line| line.contains(text));
        CAUSES.iter().find(|(signs, _)| signs.iter().any(|sign| said(sign))).map(|(_, cause)| *cause)
    }
}

/// What the engine says when it ends, and what it means; the first that fits is reported.
const CAUSES: &[(&[&str], &str)] = &[
    (
        &["no space left on device", "disk quota exceeded"],
        "the disk is full. Free some space in the node's home, then start again",
    ),
    (
        &["address already in use"],
        "a port is taken by another program. Stop that program, or choose another address with \
         `jmesd config set config KEY ADDRESS`",
    ),
    (
        &["does not match app's AppHash", "AppHash does not match", "wrong Block.Header.AppHash"],
        "the application's state is not the state the chain agreed on. The node runs another version than the \
         network, or its data is damaged: install the network's version, or restore or resync the data",
    ),
    (
        &["is higher than core", "is too far below block store base", "StoreBlockHeight ("],
        "the application's data and the engine's are of different heights. Restore both from the same backup, or \
         resync",
    ),
    (
        &["resource temporarily unavailable"],
        "its data is in use by another process. Is another node running with the same home?",
    ),
    (
        &["GenesisDoc", "genesis doc", "genesis file"],
        "the genesis file is wrong. Compare config/genesis.json with the network's",
    ),
    (
        &["error in config file", "While parsing config", "error reading config"],
        "config/config.toml is wrong. Mend the setting named below",
    ),
    (
        &["Did the application crash"],
        "its connection to the application broke",
    ),
    (
        &["error during handshake"],
        "it and the application could not agree on where the chain stands",
    ),
    (
        &["too many open files"],
        "it may not open as many files as it needs. Raise the limit (`ulimit -n`, or LimitNOFILE in systemd)",
    ),
];

/// A running engine, or one that has ended. Clones are handles of the same engine. Dropping the handles does not stop
/// it; the end of this process does.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    pid: u32,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("pid", &self.pid).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
    trouble: Mutex<Trouble>,
}

#[derive(Default)]
struct State {
    /// The process to signal; `None` before the start and once it is reaped, so that no other process can get the
    /// signal.
    pid: Option<libc::pid_t>,
    stopping: bool,
    exit: Option<Exit>,
}

impl Engine {
    /// Checks the genesis file and the ports, then starts the engine.
    ///
    /// # Errors
    /// A check fails, with what to do about it, or the binary cannot be run.
    pub fn spawn(options: Options) -> Result<Self> {
        preflight::check(&options.home)?;
        let shared = Arc::new(Shared::default());
        let (sender, receiver) = mpsc::channel();
        let for_thread = Arc::clone(&shared);
        // The kernel sends the parent-death signal when the thread that made the child ends, so that thread must live
        // as long as the engine: it is the one that waits for it.
        thread::Builder::new()
            .name("engine".into())
            .spawn(move || supervise(&options, &for_thread, &sender))
            .context("cannot start a thread for the consensus engine")?;
        let pid = receiver.recv().map_err(|_| anyhow!("the thread of the consensus engine ended"))??;
        Ok(Self { shared, pid })
    }

    /// The engine's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits until the engine has ended.
    pub fn wait(&self) -> Exit {
        let mut state = lock(&self.shared.state);
        loop {
            if let Some(exit) = &state.exit {
                return exit.clone();
            }
            state = self.shared.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How the engine ended, if it has.
    pub fn try_wait(&self) -> Option<Exit> {
        lock(&self.shared.state).exit.clone()
    }

    /// Asks the engine to end (SIGTERM), kills it if it has not after `grace`, and waits for it. Returns at once if
    /// it has ended already.
    pub fn stop(&self, grace: Duration) -> Exit {
        lock(&self.shared.state).stopping = true;
        self.shared.terminate(grace);
        self.wait()
    }
}

impl Shared {
    fn signal(&self, signal: libc::c_int) {
        if let Some(pid) = lock(&self.state).pid {
            // SAFETY: kill takes plain numbers; the process is not reaped while the state is locked with its id.
            unsafe { libc::kill(pid, signal) };
        }
    }

    /// SIGTERM, then SIGKILL if the engine has not ended after `grace`.
    fn terminate(&self, grace: Duration) {
        self.signal(libc::SIGTERM);
        let state = lock(&self.state);
        let (state, waited) = self
            .ended
            .wait_timeout_while(state, grace, |state| state.exit.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        if waited.timed_out() {
            tracing::warn!("the consensus engine did not end within {grace:?}: killing it");
            self.signal(libc::SIGKILL);
        }
    }
}

/// Locks a mutex whose holder may have panicked: what is guarded here is valid at every moment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command of the engine for this home, with nothing in the environment that would point it to another.
pub(super) fn command(binary: &Path, home: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("--home").arg(home).env_remove("CMTHOME").env_remove("CMT_HOME").env_remove("TMHOME");
    command
}

/// The life of the engine's thread: start, report the process id, wait, reap, publish the end.
fn supervise(options: &Options, shared: &Arc<Shared>, started: &mpsc::Sender<Result<u32>>) {
    let mut child = match start(options) {
        Ok(child) => child,
        Err(error) => {
            // The receiver waits for this message.
            let _ = started.send(Err(error));
            return;
        }
    };
    let pid = child.id();
    lock(&shared.state).pid = libc::pid_t::try_from(pid).ok();
    let readers = [
        child.stdout.take().map(|output| reader(shared, output)),
        child.stderr.take().map(|output| reader(shared, output)),
    ];
    let _ = started.send(Ok(pid));

    wait_unreaped(pid);
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    let mut state = lock(&shared.state);
    state.pid = None;
    let status = child.wait().unwrap_or_default();
    let lines = lock(&shared.trouble).lines();
    state.exit = Some(Exit { status, requested: state.stopping, lines });
    shared.ended.notify_all();
}

fn start(options: &Options) -> Result<Child> {
    let mut command = command(&options.binary, &options.home);
    command.arg("start").arg("--proxy_app").arg(&options.application);
    if let Some(level) = &options.log_level {
        command.arg("--log_level").arg(level);
    }
    // Lines of JSON can be merged into our log; the file's own format is for operators who run the engine themselves.
    command.env("CMT_LOG_FORMAT", "json");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    die_with_parent(&mut command);
    command.spawn().with_context(|| format!("cannot run the consensus engine {}", options.binary.display()))
}

/// Makes the kernel kill the child when the thread that spawns it ends. SIGKILL, because an engine without its
/// application has nothing left to do and must not keep the ports from a restarted node.
fn die_with_parent(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        let parent = std::process::id();
        let prepare = move || {
            // SAFETY: prctl with these arguments only sets a flag of this process; getppid only reads. Both are
            // async-signal-safe.
            let (set, now) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL), libc::getppid()) };
            if set != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died before the flag was set.
            if u32::try_from(now) == Ok(parent) {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(libc::ESRCH))
            }
        };
        // SAFETY: between fork and exec the closure makes two system calls and allocates nothing.
        unsafe { command.pre_exec(prepare) };
    }
    #[cfg(not(target_os = "linux"))]
    {
        // Elsewhere the engine notices by itself that its connection to the application is gone.
        let _ = command;
    }
}

fn reader(shared: &Arc<Shared>, output: impl io::Read + Send + 'static) -> thread::JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        log::merge(output, &shared.trouble, || {
            // Consensus has stopped but the process would go on, answering queries as if all were well. Ending it
            // needs a thread of its own, since this one must go on reading.
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.terminate(GRACE_AFTER_HALT));
        });
    })
}

/// Waits until the process has ended, leaving its id reserved.
fn wait_unreaped(pid: u32) {
    loop {
        // SAFETY: siginfo_t is a plain C structure for which all zeros are valid.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is a valid siginfo_t for the kernel to fill.
        let done = unsafe { libc::waitid(libc::P_PID, pid, &mut info, libc::WEXITED | libc::WNOWAIT) };
        if done == 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}
