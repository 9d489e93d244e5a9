//! A simulation of the economy: random operations of hundreds of actors through a real chain over a real store, with everything
//! that must always hold checked after every block. A seed that fails is printed, and its run is made smaller.

use super::actors::{Actors, Kind};
use super::{short, with, JMES, SECOND};
use jmes_modules::kernel::{codes, Amount, Misbehavior, Offence, Value, View};
use jmes_modules::{auth, bank, emission, seats, staking, BASE_DENOM};
use jmes_proto::jmes::emission::v1::Params;
use jmes_tests::{long, seed, Genesis, Powers, Random, TestChain};
use jmesd::chain::TxOutcome;
use serde_json::json;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs that looking for a smaller failing run may take.
const ATTEMPTS: usize = 60;

/// What is simulated. The randomness of an operation depends on seed, height and its number alone, so the others stay what they
/// are when some are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Plan {
    seed: u64,
    blocks: u64,
    /// No operations before this height.
    from: u64,
    kinds: BTreeSet<Kind>,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
struct Summary {
    app_hash: [u8; 32],
    /// How often each kind, and each refusal, happened.
    counts: BTreeMap<String, usize>,
}

#[derive(Debug)]
struct Failure {
    height: u64,
    why: String,
}

impl Plan {
    fn new(seed: u64, blocks: u64) -> Self {
        Self { seed, blocks, from: 2, kinds: Kind::ALL.into_iter().map(|(kind, _)| kind).collect() }
    }

    fn run(&self) -> Result<Summary, Failure> {
        let height = Cell::new(0);
        let run = catch_unwind(AssertUnwindSafe(|| {
            let mut simulation = Simulation::new(self);
            while height.get() < self.blocks {
                height.set(height.get() + 1);
                simulation.step(self, height.get())?;
            }
            Ok(Summary { app_hash: simulation.chain.app_hash(), counts: simulation.counts })
        }));
        let run = run.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.or(panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
        });
        run.map_err(|why| Failure { height: height.get(), why })
    }

    /// The smallest failing run that is found: no blocks after the failure, fewer before it with operations, fewer kinds.
    fn shrink(mut self, mut failure: Failure) -> (Self, Failure) {
        let mut attempts = ATTEMPTS;
        let mut fails = |plan: &Self| {
            attempts = attempts.checked_sub(1)?;
            plan.run().err()
        };
        self.blocks = failure.height;
        loop {
            let before = self.clone();
            let later = Self { from: self.from.midpoint(self.blocks), ..self.clone() };
            let fewer = self.kinds.iter().map(|kind| {
                let kinds = self.kinds.iter().copied().filter(|other| other != kind).collect();
                Self { kinds, ..self.clone() }
            });
            let smaller: Vec<Self> = std::iter::once(later).chain(fewer).collect();
            for plan in smaller.into_iter().filter(|plan| *plan != before) {
                if let Some(found) = fails(&plan) {
                    self = Self { blocks: found.height, ..plan };
                    failure = found;
                    break;
                }
            }
            if self == before {
                return (self, failure);
            }
        }
    }
}

struct Simulation {
    chain: TestChain,
    actors: Actors,
    counts: BTreeMap<String, usize>,
    /// Coins of genesis, and what the schedule has given to validators since.
    created: u128,
    /// The engine's set of the last block, who sign the next one's commit.
    voting: Powers,
    /// How many blocks more are fast.
    fast: u64,
    /// Whether the node is restarted before the next block.
    restart: bool,
    /// Whether the next block is made on a chain of the exported state, too.
    export: bool,
}

impl Simulation {
    fn new(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed);
        let idp = plan.blocks / 4 + random.number() % (plan.blocks / 4).max(1);
        let (genesis, created) = Actors::new().fund(short(Genesis::new(), idp));
        // Emission ends within the run; a period has a hundred blocks or so.
        let limit = 100_000_000 * JMES + JMES * u128::from(plan.blocks) * 10;
        let changes = [
            ("max_supply", json!(limit.to_string())),
            ("seconds_per_month", json!((20 + random.below(40)).to_string())),
            ("pace_credit", json!("60s")),
        ];
        let params = Params { idp_blocks: idp, ..emission::default_params() };
        let genesis = genesis.set("emission/params", with(&params, &changes));
        Self {
            chain: TestChain::new(&genesis),
            actors: Actors::new(),
            counts: BTreeMap::new(),
            created,
            voting: Powers::new(),
            fast: 0,
            restart: false,
            export: false,
        }
    }

    fn count(&mut self, what: String) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// One block.
    fn step(&mut self, plan: &Plan, height: u64) -> Result<(), String> {
        let mut random = Random::new(plan.seed ^ height.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.chain.block_time = if self.fast > 0 { random.number() % (2 * SECOND) } else { 5 * SECOND };
        self.fast = self.fast.saturating_sub(1);
        let proposers: Vec<[u8; 32]> = self.chain.validators().into_keys().collect();
        self.chain.proposer = Some(staking::consensus_address(random.pick(&proposers)));
        let txs = if height < plan.from { Vec::new() } else { self.operations(plan, &mut random) };
        self.bring_back();
        let txs = if random.once_in(2) {
            let proposal = self.chain.prepare(&txs, 4 << 20);
            if !self.chain.process(&proposal) {
                return Err("the chain refuses its own proposal".into());
            }
            proposal
        } else {
            txs
        };
        self.voting = self.chain.validators();
        let outcomes = self.block(&txs, &mut random)?;
        self.chain.misbehavior.clear();
        for outcome in outcomes {
            self.judge(&outcome)?;
        }
        self.check()
    }

    /// The transactions of a block, at most one of an author; what else happens is done at once.
    fn operations(&mut self, plan: &Plan, random: &mut Random) -> Vec<Vec<u8>> {
        let mut authors = BTreeSet::new();
        let mut txs = Vec::new();
        if self.chain.chain().height() > 0 {
            self.actors.look(&self.chain);
        }
        for _ in 0..random.below(14) {
            let mut own = Random::new(random.number());
            let kind = Kind::any(&mut own);
            if !plan.kinds.contains(&kind) {
                continue;
            }
            let Some((draft, author)) = self.actors.attempt(&self.chain, kind, &mut own) else {
                self.environment(kind, &mut own);
                continue;
            };
            if authors.insert(author.address()) {
                txs.push(self.chain.sign(&draft, &[&author]));
                self.count(format!("{kind:?}"));
            }
        }
        txs
    }

    fn environment(&mut self, kind: Kind, random: &mut Random) {
        match kind {
            Kind::Offline => {
                let address = random.pick(&self.actors.operators).consensus_address();
                if !self.chain.absent.remove(&address) {
                    self.chain.absent.insert(address);
                }
            }
            Kind::DoubleSign => {
                let ago = 1 + random.number() % 20;
                let height = self.chain.chain().height().saturating_sub(ago).max(1);
                self.chain.misbehavior = vec![Misbehavior {
                    offence: *random.pick(&[Offence::DoubleSign, Offence::LightClientAttack]),
                    address: random.pick(&self.actors.operators).consensus_address(),
                    power: 1_000,
                    height,
                    time: self.chain.last_time() - ago * SECOND,
                }];
            }
            Kind::Time => match random.below(4) {
                0 | 1 => self.fast = 1 + random.number() % 20,
                2 => self.chain.block_time = (10 + random.number() % 300) * SECOND,
                _ => self.chain.block_time = (1 + random.number() % 30) * 86_400 * SECOND,
            },
            Kind::Restart => self.restart = true,
            Kind::Export => self.export = self.chain.chain().height() > 0,
            _ => return,
        }
        self.count(format!("{kind:?}"));
    }

    /// A block needs more than two thirds of the power of the block before's set in its commit.
    fn bring_back(&mut self) {
        let power = |set: &Powers, absent: &BTreeSet<_>| -> u64 {
            set.iter()
                .filter(|(key, _)| !absent.contains(&staking::consensus_address(key)))
                .map(|(_, power)| power)
                .sum()
        };
        let total = power(&self.voting, &BTreeSet::new());
        while total > 0 && power(&self.voting, &self.chain.absent) * 3 <= total * 2 {
            let strongest = self
                .voting
                .iter()
                .filter(|(key, _)| self.chain.absent.contains(&staking::consensus_address(key)));
            let Some((key, _)) = strongest.max_by_key(|(_, power)| **power) else { return };
            self.chain.absent.remove(&staking::consensus_address(key));
        }
    }

    /// Makes the block, after a restart or beside a chain made of the exported state, if that is to be.
    fn block(&mut self, txs: &[Vec<u8>], random: &mut Random) -> Result<Vec<TxOutcome>, String> {
        if std::mem::take(&mut self.restart) {
            if random.once_in(2) {
                self.chain.finalize(txs);
            }
            self.chain.restart();
        }
        if !std::mem::take(&mut self.export) {
            return Ok(self.chain.block(txs));
        }
        let mut copy = self.chain.continued();
        copy.proposer = self.chain.proposer;
        copy.absent.clone_from(&self.chain.absent);
        copy.misbehavior.clone_from(&self.chain.misbehavior);
        copy.block_time = self.chain.block_time;
        let before = self.chain.export().app_state;
        let (ours, theirs) = (self.chain.block(txs), copy.block(txs));
        let (mut state, mut other) = (self.chain.export().app_state, copy.export().app_state);
        // The app hash has the first height in it; history and draws have app hashes in them.
        for exported in [&mut state, &mut other] {
            exported["staking"]["history"].take();
        }
        let draws = |state: &serde_json::Value| {
            !matches!(&state["seats"]["vacancies"], serde_json::Value::Null)
                && state["seats"]["vacancies"] != json!([])
        };
        if ours != theirs {
            return Err(format!("after export and import transactions end otherwise: {ours:?}\n{theirs:?}"));
        }
        if state != other && ![&before, &state, &other].into_iter().any(draws) {
            return Err(format!(
                "after export and import a block makes other state: {}",
                difference(&state, &other)
            ));
        }
        if random.once_in(2) {
            self.chain = copy;
        }
        Ok(ours)
    }

    /// A refusal has a code and words, and is never a rule of the chain's own that was broken.
    fn judge(&mut self, outcome: &TxOutcome) -> Result<(), String> {
        let Some(error) = &outcome.error else {
            self.count("done".into());
            return Ok(());
        };
        let broken =
            (error.codespace, error.code) == ("sdk", codes::LOGIC) || error.message.contains("panic");
        if error.code == 0 || error.codespace.is_empty() || error.message.is_empty() || broken {
            return Err(format!("a transaction was refused like this: {error:?}"));
        }
        self.count(format!("{}/{}", error.codespace, error.code));
        Ok(())
    }

    /// What holds after every block.
    fn check(&mut self) -> Result<(), String> {
        let chain = &self.chain;
        chain.chain().check_invariants().map_err(|error| format!("{error:?}"))?;
        let view = chain.view();
        let all = read(&view);
        self.created += all.validators_part;
        let (supply, unredeemed, burnt) = chain.totals();
        require(supply == all.liquid + all.bonded + all.unbonding, || {
            format!("supply is {supply}, the wallets have {all:?}")
        })?;
        require(supply + unredeemed + burnt == self.created, || {
            format!("{supply} exist, {unredeemed} are owed, {burnt} burnt: not the {} created", self.created)
        })?;
        require(supply + unredeemed <= 100_000_000 * JMES + chain.issued(), || {
            format!("{supply} exist and {unredeemed} are owed: more than the schedule allows")
        })?;
        let seated = seats::seats(&view).map_err(|error| error.message)?;
        let most = seats::params(&view).map_err(|error| error.message)?.seats as usize;
        require((1..=most).contains(&seated.len()), || format!("{} seats of {most}", seated.len()))?;
        let mut ours = Powers::new();
        for seat in &seated {
            let validator = staking::require(&view, &seat.operator).map_err(|error| error.message)?;
            ours.insert(validator.key.ok_or("a seated validator has no key")?, seat.power);
        }
        require(ours == chain.next_validators(), || "the engine's set is not the application's".into())?;
        let power = |proven: bool| -> u64 {
            seated.iter().filter(|seat| seat.proven || !proven).map(|seat| seat.power).sum()
        };
        let (live, total) = (power(true), power(false));
        require(live * 3 > total * 2, || format!("the proven ones have {live} of {total}"))
    }
}

#[derive(Debug)]
struct Wallets {
    liquid: u128,
    bonded: u128,
    unbonding: u128,
    validators_part: u128,
}

/// The sums over everybody.
fn read(view: &View) -> Wallets {
    fn values<K: jmes_modules::kernel::Key, V: Value>(
        view: &View,
        map: &jmes_modules::kernel::Map<K, V>,
    ) -> Vec<V> {
        let all = map.scan(view, &[], None, false, usize::MAX).expect("views have no gas limit");
        all.into_iter().map(|(_, value)| value).collect()
    }
    let sum = |amounts: Vec<Amount>| amounts.iter().map(|amount| amount.0).sum();
    let accounts = values(view, &auth::state::ACCOUNTS);
    let validators = values(view, &staking::state::VALIDATORS);
    let unbonding = values(view, &staking::state::UNBONDING).concat();
    Wallets {
        liquid: sum(accounts.iter().map(|account| account.balance).collect()),
        bonded: sum(validators.iter().map(|validator| validator.tokens).collect()),
        unbonding: sum(unbonding.iter().map(|entry| entry.balance).collect()),
        validators_part: emission::block_reward(view).expect("views have no gas limit").validators.0,
    }
}

fn require(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(why())
    }
}

/// The first modules whose states differ, in full.
fn difference(one: &serde_json::Value, other: &serde_json::Value) -> String {
    let fields = one.as_object().into_iter().flatten();
    let different = fields.filter(|(name, part)| other.get(name.as_str()) != Some(part));
    different
        .map(|(name, part)| format!("{name}: {part}\nagainst {}", other[name]))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Runs a plan; when it fails, says with which seed and how little of it is enough.
fn simulate(seed: u64, blocks: u64) -> Summary {
    let plan = Plan::new(seed, blocks);
    // A block's step that fails ends the process, and with it what a test has printed.
    drop(writeln!(std::io::stderr(), "simulating {blocks} blocks of JMES_TEST_SEED={seed}"));
    let start = std::time::Instant::now();
    match plan.clone().run() {
        Ok(summary) => {
            println!("{:?}: {:?}", start.elapsed(), summary.counts);
            summary
        }
        Err(failure) => {
            println!("seed {seed} fails at height {}: {}", failure.height, failure.why);
            let (smallest, failure) = plan.shrink(failure);
            panic!("seed {seed} fails at height {}: {}\nwith {smallest:?}", failure.height, failure.why);
        }
    }
}

#[test]
fn whatever_hundreds_of_actors_do_the_books_are_right_and_the_chain_goes_on() {
    let times = long(1);
    let blocks = if times > 1 { 2_000 } else { 300 };
    let mut random = Random::new(seed());
    let seeds = std::iter::once(1).chain((0..times.div_ceil(4)).map(|_| random.number()));
    let mut counts = BTreeMap::new();
    for seed in seeds {
        for (what, times) in simulate(seed, blocks).counts {
            *counts.entry(what).or_insert(0) += times;
        }
    }
    for (kind, _) in Kind::ALL {
        assert!(counts.contains_key(&format!("{kind:?}")), "nobody tried {kind:?}: {counts:?}");
    }
    let refused: usize = counts.iter().filter(|(what, _)| what.contains('/')).map(|(_, times)| times).sum();
    assert!(counts["done"] > refused / 2, "most attempts fail: {counts:?}");
}

#[test]
fn the_same_seed_gives_the_same_app_hash() {
    let seed = seed();
    assert_eq!(simulate(seed, 60), simulate(seed, 60));
    assert_ne!(simulate(seed, 60).app_hash, simulate(seed ^ 1, 60).app_hash);
}

#[test]
fn the_simulation_does_not_pass_when_the_books_are_wrong() {
    let plan = Plan::new(3, 40);
    let mut simulation = Simulation::new(&plan);
    simulation.step(&plan, 1).expect("the books are right");
    simulation.created += 1;
    let why = simulation.step(&plan, 2).expect_err("a Nil is missing");
    assert!(why.contains("created"), "{why}");
    let supply = bank::supply(&simulation.chain.view(), BASE_DENOM).expect("views have no gas limit");
    assert!(supply > Amount::ZERO);
}
