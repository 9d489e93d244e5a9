//! What was measured: a table for people, a flat JSON object for programs.

use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// What a figure should reach.
#[derive(Clone, Copy)]
pub enum Target {
    /// It should not be above this.
    AtMost(f64),
    /// It should not be below this.
    AtLeast(f64),
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }

    fn show(self) -> String {
        match self {
            Self::AtMost(most) => format!("≤ {}", number(most)),
            Self::AtLeast(least) => format!("≥ {}", number(least)),
        }
    }
}

enum Line {
    Title(String),
    Figure { name: &'static str, value: f64, unit: &'static str, target: Option<Target>, what: String },
    Note(String),
}

/// The figures, in the order in which they were measured.
#[derive(Default)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    /// Begins a part of the report.
    pub fn title(&mut self, title: impl Into<String>) {
        self.push(Line::Title(title.into()));
    }

    /// A figure without a target.
    pub fn figure(&mut self, name: &'static str, value: f64, unit: &'static str, what: impl Into<String>) {
        self.push(Line::Figure { name, value, unit, target: None, what: what.into() });
    }

    /// A figure that should reach something.
    pub fn aim(
        &mut self,
        name: &'static str,
        value: f64,
        unit: &'static str,
        target: Target,
        what: impl Into<String>,
    ) {
        self.push(Line::Figure { name, value, unit, target: Some(target), what: what.into() });
    }

    /// A condition under which the figures of this part were measured.
    pub fn note(&mut self, note: impl Into<String>) {
        self.push(Line::Note(note.into()));
    }

    /// The value of a figure that has been measured.
    pub fn value(&self, wanted: &str) -> Option<f64> {
        self.lines.iter().find_map(|line| match line {
            Line::Figure { name, value, .. } if *name == wanted => Some(*value),
            _ => None,
        })
    }

    /// The targets that were not met, a line each.
    pub fn missed(&self) -> Vec<String> {
        let missed = |line: &Line| match line {
            Line::Figure { name, value, unit, target: Some(target), .. } if !target.is_met(*value) => {
                Some(format!("{name}: {} {unit}, should be {} {unit}", number(*value), target.show()))
            }
            _ => None,
        };
        self.lines.iter().filter_map(missed).collect()
    }

    /// Writes all figures by name, and the notes, as one JSON object.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut object = Map::new();
        let mut notes = Vec::new();
        for line in &self.lines {
            match line {
                // Two decimals more than are significant.
                Line::Figure { name, value, .. } => {
                    object.insert((*name).to_owned(), Value::from((value * 1000.0).round() / 1000.0));
                }
                Line::Note(note) => notes.push(Value::from(note.as_str())),
                Line::Title(_) => {}
            }
        }
        object.insert("notes".to_owned(), Value::Array(notes));
        let text = serde_json::to_string_pretty(&object)?;
        std::fs::write(path, text + "\n").with_context(|| format!("can't write {}", path.display()))
    }

    fn push(&mut self, line: Line) {
        println!("{}", show(&line));
        self.lines.push(line);
    }
}

fn show(line: &Line) -> String {
    match line {
        Line::Title(title) => format!("\n{title}"),
        Line::Note(note) => format!("    {note}"),
        Line::Figure { name, value, unit, target, what } => {
            let aim = match target {
                None => String::new(),
                Some(target) if target.is_met(*value) => format!("{}  met", target.show()),
                Some(target) => format!("{}  MISSED", target.show()),
            };
            format!("  {name:<42}{:>10} {unit:<5}{aim:<18}{what}", number(*value))
        }
    }
}

/// Three significant digits at least, whole numbers from 100 up.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The middle value of `values`; 0 of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// The value below which the part `part` of the ascending `sorted` lies; 0 of none.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let index = (sorted.len() as f64 * part) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What programs read of `--json FILE`.
    const NAMES: [&str; 10] = [
        "e2e_tps",
        "engine_tps",
        "finalize_commit_us_10k_accounts",
        "finalize_commit_us_1m_accounts",
        "checktx_us",
        "rest_rps",
        "rest_p99_ms",
        "idle_rss_mb",
        "first_block_s",
        "empty_block_us",
    ];

    /// The parts that measure them.
    const PARTS: [&str; 5] = [
        include_str!("app.rs"),
        include_str!("checktx.rs"),
        include_str!("end_to_end.rs"),
        include_str!("idle.rs"),
        include_str!("rest.rs"),
    ];

    #[test]
    fn the_figures_that_programs_read_keep_their_names() {
        for name in NAMES {
            let named = PARTS.iter().filter(|part| part.contains(&format!("\"{name}\""))).count();
            assert_eq!(named, 1, "{name} is measured in one part");
        }
    }

    #[test]
    fn figures_are_numbers_by_name_in_one_object() {
        let mut report = Report::default();
        for (name, value) in NAMES.into_iter().zip(1..) {
            report.figure(name, f64::from(value) + 0.25, "", "");
        }
        report.note("alone");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("figures.json");
        report.save(&path).unwrap();
        let saved: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for (name, value) in NAMES.into_iter().zip(1..) {
            assert_eq!(saved[name], f64::from(value) + 0.25, "{name}");
        }
        assert_eq!(saved["notes"][0], "alone");
    }
}
