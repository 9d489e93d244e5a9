//! The schedule of §2, to the Nil, on a chain that jumps: its state is imported with the clock just before a border of
//! periods, and real blocks are made across it.

use super::JMES;
use jmes_modules::emission;
use jmes_modules::kernel::Amount;
use jmes_tests::{Genesis, TestChain};
use serde_json::json;

/// Blocks in a period of 12 months.
const PERIOD: u64 = 6_311_390;
/// The last issuance height with a reward.
const LAST: u64 = 409_781_573;
const IDP: u64 = 483_840;
/// E: what rewards sum to.
const ALL: u128 = 900_000_000 * JMES;

/// y, R, premint unlocked by a block, C and unlocked premint at the end: the table of §2.
const TABLE: [(u64, u128, u128, u128, u128); 7] = [
    (0, 18_000_000, 2_000_000, 113_605_020_000_000, 12_622_780_000_000),
    (1, 15_728_256, 1_747_584, 212_872_177_635_840, 23_652_464_181_760),
    (2, 13_743_225, 1_527_025, 299_611_030_468_590, 33_290_114_496_510),
    (3, 12_008_721, 1_334_302, 375_402_752_100_780, 41_711_416_900_086),
    (4, 10_493_125, 1_165_902, 441_628_956_294_530, 49_069_884_032_725),
    (63, 3_664, 407, 899_981_265_785_960, 99_997_918_420_662),
    (64, 3_201, 355, 900_000_000_000_000, 100_000_000_000_000),
];

/// A chain whose next block has issuance height `n`, if it is on pace.
fn before(n: u64) -> TestChain {
    let genesis = Genesis { initial_height: n, ..Genesis::new() };
    if n == 1 {
        return TestChain::new(&genesis);
    }
    let (height, time) = ((n - 1).to_string(), genesis.last_time.to_string());
    let clock = json!({
        "n": height, "height": height, "time": time, "credit": "500000000000", "paced": true,
    });
    TestChain::new(&genesis.set("emission/clock", clock))
}

/// Makes a block; gives its issuance height, what it issued, C, and what validators are owed more.
fn block(chain: &TestChain) -> (u64, u128, u128, u128) {
    let first = chain.chain().height() == 0;
    let (before, owed) = if first { (None, 0) } else { (Some(chain.issued()), chain.totals().1) };
    chain.block(&[]);
    let view = chain.view();
    let n = emission::issuance_height(&view).unwrap();
    let reward = emission::clock(&view).unwrap().point.reward.0;
    if let Some(before) = before {
        assert_eq!(chain.issued() - before, reward, "n = {n}");
    }
    let split = emission::block_reward(&view).unwrap();
    assert_eq!(split.validators.0 + split.dao_budget.0, reward, "n = {n}");
    (n, reward, chain.issued(), chain.totals().1 - owed)
}

/// R of every period: f shrinks in whole units of 10^-18 Nils.
fn rewards() -> impl Iterator<Item = u128> {
    let unit = 10_u128.pow(18);
    let shrink = |rate: &u128| Some(rate - rate * 1_262_079_466 / 10_000_000_000);
    std::iter::successors(Some(18_000_000 * unit), shrink).map(move |rate| rate / unit)
}

#[test]
fn at_every_border_of_periods_blocks_issue_what_the_schedule_says() {
    let mut issued = 0;
    for (period, reward) in (0..65_u64).zip(rewards()) {
        let first = period * PERIOD + 1;
        let blocks = PERIOD.min(LAST + 1 - first);
        let chain = before(first);
        assert_eq!(block(&chain), (first, reward, issued + reward, paid(first, reward)), "period {period}");
        let end = (issued + reward * u128::from(blocks)).min(ALL);
        let last = first + blocks - 1;
        let chain = before(last - 1);
        let (n, first_of_two, c, _) = block(&chain);
        assert_eq!((n, first_of_two), (last - 1, reward));
        let rest = end - c;
        assert_eq!(block(&chain), (last, rest, end, paid(last, rest)), "period {period}");
        assert_eq!(rest, if period == 64 { 3_028 } else { reward });
        let unlocked = emission::unlocked(&chain.view(), Amount(100_000_000 * JMES)).unwrap().0;
        assert_eq!(unlocked, end / 9);
        if let Some(row) = TABLE.iter().find(|row| row.0 == period) {
            assert_eq!((reward, reward / 9, end, unlocked), (row.1, row.2, row.3, row.4), "period {period}");
        }
        let following = rewards().nth(period as usize + 1).unwrap();
        let (n, next, _, _) = block(&chain);
        assert_eq!((n, next), (last + 1, if period == 64 { 0 } else { following }));
        chain.chain().check_invariants().unwrap();
        issued = end;
    }
    assert_eq!(issued, ALL);
}

/// The validators' part.
fn paid(n: u64, reward: u128) -> u128 {
    if n <= IDP {
        reward
    } else {
        reward - reward / 2
    }
}

#[test]
fn the_periods_last_block_pays_validators_all_and_the_next_a_half() {
    let chain = before(IDP);
    assert_eq!(block(&chain), (IDP, 18_000_000, 18_000_000 * u128::from(IDP), 18_000_000));
    assert_eq!(block(&chain), (IDP + 1, 18_000_000, 18_000_000 * u128::from(IDP + 1), 9_000_000));
}

#[test]
fn after_the_last_reward_nothing_is_issued_for_ever() {
    for n in [LAST + 1, LAST + PERIOD, u64::from(u32::MAX), 1 << 60] {
        let chain = before(n);
        assert_eq!(block(&chain), (n, 0, ALL, 0));
        assert_eq!(block(&chain), (n + 1, 0, ALL, 0));
    }
}

#[test]
fn an_unpaced_block_at_a_border_leaves_the_period_as_it_is() {
    let chain = before(PERIOD);
    // The credit lets 101 blocks come at once; this chain has 500 s of it.
    for n in PERIOD..PERIOD + 100 {
        chain.jump(0);
        assert_eq!(emission::issuance_height(&chain.view()).unwrap(), n);
    }
    let issued = chain.issued();
    assert_eq!(issued, 113_605_020_000_000 + 99 * 15_728_256);
    chain.jump(1);
    assert_eq!(chain.issued(), issued);
    chain.jump(5_000_000_000);
    assert_eq!(chain.issued(), issued + 15_728_256);
}
