//! CheckTx alone, as the engine calls it for each new transaction: on one core, no signature verified before.

use crate::ledger::Ledger;
use crate::report::{median, Report, Target};
use anyhow::Result;
use jmesd::chain::Signatures;
use jmesd::keys::SecretKey;
use std::path::Path;
use std::time::Instant;
use tendermint_proto::v0_38::abci::CheckTxType;

/// Accounts on the chain.
const ACCOUNTS: usize = 100_000;
/// Senders of each round; each sends once.
const SENDERS: usize = 10_000;

/// Signatures that are verified by themselves in each round.
const SIGNATURES: u32 = 5_000;
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
    let (mut times, mut signatures) = (Vec::new(), Vec::new());
    for txs in &rounds {
        times.push(1e6 * ledger.check_all(txs, CheckTxType::New).as_secs_f64() / SENDERS as f64);
        signatures.push(signature_time());
    }
    let what = format!(
        "{} sends of {SENDERS} accounts, all pending; {ACCOUNTS} accounts on the chain, signatures new",
        SENDERS * times.len()
    );
    report.aim("checktx_us", median(times), "µs", Target::AtMost(60.0), what);
    let what = "of it a signature verified by libsecp256k1, alone and in turns with the rounds".to_owned();
    report.figure("checktx_signature_us", median(signatures), "µs", what);
    ledger.remove()
}

/// How long one signature takes by itself on this machine at this moment, in microseconds.
fn signature_time() -> f64 {
    let secret = SecretKey::from_bytes(&[7; 32]).expect("a valid key");
    let key = secret.public_key();
    let signed: Vec<_> = (0..SIGNATURES)
        .map(|number| {
            let message = number.to_be_bytes().repeat(75);
            let signature = secret.sign(&message);
            (message, signature)
        })
        .collect();
    let signatures = Signatures::default();
    let start = Instant::now();
    assert!(signed.iter().all(|(message, signature)| signatures.verify(&key, message, signature)));
    1e6 * start.elapsed().as_secs_f64() / f64::from(SIGNATURES)
}
