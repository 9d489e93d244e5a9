//! Tests of the waiting list, against a slow model.

use crate::kernel::{Address, Ctx};
use crate::seats::state::{self, Candidate};
use crate::seats::waiting::{count, count_since_before, has, highest_work, nth, oldest, push, remove, Work};
use crate::test_support::{cases, ctx};
use proptest::prelude::*;

fn operator(number: u16) -> Address {
    let mut raw = [7; 20];
    raw[..2].copy_from_slice(&number.to_be_bytes());
    Address::of_twenty(raw)
}

fn work(byte: u8) -> Work {
    Work([byte; 32])
}

fn add(ctx: &mut Ctx, number: u16, since: u64, byte: u8) {
    push(ctx, Candidate { operator: operator(number), since, work: work(byte) }).unwrap();
}

#[test]
fn the_oldest_is_first() {
    let mut ctx = ctx();
    (0..5).for_each(|number| add(&mut ctx, 9 - number, 3, 1));
    remove(&mut ctx, &operator(8)).unwrap();
    let order: Vec<Address> = oldest(&ctx, 3).unwrap().iter().map(|candidate| candidate.operator).collect();
    assert_eq!(order, [9, 7, 6].map(operator));
    assert_eq!((count(&ctx), has(&ctx, &operator(8)), has(&ctx, &operator(5))), (Ok(4), Ok(false), Ok(true)));
}

#[test]
fn the_highest_work_hash_is_found_and_those_seated_before_have_none() {
    let mut ctx = ctx();
    assert_eq!(highest_work(&ctx), Ok(None));
    add(&mut ctx, 1, 3, 0);
    assert_eq!(highest_work(&ctx), Ok(None));
    for (number, byte) in [(2, 5), (3, 9), (4, 9), (5, 7)] {
        add(&mut ctx, number, 3, byte);
    }
    assert_eq!(highest_work(&ctx).unwrap().unwrap().operator, operator(4), "the latest of equals");
}

#[test]
fn who_is_not_there_can_be_removed() {
    let mut ctx = ctx();
    remove(&mut ctx, &operator(1)).unwrap();
    assert!(ctx.overlay().changes().is_empty());
}

#[test]
fn an_empty_list_leaves_no_counts_behind() {
    let mut ctx = ctx();
    (0..300).for_each(|number| add(&mut ctx, number, 3, 1));
    (0..300).for_each(|number| remove(&mut ctx, &operator(number)).unwrap());
    let list = state::LIST.load(&ctx).unwrap().unwrap();
    assert_eq!((list.count, list.next), (0, 300));
    assert_eq!(state::COUNTS.scan(&ctx, &[], None, false, usize::MAX), Ok(vec![]));
    assert_eq!(state::BY_WORK.scan(&ctx, &[], None, false, usize::MAX), Ok(vec![]));
    assert_eq!((nth(&ctx, 0), count_since_before(&ctx, u64::MAX)), (Ok(None), Ok(0)));
}

proptest! {
    #![proptest_config(cases(24))]

    /// Positions begin just below a power of 2^8, so that every level's ranges are crossed.
    #[test]
    fn the_list_is_what_a_slow_list_is(
        start in prop_oneof![Just(0_u64), Just(250), Just((1 << 16) - 100), Just((1 << 24) - 100)],
        steps in prop::collection::vec((0_u16..400, 0_u8..4, any::<bool>(), 0_u64..2), 1..700),
        probes in prop::collection::vec(0_u64..400, 8),
    ) {
        let mut ctx = ctx();
        state::LIST.save(&mut ctx, &state::StoredList { count: 0, next: start }).unwrap();
        let mut model: Vec<Candidate> = Vec::new();
        let mut since = 1;
        for (number, byte, joins, passed) in steps {
            since += passed;
            let waits = model.iter().any(|candidate| candidate.operator == operator(number));
            prop_assert_eq!(has(&ctx, &operator(number)), Ok(waits));
            if joins && !waits {
                add(&mut ctx, number, since, byte);
                model.push(Candidate { operator: operator(number), since, work: work(byte) });
            } else if !joins {
                remove(&mut ctx, &operator(number)).unwrap();
                model.retain(|candidate| candidate.operator != operator(number));
            }
        }
        prop_assert_eq!(count(&ctx), Ok(model.len() as u64));
        prop_assert_eq!(&oldest(&ctx, usize::MAX).unwrap(), &model);
        for index in 0..=model.len() {
            prop_assert_eq!(nth(&ctx, index as u64).unwrap(), model.get(index).copied());
        }
        for probe in probes.into_iter().chain([0, since, since + 1]) {
            let before = model.iter().filter(|candidate| candidate.since < probe).count() as u64;
            prop_assert_eq!(count_since_before(&ctx, probe), Ok(before), "before {}", probe);
        }
        let highest = model.iter().filter(|c| c.work != Work::SEATED).max_by_key(|c| c.work).copied();
        prop_assert_eq!(highest_work(&ctx).unwrap(), highest);
    }
}
