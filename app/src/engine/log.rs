//! The engine's output: each line becomes an event of this process's own log, and those that tell why the engine
//! ended are kept for the report.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};
use tracing::Level;

/// How many lines of trouble are kept.
const KEPT: usize = 8;
/// How many lines of a panic are taken; what follows are dumps and stack traces.
const PANIC_LINES: usize = 4;
/// The longest line kept or logged, in bytes; the engine's panics can print whole blocks.
const LINE_MAX: usize = 2_000;
/// What the engine logs when its consensus has stopped for good. The process itself goes on.
const HALTED: &str = "CONSENSUS FAILURE!!!";

/// The last lines that tell of trouble.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    lines: VecDeque<String>,
    /// Lines taken of the panic that the engine is ending with.
    panic: Option<usize>,
}

impl Trouble {
    /// The lines, oldest first.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }

    fn keep(&mut self, line: &str) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
    }
}

/// One line of the engine's log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    level: Level,
    module: String,
    text: String,
    /// Whether it says that consensus has stopped for good.
    pub(super) halted: bool,
}

impl Line {
    /// Reads a line of the engine's JSON log. Everything else the engine prints is trouble: the error it ends with,
    /// or a panic.
    pub(super) fn parse(line: &str) -> Self {
        match serde_json::from_str::<Map<String, Value>>(line) {
            Ok(fields) => Self::from_fields(fields),
            Err(_) => Self { level: Level::ERROR, module: String::new(), text: cut(line), halted: false },
        }
    }

    fn from_fields(mut fields: Map<String, Value>) -> Self {
        let mut take = |name| fields.remove(name).as_ref().map(plain).unwrap_or_default();
        let level = match take("level").as_str() {
            "error" => Level::ERROR,
            "debug" => Level::DEBUG,
            _ => Level::INFO,
        };
        let (message, module) = (take("_msg"), take("module"));
        // Our own log has the time; a stack trace says nothing to operators.
        take("ts");
        take("stack");
        let halted = message == HALTED;
        let mut text = message;
        for (name, value) in &fields {
            text.push_str(&format!(" {name}={}", plain(value)));
        }
        Self { level, module, text: cut(&text), halted }
    }

    fn emit(&self) {
        let Self { module, text, .. } = self;
        match self.level {
            Level::ERROR => tracing::error!(target: "engine", module, "{text}"),
            Level::DEBUG => tracing::debug!(target: "engine", module, "{text}"),
            _ => tracing::info!(target: "engine", module, "{text}"),
        }
    }
}

/// Reads the engine's output to its end, logging it and keeping what is trouble. `on_halt` is called for each line
/// that says consensus has stopped for good.
pub(super) fn merge(output: impl Read, trouble: &std::sync::Mutex<Trouble>, on_halt: impl Fn()) {
    let mut reader = BufReader::new(output);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match reader.read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end();
        if text.is_empty() {
            continue;
        }
        let line = Line::parse(text);
        if note(&mut super::supervisor::lock(trouble), &line, text) {
            line.emit();
        }
        if line.halted {
            on_halt();
        }
    }
}

/// Keeps a line if it is trouble. False if it belongs to the dumps and stack traces after a panic, which nobody needs.
fn note(trouble: &mut Trouble, line: &Line, raw: &str) -> bool {
    if !raw.starts_with('{') {
        if raw.starts_with("panic: ") || raw.starts_with("fatal error: ") {
            trouble.panic = Some(0);
        }
        if let Some(taken) = &mut trouble.panic {
            *taken += 1;
            if *taken > PANIC_LINES || raw.starts_with("goroutine ") {
                *taken = PANIC_LINES;
                return false;
            }
        }
    }
    if line.level == Level::ERROR {
        trouble.keep(&line.text);
    }
    true
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    if text.len() <= LINE_MAX {
        return text.to_owned();
    }
    let end = (0..=LINE_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
