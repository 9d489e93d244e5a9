//! Tests of the chain's own parts. What it does as a whole is tested in the crate `jmes-tests`, which has wallets and
//! makes blocks.

mod decoded;
mod free;
mod gas_price;
mod header;
mod signatures;
mod state;

use proptest::test_runner::{Config, RngSeed};

/// A property test of `cases` cases, 20 times as many with `JMES_TEST_LONG`. The seed is new at each run and
/// printed for a failing one; `JMES_TEST_SEED` repeats it.
fn cases(cases: u32) -> Config {
    let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let seed = std::env::var("JMES_TEST_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
    println!("JMES_TEST_SEED={seed}");
    let times = if std::env::var_os("JMES_TEST_LONG").is_some() { 20 } else { 1 };
    Config {
        cases: cases * times,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    }
}
