//! What a block and a slash cost, in store operations: the same whatever the number of bonds.

use super::{short, JMES};
use jmes_modules::kernel::{
    Address, Amount, Base, Block, Ctx, GasMeter, GasTable, Misbehavior, Offence, Overlay,
};
use jmes_modules::staking;
use jmes_tests::{Genesis, Key, Validator};
use jmesd::chain::{import_genesis, order, EmptyBase, Signatures};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// Each access to state costs 1 gas.
const COUNTING: GasTable = GasTable {
    read_flat: 1,
    read_per_byte: 0,
    write_flat: 1,
    write_per_byte: 0,
    delete_flat: 1,
    iterate_flat: 1,
    has_flat: 1,
};

const VALIDATORS: u64 = 5;

/// State in memory that counts what is read of it.
#[derive(Default)]
struct Counted {
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    reads: AtomicU64,
}

impl Base for Counted {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.state.get(key).cloned()
    }

    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let bounds = (Bound::Included(start.to_vec()), Bound::Excluded(end.to_vec()));
        let entries = self.state.range(bounds).map(|(key, value)| {
            self.reads.fetch_add(1, Ordering::Relaxed);
            (key.clone(), value.clone())
        });
        if reverse {
            Box::new(entries.rev())
        } else {
            Box::new(entries)
        }
    }
}

/// What a block needed.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    /// Accesses to state by the modules.
    operations: u64,
    /// Reads of committed state.
    reads: u64,
    /// Keys written.
    writes: usize,
}

/// A chain's state in memory, on which blocks are made.
struct Chain {
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    block: Block,
}

impl Chain {
    /// Five validators, and `delegators` who bond to each of them, 6,000 JMES together.
    fn new(delegators: u64, idp: u64) -> Self {
        let validators: Vec<Validator> =
            (0..VALIDATORS).map(|number| Validator::new(number).bonded(100 * JMES)).collect();
        let genesis = short(Genesis::new().validators(validators.clone()), idp);
        let genesis =
            owners(delegators).fold(genesis, |genesis, owner| genesis.with(owner, "1500000000ujmes"));
        let bond = Amount(6_000 * JMES / u128::from(delegators));
        let routes = order::routes();
        let imported = import_genesis(
            Arc::new(EmptyBase),
            &genesis.origin(),
            &genesis.document(),
            routes,
            &Signatures::default(),
        );
        let mut ctx = imported.expect("genesis is sound").ctx;
        for owner in owners(delegators) {
            for one in &validators {
                staking::bond(&mut ctx, &owner, &one.address(), bond).expect("it has the coins");
            }
        }
        let changes = ctx.into_overlay().into_changes();
        let state = changes.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let block = Block { chain_id: genesis.chain_id.clone(), time: genesis.time, ..Block::default() };
        Self { state, block }
    }

    /// Makes the next block without transactions.
    fn block(&mut self, misbehavior: Vec<Misbehavior>) -> Cost {
        let commit = (0..VALIDATORS).map(Validator::new).map(|one| jmes_modules::kernel::CommitVote {
            address: one.consensus_address(),
            power: 1_000,
            signed: true,
        });
        self.block.commit = if self.block.height == 0 { Vec::new() } else { commit.collect() };
        self.block.height += 1;
        self.block.time += 5_000_000_000;
        self.block.proposer = Validator::new(0).consensus_address();
        let block = Block { misbehavior, ..self.block.clone() };
        let base = Arc::new(Counted { state: std::mem::take(&mut self.state), reads: AtomicU64::new(0) });
        let meter = GasMeter::new(u64::MAX, COUNTING);
        let mut ctx = Ctx::new(Overlay::new(base.clone()), Arc::new(block), meter);
        for step in order::BEGIN_BLOCK.into_iter().chain(order::END_BLOCK) {
            step(&mut ctx).expect("a step never fails");
        }
        let operations = ctx.gas().used();
        let changes = ctx.into_overlay().into_changes();
        let cost = Cost { operations, reads: base.reads.load(Ordering::Relaxed), writes: changes.len() };
        self.state = Arc::into_inner(base).expect("the context is gone").state;
        for (key, value) in changes {
            match value {
                Some(value) => drop(self.state.insert(key, value)),
                None => drop(self.state.remove(&key)),
            }
        }
        cost
    }
}

fn owners(count: u64) -> impl Iterator<Item = Address> {
    (0..count).map(|number| {
        let mut bytes = [7; 20];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Address::new(&bytes).expect("20 bytes")
    })
}

fn double_sign(number: u64, height: u64) -> Vec<Misbehavior> {
    let address = Validator::new(number).consensus_address();
    vec![Misbehavior { offence: Offence::DoubleSign, address, power: 1_000, height, time: 0 }]
}

/// Costs of the blocks of a chain with so many bonds to each of five validators: plain ones during the period, its last, those
/// after it while powers grow, plain ones then, and two with a slash.
fn costs(delegators: u64) -> Vec<Cost> {
    let mut chain = Chain::new(delegators, 10);
    let mut costs: Vec<Cost> = (0..60).map(|_| chain.block(Vec::new())).collect();
    costs.push(chain.block(double_sign(1, 58)));
    costs.push(chain.block(double_sign(2, 61)));
    costs.extend((0..10).map(|_| chain.block(Vec::new())));
    costs
}

#[test]
fn blocks_and_slashes_cost_the_same_with_100_and_with_10000_bonds() {
    let (few, many) = (costs(20), costs(2_000));
    for (height, (few, many)) in few.iter().zip(&many).enumerate() {
        assert_eq!(few, many, "block {}", height + 1);
    }
    let plain = &few[50];
    println!("a plain block: {plain:?}; one with a slash: {:?}", few[60]);
    assert!(plain.reads <= 80 && plain.writes <= 30, "{plain:?}");
    assert!(few[60].writes > plain.writes, "the slash was one");
}

#[test]
fn keys_that_sign_are_not_those_that_pay() {
    let operators = (0..VALIDATORS).map(|number| Validator::new(number).address());
    let mut all: Vec<Address> = operators.chain(owners(2_000)).chain([Key::new(0).address()]).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}
