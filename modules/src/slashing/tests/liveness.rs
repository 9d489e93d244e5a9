//! Who is jailed for missing commits, and when (§8).

use super::{
    address, assert_sound, blocks, chain, chain_with, change, create, events, is_jailed, judge, key, missed,
    next_block, start_window, state, validator, Rules, SECOND, TOKENS,
};
use crate::emission::{self, Emission};
use crate::kernel::{Amount, Block, Event, Module};
use crate::slashing;
use crate::slashing::types::SigningInfo;
use crate::staking;
use serde_json::json;
use std::sync::Arc;

#[test]
fn mainnet_judges_10_000_commits_of_which_500_must_be_signed_and_720_of_which_360_in_the_idp() {
    let ctx = chain(0);
    let minutes = 10 * 60 * SECOND;
    let after = Rules::of(&ctx, false).unwrap();
    assert_eq!((after.length, after.max_missed, after.jail), (10_000, 9_500, minutes));
    assert_eq!(after.slash.to_string(), "0.000100000000000000");
    let idp = Rules::of(&ctx, true).unwrap();
    assert_eq!((idp.length, idp.max_missed, idp.jail), (720, 360, minutes));
}

#[test]
fn a_part_of_a_commit_that_must_be_signed_is_a_whole_one() {
    let ctx = chain_with(0, 30, 5);
    assert_eq!(Rules::of(&ctx, false).unwrap().max_missed, 28, "5% of 30 is 1.5");
    let ctx = chain_with(0, 1, 100);
    assert_eq!(Rules::of(&ctx, false).unwrap().max_missed, 0);
    let ctx = chain_with(0, 1, 0);
    assert_eq!(Rules::of(&ctx, false).unwrap().max_missed, 1, "then nothing has to be signed");
}

#[test]
fn exactly_5_percent_signed_is_enough_and_one_less_is_not() {
    let mut ctx = chain(1);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 500, true);
    blocks(&mut ctx, 9_500, false);
    assert_eq!((missed(&ctx, 1), is_jailed(&ctx, 1)), (9_500, false));
    assert_sound(&ctx);
    blocks(&mut ctx, 1, false);
    assert!(is_jailed(&ctx, 1), "the window holds 499 signed commits");
    assert_sound(&ctx);
}

#[test]
fn nobody_is_judged_before_a_full_window() {
    let mut ctx = chain(1);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 9_999, false);
    assert_eq!((missed(&ctx, 1), is_jailed(&ctx, 1)), (9_999, false));
    blocks(&mut ctx, 1, false);
    assert!(is_jailed(&ctx, 1));
}

#[test]
fn too_little_signed_is_judged_also_in_a_commit_that_was_signed() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 6, false);
    blocks(&mut ctx, 3, true);
    assert!(!is_jailed(&ctx, 1));
    blocks(&mut ctx, 1, true);
    assert!(is_jailed(&ctx, 1), "the window is full, and 6 of its 10 commits were missed");
}

#[test]
fn downtime_costs_a_ten_thousandth_and_ten_minutes() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 9, false);
    ctx.take_events();
    blocks(&mut ctx, 1, false);
    let found = validator(&ctx, 1);
    assert_eq!(found.tokens, Amount(TOKENS - TOKENS / 10_000));
    assert_eq!(found.jailed_until, ctx.block().time + 600 * SECOND);
    assert!(!found.tombstoned);
    let slash = Event::new("slash")
        .with("address", key(1))
        .with("power", 7)
        .with("reason", "missing_signature")
        .with("jailed", key(1))
        .with("burned_coins", TOKENS / 10_000);
    let happened = ctx.take_events();
    assert!(happened.contains(&slash), "{happened:?}");
    let liveness =
        Event::new("liveness").with("address", key(1)).with("missed_blocks", 10).with("height", 11);
    assert!(happened.contains(&liveness), "{happened:?}");
}

#[test]
fn in_the_idp_downtime_costs_jail_only_at_less_than_half_of_720() {
    let mut ctx = chain(1);
    next_block(&mut ctx, &[]);
    let mut commits = |count, signed| {
        for _ in 0..count {
            judge(&mut ctx, true, &[(1, signed)]);
        }
        (is_jailed(&ctx, 1), validator(&ctx, 1).tokens, ctx.block().time, validator(&ctx, 1).jailed_until)
    };
    assert!(!commits(360, true).0);
    assert!(!commits(360, false).0, "half of the window was signed");
    let (jailed, tokens, time, until) = commits(1, false);
    assert!(jailed);
    assert_eq!(tokens, Amount(TOKENS), "no slash");
    assert_eq!(until, time + 600 * SECOND);
    let slash = events(&mut ctx, "slash");
    assert_eq!(slash.len(), 1);
    assert!(slash[0].attributes.contains(&("burned_coins", "0".into())));
}

#[test]
fn a_commit_that_leaves_the_window_no_longer_counts() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 5, false);
    blocks(&mut ctx, 5, true);
    for left in (0..5).rev() {
        blocks(&mut ctx, 1, true);
        assert_eq!(missed(&ctx, 1), left);
    }
    blocks(&mut ctx, 5, false);
    assert!(!is_jailed(&ctx, 1));
    assert_sound(&ctx);
}

#[test]
fn only_who_is_in_the_commit_is_judged() {
    let mut ctx = chain_with(2, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 30, true);
    assert_eq!(missed(&ctx, 2), 0);
    let stranger = key(99);
    judge(&mut ctx, false, &[(99, false)]);
    assert!(!state::SIGNING_INFOS.has(&ctx, &stranger).unwrap());
}

#[test]
fn the_first_block_has_no_commit_and_changes_nothing() {
    let mut ctx = chain(1);
    let before = ctx.overlay().changes().len();
    judge(&mut ctx, false, &[]);
    assert_eq!(ctx.overlay().changes().len(), before);
}

#[test]
fn each_vote_is_judged_for_itself() {
    let mut ctx = chain_with(3, 10, 50);
    next_block(&mut ctx, &[]);
    for _ in 0..10 {
        judge(&mut ctx, false, &[(1, false), (2, true), (3, false)]);
    }
    assert_eq!([1, 2, 3].map(|byte| is_jailed(&ctx, byte)), [true, false, true]);
}

#[test]
fn who_is_jailed_misses_nothing_and_is_not_judged() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 5, false);
    staking::jail(&mut ctx, &address(1), 1).unwrap();
    let until = validator(&ctx, 1).jailed_until;
    blocks(&mut ctx, 5, false);
    assert_eq!(missed(&ctx, 1), 5, "nothing is added");
    blocks(&mut ctx, 5, false);
    assert_eq!(missed(&ctx, 1), 0, "what was missed before leaves the window");
    assert_eq!((validator(&ctx, 1).jailed_until, validator(&ctx, 1).tokens), (until, Amount(TOKENS)));
    assert_sound(&ctx);
}

#[test]
fn who_is_jailed_for_downtime_begins_a_new_window() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 10, false);
    assert!(is_jailed(&ctx, 1));
    let (tokens, height) = (validator(&ctx, 1).tokens, ctx.block().height);
    let info = state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap();
    assert_eq!(info, Some(SigningInfo { start_height: height, missed: 0 }));
    // The set still has it for two heights, and the last proven one longer.
    blocks(&mut ctx, 2, false);
    assert_eq!((missed(&ctx, 1), validator(&ctx, 1).tokens), (0, tokens));
    change(&mut ctx, 1, |record| record.jailed = false);
    blocks(&mut ctx, 7, false);
    assert!(!is_jailed(&ctx, 1), "nine commits of the new window, of which it can miss five in ten");
    blocks(&mut ctx, 1, false);
    assert!(is_jailed(&ctx, 1), "8 of 10 missed");
}

/// Of such a window nothing was missed before the commit that is judged.
#[test]
fn a_window_in_which_nothing_can_be_missed_begins_anew_too() {
    for length in [1, 5] {
        let mut ctx = chain_with(1, length, 100);
        next_block(&mut ctx, &[]);
        blocks(&mut ctx, 20, true);
        blocks(&mut ctx, 1, false);
        assert!(is_jailed(&ctx, 1));
        let height = ctx.block().height;
        let info = state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap();
        assert_eq!(info, Some(SigningInfo { start_height: height, missed: 0 }));
        change(&mut ctx, 1, |record| record.jailed = false);
        blocks(&mut ctx, length.unsigned_abs() - 1, false);
        assert!(!is_jailed(&ctx, 1), "the window of {length} is not full yet");
        blocks(&mut ctx, 1, false);
        assert!(is_jailed(&ctx, 1));
        assert_sound(&ctx);
    }
}

#[test]
fn restarted_windows_of_those_who_missed_nothing_are_not_written() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    judge(&mut ctx, true, &[(1, true)]);
    let before = state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap();
    blocks(&mut ctx, 15, true);
    assert_eq!(state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap(), before);
    blocks(&mut ctx, 5, false);
    assert!(!is_jailed(&ctx, 1));
    blocks(&mut ctx, 1, false);
    assert!(is_jailed(&ctx, 1));
}

#[test]
fn who_has_no_seat_any_more_is_not_judged() {
    let mut ctx = chain_with(0, 10, 50);
    let operator = create(&mut ctx, 1);
    start_window(&mut ctx, &operator).unwrap();
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 12, false);
    assert_eq!((missed(&ctx, 1), is_jailed(&ctx, 1)), (10, false));
    assert_eq!(validator(&ctx, 1).tokens, Amount(TOKENS));
}

#[test]
fn a_window_starts_with_the_commit_of_the_second_height_after_seating() {
    let mut ctx = chain_with(1, 10, 50);
    ctx.set_block(Arc::new(Block { height: 100, ..ctx.block().clone() }));
    start_window(&mut ctx, &address(1)).unwrap();
    assert_eq!(state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap().unwrap().start_height, 102);
    blocks(&mut ctx, 2, false);
    assert_eq!(missed(&ctx, 1), 0, "the commits of heights 100 and 101 are those of an earlier seat");
    blocks(&mut ctx, 1, false);
    assert_eq!((ctx.block().height, missed(&ctx, 1)), (103, 1));
    blocks(&mut ctx, 8, false);
    assert!(!is_jailed(&ctx, 1));
    blocks(&mut ctx, 1, false);
    assert!(is_jailed(&ctx, 1), "the ten commits 102 to 111 were missed");
}

#[test]
fn who_is_seated_again_begins_with_an_empty_window() {
    let mut ctx = chain_with(1, 10, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 9, false);
    assert_eq!(missed(&ctx, 1), 9);
    start_window(&mut ctx, &address(1)).unwrap();
    assert_eq!(missed(&ctx, 1), 0);
    assert_eq!(state::MISSED.scan(&ctx, &[], None, false, 9).unwrap(), []);
    blocks(&mut ctx, 2 + 9, false);
    assert!(!is_jailed(&ctx, 1));
    assert_sound(&ctx);
    blocks(&mut ctx, 1, false);
    assert!(is_jailed(&ctx, 1));
}

#[test]
fn all_windows_restart_at_the_idps_end() {
    let mut ctx = chain_with(2, 10, 50);
    next_block(&mut ctx, &[]);
    for _ in 0..400 {
        judge(&mut ctx, true, &[(1, false), (2, true)]);
    }
    assert_eq!(missed(&ctx, 1), 400);
    let last = ctx.block().height;
    // The commit of the period's last block belongs to no window.
    judge(&mut ctx, false, &[(1, false), (2, false)]);
    assert_eq!((missed(&ctx, 1), missed(&ctx, 2)), (0, 0));
    assert_eq!(state::WINDOWS.load(&ctx).unwrap().unwrap().since, last + 1);
    assert_eq!(state::MISSED.scan(&ctx, &[], None, false, 9).unwrap(), []);
    for commits in 1..=9 {
        judge(&mut ctx, false, &[(1, false), (2, true)]);
        assert_eq!((missed(&ctx, 1), is_jailed(&ctx, 1)), (commits, false));
    }
    assert_sound(&ctx);
    judge(&mut ctx, false, &[(1, false), (2, true)]);
    assert_eq!((is_jailed(&ctx, 1), is_jailed(&ctx, 2)), (true, false));
}

#[test]
fn the_idp_ends_when_the_clock_of_issuance_says_so() {
    let mut ctx = chain(1);
    Emission.import(&mut ctx, &json!({"params": {"idp_blocks": "5"}})).unwrap();
    let mut seen = Vec::new();
    for _ in 1..=8 {
        let has_commit = ctx.block().height > 0;
        next_block(&mut ctx, if has_commit { &[(1, false)] } else { &[] });
        slashing::begin_block(&mut ctx).unwrap();
        emission::begin_block(&mut ctx).unwrap();
        let windows = state::WINDOWS.load(&ctx).unwrap();
        seen.push((windows.map(|windows| (windows.since, windows.length)), missed(&ctx, 1)));
    }
    let (idp, after) = (Some((0, 720)), Some((6, 10_000)));
    let expected = [(None, 0), (idp, 1), (idp, 2), (idp, 3), (idp, 4), (after, 0), (after, 1), (after, 2)];
    assert_eq!(seen, expected, "block 5 is the last of the period, block 6 the first with the new windows");
    assert_sound(&ctx);
}

#[test]
fn windows_restart_at_the_idps_end_also_when_their_length_stays() {
    let mut ctx = chain_with(1, 720, 50);
    next_block(&mut ctx, &[]);
    for _ in 0..719 {
        judge(&mut ctx, true, &[(1, false)]);
    }
    judge(&mut ctx, false, &[(1, false)]);
    judge(&mut ctx, false, &[(1, false)]);
    assert_eq!((missed(&ctx, 1), is_jailed(&ctx, 1)), (1, false));
}

#[test]
fn windows_restart_when_their_length_changes() {
    let mut ctx = chain_with(1, 2_000, 50);
    next_block(&mut ctx, &[]);
    blocks(&mut ctx, 1_100, false);
    assert_eq!(state::MISSED.scan(&ctx, &[], None, false, 9).unwrap().len(), 2);
    let shorter = super::Params { signed_blocks_window: 10, ..slashing::params(&ctx).unwrap() };
    state::PARAMS.save(&mut ctx, &shorter).unwrap();
    blocks(&mut ctx, 1, false);
    assert_eq!((missed(&ctx, 1), is_jailed(&ctx, 1)), (0, false));
    blocks(&mut ctx, 3, false);
    assert_eq!(missed(&ctx, 1), 3);
    assert_sound(&ctx);
}

#[test]
fn a_validator_without_a_key_has_no_window() {
    let mut ctx = chain(1);
    change(&mut ctx, 1, |record| record.key = None);
    let before = state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap();
    ctx.set_block(Arc::new(Block { height: 50, ..ctx.block().clone() }));
    start_window(&mut ctx, &address(1)).unwrap();
    assert_eq!(state::SIGNING_INFOS.load(&ctx, &key(1)).unwrap(), before);
}
