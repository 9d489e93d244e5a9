//! Random operations against an exact model: each block's income is handed to every operator and every bond at once, to 300
//! binary places, instead of through accumulators.

use super::{
    assert_sound, begin, begin_again, chain, charge_fee, end_block, set_power, state, undelegate, unredeemed,
    FUNDS,
};
use crate::bank::{burnt, supply};
use crate::emission;
use crate::kernel::{Amount, Ctx, Decimal, Error, Result};
use crate::rewards::{redeem, redeem_commission, settle};
use crate::staking;
use crate::test_support::{address, cases};
use crate::BASE_DENOM;
use primitive_types::U512;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

const VALIDATORS: u8 = 3;
const DELEGATORS: u8 = 5;
/// 2^−60 Nils, in the model's units: far more than what the accumulators' roundings can sum to here.
const TOLERANCE: u32 = 300 - 60;

#[derive(Clone, Debug)]
enum Step {
    /// Ends the block; then the validators have these powers, or those they had.
    Block {
        proposer: u8,
        powers: Option<Vec<u64>>,
    },
    Fee(u8, u128),
    Bond {
        delegator: u8,
        operator: u8,
        nils: u128,
    },
    /// Takes this percentage out of a bond.
    Unbond {
        delegator: u8,
        operator: u8,
        percent: u128,
    },
    Rate(u8, u32),
    Slash(u8, u32),
    Redeem {
        delegator: u8,
        operator: u8,
    },
    RedeemCommission(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let operator = || 1..=VALIDATORS;
    let delegator = || 1..=DELEGATORS;
    let power = prop_oneof![Just(0), 1..10u64, 1..5_000_000_000u64];
    let nils = prop_oneof![1..10u128, 1..1_000_000u128, 1..100_000_000_000u128];
    prop_oneof![
        6 => (operator(), option::of(vec(power, usize::from(VALIDATORS))))
            .prop_map(|(proposer, powers)| Step::Block { proposer, powers }),
        2 => (delegator(), 1..1_000_000u128).prop_map(|(payer, fee)| Step::Fee(payer, fee)),
        4 => (delegator(), operator(), nils)
            .prop_map(|(delegator, operator, nils)| Step::Bond { delegator, operator, nils }),
        2 => (delegator(), operator(), prop_oneof![1..100u128, Just(100)])
            .prop_map(|(delegator, operator, percent)| Step::Unbond { delegator, operator, percent }),
        1 => (operator(), 0..=100u32).prop_map(|(operator, percent)| Step::Rate(operator, percent)),
        1 => (operator(), prop_oneof![0..60u32, Just(100)]).prop_map(|(operator, percent)| Step::Slash(operator, percent)),
        3 => (delegator(), operator()).prop_map(|(delegator, operator)| Step::Redeem { delegator, operator }),
        2 => operator().prop_map(Step::RedeemCommission),
    ]
}

/// What everybody has earned, in units of 2^-300 Nils.
#[derive(Default)]
struct Model {
    /// What operators ever earned, and what they redeemed in Nils.
    commission: BTreeMap<u8, (U512, u128)>,
    /// What bonds earned since they were last redeemed, by delegator and validator.
    bonds: BTreeMap<(u8, u8), U512>,
    powers: Vec<u64>,
    credited: u128,
    minted: u128,
}

fn nils(amount: u128) -> U512 {
    U512::from(amount) << 300
}

impl Model {
    /// Hands out the block's income as the state before its end says.
    fn credit(&mut self, ctx: &Ctx, proposer: u8) {
        let reward = emission::block_reward(ctx).unwrap().validators.0;
        let total: u64 = self.powers.iter().sum();
        if total > 0 {
            self.credited += reward;
            for (operator, power) in (1..).zip(self.powers.clone()) {
                self.hand_out(ctx, operator, nils(reward) * power / total);
            }
        }
        let fees = state::BLOCK_FEES.load(ctx).unwrap().unwrap_or_default().0;
        self.credited += fees;
        self.hand_out(ctx, proposer, nils(fees));
    }

    fn hand_out(&mut self, ctx: &Ctx, operator: u8, income: U512) {
        let validator = staking::require(ctx, &address(operator)).unwrap();
        let all_of_it = emission::is_idp(ctx).unwrap() || validator.shares == 0;
        let commission = if all_of_it {
            income
        } else {
            income * U512::from(validator.commission.rate.0) / U512::from(Decimal::ONE.0)
        };
        self.commission.entry(operator).or_default().0 += commission;
        for delegator in 1..=DELEGATORS {
            let shares = staking::shares_of(ctx, &address(delegator), &address(operator)).unwrap();
            if shares > 0 && !all_of_it {
                let part = (income - commission) * U512::from(shares) / U512::from(validator.shares);
                *self.bonds.entry((delegator, operator)).or_default() += part;
            }
        }
    }

    /// A bond was redeemed for `amount` Nils: what it earned exactly, rounded down, or one less when that is a hair above a
    /// whole number.
    fn redeem(&mut self, delegator: u8, operator: u8, amount: u128) {
        let exact = self.bonds.remove(&(delegator, operator)).unwrap_or_default();
        assert!(nils(amount) <= exact + U512::from(1 << 20), "more than was earned");
        assert!(nils(amount + 1) + (U512::from(1) << TOLERANCE) > exact, "more than 1 Nil lost");
        self.minted += amount;
    }

    fn redeem_commission(&mut self, operator: u8, amount: u128) {
        let (exact, redeemed) = self.commission.entry(operator).or_default();
        *redeemed += amount;
        assert!(nils(*redeemed) <= *exact + U512::from(1 << 20), "more than was earned");
        assert!(
            nils(*redeemed + 1) + (U512::from(1) << TOLERANCE) > *exact,
            "fractions of commission are kept"
        );
        self.minted += amount;
    }
}

fn apply(ctx: &mut Ctx, model: &mut Model, step: &Step) -> Result<()> {
    match *step {
        Step::Block { proposer, ref powers } => {
            begin_again(ctx, proposer);
            model.credit(ctx, proposer);
            end_block(ctx).unwrap();
            if let Some(powers) = powers {
                for (operator, power) in (1..).zip(powers) {
                    set_power(ctx, &address(operator), *power).unwrap();
                }
                model.powers.clone_from(powers);
            }
            begin(ctx, ctx.block().height + 1, proposer);
            Ok(())
        }
        Step::Fee(payer, fee) => charge_fee(ctx, &address(payer), Amount(fee)),
        Step::Bond { delegator, operator, nils } => {
            staking::bond(ctx, &address(delegator), &address(operator), Amount(nils))
        }
        Step::Unbond { delegator, operator, percent } => {
            let shares = staking::shares_of(ctx, &address(delegator), &address(operator))?;
            let value = staking::require(ctx, &address(operator))?.value_of(shares)?;
            undelegate(ctx, delegator, operator, value.times(percent, 100)?)
        }
        Step::Rate(operator, percent) => {
            settle(ctx, &address(operator))?;
            let mut validator = staking::require(ctx, &address(operator))?;
            validator.commission.rate = Decimal::percent(percent);
            staking::save(ctx, &validator)
        }
        Step::Slash(operator, percent) => {
            let height = ctx.block().height;
            staking::slash(ctx, &address(operator), Decimal::percent(percent), height).map(drop)
        }
        Step::Redeem { delegator, operator } => {
            if staking::shares_of(ctx, &address(delegator), &address(operator))? == 0 {
                return Ok(());
            }
            settle(ctx, &address(operator))?;
            redeem(ctx, &address(delegator), &address(operator)).map(drop)
        }
        Step::RedeemCommission(operator) => {
            let amount = redeem_commission(ctx, &address(operator))?;
            model.redeem_commission(operator, amount.0);
            Ok(())
        }
    }
}

/// Tells the model which bonds were redeemed, whatever did it.
fn follow(ctx: &mut Ctx, model: &mut Model) {
    let byte = |text: &str| {
        (1..=DELEGATORS).find(|byte| text == address(*byte).to_string() || text == address(*byte).operator())
    };
    for event in ctx.take_events().iter().filter(|event| event.kind == "withdraw_rewards") {
        let value = |name: &str| event.attributes.iter().find(|(key, _)| *key == name).unwrap().1.clone();
        let amount = value("amount").trim_end_matches(BASE_DENOM).parse().unwrap();
        model.redeem(byte(&value("delegator")).unwrap(), byte(&value("validator")).unwrap(), amount);
    }
}

fn run(idp: u64, steps: &[Step]) {
    let mut ctx = chain(idp, VALIDATORS);
    let mut model = Model::default();
    let all: Vec<Step> = (1..=DELEGATORS)
        .flat_map(|delegator| (1..=VALIDATORS).map(move |operator| Step::Redeem { delegator, operator }))
        .chain((1..=VALIDATORS).map(Step::RedeemCommission))
        .collect();
    for step in steps.iter().chain(&all) {
        let mark = ctx.checkpoint();
        let result: Result<(), Error> = apply(&mut ctx, &mut model, step);
        if result.is_err() {
            ctx.revert(mark);
            ctx.take_events();
        }
        follow(&mut ctx, &mut model);
        assert_sound(&ctx);
        let owed = unredeemed(&ctx).unwrap().0;
        assert_eq!(owed, model.credited - model.minted, "nothing else changes what is owed");
        let fees = state::BLOCK_FEES.load(&ctx).unwrap().unwrap_or_default().0;
        let sum = supply(&ctx, BASE_DENOM).unwrap().0 + owed + fees + burnt(&ctx).unwrap().0;
        let reward: u128 = sum - 9 * FUNDS;
        assert!(reward <= emission::issued(&ctx).unwrap().0, "no Nil comes from nowhere");
    }
}

#[test]
fn whatever_happens_everybody_redeems_what_it_earned_but_for_the_last_nil() {
    proptest!(cases(40), |(idp in 0..6u64, steps in vec(step(), 0..80))| run(idp, &steps));
}
