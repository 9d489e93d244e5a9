//! CheckTx alone, as the engine calls it for each new transaction: on one core, no signature verified before.

use crate::ledger::Ledger;
use crate::process;
use crate::report::{Report, Target};
use anyhow::Result;
use std::path::Path;
use tendermint_proto::v0_38::abci::CheckTxType;

/// Accounts on the chain.
const ACCOUNTS: usize = 100_000;
/// Senders of each round; each sends once.
const SENDERS: usize = 10_000;

/// How many heights stay readable, as nodes have it by default.
const KEEP: u64 = 100;

/// Measures with as many senders as transactions.
pub fn run(report: &mut Report, dir: &Path, rounds: usize) -> Result<()> {
    report.title("CheckTx of sends on one core");
    let mut ledger = Ledger::create(&dir.join("ledger"), ACCOUNTS, SENDERS, KEEP)?;
    let ring: Vec<_> = (0..SENDERS).map(|index| (index, (index + 1) % SENDERS)).collect();
    let warm_up = ledger.sign_sends(&ring);
    ledger.check_all(&warm_up, CheckTxType::New);
    ledger.run_block(&warm_up)?;

    let rounds: Vec<_> = (0..rounds).map(|_| ledger.sign_sends(&ring)).collect();
    let before = process::resident_bytes(std::process::id())?;
    // All stay pending: nothing is committed between the rounds.
    let times: Vec<f64> = rounds
        .iter()
        .map(|txs| 1e6 * ledger.check_all(txs, CheckTxType::New).as_secs_f64() / SENDERS as f64)
        .collect();
    let grown = process::resident_bytes(std::process::id())?.saturating_sub(before);
    let pending = SENDERS * rounds.len();
    let what =
        format!("{pending} sends of {SENDERS} accounts, {ACCOUNTS} accounts on the chain, signatures new");
    report.aim("checktx_us", crate::report::median(times), "µs", Target::AtMost(60.0), what);
    let what = format!("growth of the process's memory by {pending} pending sends, for each");
    report.figure("checktx_pending_bytes", grown as f64 / pending as f64, "B", what);
    ledger.remove()
}
