//! A chain of blocks for the tests: an engine that folds the updates into its sets two blocks later, with the commits of
//! those who are there, and the rules' steps at begin and end.

use crate::emission::{self, Emission};
use crate::kernel::{Address, Amount, Block, CommitVote, Ctx, Module};
use crate::seats::{self, defaults, state, Seat, Seats};
use crate::staking::{self, consensus_address, Commission, NewValidator, Validator};
use crate::test_support::ctx;
use crate::JMES;
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use jmes_proto::jmes::staking::v1::Params;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const START: u64 = 1_700_000_000_000_000_000;
/// Nanoseconds in a block on pace.
pub const PACE: u64 = 5_000_000_000;

/// The chain at the end of a block.
pub struct Chain {
    /// Its state.
    pub ctx: Ctx,
    /// Who does not sign.
    pub absent: BTreeSet<u16>,
    /// Whose votes the proposer of the next block leaves out.
    pub left_out: BTreeSet<u16>,
    /// Whether the invariants are checked after every block; that reads everything.
    pub checked: bool,
    /// The engine's sets by height: keys and powers.
    sets: BTreeMap<u64, BTreeMap<[u8; 32], u64>>,
}

/// The operator of the validator number `number`.
pub fn operator(number: u16) -> Address {
    let mut raw = [0xaa; 20];
    raw[..2].copy_from_slice(&number.to_be_bytes());
    Address::of_twenty(raw)
}

/// The consensus key of the validator number `number`.
pub fn key(number: u16) -> [u8; 32] {
    let mut key = [0xed; 32];
    key[..2].copy_from_slice(&number.to_be_bytes());
    key
}

/// The hash of the application's state after block `height`.
pub fn app_hash(height: u64) -> [u8; 32] {
    Sha256::digest(format!("state after block {height}")).into()
}

/// What it takes to create a validator, with the work hash of 32 bytes `work`.
pub fn candidate(number: u16, work: u8) -> NewValidator {
    NewValidator {
        operator: operator(number),
        key: key(number),
        description: Description { moniker: format!("validator {number}"), ..Description::default() },
        commission: Commission::default(),
        min_self_delegation: Amount::ZERO,
        possession: true,
        work: [work; 32],
    }
}

/// Mainnet's parameters but for 4 seats, proofs of 4 of 6 commits with a deadline of 30, and a draw among those who have
/// waited for 20 blocks.
pub fn small() -> Params {
    Params { seats: 4, proof_signed: 4, proof_window: 6, proof_deadline: 30, draw_waiting: 20, ..defaults() }
}

impl Chain {
    /// A chain whose genesis seats the validators 0 to `validators` − 1, with an Initial Distribution Period of `idp` blocks.
    pub fn new(validators: u16, idp: u64, params: Params) -> Self {
        let mut ctx = ctx();
        let genesis = Block { chain_id: "jmes-test-1".into(), time: START, ..Block::default() };
        ctx.set_block(Arc::new(genesis));
        Emission.import(&mut ctx, &json!({"params": {"idp_blocks": idp.to_string()}})).unwrap();
        seats::check_params(&params).unwrap();
        state::PARAMS.save(&mut ctx, &params).unwrap();
        for number in 0..validators {
            staking::create(&mut ctx, candidate(number, 0)).unwrap();
            seats::seat_at_genesis(&mut ctx, &operator(number)).unwrap();
        }
        let set: BTreeMap<_, _> = seats::finish_genesis(&mut ctx)
            .unwrap()
            .into_iter()
            .map(|update| (update.key, update.power))
            .collect();
        assert!(ctx.take_validator_updates().is_empty(), "genesis gives the whole set instead");
        let sets = (1..=2).map(|height| (height, set.clone())).collect();
        Self { ctx, absent: BTreeSet::new(), left_out: BTreeSet::new(), checked: true, sets }
    }

    /// The height of the last block.
    pub fn height(&self) -> u64 {
        self.ctx.block().height
    }

    /// Makes a block with these transactions.
    pub fn block(&mut self, transactions: impl FnOnce(&mut Ctx)) {
        let height = self.height() + 1;
        let commit = if height == 1 { Vec::new() } else { self.commit(height - 1) };
        let block = Block {
            height,
            time: self.ctx.block().time + PACE,
            app_hash: app_hash(height - 1),
            commit,
            ..self.ctx.block().clone()
        };
        self.ctx.set_block(Arc::new(block));
        emission::begin_block(&mut self.ctx).unwrap();
        transactions(&mut self.ctx);
        seats::end_block(&mut self.ctx).unwrap();
        self.engine_follows();
        if self.checked {
            self.check();
        }
        self.ctx.seal();
    }

    /// Makes blocks without transactions.
    pub fn blocks(&mut self, count: u64) {
        (0..count).for_each(|_| self.block(|_| ()));
    }

    /// Makes blocks up to and including `height`.
    pub fn to(&mut self, height: u64) {
        self.blocks(height - self.height());
    }

    fn commit(&self, height: u64) -> Vec<CommitVote> {
        let missing = |number: &u16| key(*number);
        let missing: BTreeSet<_> = self.absent.iter().chain(&self.left_out).map(missing).collect();
        let vote = |(key, power): (&[u8; 32], &u64)| CommitVote {
            address: consensus_address(key),
            power: *power,
            signed: !missing.contains(key),
        };
        self.sets[&height].iter().map(vote).collect()
    }

    /// Updates bind two blocks later.
    fn engine_follows(&mut self) {
        let height = self.height();
        let mut set = self.sets[&(height + 1)].clone();
        let updates = self.ctx.take_validator_updates();
        let keys: BTreeSet<_> = updates.iter().map(|update| update.key).collect();
        assert_eq!(keys.len(), updates.len(), "the engine refuses two updates of one key");
        for update in updates {
            let before = set.get(&update.key).copied().unwrap_or(0);
            assert_ne!(before, update.power, "an update that changes nothing");
            if update.power == 0 {
                set.remove(&update.key);
            } else {
                set.insert(update.key, update.power);
            }
        }
        assert!(!set.is_empty(), "the engine refuses an empty set");
        self.sets.insert(height + 2, set);
        self.sets.remove(&(height - 1));
    }

    /// What always holds after a block.
    fn check(&self) {
        assert_eq!(Seats.check_invariants(&self.ctx), Ok(()));
        let seats = self.seats();
        let set: BTreeMap<_, _> =
            seats.iter().map(|seat| (self.validator_of(&seat.operator).key.unwrap(), seat.power)).collect();
        assert_eq!(self.sets[&(self.height() + 2)], set, "the engine's set is the application's");
        let power =
            |seats: &mut dyn Iterator<Item = &Seat>| seats.map(|seat| u128::from(seat.power)).sum::<u128>();
        let total = power(&mut seats.iter());
        let proven = power(&mut seats.iter().filter(|seat| seat.proven));
        assert!(proven * 3 > total * 2, "the proven have more than 2/3");
        assert!(total <= (i64::MAX / 8) as u128, "the engine allows no more");
    }

    /// All seats.
    pub fn seats(&self) -> Vec<Seat> {
        seats::seats(&self.ctx).unwrap()
    }

    /// The numbers of the seated validators, in order of seating.
    pub fn seated(&self) -> Vec<u16> {
        self.seats().iter().map(|seat| number(&seat.operator)).collect()
    }

    /// The seat of a validator, if it has one.
    pub fn seat(&self, number: u16) -> Option<Seat> {
        self.seats().into_iter().find(|seat| seat.operator == operator(number))
    }

    /// The power of a validator, 0 without a seat.
    pub fn power(&self, number: u16) -> u64 {
        self.seat(number).map_or(0, |seat| seat.power)
    }

    /// The sum of all power.
    pub fn total_power(&self) -> u64 {
        self.seats().iter().map(|seat| seat.power).sum()
    }

    /// A validator's record.
    pub fn validator(&self, number: u16) -> Validator {
        self.validator_of(&operator(number))
    }

    fn validator_of(&self, operator: &Address) -> Validator {
        staking::require(&self.ctx, operator).unwrap()
    }
}

/// The number of a validator.
pub fn number(operator: &Address) -> u16 {
    let raw = operator.as_bytes();
    u16::from_be_bytes([raw[0], raw[1]])
}

/// Creates a candidate without a bond, which waits.
pub fn join(ctx: &mut Ctx, number: u16) {
    staking::create(ctx, candidate(number, 1)).unwrap();
    seats::wait(ctx, &operator(number)).unwrap();
}

/// Jails a validator for a block.
pub fn jail(ctx: &mut Ctx, number: u16) {
    staking::jail(ctx, &operator(number), 0).unwrap();
}

/// Lets it out again.
pub fn unjail(ctx: &mut Ctx, number: u16) {
    staking::unjail(ctx, &operator(number)).unwrap();
}

/// Makes `jmes` JMES what is bonded to a validator.
pub fn set_bond(ctx: &mut Ctx, number: u16, jmes: u128) {
    let validator = staking::require(ctx, &operator(number)).unwrap();
    let validator = Validator { tokens: Amount(jmes * JMES), shares: jmes * JMES, ..validator };
    staking::save(ctx, &validator).unwrap();
}

/// Creates a validator with a bond, as after the Initial Distribution Period.
pub fn create_with_bond(ctx: &mut Ctx, number: u16, jmes: u128) {
    staking::create(ctx, NewValidator { possession: false, ..candidate(number, 0) }).unwrap();
    set_bond(ctx, number, jmes);
    seats::wait(ctx, &operator(number)).unwrap();
}
