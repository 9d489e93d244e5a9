//! The schedule against the table of §2, to the Nil.

use super::{chain, jump, mainnet, next_block, SECOND};
use crate::bank::MAX_GENESIS_SUPPLY;
use crate::emission::{block_reward, Period, Schedule};
use crate::kernel::{Amount, U256};
use serde_json::json;

const PERIOD: u64 = 6_311_390;
const LIMIT: u128 = 900_000_000_000_000;
const LAST: u64 = 409_781_573;

/// One row of the table: first and last n, reward, premint unlock a block, issued and unlocked at the end.
type Row = (u64, u64, u128, u128, u128, u128);

/// The rows that the specification prints.
const PRINTED: [(usize, Row); 7] = [
    (0, (1, 6_311_390, 18_000_000, 2_000_000, 113_605_020_000_000, 12_622_780_000_000)),
    (1, (6_311_391, 12_622_780, 15_728_256, 1_747_584, 212_872_177_635_840, 23_652_464_181_760)),
    (2, (12_622_781, 18_934_170, 13_743_225, 1_527_025, 299_611_030_468_590, 33_290_114_496_510)),
    (3, (18_934_171, 25_245_560, 12_008_721, 1_334_302, 375_402_752_100_780, 41_711_416_900_086)),
    (4, (25_245_561, 31_556_950, 10_493_125, 1_165_902, 441_628_956_294_530, 49_069_884_032_725)),
    (63, (397_617_571, 403_928_960, 3_664, 407, 899_981_265_785_960, 99_997_918_420_662)),
    (64, (403_928_961, LAST, 3_201, 355, LIMIT, 100_000_000_000_000)),
];

/// The whole table by arithmetic of its own: f in 256 bits, C by repeated sums.
fn table() -> Vec<Row> {
    let unit = U256::exp10(18);
    let mut f = U256::from(18_000_000) * unit;
    let (mut issued, mut first, mut rows) = (0_u128, 1_u64, Vec::new());
    while issued < LIMIT {
        let reward = (f / unit).as_u128();
        let blocks = u128::from(PERIOD).min((LIMIT - issued).div_ceil(reward));
        issued = LIMIT.min(issued + blocks * reward);
        let last = first + u64::try_from(blocks).unwrap() - 1;
        rows.push((first, last, reward, reward * 100 / 900, issued, issued * 100 / 900));
        first += PERIOD;
        f -= f * U256::from(1_262_079_466_u64) / U256::exp10(10);
    }
    rows
}

#[test]
fn the_table_of_the_specification_is_what_its_formulas_give() {
    let table = table();
    assert_eq!(table.len(), 65);
    for (year, row) in PRINTED {
        assert_eq!(table[year], row, "year {year}");
    }
}

#[test]
fn the_schedule_is_the_table_in_every_period() {
    let schedule = mainnet().schedule;
    assert_eq!(schedule.period_blocks, PERIOD);
    assert_eq!(schedule.limit, Amount(LIMIT));
    let periods = schedule.periods(usize::MAX).unwrap();
    let table = table();
    assert_eq!(periods.len(), table.len());
    let unlocked = |of: u128| schedule.unlocked(MAX_GENESIS_SUPPLY, Amount(of)).unwrap().0;
    for (number, (period, row)) in (0..).zip(periods.iter().zip(table)) {
        let Period { first, last, reward, issued, .. } = *period;
        assert_eq!(period.number, number);
        assert_eq!((first, last, reward.0, unlocked(reward.0), issued.0, unlocked(issued.0)), row);
    }
}

#[test]
fn every_period_begins_and_ends_as_the_table_says() {
    let schedule = mainnet().schedule;
    let mut before = 0;
    for (period, (first, last, reward, _, issued, _)) in (0..).zip(table()) {
        let begin = schedule.at(first).unwrap();
        assert_eq!((begin.period, begin.reward.0, begin.issued.0), (period, reward, before + reward));
        let end = schedule.at(last).unwrap();
        let of_last = if last == LAST { 3_028 } else { reward };
        assert_eq!((end.period, end.reward.0, end.issued.0), (period, of_last, issued));
        before = issued;
    }
}

#[test]
fn a_chain_that_jumps_from_boundary_to_boundary_creates_what_the_table_says() {
    let mut ctx = chain(json!({}));
    for (first, last, reward, _, issued, _) in table() {
        for boundary in [first - 1, first + 1_000_000, last - 3] {
            if boundary > 0 {
                jump(&mut ctx, boundary);
            }
            for step in 1..=5 {
                let n = boundary + step;
                let clock = next_block(&mut ctx, 5 * SECOND);
                assert_eq!((clock.n, clock.point), (n, mainnet().schedule.at(n).unwrap()));
                let of_block = block_reward(&ctx).unwrap();
                assert_eq!(of_block.validators.plus(of_block.dao_budget), Ok(clock.point.reward));
                if (first..last).contains(&n) {
                    assert_eq!(clock.point.reward.0, reward);
                } else if n == last {
                    assert_eq!(clock.point.issued.0, issued);
                }
            }
        }
    }
}

#[test]
fn emission_ends_with_the_remainder_and_nothing_comes_after() {
    let schedule = mainnet().schedule;
    assert_eq!(schedule.at(LAST - 1).unwrap().reward, Amount(3_201));
    assert_eq!(schedule.at(LAST).unwrap().reward, Amount(3_028));
    for n in [LAST + 1, LAST + PERIOD, LAST + 70 * PERIOD, u64::MAX] {
        let after = schedule.at(n).unwrap();
        assert_eq!((after.reward, after.issued), (Amount::ZERO, Amount(LIMIT)));
        assert_eq!(after.period, (n - 1) / PERIOD);
    }
}

#[test]
fn the_figures_of_the_whitepaper() {
    let schedule = mainnet().schedule;
    let reward = |n| schedule.at(n).unwrap().reward.0;
    let unlock = |n| reward(n) / 9;
    assert_eq!(reward(1), 18_000_000, "18 JMES");
    assert_eq!((reward(PERIOD + 1) + 50) / 100, 157_283, "15.7283 JMES");
    assert_eq!(unlock(1), 2_000_000, "2 JMES");
    assert_eq!((unlock(PERIOD + 1) + 50) / 100, 17_476, "1.7476 JMES");
}

#[test]
fn walking_block_by_block_is_the_same_as_asking_for_a_height() {
    for (limit, initial_reward, reduction, period_blocks) in [
        (1_000, 90, 1_262_079_466, 7),
        (10_000, 90, 5_000_000_000, 1),
        (50, 100, 1, 3),
        (1_000, 10, 10_000_000_000, 4),
    ] {
        let initial_reward = Amount(initial_reward);
        let schedule = Schedule { limit: Amount(limit), initial_reward, reduction, period_blocks };
        let mut point = schedule.start().unwrap();
        assert_eq!(schedule.at(0), Ok(point));
        let mut sum = 0;
        for n in 1..400 {
            point = schedule.advance(&point, n).unwrap();
            sum += point.reward.0;
            assert_eq!(schedule.at(n), Ok(point), "n = {n}");
            assert_eq!(point.issued.0, sum);
            assert_eq!(point.period, (n - 1) / period_blocks);
        }
        let periods = schedule.periods(usize::MAX).unwrap();
        let last = periods.last().unwrap();
        assert_eq!(last.issued.0, sum, "the last period ends with all that is ever issued");
        assert!(schedule.at(last.last).unwrap().reward > Amount::ZERO);
        assert_eq!(schedule.at(last.last + 1).unwrap().issued.0, sum);
    }
}

#[test]
fn the_premint_of_all_wallets_unlocks_with_the_schedule() {
    let schedule = mainnet().schedule;
    let wallets = [1, 7, 33_333_333_333_333, 66_666_666_666_659].map(Amount);
    assert_eq!(wallets.iter().map(|wallet| wallet.0).sum::<u128>(), MAX_GENESIS_SUPPLY.0);
    for (_, last, _, _, issued, unlocked) in table() {
        let of = |amount| schedule.unlocked(amount, Amount(issued)).unwrap().0;
        let sum: u128 = wallets.iter().map(|wallet| of(*wallet)).sum();
        assert_eq!(of(MAX_GENESIS_SUPPLY), unlocked, "n = {last}");
        assert!(sum <= unlocked && unlocked - sum < 4, "each wallet rounds down by less than a Nil");
    }
    assert!(wallets.iter().all(|wallet| schedule.unlocked(*wallet, Amount(LIMIT)) == Ok(*wallet)));
}
