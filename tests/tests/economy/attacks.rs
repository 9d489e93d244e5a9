//! Attacks on a launch and on its coins through whole transactions and blocks. Those on the rules of seats, slashing and rewards
//! alone are tested beside those modules.

use super::{short, JMES, SECOND};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::MsgWithdrawDelegatorReward;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgBeginRedelegate, MsgDelegate, MsgUndelegate};
use jmes_modules::kernel::{Address, Misbehavior, Offence};
use jmes_modules::{emission, rewards, seats, staking};
use jmes_tests::{Draft, Genesis, Key, Signer, TestChain, Validator};
use jmesd::chain::TxOutcome;

pub(super) fn coin(nils: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: nils.to_string() })
}

pub(super) fn paid() -> Draft {
    Draft::new().gas(1_000_000).fee(2_500)
}

pub(super) fn bond(from: Address, to: &Validator, nils: u128) -> Draft {
    paid().and(&MsgDelegate {
        delegator_address: from.to_string(),
        validator_address: to.address().operator(),
        amount: coin(nils),
    })
}

#[track_caller]
pub(super) fn done(outcome: &TxOutcome) {
    assert_eq!(outcome.error, None);
}

#[track_caller]
pub(super) fn refused(outcome: &TxOutcome, codespace: &str, code: u32) -> String {
    let error = outcome.error.clone().expect("it is refused");
    assert_eq!((error.codespace, error.code), (codespace, code), "{}", error.message);
    error.message
}

/// What of state most attacks are about: tokens of a validator, in Nils.
pub(super) fn tokens(chain: &TestChain, one: &Validator) -> u128 {
    staking::require(&chain.view(), &one.address()).unwrap().tokens.0
}

fn powers(chain: &TestChain) -> Vec<u64> {
    seats::seats(&chain.view()).unwrap().iter().map(|seat| seat.power).collect()
}

/// Three validators of genesis with 100 JMES each, a period of `idp` blocks, and a wallet with a million.
fn three(idp: u64) -> (TestChain, Vec<Validator>, Key) {
    let validators: Vec<Validator> = (0..3).map(|number| Validator::new(number).bonded(100 * JMES)).collect();
    let alice = Key::new(0);
    let genesis = short(Genesis::new().validators(validators.clone()), idp);
    let chain = TestChain::new(&genesis.with(alice.address(), &format!("{}ujmes", 1_000_000 * JMES)));
    chain.block(&[]);
    (chain, validators, alice)
}

pub(super) fn evidence(chain: &TestChain, one: &Validator, height: u64) -> Misbehavior {
    let ago = chain.chain().height() - height;
    Misbehavior {
        offence: Offence::DoubleSign,
        address: one.consensus_address(),
        power: 1_000,
        height,
        time: chain.last_time() - ago * 5 * SECOND,
    }
}

#[test]
fn a_stranger_who_bonds_to_a_seat_in_the_period_changes_neither_power_nor_income() {
    let (chain, validators, alice) = three(1_000);
    done(&chain.deliver(&chain.sign(&bond(alice.address(), &validators[2], 900_000 * JMES), &[&alice])));
    chain.blocks(9);
    assert_eq!(powers(&chain), [1_000, 1_000, 1_000]);
    let income = |one: &Validator| rewards::pending_commission(&chain.view(), &one.address()).unwrap().0;
    // 11 blocks of 18 JMES for three; the fee is the proposer's, the first of equals.
    let equal = 11 * 18 * JMES / 3;
    let incomes: Vec<u128> = validators.iter().map(income).collect();
    assert_eq!(incomes.iter().sum::<u128>(), 11 * 18 * JMES + 2_500, "{incomes:?}");
    assert_eq!(incomes.iter().filter(|income| **income == equal).count(), 2, "{incomes:?}");
    let reward = rewards::pending_reward(&chain.view(), &alice.address(), &validators[2].address()).unwrap();
    assert_eq!(reward.0, 0, "stake earns nothing yet");
}

#[test]
fn a_bond_of_99_times_the_stake_gets_no_income_from_before_it() {
    let (chain, validators, alice) = three(5);
    let one = &validators[1];
    chain.blocks(100);
    let pending = |owner: Address| rewards::pending_reward(&chain.view(), &owner, &one.address()).unwrap().0;
    let before = pending(one.address());
    assert!(before > 200 * JMES, "many blocks were not settled: {before}");
    let whale = 99 * tokens(&chain, one);
    done(&chain.deliver(&chain.sign(&bond(alice.address(), one, whale), &[&alice])));
    // The block pays 9 JMES to the three at most, of which one has a third, and the fee.
    let block = 3 * JMES + 2_500;
    let (hers, its) = (pending(alice.address()), pending(one.address()) - before);
    assert!(hers <= block && hers > block / 2, "{hers} of the block's own {block}");
    assert!(its <= block / 100, "{its}");
    let balance = chain.balance(alice.address());
    let withdraw = MsgWithdrawDelegatorReward {
        delegator_address: alice.address().to_string(),
        validator_address: one.address().operator(),
    };
    done(&chain.deliver(&chain.sign(&paid().and(&withdraw), &[&alice])));
    assert!(chain.balance(alice.address()) + 2_500 <= balance + 2 * block);
}

#[test]
fn a_chain_started_a_day_late_or_with_a_backdated_genesis_pays_no_more_than_the_pace_credit() {
    for late in [86_400, 30 * 86_400, 3_650 * 86_400] {
        let chain = TestChain::new(&Genesis::new());
        chain.jump(late * SECOND);
        let first = chain.last_time();
        for _ in 0..150 {
            chain.jump(SECOND / 2);
        }
        let elapsed = (chain.last_time() - first) / SECOND;
        let most = (505 + elapsed) / 5;
        assert_eq!(
            emission::issuance_height(&chain.view()).unwrap(),
            u64::from(most as u32),
            "{late} s late"
        );
        assert_eq!(chain.issued(), u128::from(most) * 18 * JMES);
    }
}

#[test]
fn engines_without_a_timeout_never_get_more_than_the_pace_credit() {
    let chain = TestChain::new(&Genesis::new());
    chain.block(&[]);
    let start = chain.last_time();
    // A minute of blocks, each of 100 ms.
    for _ in 0..600 {
        chain.jump(SECOND / 10);
        let elapsed = chain.last_time() - start;
        let credit = u128::from((505 * SECOND + elapsed) / (5 * SECOND));
        assert!(chain.issued() <= credit * 18 * JMES);
    }
    assert_eq!(chain.issued(), (505 + 60) / 5 * 18 * JMES);
    let (supply, unredeemed, _) = chain.totals();
    assert_eq!(supply + unredeemed, chain.issued());
    // Nor does a halt give back what the clock lost.
    chain.jump(86_400 * SECOND);
    for _ in 0..200 {
        chain.jump(1);
    }
    assert_eq!(chain.issued(), (505 + 60) / 5 * 18 * JMES + 505 / 5 * 18 * JMES);
}

#[test]
fn evidence_finds_a_validator_that_has_left_its_seat() {
    let (mut chain, validators, _) = three(5);
    let one = &validators[2];
    chain.absent.insert(one.consensus_address());
    while seats::is_seated(&chain.view(), &one.address()).unwrap() {
        chain.blocks(1);
        assert!(chain.chain().height() < 100, "it is jailed for downtime");
    }
    let before = tokens(&chain, one);
    chain.misbehavior = vec![evidence(&chain, one, 20)];
    chain.blocks(1);
    assert_eq!(tokens(&chain, one), before - before / 20);
    assert!(staking::require(&chain.view(), &one.address()).unwrap().tombstoned);
    // The same again, in later blocks, costs nothing.
    chain.blocks(3);
    assert_eq!(tokens(&chain, one), before - before / 20);
    chain.misbehavior[0].address = Validator::new(77).consensus_address();
    chain.blocks(1);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn nobody_unbonds_or_redelegates_around_an_offence() {
    let (mut chain, validators, alice) = three(5);
    let (bad, good) = (&validators[2], &validators[1]);
    done(&chain.deliver(&chain.sign(&bond(alice.address(), bad, 400 * JMES), &[&alice])));
    chain.blocks(3);
    let unbond = |nils| {
        paid().and(&MsgUndelegate {
            delegator_address: alice.address().to_string(),
            validator_address: bad.address().operator(),
            amount: coin(nils),
        })
    };
    // Before the offence, not liable; then one block before it, and in the offence's own block and after it, liable.
    done(&chain.deliver(&chain.sign(&unbond(100 * JMES), &[&alice])));
    chain.blocks(2);
    let offence = chain.chain().height() + 2;
    done(&chain.deliver(&chain.sign(&unbond(100 * JMES), &[&alice])));
    let redelegate = MsgBeginRedelegate {
        delegator_address: alice.address().to_string(),
        validator_src_address: bad.address().operator(),
        validator_dst_address: good.address().operator(),
        amount: coin(100 * JMES),
    };
    done(&chain.deliver(&chain.sign(&paid().and(&redelegate), &[&alice])));
    assert_eq!(chain.chain().height(), offence);
    let (theirs, total) = (tokens(&chain, good), chain.totals());
    let supply = |(supply, _, burnt): (u128, u128, u128)| (supply, burnt);
    chain.misbehavior = vec![evidence(&chain, bad, offence)];
    chain.blocks(1);
    chain.misbehavior.clear();
    assert_eq!(tokens(&chain, bad), 200 * JMES * 95 / 100, "100 of its own, 100 of hers");
    assert_eq!(tokens(&chain, good), theirs - 5 * JMES, "what was redelegated is liable");
    let unbonding = staking::unbonding(&chain.view(), &alice.address()).unwrap().0;
    assert_eq!(unbonding, 195 * JMES, "100 from before, 95 from the block before the offence");
    assert_eq!(supply(chain.totals()).1, supply(total).1 + 15 * JMES);
    let balance = chain.balance(alice.address());
    chain.jump(200 * SECOND);
    assert_eq!(chain.balance(alice.address()), balance + 195 * JMES);
    assert_eq!(supply(chain.totals()).1, supply(total).1 + 20 * JMES);
    chain.chain().check_invariants().unwrap();
}

/// Downtime that block h finds is an offence at h − 1 (§8): what began to unbond from h − 2 on is liable.
#[test]
fn nobody_unbonds_just_before_downtime_is_found() {
    let start = || {
        let (mut chain, validators, alice) = three(5);
        done(&chain.deliver(&chain.sign(&bond(alice.address(), &validators[2], 400 * JMES), &[&alice])));
        chain.absent.insert(validators[2].consensus_address());
        (chain, validators[2].clone(), alice)
    };
    let jailed =
        |chain: &TestChain, one: &Validator| staking::require(&chain.view(), &one.address()).unwrap().jailed;
    let (chain, bad, _) = start();
    while !jailed(&chain, &bad) {
        chain.blocks(1);
        assert!(chain.chain().height() < 100, "it is jailed for downtime");
    }
    let found = chain.chain().height();
    // The same again; now she knows when it will be found.
    let (chain, bad, alice) = start();
    chain.blocks(found - 4 - chain.chain().height());
    let unbond = |nils| {
        let msg = MsgUndelegate {
            delegator_address: alice.address().to_string(),
            validator_address: bad.address().operator(),
            amount: coin(nils),
        };
        done(&chain.deliver(&chain.sign(&paid().and(&msg), &[&alice])));
    };
    (0..3).for_each(|_| unbond(100 * JMES));
    assert_eq!((chain.chain().height(), jailed(&chain, &bad)), (found - 1, false));
    unbond(50 * JMES);
    assert!(jailed(&chain, &bad));
    // A ten thousandth: 20,000 Nils of 200 JMES, 10,000 of each liable entry.
    assert_eq!(tokens(&chain, &bad), 150 * JMES - 20_000, "100 of its own and 50 of hers");
    let left = 100 * JMES + 2 * (100 * JMES - 10_000) + 50 * JMES;
    assert_eq!(staking::unbonding(&chain.view(), &alice.address()).unwrap().0, left);
    let (balance, burnt) = (chain.balance(alice.address()), chain.totals().2);
    chain.jump(200 * SECOND);
    assert_eq!(chain.balance(alice.address()), balance + left);
    assert_eq!(chain.totals().2, burnt + 20_000, "the other half");
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_join_that_failed_can_be_repeated_and_still_creates_nothing() {
    let genesis = Genesis::new().seats(|params| params.work_target = "f".repeat(64));
    let (chain, newcomer) = (TestChain::new(&genesis), Validator::new(1));
    chain.block(&[]);
    let signed = |draft: Draft, number, sequence| {
        draft.sign(chain.id(), &[Signer::key(&newcomer.operator, number, sequence)])
    };
    let mut wrong = newcomer.join(chain.id(), 1);
    wrong.possession_proof[3] ^= 1;
    let failing = signed(Draft::new().fee(0).and(&wrong), 0, 0);
    let accounts = || jmes_modules::auth::state::NEXT_NUMBER.load(&chain.view()).unwrap();
    let before = accounts();
    for outcome in chain.block(&vec![failing.clone(); 20]) {
        refused(&outcome, "seats", seats::NO_POSSESSION);
    }
    let join = Draft::new().fee(0).and(&newcomer.join(chain.id(), 1));
    for (number, sequence) in [(1, 0), (0, 1), (7, 7)] {
        let tx = signed(join.clone(), number, sequence);
        assert_ne!(chain.check(&tx).code, 0, "number {number}, sequence {sequence}");
        assert!(chain.deliver(&tx).error.is_some());
    }
    assert_eq!(accounts(), before, "no account was made");
    done(&chain.deliver(&signed(join, 0, 0)));
    assert!(chain.deliver(&failing).error.is_some());
    chain.chain().check_invariants().unwrap();
}
