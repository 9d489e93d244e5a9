//! CheckTx alone, as the engine calls it for each new transaction: on one core, no signature verified before.

use crate::ledger::Ledger;
use crate::report::{median, Report, Target};
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
    // All stay pending: nothing is committed between the rounds.
    let times: Vec<f64> = rounds
        .iter()
        .map(|txs| 1e6 * ledger.check_all(txs, CheckTxType::New).as_secs_f64() / SENDERS as f64)
        .collect();
    let what = format!(
        "{} sends of {SENDERS} accounts, all pending; {ACCOUNTS} accounts on the chain, signatures new",
        SENDERS * times.len()
    );
    report.aim("checktx_us", median(times), "µs", Target::AtMost(60.0), what);
    ledger.remove()
}
