//! What a block, a send and a slash cost, in store operations: the same whatever the number of bonds and of premint wallets, and
//! whatever was founded, decided, granted and minted before.

use super::{past, short, JMES, SECOND};
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use jmes_modules::kernel::{
    Address, Amount, Base, Block, Ctx, GasMeter, GasTable, Misbehavior, Module, Msg, Offence, Overlay,
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
        Self::of(short(Genesis::new(), idp), delegators)
    }

    /// The same with what else is in `genesis`.
    fn of(genesis: Genesis, delegators: u64) -> Self {
        let validators: Vec<Validator> =
            (0..VALIDATORS).map(|number| Validator::new(number).bonded(100 * JMES)).collect();
        let genesis = genesis.validators(validators.clone());
        let genesis =
            owners(delegators).fold(genesis, |genesis, owner| genesis.with(owner, "1500001000ujmes"));
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
        self.block_of(misbehavior, |_| ())
    }

    /// Makes so many blocks without transactions.
    fn blocks(&mut self, count: u64) {
        for _ in 0..count {
            self.block(Vec::new());
        }
    }

    /// Makes the next block with what transactions do.
    fn block_of(&mut self, misbehavior: Vec<Misbehavior>, transactions: impl FnOnce(&mut Ctx)) -> Cost {
        let commit = (0..VALIDATORS).map(Validator::new).map(|one| jmes_modules::kernel::CommitVote {
            address: one.consensus_address(),
            power: 1_000,
            signed: true,
        });
        self.block.commit = if self.block.height == 0 { Vec::new() } else { commit.collect() };
        self.block.height += 1;
        self.block.time += 5 * SECOND;
        self.block.proposer = Validator::new(0).consensus_address();
        let block = Block { misbehavior, ..self.block.clone() };
        let base = Arc::new(Counted { state: std::mem::take(&mut self.state), reads: AtomicU64::new(0) });
        let meter = GasMeter::new(u64::MAX, COUNTING);
        let mut ctx = Ctx::new(Overlay::new(base.clone()), Arc::new(block), meter);
        order::BEGIN_BLOCK.into_iter().for_each(|step| step(&mut ctx).expect("a step never fails"));
        transactions(&mut ctx);
        order::END_BLOCK.into_iter().for_each(|step| step(&mut ctx).expect("a step never fails"));
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

    /// Makes a block of another time. What its transactions do is not counted.
    fn block_at(&mut self, time: u64, transactions: impl FnOnce(&mut Ctx)) {
        self.block.time = time - 5 * SECOND;
        self.block_of(Vec::new(), |ctx| {
            let meter = ctx.swap_gas(GasMeter::unlimited());
            transactions(ctx);
            ctx.swap_gas(meter);
        });
    }

    /// What always holds.
    fn assert_sound(&mut self) {
        self.block_of(Vec::new(), |ctx| {
            ctx.swap_gas(GasMeter::unlimited());
            let sound = |module: &&dyn Module| (module.name(), module.check_invariants(ctx));
            let broken: Vec<_> =
                order::MODULES.iter().map(sound).filter(|(_, found)| found.is_err()).collect();
            assert!(broken.is_empty(), "{broken:?}");
        });
    }

    /// Costs of plain blocks, of two with a send, of one with a slash, and of plain ones after it.
    fn measure(&mut self) -> Vec<Cost> {
        let mut costs: Vec<Cost> = (0..5).map(|_| self.block(Vec::new())).collect();
        costs.extend((0..2).map(|_| self.block_of(Vec::new(), send)));
        costs.push(self.block(double_sign(1, self.block.height)));
        costs.extend((0..5).map(|_| self.block(Vec::new())));
        assert!(costs[7].writes > costs[0].writes, "the slash was one");
        costs
    }
}

/// A send from an owner to another.
fn send(ctx: &mut Ctx) {
    let mut two = owners(2).map(|owner| owner.to_string());
    let (from_address, to_address) = (two.next().expect("one"), two.next().expect("another"));
    let amount = vec![Coin { denom: "ujmes".into(), amount: "5".into() }];
    MsgSend { from_address, to_address, amount }.execute(ctx).expect("it has the coins");
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

/// A chain in its second cycle, on which there were so many of everything in the first.
fn aged(count: u64) -> Chain {
    let mut chain = Chain::of(past::wealth(short(Genesis::new(), 10)), 20);
    let genesis = chain.block.time;
    chain.blocks(60);
    chain.block_at(chain.block.time + 5 * SECOND, |ctx| past::found(ctx, count));
    chain.block_at(genesis + past::PHASE, |ctx| past::vote(ctx, count));
    chain.block_at(genesis + 2 * past::PHASE, |ctx| past::grant(ctx, count));
    // Terms and streams end in the next block; rows of the votes go, a hundred a block.
    chain.blocks(110);
    chain.assert_sound();
    chain
}

#[test]
fn a_block_without_business_costs_nothing_extra_with_10000_of_everything_in_the_past() {
    let (nothing, much) = (aged(0).measure(), aged(10_000).measure());
    for (number, (nothing, much)) in nothing.iter().zip(&much).enumerate() {
        assert_eq!(nothing, much, "block {number}");
    }
}

#[test]
fn a_block_costs_the_same_with_1000_premint_wallets_and_with_none() {
    let costs = |wallets: u64| {
        let owners = (0..wallets).map(|number| Key::new(5_000 + number).address());
        let genesis = owners.fold(short(Genesis::new(), 10), |genesis, owner| {
            genesis.with(owner, "1000000000ujmes").premint(owner, 1_000 * JMES)
        });
        let mut chain = Chain::of(genesis, 20);
        let mut costs: Vec<Cost> = (0..60).map(|_| chain.block(Vec::new())).collect();
        costs.extend(chain.measure());
        costs
    };
    let (none, many) = (costs(0), costs(1_000));
    for (height, (none, many)) in none.iter().zip(&many).enumerate() {
        assert_eq!(none, many, "block {}", height + 1);
    }
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
