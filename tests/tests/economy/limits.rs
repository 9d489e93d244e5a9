//! What is refused only when much has been done before: the 33rd bond, the 8th redelegation, worthless shares, a full list.

use super::attacks::{bond, coin, done, paid, refused};
use super::{short, JMES};
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgUndelegate,
};
use jmes_modules::kernel::Decimal;
use jmes_modules::staking;
use jmes_tests::{Draft, Genesis, Key, TestChain, Validator};
use jmesd::chain::TxOutcome;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

/// A chain with a period of `idp` blocks after three of them. Alice has 1,000 JMES.
fn start(validators: u64, idp: u64) -> (TestChain, Key) {
    let first = (0..validators).map(|number| Validator::new(number).bonded(10 * JMES)).collect();
    let alice = Key::new(0);
    let genesis = short(Genesis::new().validators(first), idp).with(alice.address(), "1000000000ujmes");
    let chain = TestChain::new(&genesis.set("seats/params/seats", json!(validators.max(4))));
    chain.blocks(3);
    (chain, alice)
}

#[test]
fn a_33rd_bond_is_refused_and_another_one_in_its_place_is_not() {
    let (chain, alice) = start(33, 2);
    let by = |draft: Draft| chain.deliver(&chain.sign(&draft, &[&alice]));
    let all = (0..32).fold(paid().gas(20_000_000), |mut all, number| {
        let one = bond(alice.address(), &Validator::new(number), JMES);
        all.body.messages.extend(one.body.messages);
        all
    });
    done(&by(all));
    let why = refused(&by(bond(alice.address(), &Validator::new(32), JMES)), "staking", 100);
    assert!(why.contains("32"), "{why}");
    done(&by(bond(alice.address(), &Validator::new(31), JMES)));
    let unbond = MsgUndelegate {
        delegator_address: alice.address().to_string(),
        validator_address: Validator::new(5).address().operator(),
        amount: coin(JMES),
    };
    done(&by(paid().and(&unbond)));
    done(&by(bond(alice.address(), &Validator::new(32), JMES)));
}

#[test]
fn an_8th_redelegation_and_an_8th_unbonding_of_a_pair_are_refused() {
    let (mut chain, alice) = start(2, 2);
    done(&chain.deliver(&chain.sign(&bond(alice.address(), &Validator::new(0), 100 * JMES), &[&alice])));
    // Nothing matures while she tries.
    chain.block_time = 1_000_000_000;
    let by = |draft: &Draft| chain.deliver(&chain.sign(draft, &[&alice]));
    let (delegator_address, first) = (alice.address().to_string(), Validator::new(0).address().operator());
    let redelegate = paid().and(&MsgBeginRedelegate {
        delegator_address: delegator_address.clone(),
        validator_src_address: first.clone(),
        validator_dst_address: Validator::new(1).address().operator(),
        amount: coin(JMES),
    });
    let unbond =
        paid().and(&MsgUndelegate { delegator_address, validator_address: first, amount: coin(JMES) });
    for (draft, code) in [(redelegate, 33), (unbond, 27)] {
        (0..7).for_each(|_| done(&by(&draft)));
        refused(&by(&draft), "staking", code);
    }
}

#[test]
fn worthless_shares_take_no_bonds() {
    // In the period powers do not follow bonds.
    let (chain, alice) = start(2, 1_000);
    let one = Validator::new(1);
    let unbond = MsgUndelegate {
        delegator_address: alice.address().to_string(),
        validator_address: one.address().operator(),
        amount: coin(JMES),
    };
    for draft in [bond(alice.address(), &one, 9 * JMES), paid().and(&unbond)] {
        done(&chain.deliver(&chain.sign(&draft, &[&alice])));
    }
    let height = chain.chain().height();
    let chain =
        chain.altered(|ctx| staking::slash(ctx, &one.address(), Decimal::ONE, height + 1).map(drop)).unwrap();
    chain.blocks(1);
    let by = |draft: Draft| chain.deliver(&chain.sign(&draft, &[&alice]));
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: alice.address().to_string(),
        validator_address: one.address().operator(),
        amount: coin(JMES),
        creation_height: height as i64,
    };
    refused(&by(bond(alice.address(), &one, JMES)), "staking", 34);
    refused(&by(paid().and(&cancel)), "staking", 34);
    // All of it is worth nothing, and can be given up.
    done(&by(paid().and(&MsgUndelegate { amount: coin(0), ..unbond })));
    assert!(staking::bonds_of(&chain.view(), &alice.address()).unwrap().is_empty());
    chain.chain().check_invariants().unwrap();
}

/// A chain of one validator in its period with other parameters of seats.
fn joining(parameters: &[(&str, Value)]) -> TestChain {
    let genesis = (2..8).fold(short(Genesis::new(), 1_000), |genesis, number| {
        genesis.with(Validator::new(number).address(), "10000000ujmes")
    });
    let set = |genesis: Genesis, (name, value): &(&str, Value)| {
        genesis.set(&format!("seats/params/{name}"), value.clone())
    };
    let chain = TestChain::new(&parameters.iter().fold(genesis, set));
    chain.block(&[]);
    chain
}

fn join(chain: &TestChain, one: &Validator, nonce: u64) -> TxOutcome {
    let draft = paid().and(&one.join(chain.id(), nonce));
    chain.deliver(&chain.sign(&draft, &[&one.operator]))
}

#[test]
fn a_join_with_a_key_that_has_a_seat_is_refused() {
    let chain = joining(&[]);
    let copy = Validator { consensus: Validator::new(0).consensus, ..Validator::new(2) };
    refused(&join(&chain, &copy, 1), "staking", 5);
    done(&join(&chain, &Validator::new(2), 1));
}

#[test]
fn a_join_after_the_period_is_refused() {
    let chain = joining(&[]);
    let later = TestChain::new(&short(Genesis::new(), 2).with(Validator::new(2).address(), "10000000ujmes"));
    later.blocks(3);
    done(&join(&chain, &Validator::new(2), 1));
    refused(&join(&later, &Validator::new(2), 1), "seats", 2);
}

/// The work hash of a join (§6).
fn work(one: &Validator, chain: &TestChain, nonce: u64) -> [u8; 32] {
    let operator = one.address();
    let parts: [&[u8]; 4] = [&one.key(), operator.as_bytes(), chain.id().as_bytes(), &nonce.to_be_bytes()];
    Sha256::digest(parts.concat()).into()
}

#[test]
fn a_join_with_too_little_work_is_refused() {
    let chain = joining(&[("work_target", json!("8".to_owned() + &"0".repeat(63)))]);
    let one = Validator::new(2);
    let nonce = |enough: bool| (0..).find(|nonce| (work(&one, &chain, *nonce)[0] < 0x80) == enough).unwrap();
    refused(&join(&chain, &one, nonce(false)), "seats", 3);
    done(&join(&chain, &one, nonce(true)));
}

#[test]
fn a_join_to_a_full_list_is_refused_unless_its_work_is_better() {
    let chain = joining(&[("seats", json!(4)), ("max_waiting", json!(1))]);
    (2..5).for_each(|number| done(&join(&chain, &Validator::new(number), 1)));
    let (waits, late) = (Validator::new(5), Validator::new(6));
    done(&join(&chain, &waits, 1));
    let to_beat = work(&waits, &chain, 1);
    let nonce = |better: bool| (0..).find(|nonce| (work(&late, &chain, *nonce) < to_beat) == better).unwrap();
    refused(&join(&chain, &late, nonce(false)), "seats", 5);
    done(&join(&chain, &late, nonce(true)));
    chain.chain().check_invariants().unwrap();
}
