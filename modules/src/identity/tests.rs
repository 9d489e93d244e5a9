//! Tests of identities: which names there are, what they cost, whose they are, genesis, queries.

mod genesis;
mod queries;

use super::identity_codes::{HAS_NAME, IDENTITY, INVALID_NAME, NAME_TAKEN, RESERVED_NAME};
use super::{
    by_name, check_name, check_params, defaults, is_user, of, register, state, IdentityModule, Kind,
};
use crate::bank::{balance, burnt, supply};
use crate::kernel::{codes, Amount, Ctx, Event, Module, Msg, Result};
use crate::test_support::{address, assert_refused, ctx, funded, table};
use crate::{dao, premint, JMES};
use jmes_proto::jmes::identity::v1::{MsgRegisterUser, Params};

/// Wallets 1 to 3 have 10 JMES each.
fn chain() -> Ctx {
    funded(&[(address(1), "10000000ujmes"), (address(2), "10000000ujmes"), (address(3), "10000000ujmes")])
}

fn register_user(ctx: &mut Ctx, byte: u8, name: &str) -> Result<()> {
    let msg = MsgRegisterUser { creator: address(byte).to_string(), name: name.into() };
    assert_eq!(msg.signers(), Ok(vec![address(byte)]));
    let mark = ctx.checkpoint();
    let done = msg.execute(ctx).map(|_| ());
    if done.is_err() {
        ctx.revert(mark);
    }
    done
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = ctx();
    state::PARAMS.save(&mut ctx, &defaults()).unwrap();
    let user = super::Identity { name: "art1st".into(), address: address(1), kind: Kind::User, height: 7 };
    super::save(&mut ctx, &user).unwrap();
    let dao =
        super::Identity { name: "artbasel".into(), address: dao::address_of(1), kind: Kind::Dao, height: 8 };
    super::save(&mut ctx, &dao).unwrap();
    insta::assert_snapshot!(table(&ctx));
}

#[test]
fn a_name_burns_one_jmes_and_is_there_for_ever() {
    let mut ctx = chain();
    let before = supply(&ctx, "ujmes").unwrap().0;
    register_user(&mut ctx, 1, "artist1").unwrap();
    let found = by_name(&ctx, "artist1").unwrap().unwrap();
    assert_eq!((found.address, found.kind, found.height), (address(1), Kind::User, 7));
    assert_eq!(of(&ctx, &address(1)), Ok(Some(found)));
    assert_eq!(is_user(&ctx, &address(1)), Ok(true));
    assert_eq!(balance(&ctx, &address(1), "ujmes"), Ok(Amount(9 * JMES)));
    assert_eq!((burnt(&ctx).unwrap().0, supply(&ctx, "ujmes").unwrap().0), (JMES, before - JMES));
    let expected = Event::new("identity_registered")
        .with("name", "artist1")
        .with("address", address(1))
        .with("kind", "user")
        .with("payer", address(1));
    assert_eq!(ctx.take_events().last(), Some(&expected));
    assert_eq!(IdentityModule.check_invariants(&ctx), Ok(()));
}

#[test]
fn a_name_has_3_to_20_characters_a_to_z_and_0_to_9() {
    for name in ["abc", "000", "a1b2c3", "abcdefghijklmnopqrst", "zzz", "jme", "jmes2", "jmes0abc"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    let wrong = [
        "",
        "a",
        "ab",
        "abcdefghijklmnopqrstu",
        "Artist",
        "ARTIST",
        "art ist",
        "art-ist",
        "art_ist",
        "art.ist",
        "artist\0",
        "\0rtist",
        "artist\n",
        "\u{430}rtist",
        "artıst",
        "ａｒｔ",
        "é\u{301}e",
        "art\u{200b}ist",
    ];
    for name in wrong {
        let shown: String = name.chars().take(48).collect();
        let why = format!("\"{shown}\" is no name: a name has 3 to 20 characters a-z and 0-9");
        assert_refused(check_name(name), IDENTITY, INVALID_NAME, &why);
    }
    let long = check_name(&"x".repeat(100_000)).unwrap_err();
    assert!(long.message.len() < 200, "the text is cut");
}

#[test]
fn reserved_names_and_beginnings_of_addresses_are_nobodys() {
    let reserved = [
        "jmes",
        "jmesworld",
        "official",
        "validator",
        "governance",
        "core",
        "brand",
        "community",
        "engineering",
        "jmes1",
        "jmes1abc",
        "jmes1qqqqqqqqqqqqqqq",
    ];
    for name in reserved {
        let why = format!("the name \"{name}\" is reserved");
        assert_refused(register_user(&mut chain(), 1, name), IDENTITY, RESERVED_NAME, &why);
    }
    for name in ["jmesworlds", "officials", "core1", "abcjmes1", "brands"] {
        assert_eq!(register_user(&mut chain(), 1, name), Ok(()), "{name}");
    }
}

#[test]
fn names_that_differ_only_in_case_or_look_alike_letters_can_not_be_registered() {
    let mut ctx = chain();
    register_user(&mut ctx, 1, "artbasel").unwrap();
    for name in ["Artbasel", "ARTBASEL", "\u{430}rtbasel", "artbase\u{217c}", "art\u{200d}basel"] {
        assert_eq!(register_user(&mut ctx, 2, name).unwrap_err().code, INVALID_NAME, "{name}");
    }
}

#[test]
fn a_name_has_one_address_and_an_address_one_name() {
    let mut ctx = chain();
    register_user(&mut ctx, 1, "artist1").unwrap();
    let why = format!("the name \"artist1\" is taken by {}", address(1));
    assert_refused(register_user(&mut ctx, 2, "artist1"), IDENTITY, NAME_TAKEN, &why);
    let why = format!("{} has the name \"artist1\" already; a name is for ever", address(1));
    assert_refused(register_user(&mut ctx, 1, "artist2"), IDENTITY, HAS_NAME, &why);
    assert_refused(register_user(&mut ctx, 1, "artist1"), IDENTITY, HAS_NAME, &why);
    let dao = dao::address_of(1);
    let taken = register(&mut ctx, &address(2), &dao, "artist1", Kind::Dao);
    assert_eq!(taken.unwrap_err().code, NAME_TAKEN, "users and DAOs share one namespace");
    register(&mut ctx, &address(2), &dao, "artbasel", Kind::Dao).unwrap();
    assert_eq!(is_user(&ctx, &dao), Ok(false));
    assert_eq!(register_user(&mut ctx, 3, "artbasel").unwrap_err().code, NAME_TAKEN);
    assert_eq!(balance(&ctx, &address(2), "ujmes"), Ok(Amount(9 * JMES)), "the payer pays");
    assert_eq!(IdentityModule.check_invariants(&ctx), Ok(()));
}

#[test]
fn who_can_not_pay_gets_no_name() {
    let mut ctx = funded(&[(address(1), "999999ujmes,50000000atom"), (address(2), "1000000ujmes")]);
    let why = "a name costs 1000000ujmes: spendable balance 999999ujmes is smaller than 1000000ujmes: insufficient funds";
    assert_refused(register_user(&mut ctx, 1, "artist1"), "sdk", codes::INSUFFICIENT_FUNDS, why);
    assert_eq!(by_name(&ctx, "artist1"), Ok(None));
    assert_eq!(of(&ctx, &address(1)), Ok(None));
    assert_eq!(register_user(&mut ctx, 2, "artist1"), Ok(()));
    assert_eq!(balance(&ctx, &address(2), "ujmes"), Ok(Amount(0)));
}

#[test]
fn locked_premint_pays_no_name() {
    let mut ctx = chain();
    let account = crate::auth::require(&ctx, &address(1)).unwrap();
    crate::auth::save(&mut ctx, &address(1), &crate::auth::Account { premint: true, ..account }).unwrap();
    let wallet = premint::Wallet { amount: Amount(10 * JMES), held: Amount(10 * JMES), last_sale: None };
    premint::state::WALLETS.save(&mut ctx, &address(1), &wallet).unwrap();
    let error = register_user(&mut ctx, 1, "artist1").unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INSUFFICIENT_FUNDS));
}

#[test]
fn an_address_that_can_not_be_read_registers_nothing() {
    let msg = MsgRegisterUser { creator: "alice".into(), name: "artist1".into() };
    assert_eq!(msg.signers().unwrap_err().code, codes::INVALID_ADDRESS);
    let error = msg.execute(&mut chain()).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS));
    assert!(error.message.starts_with("invalid creator: "), "{error}");
}

#[test]
fn the_burn_is_a_parameter_of_at_most_1000_jmes() {
    assert_eq!(defaults().registration_burn, "1000000");
    for burn in ["0", "1000000", "1000000000"] {
        assert_eq!(check_params(&Params { registration_burn: burn.into() }), Ok(()));
    }
    for burn in ["1000000001", "", "-1", "1.5", "lots", "340282366920938463463374607431768211456"] {
        let why = format!("identity: registration_burn is \"{burn}\"; it must be from 0 to 1000000000");
        let checked = check_params(&Params { registration_burn: burn.into() });
        assert_refused(checked, "sdk", codes::INVALID_REQUEST, &why);
    }
    let mut ctx = chain();
    state::PARAMS.save(&mut ctx, &Params { registration_burn: "0".into() }).unwrap();
    register_user(&mut ctx, 1, "artist1").unwrap();
    assert_eq!(balance(&ctx, &address(1), "ujmes"), Ok(Amount(10 * JMES)), "0 is free");
    let mut params = IdentityModule.params(&ctx).unwrap();
    params["registration_burn"] = "2000000".into();
    IdentityModule.set_params(&mut ctx, &params).unwrap();
    register_user(&mut ctx, 2, "artist2").unwrap();
    assert_eq!(balance(&ctx, &address(2), "ujmes"), Ok(Amount(8 * JMES)));
    params["registration_burn"] = "1000000001".into();
    assert!(IdentityModule.set_params(&mut ctx, &params).is_err());
}
