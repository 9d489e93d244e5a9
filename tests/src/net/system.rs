//! Programs, processes and ports of this machine.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that one step of a network may take: a start, a stop, the next block.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The node's binary, which is built with the tests.
pub fn jmesd() -> PathBuf {
    built("jmesd-under-test")
}

/// The node's next version, which is made for the upgrade `next`.
pub fn next_jmesd() -> PathBuf {
    built("jmesd-next-under-test")
}

fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of the tests");
    let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let binary = profile.join(name);
    assert!(binary.exists(), "{} is missing: run the tests by `cargo test`", binary.display());
    binary
}

/// The root of this checkout.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the repository")
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

/// The first port for networks of `nodes` nodes, with all their ports free and given to nobody else in this
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
pub fn processes_naming(path: &Path) -> Vec<u32> {
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

/// Makes the kernel send a child `signal` when the thread that starts it ends, so that nothing outlives an aborted test.
pub fn end_with_this_thread(command: &mut Command, signal: i32) {
    let prepare = move || {
        // SAFETY: with these arguments prctl only sets a flag of the process.
        match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: between fork and exec the closure makes one system call and allocates nothing.
    unsafe { command.pre_exec(prepare) };
}
