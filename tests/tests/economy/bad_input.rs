//! Every message about validators, bonds and rewards with every field wrong: each refusal has a code and a text of its own, costs
//! the fee and nothing else.

use super::{short, JMES, SECOND};
use crate::wrong::Wrong;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::distribution::v1beta1::{
    MsgSetWithdrawAddress, MsgWithdrawDelegatorReward, MsgWithdrawValidatorCommission,
};
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    Description, MsgBeginRedelegate, MsgCancelUnbondingDelegation, MsgDelegate, MsgEditValidator,
    MsgUndelegate,
};
use jmes_modules::auth;
use jmes_modules::kernel::codes;
use jmes_proto::jmes::staking::v1::MsgJoin;
use jmes_tests::{Draft, Genesis, Key, Signer, TestChain, Validator};

/// Who sends the messages.
const ALICE: u64 = 0;

fn coin(nils: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: nils.to_string() })
}

/// Two validators with 100 JMES each, after a few blocks; the first operator, Alice and a third operator have coins.
fn start(idp: u64) -> TestChain {
    let validators = [0, 1].map(|number| Validator::new(number).bonded(100 * JMES)).to_vec();
    let alice = Key::new(ALICE);
    let genesis = [alice.address(), Validator::new(2).address()]
        .into_iter()
        .fold(short(Genesis::new().validators(validators), idp), |genesis, owner| {
            genesis.with(owner, "1000000000ujmes")
        });
    let chain = TestChain::new(&genesis);
    chain.blocks(3);
    let send = Draft::send(alice.address(), Validator::new(0).address(), "9000000ujmes");
    assert_eq!(chain.deliver(&chain.sign(&send, &[&alice])).error, None);
    chain
}

/// The same after the period. Alice has 40 JMES bonded to the first, 10 unbonding from it, and has moved 10 to the second.
/// Gives the height at which she began to unbond.
fn after_the_period() -> (TestChain, u64) {
    let mut chain = start(2);
    let alice = Key::new(ALICE);
    let delegate = Draft::new().gas(1_000_000).and(&right_bond());
    assert_eq!(chain.deliver(&chain.sign(&delegate, &[&alice])).error, None);
    let redelegate = Draft::new().gas(1_000_000).and(&right_redelegation());
    assert_eq!(chain.deliver(&chain.sign(&redelegate, &[&alice])).error, None);
    let undelegate = MsgUndelegate { amount: coin(10 * JMES), ..right_unbonding() };
    let undelegate = Draft::new().gas(1_000_000).and(&undelegate);
    assert_eq!(chain.deliver(&chain.sign(&undelegate, &[&alice])).error, None);
    let height = chain.chain().height();
    // Nothing matures while wrong messages come.
    chain.block_time = SECOND / 100;
    (chain, height)
}

fn right_bond() -> MsgDelegate {
    let (delegator_address, validator_address) = pair();
    MsgDelegate { delegator_address, validator_address, amount: coin(60 * JMES) }
}

fn right_unbonding() -> MsgUndelegate {
    let (delegator_address, validator_address) = pair();
    MsgUndelegate { delegator_address, validator_address, amount: coin(JMES) }
}

fn right_redelegation() -> MsgBeginRedelegate {
    let (delegator_address, validator_src_address) = pair();
    let validator_dst_address = Validator::new(1).address().operator();
    MsgBeginRedelegate {
        delegator_address,
        validator_src_address,
        validator_dst_address,
        amount: coin(10 * JMES),
    }
}

fn right_edit() -> MsgEditValidator {
    let keep = || "[do-not-modify]".to_owned();
    MsgEditValidator {
        description: Some(Description {
            moniker: keep(),
            identity: keep(),
            website: keep(),
            security_contact: keep(),
            details: keep(),
        }),
        validator_address: Validator::new(0).address().operator(),
        commission_rate: String::new(),
        min_self_delegation: String::new(),
    }
}

fn pair() -> (String, String) {
    (Key::new(ALICE).address().to_string(), Validator::new(0).address().operator())
}

/// An operator without a validator.
fn nobody() -> String {
    Key::new(404).address().operator()
}

#[test]
fn wrong_messages_about_bonds_are_refused_with_their_own_code_and_text() {
    let ((chain, height), alice) = (after_the_period(), Key::new(ALICE));
    let (mut report, bob) = (String::new(), Validator::new(2).address().to_string());
    let (delegator_address, validator_address) = pair();
    Wrong::of(right_bond())
        .address("delegator_address", |msg| &mut msg.delegator_address)
        .case("delegator_address: another's", |msg| msg.delegator_address.clone_from(&bob))
        .address("validator_address", |msg| &mut msg.validator_address)
        .case("validator_address: no validator", |msg| msg.validator_address = nobody())
        .coin("amount", |msg| &mut msg.amount)
        .deliver(&chain, &alice, &mut report);
    Wrong::of(right_unbonding())
        .address("delegator_address", |msg| &mut msg.delegator_address)
        .case("delegator_address: another's", |msg| msg.delegator_address.clone_from(&bob))
        .address("validator_address", |msg| &mut msg.validator_address)
        .case("validator_address: no validator", |msg| msg.validator_address = nobody())
        .case("amount: more than the bond", |msg| msg.amount = coin(41 * JMES))
        .coin("amount", |msg| &mut msg.amount)
        .deliver(&chain, &alice, &mut report);
    Wrong::of(right_redelegation())
        .address("delegator_address", |msg| &mut msg.delegator_address)
        .case("delegator_address: another's", |msg| msg.delegator_address.clone_from(&bob))
        .address("validator_src_address", |msg| &mut msg.validator_src_address)
        .address("validator_dst_address", |msg| &mut msg.validator_dst_address)
        .case("validator_src_address: no validator", |msg| msg.validator_src_address = nobody())
        .case("validator_dst_address: no validator", |msg| msg.validator_dst_address = nobody())
        .case("the same twice", |msg| msg.validator_dst_address.clone_from(&msg.validator_src_address))
        .case("onwards", |msg| std::mem::swap(&mut msg.validator_dst_address, &mut msg.validator_src_address))
        .coin("amount", |msg| &mut msg.amount)
        .deliver(&chain, &alice, &mut report);
    let right = MsgCancelUnbondingDelegation {
        delegator_address,
        validator_address,
        amount: coin(JMES),
        creation_height: height as i64,
    };
    Wrong::of(right)
        .address("delegator_address", |msg| &mut msg.delegator_address)
        .case("delegator_address: another's", |msg| msg.delegator_address.clone_from(&bob))
        .address("validator_address", |msg| &mut msg.validator_address)
        .case("validator_address: another", |msg| {
            msg.validator_address = Validator::new(1).address().operator();
        })
        .coin("amount", |msg| &mut msg.amount)
        .case("amount: more than the entry", |msg| msg.amount = coin(10 * JMES + 1))
        .case("creation_height: 0", |msg| msg.creation_height = 0)
        .case("creation_height: negative", |msg| msg.creation_height = -1)
        .case("creation_height: another", |msg| msg.creation_height += 1)
        .deliver(&chain, &alice, &mut report);
    insta::assert_snapshot!(report);
}

#[test]
fn wrong_messages_about_validators_are_refused_with_their_own_code_and_text() {
    let (chain, mut report) = (start(1_000), String::new());
    let (newcomer, first) = (Validator::new(2).bonded(5 * JMES), Validator::new(0));
    Wrong::of(newcomer.create())
        .address("validator_address", |msg| &mut msg.validator_address)
        .case("validator_address: another's", |msg| msg.validator_address = nobody())
        .description(|msg| &mut msg.description)
        .commission(|msg| &mut msg.commission)
        .case("min_self_delegation: empty", |msg| msg.min_self_delegation = String::new())
        .case("min_self_delegation: 0", |msg| msg.min_self_delegation = "0".into())
        .case("min_self_delegation: negative", |msg| msg.min_self_delegation = "-1".into())
        .case("min_self_delegation: above the bond", |msg| msg.min_self_delegation = "5000001".into())
        .key(|msg| &mut msg.pubkey)
        .coin("value", |msg| &mut msg.value)
        .case("value: less than a JMES", |msg| msg.value = coin(JMES - 1))
        .deliver(&chain, &newcomer.operator, &mut report);
    Wrong::of(right_edit())
        .address("validator_address", |msg| &mut msg.validator_address)
        .description(|msg| &mut msg.description)
        .case("commission_rate: above 1", |msg| msg.commission_rate = "1000000000000000001".into())
        .case("commission_rate: negative", |msg| msg.commission_rate = "-1".into())
        .case("commission_rate: no number", |msg| msg.commission_rate = "a lot".into())
        .case("commission_rate: within a day", |msg| msg.commission_rate = "100000000000000001".into())
        .case("min_self_delegation: 0", |msg| msg.min_self_delegation = "0".into())
        .case("min_self_delegation: as it is", |msg| msg.min_self_delegation = "1".into())
        .case("min_self_delegation: above the bond", |msg| msg.min_self_delegation = "100000001".into())
        .case("min_self_delegation: no number", |msg| msg.min_self_delegation = "some".into())
        .deliver(&chain, &first.operator, &mut report);
    Wrong::of(MsgEditValidator {
        validator_address: newcomer.address().operator(),
        ..MsgEditValidator::default()
    })
    .case("an operator without a validator", |msg| {
        msg.description = Some(Description { moniker: "me".into(), ..Description::default() });
    })
    .deliver(&chain, &newcomer.operator, &mut report);
    Wrong::of(MsgUnjail { validator_addr: first.address().operator() })
        .address("validator_addr", |msg| &mut msg.validator_addr)
        .case("it is not jailed", |_| ())
        .deliver(&chain, &first.operator, &mut report);
    insta::assert_snapshot!(report);
}

#[test]
fn wrong_joins_are_refused_with_their_own_code_and_text() {
    let (chain, mut report) = (start(1_000), String::new());
    let (newcomer, first) = (Validator::new(2), Validator::new(0));
    let right = newcomer.join(chain.id(), 7);
    let signed = |one: &Validator, chain_id: &str, nonce| one.join(chain_id, nonce).possession_proof;
    Wrong::of(right)
        .address("operator", |msg| &mut msg.operator)
        .case("operator: another's", |msg| msg.operator = Key::new(404).address().to_string())
        .description(|msg| &mut msg.description)
        .commission(|msg| &mut msg.commission)
        .key(|msg| &mut msg.pubkey)
        .case("nonce: another", |msg| msg.nonce += 1)
        .case("possession_proof: none", |msg| msg.possession_proof.clear())
        .case("possession_proof: too long", |msg| msg.possession_proof.push(0))
        .case("possession_proof: zeros", |msg| msg.possession_proof = vec![0; 64])
        .case("possession_proof: for another chain", |msg| {
            msg.possession_proof = signed(&newcomer, "other", 7)
        })
        .case("possession_proof: by another key", |msg| {
            let other = Validator { consensus: first.consensus.clone(), ..newcomer.clone() };
            msg.possession_proof = signed(&other, chain.id(), 7);
        })
        .deliver(&chain, &newcomer.operator, &mut report);
    Wrong::of(MsgJoin { operator: first.address().to_string(), ..Validator::new(5).join(chain.id(), 7) })
        .case("an operator with a validator", |msg| {
            let other = Validator { operator: first.operator.clone(), ..Validator::new(5) };
            *msg = other.join(chain.id(), 7);
        })
        .case("its own validator again", |msg| *msg = first.join(chain.id(), 8))
        .deliver(&chain, &first.operator, &mut report);
    insta::assert_snapshot!(report);
}

#[test]
fn wrong_messages_about_rewards_are_refused_with_their_own_code_and_text() {
    let ((chain, _), alice) = (after_the_period(), Key::new(ALICE));
    let (mut report, newcomer) = (String::new(), Validator::new(2));
    let others = newcomer.address().to_string();
    let (delegator_address, validator_address) = pair();
    Wrong::of(MsgWithdrawDelegatorReward { delegator_address: delegator_address.clone(), validator_address })
        .address("delegator_address", |msg| &mut msg.delegator_address)
        .case("delegator_address: another's", |msg| msg.delegator_address.clone_from(&others))
        .address("validator_address", |msg| &mut msg.validator_address)
        .case("validator_address: no validator", |msg| msg.validator_address = nobody())
        .deliver(&chain, &alice, &mut report);
    Wrong::of(MsgWithdrawDelegatorReward {
        delegator_address: newcomer.address().to_string(),
        validator_address: Validator::new(0).address().operator(),
    })
    .case("no bond", |_| ())
    .deliver(&chain, &newcomer.operator, &mut report);
    Wrong::of(MsgWithdrawValidatorCommission { validator_address: newcomer.address().operator() })
        .address("validator_address", |msg| &mut msg.validator_address)
        .case("validator_address: another's", |msg| {
            msg.validator_address = Validator::new(0).address().operator();
        })
        .case("an operator without a validator", |_| ())
        .deliver(&chain, &newcomer.operator, &mut report);
    Wrong::of(MsgSetWithdrawAddress { withdraw_address: delegator_address.clone(), delegator_address })
        .address("delegator_address", |msg| &mut msg.delegator_address)
        .address("withdraw_address", |msg| &mut msg.withdraw_address)
        .deliver(&chain, &alice, &mut report);
    insta::assert_snapshot!(report);
    assert!(auth::account(&chain.view(), &Key::new(404).address()).unwrap().is_none());
}

/// With the owner's number and sequence and one's own key, which is shown or left to what the chain knows.
#[test]
fn nobody_sends_what_another_one_must_sign() {
    let ((chain, height), alice, mallory) = (after_the_period(), Key::new(ALICE), Key::new(405));
    let (first, newcomer) = (Validator::new(0), Validator::new(2).bonded(5 * JMES));
    let (delegator_address, validator_address) = pair();
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: delegator_address.clone(),
        validator_address: validator_address.clone(),
        amount: coin(JMES),
        creation_height: height as i64,
    };
    let withdraw_address = mallory.address().to_string();
    let elsewhere = MsgSetWithdrawAddress { withdraw_address, delegator_address: delegator_address.clone() };
    let reward =
        MsgWithdrawDelegatorReward { delegator_address, validator_address: validator_address.clone() };
    let young = start(1_000);
    let join = Draft::new().and(&newcomer.join(young.id(), 7));
    let drafts = [
        (Draft::new().and(&right_bond()), alice.address()),
        (Draft::new().and(&right_unbonding()), alice.address()),
        (Draft::new().and(&right_redelegation()), alice.address()),
        (Draft::new().and(&cancel), alice.address()),
        (Draft::new().and(&reward), alice.address()),
        (Draft::new().and(&elsewhere), alice.address()),
        (Draft::new().and(&right_edit()), first.address()),
        (Draft::new().and(&MsgUnjail { validator_addr: validator_address.clone() }), first.address()),
        (Draft::new().and(&MsgWithdrawValidatorCommission { validator_address }), first.address()),
        (Draft::new().and(&newcomer.create()), newcomer.address()),
    ];
    let drafts = drafts.into_iter().map(|(draft, owner)| (&chain, draft, owner));
    for (chain, draft, owner) in drafts.chain([(&young, join, newcomer.address())]) {
        let what = draft.body.messages[0].type_url.clone();
        let account = chain.account(owner);
        let signer = Signer::key(&mallory, account.number, account.sequence);
        for signer in [signer.clone(), signer.without_key()] {
            let outcome = chain.deliver(&draft.clone().fee(0).sign(chain.id(), &[signer]));
            let error = outcome.error.expect("it is refused");
            let (code, text) = (error.code, error.message);
            let forged = [codes::UNAUTHORIZED, codes::INVALID_PUBKEY].contains(&code);
            assert!(error.codespace == "sdk" && forged, "{what}: {code}: {text}");
            let after = chain.account(owner);
            assert_eq!((after.balance, after.sequence), (account.balance, account.sequence), "{what}");
        }
    }
}

#[track_caller]
fn done(chain: &TestChain, draft: Draft, author: &Key) {
    let outcome = chain.deliver(&chain.sign(&draft.gas(1_000_000), &[author]));
    assert_eq!(outcome.error, None);
}

#[test]
fn the_right_messages_that_the_wrong_ones_differ_from_are_done() {
    let ((mut chain, height), alice) = (after_the_period(), Key::new(ALICE));
    let (delegator_address, validator_address) = pair();
    let cancel = MsgCancelUnbondingDelegation {
        delegator_address: delegator_address.clone(),
        validator_address: validator_address.clone(),
        amount: coin(JMES),
        creation_height: height as i64,
    };
    let reward =
        MsgWithdrawDelegatorReward { delegator_address: delegator_address.clone(), validator_address };
    let elsewhere =
        MsgSetWithdrawAddress { withdraw_address: Key::new(7).address().to_string(), delegator_address };
    for draft in [
        Draft::new().and(&right_bond()),
        Draft::new().and(&right_unbonding()),
        Draft::new().and(&right_redelegation()),
        Draft::new().and(&cancel),
        Draft::new().and(&reward),
        Draft::new().and(&elsewhere),
    ] {
        done(&chain, draft, &alice);
    }
    let (first, second, newcomer) = (Validator::new(0), Validator::new(1), Validator::new(2));
    done(&chain, Draft::new().and(&right_edit()), &first.operator);
    done(&chain, Draft::new().and(&newcomer.clone().bonded(5 * JMES).create()), &newcomer.operator);
    let commission = MsgWithdrawValidatorCommission { validator_address: first.address().operator() };
    done(&chain, Draft::new().and(&commission), &first.operator);
    // The second one goes offline, and waits in jail.
    let send = Draft::send(alice.address(), second.address(), "9000000ujmes");
    done(&chain, send, &alice);
    chain.block_time = 5 * SECOND;
    chain.absent.insert(second.consensus_address());
    chain.blocks(60);
    chain.absent.clear();
    done(
        &chain,
        Draft::new().and(&MsgUnjail { validator_addr: second.address().operator() }),
        &second.operator,
    );

    let chain = start(1_000);
    done(&chain, Draft::new().and(&newcomer.join(chain.id(), 7)), &newcomer.operator);
}
