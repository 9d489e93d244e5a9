//! `scripts/run` in the background, and Ctrl-C.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::system::{end_with_this_thread, jmesd, repository, PATIENCE};

/// The longest until a network answers.
const LIMIT: Duration = Duration::from_secs(240);

/// A running `scripts/run`, in a process group of its own as a terminal gives it one.
pub struct Script {
    process: Child,
    output: mpsc::Receiver<String>,
    banner: Vec<String>,
}

impl Script {
    /// Starts it with these options and waits for the line `ready`.
    pub fn start(options: &[&str]) -> Self {
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
        let mut script = Self { process, output, banner: Vec::new() };
        let start = Instant::now();
        loop {
            let line = script.output.recv_timeout(LIMIT.saturating_sub(start.elapsed()));
            match line.expect("scripts/run ended or was not ready in time").as_str() {
                "ready" => return script,
                line => script.banner.push(line.to_owned()),
            }
            println!("{}", script.banner[script.banner.len() - 1]);
        }
    }

    /// The lines before `ready`.
    pub fn banner(&self) -> &[String] {
        &self.banner
    }

    /// Ctrl-C at a terminal, which signals the whole process group: it must end with status 0. Gives what it said since
    /// `ready`.
    pub fn interrupt(mut self) -> Vec<String> {
        let group = libc::pid_t::try_from(self.process.id()).expect("a process id");
        // SAFETY: kill takes plain numbers.
        unsafe { libc::kill(-group, libc::SIGINT) };
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("its status") {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "scripts/run still runs {PATIENCE:?} after Ctrl-C");
            thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "scripts/run ended with {status} after Ctrl-C");
        self.output.iter().collect()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            // It stops its nodes before it ends.
            super::send_signal(self.process.id(), libc::SIGTERM);
            let _ = self.process.wait();
        }
    }
}
