//! `jmes-bench`: how fast the node is, figure by figure against what it must reach. `scripts/bench` builds everything
//! and runs it.
//!
//! - `app`: blocks of sends, and empty ones, through FinalizeBlock and Commit, over a database on disk.
//! - `crowd`: what must not depend on the number of delegators and voters: empty blocks, slashes, tallies.
//! - `checktx`: CheckTx on one core.
//! - `e2e`: committed sends a second through the RPC of a node, and the engine's own limit.
//! - `rest`: balance queries a second.
//! - `idle`: memory and start.
//!
//! All data is made anew and follows from fixed numbers, so two runs do the same work.

mod app;
mod checktx;
mod crowd;
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

/// Share of the processor time, in percent, that other programs may use before the report warns.
const OTHERS: f64 = 5.0;

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
    /// Pending transactions at which the load on a node pauses: more than any block takes, so that it limits nothing,
    /// and not many more, because all that stay are checked again after each block
    #[arg(long, value_name = "NUMBER", default_value_t = 15_000)]
    pending: u32,
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
    Crowd,
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
    fs::create_dir_all(&options.dir).with_context(|| format!("can't make {}", options.dir.display()))?;
    let dir = &options.dir.canonicalize()?;
    let mut report = Report::default();
    println!("JMES benchmark on {}, data in {}", machine(), dir.display());
    for part in [Part::App, Part::Crowd, Part::Checktx, Part::E2e, Part::Rest, Part::Idle]
        .into_iter()
        .filter(|part| is_wanted(*part))
    {
        let (machine, own) = process::machine_and_own_time()?;
        measure(part, &mut report, dir, options)?;
        let (machine_then, own_then) = process::machine_and_own_time()?;
        let others = (machine_then - machine).saturating_sub(own_then - own);
        let share = 100.0 * others.as_secs_f64() / (machine_then - machine).as_secs_f64();
        if share > OTHERS {
            report.note(format!(
                "Other programs used {share:.0}% of the processor time meanwhile: measure again when they don't."
            ));
        }
    }
    let missed = report.missed();
    match missed.as_slice() {
        [] => println!("\nAll targets were met."),
        missed => println!("\nTargets missed:\n  {}", missed.join("\n  ")),
    }
    options.json.as_ref().map_or(Ok(()), |file| report.save(file))
}

fn measure(part: Part, report: &mut Report, dir: &Path, options: &Options) -> Result<()> {
    let short = options.short;
    let count = |full, brief| if short { brief } else { full };
    let seconds = |full, brief| Duration::from_secs(if short { brief } else { full });
    let programs = || Programs::find(options.jmesd.clone());
    match part {
        Part::App => {
            let (blocks, empty) = (count(10, 3), count(50, 20));
            app::run(report, dir, &app::Extent { blocks, empty, profile: options.profile })
        }
        Part::Crowd => crowd::run(report, dir, count(100, 40)),
        Part::Checktx => checktx::run(report, dir, count(5, 2)),
        Part::E2e => {
            let (warm_up, window) = (seconds(8, 4), seconds(60, 10));
            let extent = end_to_end::Extent { pending: options.pending, warm_up, window };
            end_to_end::run(report, &programs()?, dir, &extent)
        }
        Part::Rest => rest::run(report, &programs()?, dir, seconds(10, 3)),
        Part::Idle => idle::run(report, &programs()?, dir, count(3, 1)),
    }
}

/// The processor and how many of its cores there are.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores, {}", model.map_or("unknown processor", |(_, name)| name))
}
