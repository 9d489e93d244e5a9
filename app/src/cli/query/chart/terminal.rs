//! The emission on a terminal: three charts of bars, one column for each year, in at most 80 columns.

use std::fmt::Write as _;

use super::curve::{Curve, Scale, Year};
use crate::cli::amount::jmes;
use crate::cli::people::grouped;
use jmes_modules::kernel::Amount;

/// Columns of the bars; with labels and axis 80.
const WIDTH: usize = 70;
/// Columns of the labels.
const LABELS: usize = 7;
/// Bars of 0 to 8 eighths of a line.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const RESET: &str = "\x1b[0m";

/// A chart of one value.
struct Panel {
    title: &'static str,
    value: fn(&Year) -> u128,
    lines: usize,
    colour: &'static str,
}

const PANELS: [Panel; 3] = [
    Panel { title: "Reward of a block", value: |year| year.reward, lines: 8, colour: "\x1b[36m" },
    Panel { title: "Issued at the end of the year", value: |year| year.issued, lines: 8, colour: "\x1b[32m" },
    Panel {
        title: "Premint unlocked at the end of the year",
        value: |year| year.unlocked,
        lines: 4,
        colour: "\x1b[33m",
    },
];

/// The text, with colours when `colour` is set.
pub(super) fn draw(curve: &Curve, colour: bool) -> String {
    let columns = columns(curve.years.len());
    let mut text = String::new();
    for panel in &PANELS {
        let values: Vec<u128> =
            columns.iter().filter_map(|year| curve.years.get(*year)).map(panel.value).collect();
        if values.iter().all(|value| *value == 0) {
            continue;
        }
        panel.draw(&values, colour, &mut text);
        axis(&columns, &mut text);
    }
    let _ = writeln!(text, "{:LABELS$}  years since the first block", "");
    text.push_str(&summary(curve));
    text
}

/// The year that each column stands for.
fn columns(years: usize) -> Vec<usize> {
    if years >= WIDTH {
        return (0..WIDTH).map(|column| column * years / WIDTH).collect();
    }
    let each = WIDTH / years.max(1);
    (0..years * each).map(|column| column / each).collect()
}

impl Panel {
    fn draw(&self, values: &[u128], colour: bool, text: &mut String) {
        let scale = Scale::up_to(values.iter().copied().max().unwrap_or(0));
        let _ = writeln!(text, "{}, {}", self.title, scale.unit());
        for line in (0..self.lines).rev() {
            let label = match line {
                _ if line + 1 == self.lines => scale.label(scale.top),
                _ if line + 1 == self.lines / 2 => scale.label(scale.top / 2),
                _ => String::new(),
            };
            let bars: String = values.iter().map(|value| self.bar(*value, scale, line)).collect();
            let bars = bars.trim_end();
            let bars = if colour { format!("{}{bars}{RESET}", self.colour) } else { bars.to_owned() };
            let _ = writeln!(text, "{label:>LABELS$} ┤{bars}");
        }
    }

    /// What of a bar is seen in a line, counted from 0 at the bottom. Nothing is so small that it is not seen.
    fn bar(&self, value: u128, scale: Scale, line: usize) -> char {
        let eighths = (value * (self.lines as u128) * 8 / scale.top).max(u128::from(value > 0));
        let seen = eighths.saturating_sub(line as u128 * 8).min(8);
        BARS[usize::try_from(seen).unwrap_or(8)]
    }
}

/// The line under the bars, and the years under it.
fn axis(columns: &[usize], text: &mut String) {
    let years = columns.last().map_or(0, |last| last + 1);
    let step = [1, 2, 5, 10, 20, 50, 100, 200].into_iter().find(|step| years / step <= 10).unwrap_or(500);
    let mut line = String::new();
    let mut labels = String::new();
    let mut previous = None;
    for (column, year) in columns.iter().enumerate() {
        // A column may stand for several years, the marked one among them.
        let mark = year / step * step;
        let begins = previous.is_none_or(|previous| previous < mark);
        previous = Some(*year);
        line.push(if begins { '┴' } else { '─' });
        if begins {
            let _ = write!(labels, "{:1$}{mark}", "", column.saturating_sub(labels.chars().count()));
        }
    }
    let _ = writeln!(text, "{:>LABELS$} └{line}", 0);
    let _ = writeln!(text, "{:LABELS$}  {labels}", "");
}

/// The figures at the end, and where the chain is.
fn summary(curve: &Curve) -> String {
    let (end, years) = (curve.end(), curve.years.len());
    let jmes = |nils| grouped(&jmes(Amount(nils)));
    let mut text = format!(
        "In year {} the last reward is created: {} JMES are issued,\n{} JMES of premint unlocked.\n",
        years.saturating_sub(1),
        jmes(end.issued),
        jmes(end.unlocked),
    );
    if let Some(now) = curve.now {
        let _ = writeln!(text, "This chain is {now:.2} years into its emission.");
    }
    text
}
