//! A devnet that nobody uses: how soon it makes its first block and how much memory `jmesd` takes.

use crate::node::{Home, Programs};
use crate::process;
use crate::report::{median, Report, Target};
use anyhow::{Context, Result};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How long the node is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(10);

/// Starts `starts` new chains; the last one is left to itself.
pub fn run(report: &mut Report, programs: &Programs, dir: &Path, starts: usize) -> Result<()> {
    report.title("A devnet without load");
    let mut first_blocks = Vec::new();
    let mut last = None;
    for _ in 0..starts {
        drop(last.take());
        let node = Home::of_jmes(programs, &dir.join("idle"), &[])?.start()?;
        first_blocks.push(node.first_block.as_secs_f64());
        last = Some(node);
    }
    let node = last.context("no start was asked for")?;
    let what = "from `jmesd start` on a new chain to its first committed block";
    report.aim("first_block_s", median(first_blocks), "s", Target::AtMost(2.0), what);

    let mib = |id| anyhow::Ok(process::resident_bytes(id)? as f64 / f64::from(1 << 20));
    let used = process::processor_time(node.id())?;
    thread::sleep(IDLE);
    let used = process::processor_time(node.id())? - used;
    let seconds = IDLE.as_secs_f64();
    let what = format!("memory of jmesd in RAM after {seconds} s of empty blocks");
    report.aim("idle_rss_mb", mib(node.id())?, "MiB", Target::AtMost(60.0), what);
    if let Some(engine) = process::child(node.id()) {
        report.figure("idle_engine_rss_mb", mib(engine)?, "MiB", "the engine's, for comparison");
    }
    let percent = 100.0 * used.as_secs_f64() / seconds;
    report.figure("idle_cpu_percent", percent, "%", "of a core used by jmesd meanwhile");
    Ok(())
}
