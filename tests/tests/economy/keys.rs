//! Consensus keys that others copied (§6): who waits with a copy loses it to its owner, and who took a seat with one holds nothing
//! that the owner needs, who goes on with a second key.

use super::attacks::{coin, done, evidence, paid, refused, tokens};
use super::{short, JMES};
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgUndelegate;
use jmes_modules::{seats, staking};
use jmes_tests::{Draft, Genesis, TestChain, Validator};
use jmesd::chain::TxOutcome;
use serde_json::json;

/// A chain of four validators with `seats` seats and a period of `idp` blocks, on which the newcomers have coins.
fn chain(seats: u32, idp: u64) -> TestChain {
    let first = (0..4).map(|number| Validator::new(number).bonded(10 * JMES)).collect();
    let newcomers = (5..9).map(|number| Validator::new(number).address());
    let genesis = newcomers.fold(short(Genesis::new().validators(first), idp), |genesis, newcomer| {
        genesis.with(newcomer, "100000000ujmes")
    });
    let chain = TestChain::new(&genesis.set("seats/params/seats", json!(seats)));
    chain.blocks(2);
    chain
}

/// The one whose key is copied.
fn victim() -> Validator {
    Validator::new(5).bonded(2 * JMES)
}

/// Someone else with the victim's public key.
fn thief(number: u64) -> Validator {
    Validator { consensus: victim().consensus, ..Validator::new(number) }.bonded(3 * JMES)
}

/// The victim with its second key.
fn careful() -> Validator {
    Validator { consensus: Validator::new(55).consensus, ..victim() }
}

fn by(chain: &TestChain, one: &Validator, draft: &Draft) -> TxOutcome {
    chain.deliver(&chain.sign(draft, &[&one.operator]))
}

fn create(chain: &TestChain, one: &Validator) -> TxOutcome {
    by(chain, one, &paid().and(&one.create()))
}

fn join(chain: &TestChain, one: &Validator) -> TxOutcome {
    by(chain, one, &Draft::new().fee(0).gas(900_000).and(&one.join(chain.id(), 1)))
}

fn is_seated(chain: &TestChain, one: &Validator) -> bool {
    seats::is_seated(&chain.view(), &one.address()).unwrap()
}

fn key(chain: &TestChain, one: &Validator) -> Option<[u8; 32]> {
    staking::require(&chain.view(), &one.address()).unwrap().key
}

#[test]
fn in_the_period_the_owner_of_a_copied_key_takes_it_over_and_answers_for_it() {
    let mut chain = chain(4, 1_000);
    let (victim, copy) = (victim(), thief(6));
    done(&create(&chain, &copy));
    refused(&create(&chain, &victim), "staking", 5);
    done(&join(&chain, &victim));
    assert_eq!((key(&chain, &victim), key(&chain, &copy)), (Some(victim.key()), None));
    // Nobody copies it any more, with a bond or without possession; the first copy is bound to its operator.
    refused(&create(&chain, &thief(7)), "staking", 5);
    refused(&create(&chain, &copy), "staking", 4);
    let mut forged = thief(7).join(chain.id(), 1);
    forged.possession_proof = Validator::new(7).join(chain.id(), 1).possession_proof;
    refused(&by(&chain, &thief(7), &paid().and(&forged)), "seats", seats::NO_POSSESSION);
    refused(&join(&chain, &thief(7)), "staking", 5);
    // Evidence finds who has the key, and nobody else.
    chain.misbehavior = vec![evidence(&chain, &victim, chain.chain().height())];
    chain.blocks(1);
    chain.misbehavior.clear();
    let tombstoned = |one: &Validator| staking::require(&chain.view(), &one.address()).unwrap().tombstoned;
    assert!(tombstoned(&victim) && !tombstoned(&copy));
    assert_eq!(tokens(&chain, &copy), 3 * JMES);
    let back = MsgUndelegate {
        delegator_address: copy.address().to_string(),
        validator_address: copy.address().operator(),
        amount: coin(3 * JMES),
    };
    done(&by(&chain, &copy, &paid().and(&back)));
    chain.chain().check_invariants().unwrap();
}

#[test]
fn in_the_period_a_copied_key_with_a_seat_costs_its_thief_the_seat_and_its_owner_a_second_key() {
    let mut chain = chain(8, 1_000);
    let (victim, copy, careful) = (victim(), thief(6), careful());
    done(&create(&chain, &copy));
    assert!(is_seated(&chain, &copy), "there was a free seat");
    refused(&join(&chain, &victim), "staking", 5);
    refused(&create(&chain, &victim), "staking", 5);
    done(&join(&chain, &careful));
    assert!(is_seated(&chain, &careful));
    // Nobody signs with the copy.
    chain.absent.insert(copy.consensus_address());
    chain.blocks(10);
    let seats = seats::seats(&chain.view()).unwrap();
    let proven = |one: &Validator| seats.iter().any(|seat| seat.operator == one.address() && seat.proven);
    assert!(proven(&careful) && !proven(&copy));
    chain.blocks(30);
    assert!(!is_seated(&chain, &copy) && is_seated(&chain, &careful));
    // The victim's first key never answers for anything of the victim's.
    chain.misbehavior = vec![evidence(&chain, &copy, chain.chain().height())];
    chain.blocks(1);
    chain.misbehavior.clear();
    assert_eq!(tokens(&chain, &copy), 3 * JMES * 95 / 100);
    assert!(is_seated(&chain, &careful));
    chain.chain().check_invariants().unwrap();
}

#[test]
fn after_the_period_the_owner_of_a_copied_key_bonds_with_a_second_one() {
    let chain = chain(8, 3);
    chain.blocks(5);
    let (victim, copy, careful) = (victim(), thief(6), careful());
    done(&create(&chain, &copy));
    refused(&create(&chain, &victim), "staking", 5);
    refused(&by(&chain, &victim, &paid().and(&victim.join(chain.id(), 1))), "seats", 2);
    done(&create(&chain, &careful));
    chain.blocks(10);
    assert!(is_seated(&chain, &careful));
    assert_eq!(key(&chain, &careful), Some(careful.key()));
    chain.chain().check_invariants().unwrap();
}
