//! The emission as an SVG picture that needs nothing else: two charts over the same years, on a light ground.

use std::fmt::Write as _;

use super::curve::{Curve, Scale, Year};
use crate::cli::amount::jmes;
use crate::cli::people::grouped;
use jmes_modules::kernel::Amount;

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 760.0;
/// The left and right edges of both charts.
const LEFT: f64 = 90.0;
const RIGHT: f64 = 960.0;
/// The upper and lower edges of the chart of rewards.
const REWARD: (f64, f64) = (140.0, 340.0);
/// The upper and lower edges of the chart of supply.
const SUPPLY: (f64, f64) = (440.0, 690.0);
/// How far a chart's title and legend are above it.
const TITLE: f64 = 22.0;
const INK: &str = "#22303c";
const GRID: &str = "#dde3e8";
const FAINT: &str = "#5b6b78";
const REWARD_COLOUR: &str = "#0b7285";
const ISSUED_COLOUR: &str = "#4c8ed9";
const PREMINT_COLOUR: &str = "#e8a33d";

/// The picture.
pub(super) fn draw(curve: &Curve) -> String {
    let mut page = Page { text: String::new(), years: curve.years.iter().map(|year| year.length).sum() };
    let _ = writeln!(
        page.text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"14\" fill=\"{INK}\">"
    );
    let _ = writeln!(page.text, "<title>The emission of JMES</title>");
    let _ = writeln!(page.text, "<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fcfcfa\"/>");
    page.label((LEFT, 42.0), "start", 24, INK, "The emission of JMES");
    page.label((LEFT, 68.0), "start", 14, FAINT, &subtitle(curve));
    rewards(&mut page, curve);
    supply(&mut page, curve);
    page.label(((LEFT + RIGHT) / 2.0, 738.0), "middle", 14, INK, "years since the first block");
    page.text.push_str("</svg>\n");
    page.text
}

fn subtitle(curve: &Curve) -> String {
    let (first, end) = (curve.years.first().map_or(0, |year| year.reward), curve.end());
    let jmes = |nils| grouped(&jmes(Amount(nils)));
    format!(
        "{} JMES a block in the first year; {} JMES issued and {} JMES of premint unlocked when it ends",
        jmes(first),
        jmes(end.issued),
        jmes(end.unlocked)
    )
}

fn rewards(page: &mut Page, curve: &Curve) {
    let most = curve.years.iter().map(|year| year.reward).max().unwrap_or(0);
    let chart = Chart { edges: REWARD, scale: Scale::up_to(most) };
    page.frame(&chart, &format!("Reward of a block, {}", chart.scale.unit()));
    let mut line = Vec::new();
    let mut begin = 0.0;
    for year in &curve.years {
        line.push((begin, year.reward));
        begin += year.length;
        line.push((begin, year.reward));
    }
    page.area(&chart, &line, &[(0.0, 0), (begin, 0)], REWARD_COLOUR, "0.18");
    page.line(&chart, &line, REWARD_COLOUR);
    page.legend(REWARD.0 - TITLE, &[(REWARD_COLOUR, "reward, the same for all blocks of a year")]);
    page.now(&chart, curve);
}

fn supply(page: &mut Page, curve: &Curve) {
    let end = curve.end();
    let chart = Chart { edges: SUPPLY, scale: Scale::up_to(end.issued.saturating_add(end.unlocked)) };
    page.frame(&chart, &format!("Coins, {}", chart.scale.unit()));
    let premint = by_year(curve, |year| year.unlocked);
    let both = by_year(curve, |year| year.unlocked.saturating_add(year.issued));
    let ground: Vec<(f64, u128)> = premint.iter().map(|(x, _)| (*x, 0)).collect();
    page.area(&chart, &both, &premint, ISSUED_COLOUR, "0.55");
    page.area(&chart, &premint, &ground, PREMINT_COLOUR, "0.75");
    page.line(&chart, &both, ISSUED_COLOUR);
    page.line(&chart, &premint, PREMINT_COLOUR);
    let entries = [(ISSUED_COLOUR, "issued as rewards, on top"), (PREMINT_COLOUR, "unlocked premint")];
    page.legend(SUPPLY.0 - TITLE, &entries);
    page.now(&chart, curve);
}

/// A value at the end of each year, from nothing at the start.
fn by_year(curve: &Curve, value: impl Fn(&Year) -> u128) -> Vec<(f64, u128)> {
    let mut points = vec![(0.0, 0)];
    let mut end = 0.0;
    for year in &curve.years {
        end += year.length;
        points.push((end, value(year)));
    }
    points
}

/// Where a chart is, and what its height means.
struct Chart {
    edges: (f64, f64),
    scale: Scale,
}

impl Chart {
    fn y(&self, value: u128) -> f64 {
        let (upper, lower) = self.edges;
        lower - (lower - upper) * (value as f64) / (self.scale.top.max(1) as f64)
    }
}

struct Page {
    text: String,
    years: f64,
}

impl Page {
    fn x(&self, year: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * year / self.years.max(1.0)
    }

    /// Grid, labels and title of a chart.
    fn frame(&mut self, chart: &Chart, title: &str) {
        let (upper, lower) = chart.edges;
        self.label((LEFT, upper - TITLE), "start", 15, INK, title);
        for step in 0..=chart.scale.steps {
            let value = chart.scale.top / chart.scale.steps * step;
            let y = chart.y(value);
            self.rule((LEFT, y), (RIGHT, y), GRID);
            self.label((LEFT - 10.0, y + 5.0), "end", 14, INK, &grouped(&chart.scale.label(value)));
        }
        let step = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|step| self.years / f64::from(*step) <= 14.0);
        let step = step.unwrap_or(200);
        let mut year = 0;
        while f64::from(year) <= self.years {
            let x = self.x(f64::from(year));
            self.rule((x, lower), (x, lower + 6.0), INK);
            self.label((x, lower + 23.0), "middle", 14, INK, &year.to_string());
            year += step;
        }
        self.rule((LEFT, lower), (RIGHT, lower), INK);
    }

    /// The space between two lines; the second is drawn backwards.
    fn area(
        &mut self,
        chart: &Chart,
        over: &[(f64, u128)],
        under: &[(f64, u128)],
        fill: &str,
        opacity: &str,
    ) {
        let points = self.points(chart, over.iter().chain(under.iter().rev()));
        let _ = writeln!(
            self.text,
            "<polygon points=\"{points}\" fill=\"{fill}\" fill-opacity=\"{opacity}\" stroke=\"none\"/>"
        );
    }

    fn line(&mut self, chart: &Chart, values: &[(f64, u128)], stroke: &str) {
        let points = self.points(chart, values.iter());
        let _ = writeln!(
            self.text,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2\"/>"
        );
    }

    fn points<'a>(&self, chart: &Chart, values: impl Iterator<Item = &'a (f64, u128)>) -> String {
        let points: Vec<String> =
            values.map(|(year, value)| format!("{:.1},{:.1}", self.x(*year), chart.y(*value))).collect();
        points.join(" ")
    }

    /// Colours and what they mean, at the right.
    fn legend(&mut self, y: f64, entries: &[(&str, &str)]) {
        // About the width of a letter.
        const LETTER: f64 = 7.8;
        let mut x = RIGHT;
        for (colour, text) in entries.iter().rev() {
            x -= text.len() as f64 * LETTER;
            self.label((x, y), "start", 14, INK, text);
            let _ = writeln!(
                self.text,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"14\" height=\"14\" fill=\"{colour}\"/>",
                x - 20.0,
                y - 12.0
            );
            x -= 36.0;
        }
    }

    /// Where the chain is.
    fn now(&mut self, chart: &Chart, curve: &Curve) {
        let Some(now) = curve.now.filter(|now| *now <= self.years) else { return };
        let (upper, lower) = chart.edges;
        let x = self.x(now);
        let _ = writeln!(
            self.text,
            "<line x1=\"{x:.1}\" y1=\"{upper}\" x2=\"{x:.1}\" y2=\"{lower}\" stroke=\"{INK}\" \
             stroke-dasharray=\"4 4\"/>"
        );
        self.label((x + 6.0, upper + 14.0), "start", 13, FAINT, "now");
    }

    fn rule(&mut self, from: (f64, f64), to: (f64, f64), stroke: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let _ = writeln!(
            self.text,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{stroke}\"/>"
        );
    }

    fn label(&mut self, (x, y): (f64, f64), anchor: &str, size: u32, fill: &str, text: &str) {
        let _ = writeln!(
            self.text,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" \
             fill=\"{fill}\">{text}</text>"
        );
    }
}
