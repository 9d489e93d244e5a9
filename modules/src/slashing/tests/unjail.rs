//! Leaving jail (§6), with the codes of the Cosmos SDK.

use super::{address, chain, change, is_jailed, SECOND};
use crate::bank;
use crate::kernel::{codes, Address, Amount, Block, Ctx, Error, Module, Result, Routes};
use crate::slashing::{can_unjail, Slashing};
use crate::staking;
use crate::test_support::assert_refused;
use cosmos_sdk_proto::cosmos::slashing::v1beta1::MsgUnjail;
use prost::Message;
use std::sync::Arc;

const UNJAIL: &str = "/cosmos.slashing.v1beta1.MsgUnjail";

fn unjail(ctx: &mut Ctx, validator_addr: &str) -> Result<()> {
    let mut routes = Routes::default();
    Slashing.messages(&mut routes);
    let msg = MsgUnjail { validator_addr: validator_addr.into() }.encode_to_vec();
    let (type_url, answer) = routes.decode(UNJAIL, &msg).unwrap().execute(ctx)?;
    assert_eq!((type_url.as_str(), answer), ("/cosmos.slashing.v1beta1.MsgUnjailResponse", Vec::new()));
    Ok(())
}

/// Validator 1 in jail for another 600 s.
fn jailed() -> Ctx {
    let mut ctx = chain(1);
    let until = ctx.block().time + 600 * SECOND;
    staking::jail(&mut ctx, &address(1), until).unwrap();
    ctx
}

fn wait(ctx: &mut Ctx, nanoseconds: u64) {
    ctx.set_block(Arc::new(Block { time: ctx.block().time + nanoseconds, ..ctx.block().clone() }));
}

/// The message and the question of the free transactions refuse alike; the code and the end of the text are the SDK's.
#[track_caller]
fn assert_cannot(ctx: &mut Ctx, operator: &Address, code: u32, text: &str) {
    let asked = can_unjail(ctx, operator).unwrap_err();
    let tried = unjail(ctx, &operator.operator()).unwrap_err();
    assert_eq!(asked, tried);
    assert_eq!((asked.codespace, asked.code), ("slashing", code), "{asked}");
    assert!(asked.message.ends_with(text), "{asked}");
}

#[test]
fn who_has_served_its_time_leaves_jail() {
    let mut ctx = jailed();
    wait(&mut ctx, 600 * SECOND);
    assert_eq!(can_unjail(&ctx, &address(1)), Ok(()));
    unjail(&mut ctx, &address(1).operator()).unwrap();
    assert!(!is_jailed(&ctx, 1));
}

#[test]
fn who_has_not_served_its_time_stays() {
    let mut ctx = jailed();
    wait(&mut ctx, 600 * SECOND - 1);
    assert_cannot(&mut ctx, &address(1), 4, "validator still jailed; cannot be unjailed");
    assert!(is_jailed(&ctx, 1));
}

#[test]
fn the_tombstoned_stay_for_ever() {
    let mut ctx = jailed();
    staking::tombstone(&mut ctx, &address(1)).unwrap();
    wait(&mut ctx, 600 * SECOND);
    assert_cannot(&mut ctx, &address(1), 4, "validator still jailed; cannot be unjailed");
    ctx.set_block(Arc::new(Block { time: u64::MAX, ..ctx.block().clone() }));
    assert_cannot(&mut ctx, &address(1), 4, "validator still jailed; cannot be unjailed");
}

#[test]
fn who_is_not_in_jail_cannot_leave_it() {
    let mut ctx = chain(1);
    assert_cannot(&mut ctx, &address(1), 5, "validator not jailed; cannot be unjailed");
}

#[test]
fn a_stranger_is_no_validator() {
    let mut ctx = chain(1);
    assert_cannot(&mut ctx, &address(9), 2, "address is not associated with any known validator");
}

#[test]
fn who_has_bonded_less_than_it_must_stays() {
    let mut ctx = jailed();
    wait(&mut ctx, 600 * SECOND);
    change(&mut ctx, 1, |record| record.min_self_delegation = Amount(1));
    assert_cannot(&mut ctx, &address(1), 6, "validator has no self-delegation; cannot be unjailed");
}

#[test]
fn the_bond_that_an_operator_must_keep_is_its_own() {
    let mut ctx = jailed();
    wait(&mut ctx, 600 * SECOND);
    bank::mint(&mut ctx, &address(1), Amount(5_000_000)).unwrap();
    staking::bond(&mut ctx, &address(1), &address(1), Amount(5_000_000)).unwrap();
    change(&mut ctx, 1, |record| record.min_self_delegation = Amount(5_000_001));
    let why = "5000000 less than 5000001: validator's self delegation less than minimum; cannot be unjailed";
    assert_cannot(&mut ctx, &address(1), 7, why);
    change(&mut ctx, 1, |record| record.min_self_delegation = Amount(5_000_000));
    assert_eq!(can_unjail(&ctx, &address(1)), Ok(()));
}

#[test]
fn who_has_lost_its_key_stays_for_ever() {
    let mut ctx = jailed();
    wait(&mut ctx, 600 * SECOND);
    change(&mut ctx, 1, |record| record.key = None);
    assert_cannot(&mut ctx, &address(1), 4, "validator still jailed; cannot be unjailed");
}

#[test]
fn an_address_that_is_no_operators_is_refused() {
    let mut ctx = chain(1);
    let account = address(1).to_string();
    let error = unjail(&mut ctx, &account).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS), "{error}");
    let empty: Result<(), Error> = unjail(&mut ctx, "");
    let why = "validator input address: empty address string is not allowed";
    assert_refused(empty, "sdk", codes::INVALID_ADDRESS, why);
}

#[test]
fn the_operator_signs() {
    let mut routes = Routes::default();
    Slashing.messages(&mut routes);
    let msg = MsgUnjail { validator_addr: address(1).operator() }.encode_to_vec();
    assert_eq!(routes.decode(UNJAIL, &msg).unwrap().signers(), Ok(vec![address(1)]));
    let nobody = MsgUnjail { validator_addr: address(1).to_string() }.encode_to_vec();
    assert!(routes.decode(UNJAIL, &nobody).unwrap().signers().is_err());
    assert_eq!(routes.type_urls().collect::<Vec<_>>(), [UNJAIL], "evidence can't be submitted");
}
