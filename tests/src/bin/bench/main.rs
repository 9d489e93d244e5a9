//! `jmes-bench`: how fast the node is, figure by figure against what it must reach. `scripts/bench` builds everything
//! and runs it.
//!
//! - `app`: blocks of sends, and empty ones, through FinalizeBlock and Commit, over a database on disk.
//! - `checktx`: CheckTx on one core.
//! - `e2e`: committed sends a second through the RPC of a node, and the engine's own limit.
//! - `rest`: balance queries a second.
//! - `idle`: memory and start.
//!
//! All data is made anew and follows from fixed numbers, so two runs do the same work.

mod app;
mod checktx;
mod end_to_end;
mod http;
mod idle;
mod ledger;
mod node;
mod process;
mod report;
mod rest;
mod wallets;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use node::Programs;
use report::Report;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Measures the node on this machine.
#[derive(Parser)]
#[command(name = "jmes-bench", max_term_width = 100)]
struct Options {
    /// Measure only this part; may be repeated
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
    /// Fewer repetitions and 10 s of load instead of 60
    #[arg(long)]
    short: bool,
    /// Say also where the time of a block goes
    #[arg(long)]
    profile: bool,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the databases go: a directory on the disk to be measured
    #[arg(long, value_name = "DIR", default_value = "target/bench", overrides_with = "dir")]
    dir: PathBuf,
    /// The node's program [default: jmesd beside this one]
    #[arg(long, value_name = "FILE")]
    jmesd: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    App,
    Checktx,
    E2e,
    Rest,
    Idle,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let is_wanted = |part| options.only.is_empty() || options.only.contains(&part);
    let short = options.short;
    let by_length = |full, brief| if short { brief } else { full };
    fs::create_dir_all(&options.dir).with_context(|| format!("can't make {}", options.dir.display()))?;
    let dir = &options.dir.canonicalize()?;
    let mut report = Report::default();
    println!("JMES benchmark on {}, data in {}", machine(), dir.display());
    if is_wanted(Part::App) {
        let extent =
            app::Extent { blocks: by_length(10, 3), empty: by_length(50, 20), profile: options.profile };
        app::run(&mut report, dir, &extent)?;
    }
    if is_wanted(Part::Checktx) {
        checktx::run(&mut report, dir, by_length(5, 2))?;
    }
    if [Part::E2e, Part::Rest, Part::Idle].into_iter().any(is_wanted) {
        measure_nodes(&mut report, dir, options, is_wanted)?;
    }
    let missed = report.missed();
    match missed.as_slice() {
        [] => println!("\nAll targets were met."),
        missed => println!("\nTargets missed:\n  {}", missed.join("\n  ")),
    }
    options.json.as_ref().map_or(Ok(()), |file| report.save(file))
}

fn measure_nodes(
    report: &mut Report,
    dir: &Path,
    options: &Options,
    is_wanted: impl Fn(Part) -> bool,
) -> Result<()> {
    let programs = Programs::find(options.jmesd.clone())?;
    let seconds = |full, brief| Duration::from_secs(if options.short { brief } else { full });
    if is_wanted(Part::E2e) {
        let extent = end_to_end::Extent { warm_up: seconds(8, 4), window: seconds(60, 10) };
        end_to_end::run(report, &programs, dir, &extent)?;
    }
    if is_wanted(Part::Rest) {
        rest::run(report, &programs, dir, seconds(10, 3))?;
    }
    if is_wanted(Part::Idle) {
        idle::run(report, &programs, dir, if options.short { 1 } else { 3 })?;
    }
    Ok(())
}

/// The processor and how many of its cores there are.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores, {}", model.map_or("unknown processor", |(_, name)| name))
}
