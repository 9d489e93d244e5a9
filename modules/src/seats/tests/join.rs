//! Tests of joining without stake.

use super::chain::{create_with_bond, jail, number, operator, small, unjail, Chain};
use crate::auth;
use crate::kernel::{codes, Amount, Block, Ctx, Msg, Result};
use crate::seats::{self, check_work, defaults, possession_bytes, work_hash, Work};
use crate::staking::{self, consensus_key_to_proto, NewValidator};
use crate::test_support::{address, assert_refused, limit_gas};
use cosmos_sdk_proto::cosmos::auth::v1beta1::Params as AuthParams;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{CommissionRates, Description};
use ed25519_consensus::SigningKey;
use jmes_proto::jmes::staking::v1::{MsgJoin, Params};
use std::sync::Arc;

const CHAIN_ID: &str = "jmes-test-1";

fn signing_key(number: u16) -> SigningKey {
    let mut seed = [1; 32];
    seed[..2].copy_from_slice(&number.to_be_bytes());
    SigningKey::from(seed)
}

fn public_key(number: u16) -> [u8; 32] {
    signing_key(number).verification_key().to_bytes()
}

/// The join of the operator number `who` with the key number `key`.
fn join_with_key(who: u16, key: u16, nonce: u64) -> MsgJoin {
    let bytes = possession_bytes(CHAIN_ID, &operator(who), nonce);
    MsgJoin {
        operator: operator(who).to_string(),
        description: Some(Description { moniker: format!("validator {who}"), ..Description::default() }),
        commission: Some(CommissionRates {
            rate: "50000000000000000".into(),
            max_rate: "200000000000000000".into(),
            max_change_rate: "10000000000000000".into(),
        }),
        pubkey: Some(consensus_key_to_proto(&public_key(key))),
        nonce,
        possession_proof: signing_key(key).sign(&bytes).to_bytes().to_vec(),
    }
}

fn join(who: u16) -> MsgJoin {
    join_with_key(who, who, 7)
}

/// Parameters with which any work will do.
fn easy() -> Params {
    Params { work_target: "f".repeat(64), ..small() }
}

fn four() -> Chain {
    let mut chain = Chain::new(4, 100, easy());
    chain.block(|_| ());
    chain
}

fn execute(ctx: &mut Ctx, msg: &MsgJoin) -> Result<()> {
    assert_eq!(msg.signers().map(|signers| signers.len()), Ok(1));
    let before = ctx.checkpoint();
    let done = msg.execute(ctx).map(drop);
    if done.is_err() {
        ctx.revert(before);
    }
    done
}

/// The nonce with which the work hash of a join is below `limit`.
fn nonce_below(who: u16, limit: [u8; 32]) -> u64 {
    (0..).find(|nonce| work_of(who, *nonce) < limit).unwrap()
}

fn work_of(who: u16, nonce: u64) -> [u8; 32] {
    work_hash(&public_key(who), &operator(who), CHAIN_ID, nonce)
}

/// Why a full list of `count` refuses.
fn full(count: u32) -> String {
    format!("{count} validators wait for a seat already, which is the most, and none has a higher work hash: join (MsgJoin) with more work")
}

/// The numbers of those who wait, the oldest first.
fn waiting(chain: &Chain) -> Vec<u16> {
    let waiting = seats::waiting::oldest(&chain.ctx, 99).unwrap();
    waiting.iter().map(|candidate| number(&candidate.operator)).collect()
}

#[test]
fn a_join_makes_a_candidate_without_stake_that_waits() {
    let mut chain = four();
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    let validator = chain.validator(9);
    assert_eq!((validator.key, validator.possession), (Some(public_key(9)), true));
    assert_eq!((validator.tokens, validator.min_self_delegation), (Amount::ZERO, Amount::ZERO));
    assert_eq!(
        (validator.description.moniker.as_str(), validator.commission.rate.0),
        ("validator 9", 50_000_000_000_000_000)
    );
    assert_eq!(validator.work, work_hash(&public_key(9), &operator(9), CHAIN_ID, 7));
    let waiting = seats::waiting::oldest(&chain.ctx, 9).unwrap();
    assert_eq!((waiting.len(), waiting[0].operator, waiting[0].since), (1, operator(9), 2));
    assert_eq!(waiting[0].work, Work(validator.work));
}

/// Pinned, because joins are made outside of this program, too.
#[test]
fn the_bytes_that_are_signed_and_hashed() {
    let bytes = possession_bytes("jmes-1", &address(0xab), 0x0102);
    assert_eq!(bytes, [b"jmes-1".as_slice(), &[0xab; 20], &[0, 0, 0, 0, 0, 0, 1, 2]].concat());
    let text = [&[5; 32], [0xab; 20].as_slice(), b"jmes-1", &[0, 0, 0, 0, 0, 0, 1, 2]].concat();
    let hash: [u8; 32] = sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(text)).into();
    assert_eq!(work_hash(&[5; 32], &address(0xab), "jmes-1", 0x0102), hash);
}

#[test]
fn possession_is_the_consensus_keys_signature_for_this_chain_operator_and_nonce() {
    let mut chain = four();
    let ctx = &mut chain.ctx;
    let why = "the possession proof is not the consensus key's signature over chain id, operator and nonce";
    let proof_of = |bytes: &[u8]| signing_key(9).sign(bytes).to_bytes().to_vec();
    let others = [
        proof_of(&possession_bytes("jmes-test-2", &operator(9), 7)),
        proof_of(&possession_bytes(CHAIN_ID, &operator(8), 7)),
        proof_of(&possession_bytes(CHAIN_ID, &operator(9), 8)),
        join_with_key(9, 8, 7).possession_proof,
        vec![0; 64],
    ];
    for possession_proof in others {
        assert_refused(execute(ctx, &MsgJoin { possession_proof, ..join(9) }), "seats", 4, why);
    }
    for length in [0, 63, 65] {
        let why = format!("the possession proof has {length} bytes instead of 64");
        let msg = MsgJoin { possession_proof: vec![0; length], ..join(9) };
        assert_refused(execute(ctx, &msg), "seats", 4, &why);
    }
}

#[test]
fn work_must_be_below_the_target() {
    let hash = work_hash(&public_key(9), &operator(9), CHAIN_ID, 7);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut chain = Chain::new(4, 100, Params { work_target: hex(&hash), ..small() });
    chain.block(|_| ());
    let why = format!("work hash {0} is not below the target {0}: find another nonce", hex(&hash));
    assert_refused(execute(&mut chain.ctx, &join(9)), "seats", 3, &why);
    let mut above = hash;
    above[31] = above[31].checked_add(1).unwrap();
    let params = Params { work_target: hex(&above), ..small() };
    seats::state::PARAMS.save(&mut chain.ctx, &params).unwrap();
    assert_eq!(check_work(&chain.ctx, &join(9)), Ok(hash));
    assert_eq!(execute(&mut chain.ctx, &join(9)), Ok(()));
}

#[test]
fn one_can_join_up_to_the_periods_last_block() {
    let why = "the Initial Distribution Period is over: create a validator with a bond instead";
    let mut chain = Chain::new(4, 10, easy());
    chain.to(9);
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    chain.block(|ctx| assert_refused(execute(ctx, &join(8)), "seats", 2, why));
    assert_eq!(chain.seated(), [0, 1, 2, 3], "who joins in the last block does not get a seat any more");
}

#[test]
fn what_a_creation_refuses_a_join_refuses() {
    let mut chain = four();
    let ctx = &mut chain.ctx;
    let code = |ctx: &mut Ctx, msg: MsgJoin| {
        let error = execute(ctx, &msg).unwrap_err();
        (error.codespace, error.code)
    };
    assert_eq!(code(ctx, join_with_key(0, 9, 7)), ("staking", 4), "the operator runs a validator");
    execute(ctx, &join(9)).unwrap();
    assert_eq!(code(ctx, join_with_key(8, 9, 7)), ("staking", 5), "the key is another's, who proved it");
    assert_eq!(code(ctx, MsgJoin { description: None, ..join(8) }), ("sdk", codes::INVALID_REQUEST));
    assert_eq!(code(ctx, MsgJoin { commission: None, ..join(8) }), ("sdk", codes::INVALID_REQUEST));
    assert_eq!(code(ctx, MsgJoin { pubkey: None, ..join(8) }), ("staking", 39));
    let long = Description { moniker: "m".repeat(71), ..Description::default() };
    assert_eq!(code(ctx, MsgJoin { description: Some(long), ..join(8) }), ("sdk", codes::INVALID_REQUEST));
    let high = CommissionRates { rate: "1".into(), max_rate: "0".into(), max_change_rate: "0".into() };
    assert_eq!(code(ctx, MsgJoin { commission: Some(high), ..join(8) }), ("staking", 11));
    let no_point = Some(consensus_key_to_proto(&[2; 32]));
    let refused = execute(ctx, &MsgJoin { pubkey: no_point, ..join(8) });
    assert_refused(refused, "sdk", codes::INVALID_PUBKEY, "the consensus key is not an ed25519 public key");
    let nobody = MsgJoin { operator: "jmes1".into(), ..join(8) };
    assert_eq!(nobody.signers().unwrap_err().code, codes::INVALID_ADDRESS);
    assert_eq!(nobody.execute(ctx).unwrap_err().code, codes::INVALID_ADDRESS);
}

#[test]
fn a_join_takes_over_a_copied_key_that_never_had_a_seat() {
    let mut chain = four();
    let copy =
        |who: u16| NewValidator { key: public_key(9), possession: false, ..super::chain::candidate(who, 0) };
    chain.block(|ctx| {
        staking::create(ctx, copy(50)).unwrap();
        seats::wait(ctx, &operator(50)).unwrap();
        super::chain::set_bond(ctx, 50, 500);
    });
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    let thief = chain.validator(50);
    assert_eq!((thief.key, thief.jailed, thief.tokens.0), (None, true, 500_000_000));
    assert_eq!(waiting(&chain), [9]);
    assert_eq!(chain.validator(9).key, Some(public_key(9)));
    chain.block(|ctx| assert!(staking::unjail(ctx, &operator(50)).is_err()));
}

#[test]
fn a_key_that_was_seated_is_not_taken_over() {
    let mut chain = Chain::new(3, 100, easy());
    chain.block(|ctx| {
        let copy = NewValidator { key: public_key(9), possession: false, ..super::chain::candidate(50, 0) };
        staking::create(ctx, copy).unwrap();
        seats::wait(ctx, &operator(50)).unwrap();
    });
    assert_eq!(chain.seated(), [0, 1, 2, 50]);
    chain.block(|ctx| assert_eq!(execute(ctx, &join(9)).unwrap_err().code, 5));
}

#[test]
fn who_was_replaced_joins_again_with_the_same_key_and_better_work() {
    let mut chain = Chain::new(4, 100, Params { max_waiting: 1, ..easy() });
    let first = 7;
    let second = nonce_below(8, work_of(9, first));
    let third = nonce_below(9, work_of(8, second));
    chain.block(|ctx| {
        execute(ctx, &join_with_key(9, 9, first)).unwrap();
        let again = execute(ctx, &join_with_key(9, 9, third));
        let why = format!("validator {} waits for a seat already", operator(9).operator());
        assert_refused(again, "seats", 6, &why);
        execute(ctx, &join_with_key(8, 8, second)).unwrap();
        assert_refused(execute(ctx, &join_with_key(9, 9, first)), "seats", 5, &full(1));
    });
    let id = chain.validator(9).id;
    chain.block(|ctx| execute(ctx, &join_with_key(9, 9, third)).unwrap());
    let validator = chain.validator(9);
    assert_eq!((validator.id, validator.work), (id, work_of(9, third)));
    let waiting = seats::waiting::oldest(&chain.ctx, 9).unwrap();
    assert_eq!((waiting.len(), waiting[0].operator, waiting[0].since), (1, operator(9), 2));
}

#[test]
fn who_is_seated_or_jailed_does_not_join_again() {
    let mut chain = Chain::new(3, 100, easy());
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    let refused = |ctx: &mut Ctx, what: &str| {
        let why = format!("validator {} {what}", operator(9).operator());
        assert_refused(execute(ctx, &join(9)), "seats", 6, &why);
    };
    chain.block(|ctx| refused(ctx, "has a seat"));
    chain.block(|ctx| {
        jail(ctx, 9);
        refused(ctx, "is jailed: unjail it instead");
    });
    chain.block(|ctx| unjail(ctx, 9));
    chain.block(|ctx| refused(ctx, "waits for a seat already"));
}

#[test]
fn unjailing_obeys_the_size_of_the_list() {
    let mut chain = Chain::new(4, 100, Params { max_waiting: 1, ..easy() });
    chain.block(|ctx| {
        execute(ctx, &join(9)).unwrap();
        jail(ctx, 9);
        execute(ctx, &join_with_key(8, 8, nonce_below(8, work_of(9, 7)))).unwrap();
        assert_refused(staking::unjail(ctx, &operator(9)), "seats", 5, &full(1));
    });
}

#[test]
fn joins_replace_those_who_wait_without_work_the_latest_first_however_large_their_bonds_are() {
    let mut chain = Chain::new(4, 100, Params { max_waiting: 3, ..easy() });
    chain.block(|ctx| {
        create_with_bond(ctx, 20, 1);
        create_with_bond(ctx, 21, 5_000_000);
    });
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    chain.block(|ctx| execute(ctx, &join(8)).unwrap());
    assert_eq!(waiting(&chain), [20, 9, 8]);
    chain.block(|ctx| execute(ctx, &join(7)).unwrap());
    assert_eq!(waiting(&chain), [9, 8, 7]);
    let of = |number: u16| chain.validator(number);
    assert!(!of(20).jailed && of(20).key.is_some() && of(21).tokens.0 == 5_000_000_000_000);
}

#[test]
fn a_full_list_refuses_whoever_comes_without_work() {
    let mut chain = Chain::new(4, 100, Params { max_waiting: 2, ..easy() });
    chain.block(|ctx| {
        execute(ctx, &join(9)).unwrap();
        create_with_bond(ctx, 20, 1);
        let before = ctx.checkpoint();
        staking::create(ctx, super::chain::candidate(21, 0)).unwrap();
        assert_refused(seats::wait(ctx, &operator(21)), "seats", 5, &full(2));
        ctx.revert(before);
    });
    assert_eq!(waiting(&chain), [9, 20]);
}

#[test]
fn who_was_replaced_without_work_may_join_with_it() {
    let mut chain = Chain::new(4, 100, Params { max_waiting: 1, ..easy() });
    chain.block(|ctx| {
        let copied = NewValidator { key: public_key(9), ..super::chain::candidate(9, 0) };
        staking::create(ctx, NewValidator { possession: false, ..copied }).unwrap();
        seats::wait(ctx, &operator(9)).unwrap();
    });
    chain.block(|ctx| execute(ctx, &join(8)).unwrap());
    assert_eq!(waiting(&chain), [8]);
    let better = nonce_below(9, work_of(8, 7));
    chain.block(|ctx| execute(ctx, &join_with_key(9, 9, better)).unwrap());
    assert_eq!((waiting(&chain), chain.validator(9).possession), (vec![9], true));
}

#[test]
fn who_was_seated_is_neither_refused_nor_replaced() {
    let mut chain = Chain::new(4, 100, Params { max_waiting: 1, ..easy() });
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    chain.block(|ctx| jail(ctx, 3));
    chain.block(|ctx| unjail(ctx, 3));
    assert_eq!(waiting(&chain), [9, 3]);
    let better = nonce_below(8, work_of(9, 7));
    chain.block(|ctx| execute(ctx, &join_with_key(8, 8, better)).unwrap());
    assert_eq!(waiting(&chain), [3, 8]);
    let best = nonce_below(7, work_of(8, better));
    chain.block(|ctx| execute(ctx, &join_with_key(7, 7, best)).unwrap());
    assert_eq!(waiting(&chain), [3, 7]);
}

/// §6: nobody waits any more once stake decides, so no list can be full.
#[test]
fn a_full_list_keeps_nobody_with_a_bond_out_after_the_period() {
    let mut chain = Chain::new(3, 20, Params { max_waiting: 1, seniority_blocks: 0, ..easy() });
    chain.block(|ctx| super::chain::join(ctx, 50));
    chain.block(|ctx| create_with_bond(ctx, 20, 7));
    chain.block(|ctx| execute(ctx, &join(9)).unwrap());
    assert_eq!((chain.seated(), waiting(&chain)), (vec![0, 1, 2, 50], vec![9]), "20 was replaced");
    chain.to(20);
    chain.block(|ctx| create_with_bond(ctx, 21, 6));
    chain.to(31);
    assert_eq!(chain.seated(), [0, 1, 20, 21]);
}

#[test]
fn possession_costs_the_gas_of_an_ed25519_signature() {
    let used = |price: u64| {
        let mut chain = four();
        let params = AuthParams { sig_verify_cost_ed25519: price, ..auth::DEFAULT_PARAMS };
        auth::state::PARAMS.save(&mut chain.ctx, &params).unwrap();
        limit_gas(&mut chain.ctx, u64::MAX);
        execute(&mut chain.ctx, &join(9)).unwrap();
        chain.ctx.gas().used()
    };
    assert_eq!(used(1_000) - used(590), 1_000 - 590);
}

/// The work of mainnet can be found by a person's computer: 2^28 hashes are expected.
#[test]
fn mainnets_target_is_2_to_the_228() {
    let mut chain = Chain::new(4, 100, defaults());
    chain.block(|_| ());
    let block = Block { ..chain.ctx.block().clone() };
    chain.ctx.set_block(Arc::new(block));
    let error = check_work(&chain.ctx, &join(9)).unwrap_err();
    assert!(error.message.contains(&format!("the target 0000001{}", "0".repeat(57))), "{}", error.message);
}
