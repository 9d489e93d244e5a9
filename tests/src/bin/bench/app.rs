//! The application alone: blocks of sends through FinalizeBlock and Commit over a database on disk, and the same of
//! nothing.

use crate::ledger::{BlockTime, Ledger};
use crate::report::{median, Report, Target};
use anyhow::{Context, Result};
use jmesd::chain::Tx;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use tendermint_proto::v0_38::abci::CheckTxType;

/// Sends in a large block, and accounts that one set of wallets holds.
const LARGE: usize = 10_000;
/// Sends in a small block.
const SMALL: usize = 1_000;
/// Sets of wallets where there are enough accounts: successive blocks touch different ones.
const SETS: usize = 5;
/// How many heights stay readable, as nodes have it by default: nothing is pruned while this runs.
const KEEP: u64 = 100;
/// The same for the figure with pruning: each block deletes what an earlier one of its size has left.
const KEEP_FEW: u64 = 2;

/// How much is measured.
pub struct Extent {
    /// Blocks of each size.
    pub blocks: usize,
    /// Empty blocks.
    pub empty: usize,
    /// Whether to say where the time of a block goes.
    pub profile: bool,
}

/// Names of the figures that both numbers of accounts have.
struct Names {
    accounts: &'static str,
    large: &'static str,
    small: &'static str,
    uncached: &'static str,
}

/// Measures with 10 thousand and with 1 million accounts.
pub fn run(report: &mut Report, dir: &Path, extent: &Extent) -> Result<()> {
    report.title("Application alone: FinalizeBlock + Commit over RocksDB on disk, time per send");
    report.note(
        "Each account of a ring sends once and receives once, so a block of n sends touches n accounts at any \
         number of accounts. Every commit is synced. Signatures were verified by CheckTx before, unless said.",
    );
    let few = Names {
        accounts: "10 thousand accounts",
        large: "finalize_commit_us_10k_accounts",
        small: "finalize_commit_small_us_10k_accounts",
        uncached: "finalize_commit_uncached_us_10k_accounts",
    };
    let many = Names {
        accounts: "1 million accounts",
        large: "finalize_commit_us_1m_accounts",
        small: "finalize_commit_small_us_1m_accounts",
        uncached: "finalize_commit_uncached_us_1m_accounts",
    };
    let path = dir.join("ledger");
    let mut ledger = Ledger::create(&path, LARGE, LARGE, KEEP)?;
    measure_blocks(report, &mut ledger, &few, None, extent)?;
    ledger.remove()?;

    let start = Instant::now();
    let mut ledger = Ledger::create(&path, 100 * LARGE, SETS * LARGE, KEEP_FEW)?;
    report.note(format!(
        "With 1 million accounts {SETS} sets of 10,000 take turns in the blocks, read from a database that has been \
         closed and opened again. It was filled in {:.0} s.",
        start.elapsed().as_secs_f64()
    ));
    measure_pruning(report, &mut ledger, extent)?;
    let mut ledger = ledger.reopen(KEEP)?;
    measure_blocks(report, &mut ledger, &many, Some(Target::AtMost(150.0)), extent)?;
    measure_spread(report, &mut ledger, extent)?;
    if let (Some(few), Some(many)) = (report.value(few.large), report.value(many.large)) {
        let what = "1 million accounts ÷ 10 thousand, 10,000-send blocks";
        report.aim("finalize_commit_ratio", many / few, "", Target::AtMost(1.5), what);
    }
    measure_other_calls(report, &mut ledger)?;
    measure_empty(report, &mut ledger, dir, extent)?;
    if extent.profile {
        profile(report, &mut ledger, dir)?;
    }
    ledger.remove()
}

/// Sends around a ring of `size` wallets, the `turn`th set of them.
fn ring(ledger: &Ledger, turn: usize, size: usize) -> Vec<(usize, usize)> {
    let first = turn * LARGE % ledger.wallets.len();
    (0..size).map(|place| (first + place, first + (place + 1) % size)).collect()
}

/// Blocks of `size` sends around rings, each checked before.
fn cached_blocks(ledger: &mut Ledger, size: usize, count: usize) -> Result<Vec<BlockTime>> {
    let block = |turn| {
        let txs = ledger.sign_sends(&ring(ledger, turn, size));
        ledger.check_all(&txs, CheckTxType::New);
        ledger.run_block(&txs)
    };
    (0..count).map(block).collect()
}

/// The middle block's time for each send, in microseconds.
fn per_send(blocks: &[BlockTime], size: usize) -> f64 {
    median(blocks.iter().map(|time| time.micros() / size as f64).collect())
}

fn slowest(blocks: &[BlockTime], size: usize) -> f64 {
    blocks.iter().map(|time| time.micros() / size as f64).fold(0.0, f64::max)
}

fn measure_blocks(
    report: &mut Report,
    ledger: &mut Ledger,
    names: &Names,
    aim: Option<Target>,
    extent: &Extent,
) -> Result<()> {
    // Public keys are not yet known to the accounts, caches are empty: the first block of each set is another one.
    cached_blocks(ledger, LARGE, ledger.wallets.len() / LARGE)?;
    let blocks = cached_blocks(ledger, LARGE, extent.blocks)?;
    let what = format!(
        "{}, {}-send blocks, middle of {} (slowest {:.1} µs)",
        names.accounts,
        LARGE,
        blocks.len(),
        slowest(&blocks, LARGE)
    );
    match aim {
        Some(aim) => report.aim(names.large, per_send(&blocks, LARGE), "µs", aim, what),
        None => report.figure(names.large, per_send(&blocks, LARGE), "µs", what),
    }
    let blocks = cached_blocks(ledger, SMALL, 2 * extent.blocks)?;
    let what = format!("the same with {SMALL}-send blocks");
    report.figure(names.small, per_send(&blocks, SMALL), "µs", what);

    let mut blocks = Vec::new();
    for turn in 0..extent.blocks {
        let txs = ledger.sign_sends(&ring(ledger, turn, LARGE));
        blocks.push(ledger.run_block(&txs)?);
    }
    let what = format!("the same with {LARGE}-send blocks and no signature verified before");
    report.figure(names.uncached, per_send(&blocks, LARGE), "µs", what);
    Ok(())
}

/// Blocks in which nobody both sends and receives: twice as many accounts are touched.
fn measure_spread(report: &mut Report, ledger: &mut Ledger, extent: &Extent) -> Result<()> {
    let mut blocks = Vec::new();
    for turn in 0..extent.blocks {
        let place = |set: usize, index: usize| (turn + set) % SETS * LARGE + index;
        let pairs: Vec<_> = (0..LARGE).map(|index| (place(0, index), place(1, index))).collect();
        let txs = ledger.sign_sends(&pairs);
        ledger.check_all(&txs, CheckTxType::New);
        blocks.push(ledger.run_block(&txs)?);
    }
    let what = "1 million accounts, 10,000 senders and 10,000 other receivers a block";
    report.figure("finalize_commit_spread_us_1m_accounts", per_send(&blocks, LARGE), "µs", what);
    Ok(())
}

/// Blocks as of a node that has run for long. The first blocks also delete what filling the database has left.
fn measure_pruning(report: &mut Report, ledger: &mut Ledger, extent: &Extent) -> Result<()> {
    cached_blocks(ledger, LARGE, 2 * SETS)?;
    let blocks = cached_blocks(ledger, LARGE, extent.blocks)?;
    let what =
        "1 million accounts, 10,000-send blocks, each commit deleting what a block of that size leaves";
    report.figure("finalize_commit_pruning_us_1m_accounts", per_send(&blocks, LARGE), "µs", what);
    Ok(())
}

/// What else happens to each transaction of a node that proposes.
fn measure_other_calls(report: &mut Report, ledger: &mut Ledger) -> Result<()> {
    let txs = ledger.sign_sends(&ring(ledger, 0, LARGE));
    ledger.check_all(&txs, CheckTxType::New);
    let (prepare, process) = ledger.propose(&txs);
    // The mempool's state starts afresh with every commit.
    ledger.run_block(&[])?;
    let recheck = ledger.check_all(&txs, CheckTxType::Recheck);
    ledger.run_block(&txs)?;
    let each = |time: Duration| 1e6 * time.as_secs_f64() / LARGE as f64;
    report.figure("prepare_proposal_us", each(prepare), "µs", "PrepareProposal, each of 10,000 sends");
    report.figure("process_proposal_us", each(process), "µs", "ProcessProposal, each of 10,000 sends");
    report.figure("recheck_us", each(recheck), "µs", "CheckTx of kind Recheck, one core");
    Ok(())
}

fn measure_empty(report: &mut Report, ledger: &mut Ledger, dir: &Path, extent: &Extent) -> Result<()> {
    let blocks: Vec<BlockTime> = (0..extent.empty).map(|_| ledger.run_block(&[])).collect::<Result<_>>()?;
    let empty = median(blocks.iter().map(|time| time.micros()).collect());
    let finalize = median(blocks.iter().map(|time| 1e6 * time.finalize.as_secs_f64()).collect());
    let sync = sync_time(dir, 1024, extent.empty)?;
    let what = format!(
        "empty block, 1 million accounts: FinalizeBlock {finalize:.0} µs, the rest is Commit with its fsync"
    );
    report.aim("empty_block_us", empty, "µs", Target::AtMost(1000.0 + sync), what);
    report.figure(
        "fsync_us",
        sync,
        "µs",
        "appending 1 KiB to a file and fdatasync in the same directory, the middle one",
    );
    Ok(())
}

/// The middle time of appending `bytes` bytes to a file in `dir` and syncing it, in microseconds.
fn sync_time(dir: &Path, bytes: usize, times: usize) -> Result<f64> {
    let path = dir.join("sync-probe");
    let mut file = File::create(&path)?;
    let data = vec![7; bytes];
    let mut taken = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        file.write_all(&data)?;
        file.sync_data()?;
        taken.push(1e6 * start.elapsed().as_secs_f64());
    }
    fs::remove_file(&path)?;
    Ok(median(taken))
}

/// Where the time of a 10,000-send block goes, by timing the parts that can be called one by one.
fn profile(report: &mut Report, ledger: &mut Ledger, dir: &Path) -> Result<()> {
    report.title("Where the time of a 10,000-send block with 1 million accounts goes, per send");
    let pairs = ring(ledger, 0, LARGE);
    let txs = ledger.sign_sends(&pairs);
    let each = |time: Duration| 1e6 * time.as_secs_f64() / LARGE as f64;
    let start = Instant::now();
    for tx in &txs {
        Tx::decode(ledger.chain.routes(), tx)?;
    }
    let decode = each(start.elapsed());
    ledger.check_all(&txs, CheckTxType::New);
    let changed: Vec<usize> = pairs.iter().map(|(from, _)| *from).collect();
    let store = each(ledger.prepare_store(&changed)?);
    let written = written_bytes()?;
    let block = ledger.run_block(&txs)?;
    let written = written_bytes()? - written;
    let (finalize, commit) = (each(block.finalize), each(block.commit));
    let sync = sync_time(dir, written, 5)? / LARGE as f64;
    report.figure(
        "profile_decode_us",
        decode,
        "µs",
        "decoding on one core; a block is decoded twice on all cores",
    );
    report.figure("profile_finalize_us", finalize, "µs", "FinalizeBlock");
    report.figure(
        "profile_prepare_us",
        store,
        "µs",
        "of it: the store's reads, tree and batch of as many accounts",
    );
    report.figure(
        "profile_execute_us",
        finalize - store,
        "µs",
        "the rest of it: decoding, known signatures, execution, events",
    );
    report.figure("profile_commit_us", commit, "µs", "Commit");
    report.figure(
        "profile_written_bytes",
        written as f64 / LARGE as f64,
        "B",
        "written by the process during the block",
    );
    report.figure("profile_fsync_us", sync, "µs", "appending as many bytes to a file and fdatasync");
    Ok(())
}

/// Bytes that this process has passed to write calls.
fn written_bytes() -> Result<usize> {
    let text = fs::read_to_string("/proc/self/io").context("can't read /proc/self/io")?;
    let field = text.lines().find_map(|line| line.strip_prefix("wchar: "));
    Ok(field.context("/proc/self/io has no wchar")?.parse()?)
}
