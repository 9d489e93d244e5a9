//! Double signing and attacks on light clients (§8).

use super::{
    accuse, address, assert_sound, chain, change, create, double_sign, is_jailed, key, next_block, state,
    validator, SECOND, TOKENS,
};
use crate::consensus;
use crate::kernel::{Amount, Block, Ctx, Event, Misbehavior, Offence};
use crate::slashing::types::EvidenceHash;
use crate::staking;
use std::sync::Arc;
use tendermint_proto::google::protobuf::Duration;
use tendermint_proto::v0_38::types::{ConsensusParams, EvidenceParams};

const DAY: u64 = 86_400 * SECOND;
const NOW: u64 = 1_000_000;

/// Two seated validators, at height 999,999, with the limits of mainnet.
fn late() -> Ctx {
    let mut ctx = chain(2);
    let limits = EvidenceParams {
        max_age_num_blocks: 362_880,
        max_age_duration: Some(Duration { seconds: 21 * 86_400, nanos: 0 }),
        max_bytes: 1_048_576,
    };
    let params = ConsensusParams { evidence: Some(limits), ..ConsensusParams::default() };
    consensus::start(&mut ctx, &params, 0, 1).unwrap();
    ctx.set_block(Arc::new(Block { height: NOW - 1, ..ctx.block().clone() }));
    ctx.take_events();
    ctx
}

/// The time of the block that [`accuse`] makes next.
fn time(ctx: &Ctx) -> u64 {
    ctx.block().time + 5 * SECOND
}

fn evidence_count(ctx: &Ctx) -> usize {
    state::EVIDENCE.scan(ctx, &[], None, false, usize::MAX).unwrap().len()
}

#[track_caller]
fn assert_punished(ctx: &Ctx, byte: u8) {
    let found = validator(ctx, byte);
    assert_eq!((found.jailed, found.tombstoned), (true, true));
    assert_eq!(found.tokens, Amount(TOKENS - TOKENS / 20));
    assert_sound(ctx);
}

#[track_caller]
fn assert_ignored(ctx: &Ctx, byte: u8) {
    let found = validator(ctx, byte);
    assert_eq!((found.jailed, found.tombstoned, found.tokens), (false, false, Amount(TOKENS)));
    assert_eq!(evidence_count(ctx), 0);
}

#[test]
fn signing_twice_costs_5_percent_and_the_validator_for_ever() {
    let mut ctx = late();
    let offence = double_sign(1, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    assert_punished(&ctx, 1);
    assert_eq!(validator(&ctx, 2).tokens, Amount(TOKENS));
    let slashes: Vec<Event> = super::events(&mut ctx, "slash");
    let slash = Event::new("slash")
        .with("address", key(1))
        .with("power", 7)
        .with("reason", "double_sign")
        .with("burned_coins", TOKENS / 20);
    assert_eq!(slashes, [slash, Event::new("slash").with("jailed", key(1))]);
}

#[test]
fn an_attack_on_light_clients_costs_the_same() {
    let mut ctx = late();
    let offence = double_sign(1, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[Misbehavior { offence: Offence::LightClientAttack, ..offence }]);
    assert_punished(&ctx, 1);
}

#[test]
fn evidence_is_kept_under_its_hash() {
    let mut ctx = late();
    let at = time(&ctx);
    accuse(&mut ctx, &[double_sign(1, NOW - 3, at)]);
    let all = state::EVIDENCE.scan(&ctx, &[], None, false, 9).unwrap();
    let [(hash, evidence)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(*hash, EvidenceHash::of(evidence));
    assert_eq!((evidence.height, evidence.power), (i64::try_from(NOW - 3).unwrap(), 7));
    assert_eq!(evidence.consensus_address, key(1).to_string());
    let seen = evidence.time.unwrap();
    assert_eq!(u64::try_from(seen.seconds).unwrap() * SECOND + u64::try_from(seen.nanos).unwrap(), at);
}

#[test]
fn evidence_is_accepted_at_both_limits_and_past_one_of_them() {
    let accepted =
        [(362_880, 21 * DAY), (362_881, 21 * DAY), (362_880, 21 * DAY + 1), (999_999, 0), (1, 100 * DAY)];
    for (blocks, age) in accepted {
        let mut ctx = late();
        let offence = double_sign(1, NOW - blocks, time(&ctx) - age);
        accuse(&mut ctx, &[offence]);
        assert_punished(&ctx, 1);
    }
}

#[test]
fn evidence_past_both_limits_is_ignored() {
    let mut ctx = late();
    let offence = double_sign(1, NOW - 362_881, time(&ctx) - 21 * DAY - 1);
    accuse(&mut ctx, &[offence]);
    assert_ignored(&ctx, 1);
    assert!(ctx.take_events().is_empty());
}

#[test]
fn evidence_against_an_unknown_key_is_ignored() {
    let mut ctx = late();
    let offence = double_sign(77, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    assert_eq!(evidence_count(&ctx), 0);
    assert!(ctx.take_events().is_empty());
}

#[test]
fn evidence_against_the_tombstoned_is_ignored() {
    let mut ctx = late();
    let offence = double_sign(1, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    ctx.take_events();
    accuse(&mut ctx, &[Misbehavior { height: NOW - 9, ..offence }]);
    assert_punished(&ctx, 1);
    assert_eq!(evidence_count(&ctx), 1);
    assert!(ctx.take_events().is_empty());
}

#[test]
fn the_same_offence_twice_in_a_block_counts_once() {
    let mut ctx = late();
    let offence = double_sign(1, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence, offence]);
    assert_punished(&ctx, 1);
    assert_eq!(evidence_count(&ctx), 1);
}

#[test]
fn all_of_several_offences_in_a_block_count() {
    let mut ctx = late();
    let at = time(&ctx);
    accuse(
        &mut ctx,
        &[double_sign(77, NOW - 3, at), double_sign(1, NOW - 3, at), double_sign(2, NOW - 4, at)],
    );
    assert_punished(&ctx, 1);
    assert_punished(&ctx, 2);
    assert_eq!(evidence_count(&ctx), 2);
}

#[test]
fn a_validator_without_a_seat_is_punished_as_well() {
    let mut ctx = late();
    create(&mut ctx, 9);
    let offence = double_sign(9, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    assert_punished(&ctx, 9);
}

#[test]
fn a_jailed_validator_is_punished_as_well() {
    let mut ctx = late();
    staking::jail(&mut ctx, &address(1), 5).unwrap();
    ctx.take_events();
    let offence = double_sign(1, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    assert_punished(&ctx, 1);
    assert_eq!(super::events(&mut ctx, "slash").len(), 1, "it was in jail already");
}

#[test]
fn the_owner_of_a_key_is_who_has_it_now() {
    let mut ctx = late();
    // Validator 9 took over the key of validator 8, which was never seated.
    create(&mut ctx, 8);
    change(&mut ctx, 8, |former| former.key = None);
    create(&mut ctx, 9);
    change(&mut ctx, 9, |owner| owner.key = Some([8; 32]));
    staking::state::BY_CONSENSUS.save(&mut ctx, &key(8), &address(9)).unwrap();
    let offence = double_sign(8, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    assert_punished(&ctx, 9);
    assert!(!is_jailed(&ctx, 8));
    assert_eq!(validator(&ctx, 8).tokens, Amount(TOKENS));
}

#[test]
fn a_validator_without_stake_is_tombstoned_for_nothing() {
    let mut ctx = late();
    change(&mut ctx, 1, |record| (record.tokens, record.shares) = (Amount::ZERO, 0));
    let offence = double_sign(1, NOW - 3, time(&ctx));
    accuse(&mut ctx, &[offence]);
    assert!(validator(&ctx, 1).tombstoned);
    assert_sound(&ctx);
}

#[test]
fn evidence_of_the_present_height_and_of_one_to_come_does_no_harm() {
    let mut ctx = late();
    let at = time(&ctx);
    accuse(&mut ctx, &[double_sign(1, NOW, at), double_sign(2, u64::MAX, u64::MAX)]);
    assert_punished(&ctx, 1);
    assert_punished(&ctx, 2);
}

#[test]
fn without_limits_nothing_is_too_old() {
    let mut ctx = chain(1);
    next_block(&mut ctx, &[]);
    ctx.set_block(Arc::new(Block { height: NOW, ..ctx.block().clone() }));
    accuse(&mut ctx, &[double_sign(1, 1, 1)]);
    assert_punished(&ctx, 1);
}
