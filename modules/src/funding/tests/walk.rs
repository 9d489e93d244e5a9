//! The walk of §12, step by step.

use crate::funding::plan::{Limits, Walk};
use crate::funding::{check_params, defaults};
use crate::kernel::Amount;
use crate::slots::Slot::{self, Brand, Community, Engineering};
use jmes_proto::jmes::funding::v1::Outcome::{
    self, BudgetExhausted, GroupCapExceeded, GroupStopped, Paid, SlotShareExceeded, SlotStopped,
};
use jmes_proto::jmes::funding::v1::Params;

/// What becomes of streams with these rates, the one with the most votes first. The budget is 1,000 Nils.
fn outcomes(params: &Params, due: &[(u128, Option<Slot>)]) -> Vec<Outcome> {
    let mut walk = Walk::new(&Limits::of(Amount(1_000), params).unwrap());
    due.iter().map(|(rate, slot)| walk.next(Amount(*rate), *slot).outcome).collect()
}

/// The rule, what is due as (rate, slot), and what becomes of it.
type Case = (&'static str, &'static [(u128, Option<Slot>)], &'static [Outcome]);

#[test]
fn each_step_of_the_walk_decides_as_section_12_says() {
    // Core cap 500: engineering 250, brand 125, community 125. All others 1,000.
    let cases: &[Case] = &[
        ("nothing is due", &[], &[]),
        ("(e) all of the budget can be paid", &[(600, None), (400, None)], &[Paid, Paid]),
        ("(b) one Nil more can't", &[(600, None), (401, None)], &[Paid, BudgetExhausted]),
        (
            "(b) everything after it is unpaid, though it would fit, and whatever its group",
            &[(900, None), (101, None), (1, None), (1, Some(Brand))],
            &[Paid, BudgetExhausted, BudgetExhausted, BudgetExhausted],
        ),
        (
            "a top-ranked request above the whole budget stops all others",
            &[(1_001, None), (1, None), (1, Some(Engineering))],
            &[BudgetExhausted, BudgetExhausted, BudgetExhausted],
        ),
        (
            "(b) comes before (c): a core DAO's oversize request stops all others, too",
            &[(1_001, Some(Engineering)), (1, None)],
            &[BudgetExhausted, BudgetExhausted],
        ),
        (
            "(c) a core DAO's request above its slot's share stops that slot alone",
            &[(251, Some(Engineering)), (1, Some(Engineering)), (125, Some(Brand)), (1, None)],
            &[SlotShareExceeded, SlotStopped, Paid, Paid],
        ),
        (
            "(c) shares count all streams of the slot",
            &[(100, Some(Brand)), (26, Some(Brand)), (25, Some(Brand)), (125, Some(Community))],
            &[Paid, SlotShareExceeded, SlotStopped, Paid],
        ),
        (
            "(a) a stopped slot's oversize request does not reach (b)",
            &[(126, Some(Brand)), (5_000, Some(Brand)), (1_000, None)],
            &[SlotShareExceeded, SlotStopped, Paid],
        ),
        (
            "all shares together fill the core cap, the rest is the others'",
            &[(250, Some(Engineering)), (125, Some(Brand)), (125, Some(Community)), (500, None), (1, None)],
            &[Paid, Paid, Paid, Paid, BudgetExhausted],
        ),
    ];
    for (rule, due, expected) in cases {
        assert_eq!(outcomes(&defaults(), due), *expected, "{rule}");
    }
}

#[test]
fn a_group_that_passes_its_cap_is_stopped_and_the_other_is_not() {
    let half = Params { non_core_cap_percent: 50, ..defaults() };
    let due = [(400, None), (101, None), (100, None), (125, Some(Brand))];
    assert_eq!(outcomes(&half, &due), [Paid, GroupCapExceeded, GroupStopped, Paid]);
    // Shares that sum to more than the core cap.
    let wide = Params { engineering_share_percent: 100, brand_share_percent: 100, ..defaults() };
    let due = [(400, Some(Engineering)), (101, Some(Brand)), (1, Some(Engineering)), (500, None)];
    assert_eq!(outcomes(&wide, &due), [Paid, GroupCapExceeded, GroupStopped, Paid]);
    let due = [(501, Some(Engineering)), (500, Some(Brand))];
    assert_eq!(outcomes(&wide, &due), [SlotShareExceeded, Paid], "(c) comes before (d)");
}

#[test]
fn caps_and_shares_round_down() {
    let limits = |budget| Limits::of(Amount(budget), &defaults()).unwrap();
    let odd = limits(7);
    assert_eq!((odd.core, odd.non_core), (Amount(3), Amount(7)));
    assert_eq!(odd.slots, [Amount(0), Amount(0), Amount(1)]);
    assert_eq!(limits(0), Limits::default());
}

#[test]
fn every_outcome_has_its_sentence() {
    let half = Params { non_core_cap_percent: 50, ..defaults() };
    let mut walk = Walk::new(&Limits::of(Amount(1_000), &half).unwrap());
    let mut said = |rate, slot| walk.next(Amount(rate), slot).reason();
    assert_eq!(said(120, Some(Brand)), "paid 120 Nils a block");
    let share = "not paid: 6 Nils are more than the 5 Nils that are left of the brand slot's share, 125 Nils";
    assert_eq!(said(6, Some(Brand)), share);
    let after = "not paid: one with more net yes votes passed the brand slot's share, 125 Nils";
    assert_eq!(said(1, Some(Brand)), after);
    let cap = "not paid: 501 Nils are more than the 500 Nils that are left of the cap of DAOs that are not core, 500 Nils";
    assert_eq!(said(501, None), cap);
    let after = "not paid: one with more net yes votes passed the cap of DAOs that are not core, 500 Nils";
    assert_eq!(said(1, None), after);
    let budget = "not paid: 881 Nils are more than the 880 Nils that are left of the DAO budget, 1000 Nils";
    assert_eq!(said(881, Some(Community)), budget);
    let after = "not paid: one with more net yes votes passed the DAO budget, 1000 Nils";
    assert_eq!(said(1, Some(Community)), after);
}

#[test]
fn parameters_have_hard_bounds() {
    check_params(&defaults()).unwrap();
    let refused = |params, why: &str| {
        crate::test_support::assert_refused(check_params(&params), "sdk", 18, why);
    };
    let all = 101;
    refused(
        Params { core_cap_percent: all, ..defaults() },
        "funding: core_cap_percent is 101; it must be from 0 to 100",
    );
    refused(
        Params { max_request_percent: all, ..defaults() },
        "funding: max_request_percent is 101; it must be from 0 to 100",
    );
    refused(Params { max_months: 0, ..defaults() }, "funding: max_months is 0; it must be from 1 to 1200");
}
