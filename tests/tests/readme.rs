//! The commands that README.md tells people to type, run as they are written.
//!
//! A `sh` block after the line `<!-- test -->` must end with status 0. The blocks run in one shell, in their order,
//! beside the network that README.md's first command, `scripts/run`, has started. So that this works while another
//! network runs on the machine, the network gets a home and ports of its own by the script's options, and the blocks'
//! mentions of the usual home and ports are replaced by those; so is the node's binary, which is built with the tests. People
//! type more slowly than blocks come: each transaction is waited for, and must succeed in its block.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use jmes_tests::net::{end_with_this_thread, free_port_base, jmesd, repository, run, send_signal, PATIENCE};
use tempfile::TempDir;

const MARK: &str = "<!-- test -->";

/// Stands in for the node's binary, whose path is `JMESD`: called with a home, and then with what people type.
const PATIENT: &str = r#"#!/usr/bin/env bash
set -euo pipefail
answer=$("$JMESD" "$@")
printf '%s\n' "$answer"
[[ $3 == tx ]] || exit 0
hash=$(sed -n 's/^txhash: *//p' <<<"$answer")
result=$("$JMESD" "$1" "$2" query wait-tx "$hash" --timeout 60s --output json)
[[ $result == *'"code":0,'* ]] || { printf 'it failed: %s\n' "$result" >&2; exit 1; }
"#;
/// The longest until a network answers, and for the commands together.
const LIMIT: Duration = Duration::from_secs(240);

#[test]
fn the_commands_of_the_readme_work_as_written() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    assert!(readme.contains("```sh\nscripts/run\n```"), "README.md does not begin a chain with scripts/run");
    let blocks = marked_blocks(&readme);
    assert!(!blocks.is_empty(), "README.md has no sh block after a line {MARK}");

    let dir = TempDir::new().expect("a temporary directory");
    let home = dir.path().join("localnet");
    let base = free_port_base(1);
    let home = home.to_str().expect("a path in UTF-8");
    let patient = dir.path().join("jmesd");
    fs::write(&patient, PATIENT).expect("a file can be written");
    fs::set_permissions(&patient, Permissions::from_mode(0o755)).expect("its mode can be set");
    let replacements = [
        ("target/release/jmesd", patient.to_str().expect("a path in UTF-8").to_owned()),
        (".localnet", home.to_owned()),
        (":26657", format!(":{}", base + 1)),
        (":1317", format!(":{}", base + 2)),
        (":9090", format!(":{}", base + 3)),
    ];
    let network = Running::start(&["--home", home, "--port-base", &base.to_string()]);
    // People see that an answer is an error; a script has to ask for it.
    let mut script = "set -euo pipefail\ncurl() { command curl --fail-with-body \"$@\"; }\n".to_owned();
    for block in blocks {
        let replace = |text: String, (from, to): &(&str, String)| text.replace(from, to);
        script += &replacements.iter().fold(block, replace);
    }
    let output = run(Command::new("timeout")
        .args([&LIMIT.as_secs().to_string(), "bash", "-xc", &script])
        .env("JMESD", jmesd())
        .current_dir(dir.path()));
    println!("{output}");
    assert!(dir.path().join("emission.svg").exists(), "the picture is not there");
    network.stop();
}

/// The `sh` blocks that follow a line with the mark.
fn marked_blocks(readme: &str) -> Vec<String> {
    let block = |part: &str| {
        let code = part.strip_prefix("\n```sh\n").expect("a sh block after the mark");
        code.split_once("```").expect("the end of the block").0.to_owned()
    };
    readme.split(MARK).skip(1).map(block).collect()
}

/// `scripts/run` in the background.
struct Running {
    process: Child,
    output: mpsc::Receiver<String>,
}

impl Running {
    /// Starts it and waits for the line `ready`.
    fn start(options: &[&str]) -> Self {
        let mut command = Command::new(repository().join("scripts/run"));
        command
            .args(options)
            .env("JMESD", jmesd())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0);
        end_with_this_thread(&mut command, libc::SIGTERM);
        let mut process = command.spawn().expect("scripts/run starts");
        let (sender, output) = mpsc::channel();
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let running = Self { process, output };
        let start = Instant::now();
        loop {
            let line = running.output.recv_timeout(LIMIT.saturating_sub(start.elapsed()));
            match line.expect("scripts/run ended or was not ready in time").as_str() {
                "ready" => return running,
                line => println!("{line}"),
            }
        }
    }

    /// Ctrl-C: it must end with status 0.
    fn stop(mut self) {
        send_signal(self.process.id(), libc::SIGINT);
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().expect("its status") {
                return assert!(status.success(), "scripts/run ended with {status} after Ctrl-C");
            }
            assert!(start.elapsed() < PATIENCE, "scripts/run still runs {PATIENCE:?} after Ctrl-C");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            // It stops its nodes before it ends.
            send_signal(self.process.id(), libc::SIGTERM);
            let _ = self.process.wait();
        }
    }
}
