//! Who can register which DAO, and how a DAO changes itself (§10).

use super::{
    assert_sound, balance, chain, deliver, founded, later, members, registration, submission, trio, DAY, HOUR,
};
use crate::dao::dao_codes::{
    DAO, INVALID_MEMBERS, INVALID_THRESHOLD, INVALID_VOTING_PERIOD, IN_IDP, NOT_CORE, NO_IDENTITY,
};
use crate::dao::{address_of, check_core, dao, raise_version, require, state, Dao, Member};
use crate::identity::{self, Kind};
use crate::kernel::{codes, duration, Address, Amount, Ctx, Event, Msg, Result, SECOND};
use crate::test_support::{address, assert_refused, at_issuance};
use crate::{auth, bank, premint, slots, JMES};
use jmes_proto::jmes::dao::v1 as proto;
use jmes_proto::Duration;

/// Members' wallets and powers.
type Powers = &'static [(u8, u64)];

#[track_caller]
fn refuse(msg: &proto::MsgRegisterDao, codespace: &str, code: u32, why: &str) {
    let mut ctx = chain();
    assert_refused(deliver(&mut ctx, msg), codespace, code, why);
    assert_eq!(dao(&ctx, &address_of(1)), Ok(None));
    assert_eq!(balance(&ctx, &address(1)), 100_000_000, "nothing is burnt");
}

#[test]
fn the_address_is_a_hash_of_the_id() {
    let raw = |id| hex::encode(address_of(id).as_bytes());
    assert_eq!(raw(1), "990a75029d56f8b6c9315346425f910d1c761a75ff78ce1b7b1e028d234da746");
    assert_eq!(raw(2), "e364afed595a5a16aba79af7e55bd61f846d5117bf48c84ab197e31ae52aba20");
    assert_eq!(Address::parse(&address_of(1).to_string()), Ok(address_of(1)));
}

#[test]
fn a_dao_has_a_name_an_address_an_account_and_a_version() {
    let mut ctx = chain();
    let msg = registration("artbasel", &[(3, 5), (2, 4), (1, 1)], 6);
    assert_eq!(msg.signers(), Ok(vec![address(1)]));
    let response = deliver(&mut ctx, &msg).unwrap();
    assert_eq!(response.dao, address_of(1).to_string());
    let member = |byte, power| Member { address: address(byte), power };
    let expected = Dao {
        id: 1,
        address: address_of(1),
        name: "artbasel".into(),
        members: vec![member(1, 1), member(2, 4), member(3, 5)],
        threshold: 6,
        voting_period: 28 * DAY,
        version: 1,
        height: 7,
    };
    assert_eq!(require(&ctx, &address_of(1)), Ok(expected));
    let named = identity::by_name(&ctx, "artbasel").unwrap().unwrap();
    assert_eq!((named.address, named.kind), (address_of(1), Kind::Dao));
    assert!(auth::account(&ctx, &address_of(1)).unwrap().is_some());
    assert_eq!(balance(&ctx, &address(1)), 99_000_000, "the creator pays for the name");
    let event = Event::new("dao_registered")
        .with("dao", address_of(1))
        .with("id", 1)
        .with("name", "artbasel")
        .with("creator", address(1));
    assert_eq!(ctx.take_events().last(), Some(&event));
    assert_eq!(founded(&mut ctx, "second", &[(5, 1)], 1), address_of(2));
    assert_sound(&ctx);
}

#[test]
fn the_creator_need_not_be_a_member() {
    let mut ctx = chain();
    deliver(&mut ctx, &registration("artbasel", &[(2, 1)], 1)).unwrap();
    assert_eq!(require(&ctx, &address_of(1)).unwrap().power_of(&address(1)), None);
}

#[test]
fn no_dao_is_registered_in_the_initial_distribution_period() {
    let mut ctx = chain();
    let msg = registration("artbasel", &[(1, 1)], 1);
    let why = "DAOs can be registered after the Initial Distribution Period, from issuance height 483841 on";
    for n in [1, 483_839, 483_840] {
        at_issuance(&mut ctx, n);
        assert_refused(deliver(&mut ctx, &msg), DAO, IN_IDP, why);
    }
    later(&mut ctx, SECOND);
    assert!(deliver(&mut ctx, &msg).is_ok(), "an unpaced block after the last of the period");
}

#[test]
fn creator_and_members_have_user_identities() {
    let with_creator = |byte| proto::MsgRegisterDao {
        creator: address(byte).to_string(),
        ..registration("artbasel", &[(1, 1)], 1)
    };
    let none = |who: &str, byte| {
        format!("{who} {} has no user identity; it must register a name first", address(byte))
    };
    refuse(&with_creator(16), DAO, NO_IDENTITY, &none("creator", 16));
    let msg = registration("artbasel", &[(1, 1), (16, 1)], 1);
    refuse(&msg, DAO, NO_IDENTITY, &none("member", 16));
    let (mut ctx, first) = trio();
    let mut msg = registration("second", &[(1, 1)], 1);
    msg.members[0].address = first.to_string();
    let why = format!("member {first} has no user identity; it must register a name first");
    assert_refused(deliver(&mut ctx, &msg), DAO, NO_IDENTITY, &why);
}

#[test]
fn there_are_1_to_9_distinct_members() {
    let nine: Vec<(u8, u64)> = (1..=9).map(|byte| (byte, 1)).collect();
    let ten: Vec<(u8, u64)> = (1..=10).map(|byte| (byte, 1)).collect();
    assert!(deliver(&mut chain(), &registration("artbasel", &nine, 9)).is_ok());
    let why = |count| format!("a DAO has 1 to 9 members, not {count}");
    refuse(&registration("artbasel", &ten, 9), DAO, INVALID_MEMBERS, &why(10));
    refuse(&registration("artbasel", &[], 0), DAO, INVALID_MEMBERS, &why(0));
    let twice = registration("artbasel", &[(2, 1), (1, 1), (2, 5)], 1);
    refuse(&twice, DAO, INVALID_MEMBERS, &format!("member {} is listed twice", address(2)));
    let mut upper = registration("artbasel", &[(2, 1), (2, 5)], 1);
    upper.members[1].address = upper.members[1].address.to_uppercase();
    refuse(&upper, DAO, INVALID_MEMBERS, &format!("member {} is listed twice", address(2)));
}

#[test]
fn power_is_at_least_1_each_and_at_most_a_million_together() {
    let most = [(1, 999_999), (2, 1)];
    assert!(deliver(&mut chain(), &registration("artbasel", &most, 1_000_000)).is_ok());
    let why = "the members' power sums to 1000001, more than 1000000";
    refuse(&registration("artbasel", &[(1, 1_000_000), (2, 1)], 1), DAO, INVALID_MEMBERS, why);
    let why = format!("member {} has power 0; 1 is the least", address(2));
    refuse(&registration("artbasel", &[(1, 1), (2, 0)], 1), DAO, INVALID_MEMBERS, &why);
    let huge: Vec<(u8, u64)> = (1..=9).map(|byte| (byte, u64::MAX)).collect();
    let why = "the members' power sums to 166020696663385964535, more than 1000000";
    refuse(&registration("artbasel", &huge, 1), DAO, INVALID_MEMBERS, why);
}

#[test]
fn the_threshold_can_be_reached() {
    for threshold in [1, 3] {
        assert!(deliver(&mut chain(), &registration("artbasel", &[(1, 1), (2, 2)], threshold)).is_ok());
    }
    for threshold in [0, 4, u64::MAX] {
        let why = format!("the threshold is {threshold}; it must be from 1 to 3, the power of all");
        refuse(&registration("artbasel", &[(1, 1), (2, 2)], threshold), DAO, INVALID_THRESHOLD, &why);
    }
}

#[test]
fn the_voting_period_is_from_an_hour_to_60_days() {
    let with = |period| proto::MsgRegisterDao {
        voting_period: Some(period),
        ..registration("artbasel", &[(1, 1)], 1)
    };
    for period in [HOUR, 60 * DAY] {
        assert!(deliver(&mut chain(), &with(duration(period))).is_ok());
    }
    for period in [0, HOUR - 1, 60 * DAY + 1] {
        let why =
            format!("the voting period is {period} ns; it must be from 3600000000000 to 5184000000000000 ns");
        refuse(&with(duration(period)), DAO, INVALID_VOTING_PERIOD, &why);
    }
    for (seconds, nanos) in [(-3_600, 0), (i64::MAX, 0), (3_600, -1), (3_600, 1_000_000_000)] {
        let why = format!("a duration of {seconds} s and {nanos} ns is not from 0 to 584 years");
        refuse(&with(Duration { seconds, nanos }), DAO, INVALID_VOTING_PERIOD, &why);
    }
}

#[test]
fn the_name_obeys_the_rules_of_names_and_is_paid_by_the_creator() {
    let error = deliver(&mut chain(), &registration("Art Basel", &[(1, 1)], 1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("identity", 2));
    let error = deliver(&mut chain(), &registration("core", &[(1, 1)], 1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("identity", 3));
    let error = deliver(&mut chain(), &registration("user2", &[(1, 1)], 1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("identity", 4));
    let mut ctx = chain();
    bank::burn(&mut ctx, &address(1), Amount(100 * JMES - 999_999)).unwrap();
    let error = deliver(&mut ctx, &registration("artbasel", &[(1, 1)], 1)).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INSUFFICIENT_FUNDS));
    assert_eq!(dao(&ctx, &address_of(1)), Ok(None), "nothing of it is left");
    assert_sound(&ctx);
}

#[test]
fn coins_that_were_sent_to_the_address_before_are_the_daos() {
    let mut ctx = chain();
    let coins = crate::test_support::coins("5000000ujmes");
    bank::transfer(&mut ctx, &address(4), &address_of(1), &coins).unwrap();
    let number = auth::require(&ctx, &address_of(1)).unwrap().number;
    deliver(&mut ctx, &registration("artbasel", &[(1, 1)], 1)).unwrap();
    let account = auth::require(&ctx, &address_of(1)).unwrap();
    assert_eq!((account.number, account.balance), (number, Amount(5_000_000)));
    assert_sound(&ctx);
}

#[test]
fn a_premint_wallet_at_the_address_stays_one() {
    let mut ctx = chain();
    let coins = crate::test_support::coins("5000000ujmes");
    bank::transfer(&mut ctx, &address(4), &address_of(1), &coins).unwrap();
    let account = auth::require(&ctx, &address_of(1)).unwrap();
    auth::save(&mut ctx, &address_of(1), &auth::Account { premint: true, ..account }).unwrap();
    let wallet = premint::Wallet { amount: Amount(5_000_000), held: Amount(5_000_000), last_sale: None };
    premint::state::WALLETS.save(&mut ctx, &address_of(1), &wallet).unwrap();
    deliver(&mut ctx, &registration("artbasel", &[(1, 1)], 1)).unwrap();
    assert_eq!(premint::is_wallet(&ctx, &address_of(1)), Ok(true));
    let refused = premint::check_can_bond(&ctx, &address_of(1)).unwrap_err();
    assert_eq!(refused.codespace, "premint", "it can't bond as a DAO either");
    let spend = submission(&address_of(1), 1, vec![super::spend(&address_of(1), 9, 5_000_000)]);
    deliver(&mut ctx, &proto::MsgSubmitProposal { execute: true, ..spend }).unwrap();
    assert_eq!(super::proposal(&ctx, 1).failure, "sdk/5", "locked coins stay");
    assert_eq!(balance(&ctx, &address_of(1)), 5_000_000);
}

fn change(ctx: &mut Ctx, dao: &Address, powers: &[(u8, u64)], threshold: u64) -> Result<()> {
    let msg = proto::MsgUpdateDao {
        dao: dao.to_string(),
        members: members(powers),
        threshold,
        voting_period: None,
    };
    assert_eq!(msg.signers(), Ok(vec![*dao]));
    deliver(ctx, &msg).map(|_| ())
}

#[test]
fn an_update_replaces_members_threshold_and_period_and_raises_the_version() {
    let (mut ctx, address_of_it) = trio();
    let before = require(&ctx, &address_of_it).unwrap();
    change(&mut ctx, &address_of_it, &[(9, 4), (3, 2)], 5).unwrap();
    let member = |byte, power| Member { address: address(byte), power };
    let expected = Dao {
        members: vec![member(3, 2), member(9, 4)],
        threshold: 5,
        voting_period: 28 * DAY,
        version: 2,
        ..before
    };
    assert_eq!(require(&ctx, &address_of_it), Ok(expected));
    assert_eq!(ctx.take_events(), [Event::new("dao_updated").with("dao", address_of_it).with("version", 2)]);
    assert_sound(&ctx);
}

#[test]
fn an_update_obeys_the_rules_of_registering() {
    const TEN: [(u8, u64); 10] =
        [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1)];
    let (mut ctx, dao) = trio();
    let cases: [(Powers, u64, u32); 6] = [
        (&TEN, 1, INVALID_MEMBERS),
        (&[], 0, INVALID_MEMBERS),
        (&[(1, 1), (1, 1)], 1, INVALID_MEMBERS),
        (&[(1, 0)], 1, INVALID_MEMBERS),
        (&[(1, 1)], 2, INVALID_THRESHOLD),
        (&[(1, 1), (17, 1)], 2, NO_IDENTITY),
    ];
    for (powers, threshold, code) in cases {
        let error = change(&mut ctx, &dao, powers, threshold).unwrap_err();
        assert_eq!((error.codespace, error.code), (DAO, code), "{error}");
    }
    let none = change(&mut ctx, &address(5), &[(1, 1)], 1);
    let why = format!("there is no DAO at {}", address(5));
    assert_refused(none, "sdk", codes::NOT_FOUND, &why);
    assert_eq!(require(&ctx, &dao).unwrap().version, 1);
}

#[test]
fn being_seated_raises_the_version() {
    let (mut ctx, dao) = trio();
    raise_version(&mut ctx, &dao).unwrap();
    assert_eq!(require(&ctx, &dao).unwrap().version, 2);
    let event = Event::new("dao_version_raised").with("dao", dao).with("version", 2);
    assert_eq!(ctx.take_events(), [event]);
    assert_eq!(raise_version(&mut ctx, &address(5)).unwrap_err().code, codes::NOT_FOUND);
}

#[test]
fn a_core_dao_has_3_to_9_members_and_none_who_decides_alone() {
    let mut ctx = chain();
    let shape = |ctx: &mut Ctx, powers: &[(u8, u64)], threshold| {
        let id = state::DAO_COUNT.load(ctx).unwrap().unwrap_or(0) + 1;
        let dao = founded(ctx, &format!("dao{id}"), powers, threshold);
        let dao = require(ctx, &dao).unwrap();
        check_core(ctx, &dao)
    };
    let nine: Vec<(u8, u64)> = (1..=9).map(|byte| (byte, 1)).collect();
    assert_eq!(shape(&mut ctx, &[(1, 1), (2, 1), (3, 1)], 2), Ok(()));
    assert_eq!(shape(&mut ctx, &nine, 2), Ok(()));
    assert_eq!(shape(&mut ctx, &[(1, 5), (2, 1), (3, 1)], 6), Ok(()));
    let why = "a core DAO has 3 to 9 members, \"dao4\" has 2";
    assert_refused(shape(&mut ctx, &[(1, 1), (2, 1)], 2), DAO, NOT_CORE, why);
    let alone = |byte, name: &str, power, threshold| {
        format!(
            "no member of a core DAO decides alone: the power of {} in \"{name}\" is {power}, the threshold {threshold}",
            address(byte)
        )
    };
    let result = shape(&mut ctx, &[(1, 1), (2, 1), (3, 1)], 1);
    assert_refused(result, DAO, NOT_CORE, &alone(1, "dao5", 1, 1));
    let result = shape(&mut ctx, &[(1, 1), (2, 5), (3, 1)], 5);
    assert_refused(result, DAO, NOT_CORE, &alone(2, "dao6", 5, 5));
}

#[test]
fn a_sitting_core_dao_stays_what_a_core_dao_must_be() {
    let (mut ctx, dao) = trio();
    let claim = slots::Claim {
        dao,
        slot: slots::Slot::Brand,
        proposal_id: 1,
        cycle: 0,
        net_yes: Amount(1),
        blocks: 100,
    };
    assert_eq!(slots::seat(&mut ctx, &claim), Ok(true));
    assert_eq!(require(&ctx, &dao).unwrap().version, 2, "being seated raises it");
    let wrong: [(Powers, u64); 3] =
        [(&[(1, 1), (2, 1)], 2), (&[(1, 1), (2, 1), (3, 1)], 1), (&[(1, 5), (2, 1), (3, 1)], 5)];
    for (powers, threshold) in wrong {
        let error = change(&mut ctx, &dao, powers, threshold).unwrap_err();
        assert_eq!((error.codespace, error.code), (DAO, NOT_CORE), "{error}");
    }
    assert_eq!(change(&mut ctx, &dao, &[(1, 1), (2, 1), (4, 1)], 3), Ok(()));
    assert_sound(&ctx);
    slots::resign(&mut ctx, &dao).unwrap();
    assert_eq!(change(&mut ctx, &dao, &[(1, 1)], 1), Ok(()), "it may do what it likes afterwards");
    assert_eq!(require(&ctx, &dao).unwrap().version, 4);
    assert_sound(&ctx);
}

#[test]
fn a_message_with_an_address_that_can_not_be_read_does_nothing() {
    let mut ctx = chain();
    let msg = proto::MsgRegisterDao { creator: "me".into(), ..registration("artbasel", &[(1, 1)], 1) };
    assert_eq!(msg.signers().unwrap_err().code, codes::INVALID_ADDRESS);
    let error = deliver(&mut ctx, &msg).unwrap_err();
    assert!(error.message.starts_with("invalid creator: "), "{error}");
    let mut msg = registration("artbasel", &[(1, 1)], 1);
    msg.members[0].address = "jmes1".into();
    let error = deliver(&mut ctx, &msg).unwrap_err();
    assert_eq!((error.codespace, error.code), ("sdk", codes::INVALID_ADDRESS));
    assert!(error.message.starts_with("invalid member: "), "{error}");
    let msg = proto::MsgUpdateDao { dao: String::new(), ..proto::MsgUpdateDao::default() };
    assert_eq!(msg.signers().unwrap_err().code, codes::INVALID_ADDRESS);
    assert!(deliver(&mut ctx, &msg).unwrap_err().message.starts_with("invalid dao: "));
}
