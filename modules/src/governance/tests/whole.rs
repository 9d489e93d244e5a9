//! Random whole cycles against a slow, obvious model: proposals of all kinds are raised and voted on while bonds change and
//! validators are slashed, tallied, concluded in any order; roles begin and end, and every block pays. Blocks begin as on the
//! chain. The model says beforehand what is refused; after each block tallies, payments, slots and features are the same.

mod model;

use super::{attempt, bond, cast, chain, raise, run, slash, unbond, voter, GENESIS, JMES, MINIMUM, PREMINT};
use crate::bank::{self, Bank};
use crate::dao::{self, Dao, Member};
use crate::emission::Emission;
use crate::funding::Funding;
use crate::governance::types::Choice::{self, No, Yes};
use crate::governance::types::{Body, Content, FundingRequest};
use crate::governance::{default_params, proposal, state, Governance};
use crate::kernel::{Address, Amount, Block, Ctx, Module, SECOND};
use crate::order;
use crate::slots::{self, Feature, Role, Slot, Slots};
use crate::staking::{self, Staking};
use crate::test_support::{address, cases, coins};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{MsgConclude, MsgResignSlot};
use jmes_proto::Duration;
use model::{Model, State, CREDIT, MONTH, PHASE, REWARD};
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

const DAOS: usize = 4;
const WEALTH: u128 = 5_000 * JMES;

#[derive(Clone, Debug)]
enum Step {
    /// DAO, kind, months, thousandths of the budget, and whether anything is asked for if it need not be.
    Raise(usize, u8, u32, u128, bool),
    Withdraw(usize),
    Vote(u8, usize, Choice),
    Bond(u8, u8, u128),
    Unbond(u8, u8, u128),
    Slash(u8, u128),
    Sell(u8, u128),
    Conclude(usize),
    Resign(usize),
    Blocks(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![3 => 1..=3_000 * JMES, 1 => MINIMUM - 2..=MINIMUM + 2];
    let anyone = prop_oneof![5 => 1..=4_u8, 1 => 21..=22_u8];
    let thousandths = prop_oneof![1 => Just(0), 4 => 1..=100_u128, 4 => 100..=260_u128];
    let operator = || 101..=103_u8;
    prop_oneof![
        10 => (0..DAOS, 0..12_u8, 1..=14_u32, thousandths, any::<bool>())
            .prop_map(|(dao, kind, months, part, asks)| Step::Raise(dao, kind, months, part, asks)),
        1 => (0..3_usize).prop_map(Step::Withdraw),
        16 => (anyone, 0..9_usize, prop_oneof![3 => Just(Yes), 1 => Just(No)])
            .prop_map(|(who, which, choice)| Step::Vote(who, which, choice)),
        5 => (1..=4_u8, operator(), amount()).prop_map(|(who, to, nils)| Step::Bond(who, to, nils)),
        3 => (1..=4_u8, operator(), amount()).prop_map(|(who, of, nils)| Step::Unbond(who, of, nils)),
        2 => (operator(), 0..=200_u128).prop_map(|(of, part)| Step::Slash(of, part)),
        1 => (21..=22_u8, amount()).prop_map(|(who, nils)| Step::Sell(who, nils)),
        10 => (0..9_usize).prop_map(Step::Conclude),
        1 => (0..DAOS).prop_map(Step::Resign),
        10 => prop_oneof![3 => 1..=4_u64, 1 => 5..=20_u64].prop_map(Step::Blocks),
    ]
}

/// The chain and the model of it, before the first block.
fn start() -> (Ctx, Model) {
    let mut ctx = chain();
    let emission = json!({
        "target_block_time": "1s", "pace_credit": format!("{CREDIT}s"), "seconds_per_month": MONTH.to_string(),
        "idp_blocks": "0", "reduction": "0.1", "initial_reward": REWARD.to_string(),
    });
    Emission.import(&mut ctx, &json!({ "params": emission })).unwrap();
    Funding.import(&mut ctx, &json!(null)).unwrap();
    Slots.import(&mut ctx, &json!(null)).unwrap();
    let phase = Some(Duration { seconds: i64::try_from(PHASE).unwrap(), nanos: 0 });
    let mut params = default_params();
    (params.raising_period, params.voting_period) = (phase, phase);
    state::PARAMS.save(&mut ctx, &params).unwrap();
    let mut params = staking::default_params();
    (params.historical_entries, params.max_entries) = (0, 100);
    staking::state::PARAMS.save(&mut ctx, &params).unwrap();
    let mut model = Model::default();
    for number in 0..DAOS {
        let found = found(number);
        dao::state::DAOS.save(&mut ctx, &found.address, &found).unwrap();
        bank::transfer(&mut ctx, &voter(5), &found.address, &coins(&format!("{WEALTH}ujmes"))).unwrap();
        model.daos.push((found.address, WEALTH));
    }
    model.liquid.extend((1..=4).map(|who| (who, 100_000 * JMES)));
    for who in 21..=22 {
        model.liquid.insert(who, PREMINT);
        model.premint.insert(who, (PREMINT, PREMINT));
    }
    model.validators.extend((101..=103).map(|operator| (operator, Default::default())));
    (ctx, model)
}

/// A DAO that could sit in a core slot.
fn found(number: usize) -> Dao {
    let member = |byte| Member { address: voter(byte), power: 1 };
    Dao {
        id: number as u64 + 1,
        address: Address::new(&[0xd0 + number as u8; 32]).unwrap(),
        name: format!("dao{number}"),
        members: (1..=3).map(member).collect(),
        threshold: 2,
        voting_period: SECOND,
        version: 1,
        height: 1,
    }
}

/// Makes the beginning of the next block in both, and compares.
fn next_block(ctx: &mut Ctx, model: &mut Model) {
    let before = ctx.block().clone();
    let (height, time) = (before.height + 1, GENESIS + model.n * SECOND);
    ctx.set_block(Arc::new(Block { height, time, ..before }));
    order::BEGIN_BLOCK.into_iter().for_each(|step| step(ctx).unwrap());
    ctx.take_events();
    model.begin_block();
    compare(ctx, model);
}

fn compare(ctx: &Ctx, model: &Model) {
    for (which, expected) in model.proposals.iter().enumerate() {
        let real = proposal(ctx, which as u64 + 1).unwrap().unwrap();
        let status = match expected.state {
            State::Raised => Status::Raised,
            State::Withdrawn => Status::Withdrawn,
            State::Failed => Status::Failed,
            State::Passed => Status::Passed,
            State::Concluded => Status::Concluded,
            State::Beaten => Status::Lapsed,
        };
        let tally = (real.tally.yes.0, real.tally.no.0, real.tally.possible.0);
        assert_eq!((real.status, tally), (status, expected.tally), "proposal {} at {}", which + 1, model.n);
    }
    for (number, (address, balance)) in model.daos.iter().enumerate() {
        let slot = model.slot_of(number);
        assert_eq!(slots::slot_of(ctx, address).unwrap(), slot, "DAO {number} at {}", model.n);
        let own = |role| model.granted(number, role);
        let dealer = Role::Feature(Feature::ArtDealer);
        let official = Role::Feature(Feature::OfficialStatus);
        let seat = slot.and_then(|slot| own(Role::Slot(slot)));
        for (role, expected) in [(dealer, own(dealer)), (official, own(official).or(seat))] {
            let held = slots::held_at(ctx, address, role, ctx.block().height).unwrap();
            assert_eq!(held, expected.map(|which| which as u64 + 1), "DAO {number} at {}: {role:?}", model.n);
        }
        assert_eq!(bank::balance(ctx, address, "ujmes").unwrap().0, *balance, "DAO {number} at {}", model.n);
    }
}

/// What a proposal of that kind is about; of three features, two for slots and so on.
fn content(model: &Model, dao: usize, kind: u8) -> Content {
    match kind {
        0..=2 => Content::Text,
        3 | 4 => Content::RequestFeature(Feature::ArtDealer),
        5 => Content::RequestFeature(Feature::OfficialStatus),
        6..=8 => Content::CoreSlot(Slot::ALL[usize::from(kind) - 6]),
        9 => Content::CoreSlot(Slot::Brand),
        _ => {
            let sitting =
                (0..DAOS).map(|next| (dao + next) % DAOS).find_map(|who| Some((who, model.slot_of(who)?)));
            let (who, slot) = sitting.unwrap_or((dao, Slot::Brand));
            Content::RevokeCoreSlot(slot, model.daos[who].0)
        }
    }
}

/// Takes a step in both: what the model refuses is refused.
fn take_step(ctx: &mut Ctx, model: &mut Model, step: Step) {
    let latest = |which: usize| model.proposals.len().checked_sub(which + 1).unwrap_or(usize::MAX - 1);
    let id = |about: usize| about as u64 + 1;
    let (expected, real) = match step.clone() {
        Step::Raise(dao, kind, months, part, asks) => {
            let content = content(model, dao, kind);
            let needs = matches!(content, Content::RequestFeature(_) | Content::CoreSlot(_));
            let may = !matches!(content, Content::RevokeCoreSlot(..));
            let blocks = u64::from(months) * MONTH;
            // Something less than a Nil a block is left over.
            let rate = Model::budget(model.n + 100) * part / 1_000;
            let amount = if rate == 0 { 0 } else { rate * u128::from(blocks) + u128::from(blocks) / 2 };
            let asked = (needs || may && asks).then_some(FundingRequest { amount: Amount(amount), months });
            let body = Body {
                title: "A mural".into(),
                description: "On the wall.".into(),
                content: content.clone(),
            };
            let address = model.daos[dao].0;
            let real = attempt(ctx, |ctx| raise::raise(ctx, &address, &body, asked)).map(drop);
            (model.raise(dao, content, asked.map(|_| (rate, blocks))), real)
        }
        Step::Withdraw(which) => {
            let about = latest(which);
            let dao = model.proposals.get(about).map_or(model.daos[0].0, |one| model.daos[one.dao].0);
            let real = attempt(ctx, |ctx| raise::withdraw(ctx, &dao, id(about)));
            (model.withdraw(about), real)
        }
        Step::Vote(who, which, choice) => {
            let about = latest(which);
            (model.vote(who, about, choice), cast(ctx, who, id(about), choice))
        }
        Step::Bond(who, to, amount) => (model.bond(who, to, amount), bond(ctx, who, to, amount)),
        Step::Unbond(who, of, amount) => (model.unbond(who, of, amount), unbond(ctx, who, of, amount)),
        Step::Slash(of, thousandths) => {
            slash(ctx, of, thousandths);
            model.slash(of, thousandths);
            return;
        }
        Step::Sell(who, amount) => {
            let sold = coins(&format!("{amount}ujmes"));
            let real = attempt(ctx, |ctx| bank::transfer(ctx, &address(who), &voter(1), &sold));
            (model.sell(who, 1, amount), real)
        }
        Step::Conclude(which) => {
            // Mostly one of those that have passed.
            let passed = |about: &usize| model.proposals[*about].state == State::Passed;
            let waiting: Vec<usize> = (0..model.proposals.len()).filter(passed).collect();
            let about = waiting.iter().rev().nth(which).copied().unwrap_or_else(|| latest(which));
            let msg = MsgConclude { sender: voter(3).to_string(), proposal_id: id(about) };
            (model.conclude(about), run(ctx, &msg).map(drop))
        }
        Step::Resign(dao) => {
            let msg = MsgResignSlot { dao: model.daos[dao].0.to_string() };
            (model.resign(dao), run(ctx, &msg).map(drop))
        }
        Step::Blocks(count) => {
            (0..count).for_each(|_| next_block(ctx, model));
            return;
        }
    };
    assert_eq!(real.is_ok(), expected, "at {}: {step:?}: {real:?}", model.n);
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn whole_cycles_are_as_the_model_says(steps in prop::collection::vec(step(), 100..500)) {
        let (mut ctx, mut model) = start();
        next_block(&mut ctx, &mut model);
        for step in steps {
            take_step(&mut ctx, &mut model, step);
        }
        next_block(&mut ctx, &mut model);
        println!("{}", model.summary());
        let modules = [&Governance as &dyn Module, &Funding, &Slots, &Staking, &Bank, &Emission];
        for module in modules {
            prop_assert_eq!(module.check_invariants(&ctx), Ok(()), "{}", module.name());
        }
    }
}

/// The model says something: in a scripted life of it all kinds of proposals take effect and what can be refused is.
#[test]
fn a_slot_is_won_paid_lost_to_a_better_claim_and_revoked_as_the_model_says() {
    let (mut ctx, mut model) = start();
    next_block(&mut ctx, &mut model);
    let mut script = vec![Step::Bond(1, 101, 20_000 * JMES), Step::Bond(2, 102, 15_000 * JMES)];
    // Two claims and a dealer; a term of 40 blocks is longer than what is left of the cycle.
    script.extend([
        Step::Raise(0, 6, 8, 100, true),
        Step::Raise(1, 6, 8, 90, true),
        Step::Raise(2, 3, 2, 80, true),
    ]);
    script.push(Step::Blocks(PHASE));
    script.extend([
        Step::Vote(1, 2, Yes),
        Step::Vote(1, 1, Yes),
        Step::Vote(2, 1, Yes),
        Step::Vote(2, 0, Yes),
    ]);
    script.extend([Step::Slash(101, 50), Step::Blocks(PHASE)]);
    // The oldest first: it is seated, then replaced by the more popular one.
    script.extend([
        Step::Conclude(2),
        Step::Blocks(3),
        Step::Conclude(1),
        Step::Conclude(0),
        Step::Blocks(2),
    ]);
    script.push(Step::Raise(3, 11, 1, 0, false));
    script.extend([Step::Blocks(PHASE - 5), Step::Vote(1, 0, Yes), Step::Blocks(PHASE)]);
    for step in script {
        take_step(&mut ctx, &mut model, step);
    }
    assert_eq!(model.slot_of(1), Some(Slot::Brand));
    assert_eq!(model.slot_of(0), None);
    let earned = |dao: usize| model.daos[dao].1 + 10 * JMES - WEALTH;
    assert!(earned(0) > 0 && earned(1) > earned(0) && earned(2) > 0, "{:?}", model.daos);
    take_step(&mut ctx, &mut model, Step::Conclude(0));
    take_step(&mut ctx, &mut model, Step::Blocks(1));
    assert_eq!(model.slot_of(1), None);
}
