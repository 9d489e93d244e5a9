//! What the tests of this crate share: state in memory, addresses, coins, genesis, refusals, and the settings
//! of property tests.

use crate::bank::Bank;
use crate::kernel::{
    Address, Amount, Base, Block, Coin, Coins, ConsensusAddress, Ctx, Error, GasMeter, GasTable, Module,
    Overlay, QueryError, QueryRoutes, View,
};
use crate::{emission, staking};
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use proptest::test_runner::{Config, RngSeed};
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Committed state in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<Vec<u8>, Vec<u8>>);

impl Base for Memory {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.get(key).cloned()
    }

    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        let entries =
            self.0.range(start.to_vec()..end.to_vec()).map(|(key, value)| (key.clone(), value.clone()));
        if reverse {
            Box::new(entries.rev())
        } else {
            Box::new(entries)
        }
    }
}

/// Committed state that counts what is read of it.
pub struct Counting {
    /// The state.
    pub state: Memory,
    /// How often it was read; an entry of a range counts once.
    pub reads: Arc<AtomicUsize>,
}

impl Base for Counting {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.state.value(key)
    }
    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let entries = self.state.range(start, end, reverse);
        Box::new(entries.inspect(|_| {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }))
    }
}

/// The proposer of the test block.
pub const PROPOSER: ConsensusAddress = ConsensusAddress([9; 20]);

/// The block that test contexts are in.
pub fn block() -> Block {
    Block {
        chain_id: "jmes-test-1".into(),
        height: 7,
        time: 1_700_000_000_000_000_000,
        proposer: PROPOSER,
        ..Block::default()
    }
}

/// A context over `base`.
pub fn ctx_over(base: Memory, gas: GasMeter) -> Ctx {
    Ctx::new(Overlay::new(Arc::new(base)), Arc::new(block()), gas)
}

/// A context over empty state, gas without limit.
pub fn ctx() -> Ctx {
    ctx_over(Memory::default(), GasMeter::unlimited())
}

/// Puts a meter with `limit` gas and the default prices in place.
pub fn limit_gas(ctx: &mut Ctx, limit: u64) {
    ctx.swap_gas(GasMeter::new(limit, GasTable::DEFAULT));
}

/// A context over the state that `ctx` leaves: as after a commit.
pub fn committed(ctx: Ctx) -> Ctx {
    let state = ctx.overlay().scan(&[], &[0xff], false, usize::MAX);
    ctx_over(Memory(state.into_iter().collect()), GasMeter::unlimited())
}

/// All writes as a table of keys and values in hexadecimal, the byte of the store first.
pub fn table(ctx: &Ctx) -> String {
    let row = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| {
        let value = value.as_ref().map_or_else(|| "removed".into(), hex::encode);
        format!("{} {} = {value}\n", hex::encode(&key[..1]), hex::encode(&key[1..]))
    };
    ctx.overlay().changes().iter().map(row).collect()
}

/// The address of 20 bytes `byte`.
pub fn address(byte: u8) -> Address {
    Address::of_twenty([byte; 20])
}

/// Coins of a text such as `5ujmes,3atom`, in any order.
pub fn coins(text: &str) -> Coins {
    let mut coins = Coins::default();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (amount, denom) = part.split_at(part.find(|letter: char| !letter.is_ascii_digit()).unwrap());
        coins.add(Coin::new(denom, Amount::parse(amount).unwrap())).unwrap();
    }
    coins
}

/// The bank's part of genesis with these balances.
pub fn bank_genesis(balances: &[(Address, &str)]) -> Value {
    let balance = |(owner, text): &(Address, &str)| {
        let coins: Vec<Value> = coins(text)
            .iter()
            .map(|coin| json!({"denom": coin.denom, "amount": coin.amount.to_string()}))
            .collect();
        json!({"address": owner.to_string(), "coins": coins})
    };
    json!({"balances": balances.iter().map(balance).collect::<Vec<_>>()})
}

/// A context in which genesis gave out these balances.
pub fn funded(balances: &[(Address, &str)]) -> Ctx {
    let mut ctx = ctx();
    Bank.import(&mut ctx, &bank_genesis(balances)).unwrap();
    ctx
}

/// Puts the clock of emission on issuance height `n`, as if the context's block were paced.
pub fn at_issuance(ctx: &mut Ctx, n: u64) {
    let settings = emission::settings(ctx).unwrap();
    let point = settings.schedule.at(n).unwrap();
    let (height, time, credit) = (ctx.block().height, ctx.block().time, settings.pace_credit);
    let clock = emission::Clock { n, height, time, credit, paced: true, point };
    emission::state::CLOCK.save(ctx, &clock).unwrap();
}

/// Creates a validator without bonds; gives its operator.
pub fn candidate(ctx: &mut Ctx) -> Address {
    let operator = address(0xee);
    let new = staking::NewValidator {
        operator,
        key: [0xee; 32],
        description: Description { moniker: "candidate".into(), ..Description::default() },
        commission: staking::Commission::default(),
        min_self_delegation: Amount::ZERO,
        possession: false,
        work: [0; 32],
    };
    staking::create(ctx, new).unwrap();
    operator
}

/// Asks a module's query.
pub fn ask<Q: prost::Message, A: prost::Message + Default>(
    module: &dyn Module,
    view: &View,
    path: &str,
    request: &Q,
) -> Result<A, QueryError> {
    let mut routes = QueryRoutes::default();
    module.queries(&mut routes);
    Ok(A::decode(routes.answer(view, path, &request.encode_to_vec())?.as_slice()).unwrap())
}

/// Checks that something was refused with this code and this text.
#[track_caller]
pub fn assert_refused<T: Debug>(result: Result<T, Error>, codespace: &str, code: u32, message: &str) {
    let error = result.expect_err("it is refused");
    assert_eq!((error.codespace, error.code, error.message.as_str()), (codespace, code, message));
}

/// A property test of `cases` cases, 20 times as many with `JMES_TEST_LONG`. The seed is new at each run and
/// printed for a failing one; `JMES_TEST_SEED` repeats it.
#[allow(clippy::disallowed_types, reason = "a test may know the time")]
pub fn cases(cases: u32) -> Config {
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
