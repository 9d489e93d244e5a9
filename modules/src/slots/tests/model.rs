//! Random lives of claims, revocations, resignations and grants against a slow model that is written from the words of §13.

use super::genesis::imported;
use super::{block, chain, conclude, funded, held, own_state, Claim};
use crate::kernel::{Amount, Ctx, Module};
use crate::slots::{grant, minting_right, resign, revoke, slot_of, vote_out, Feature, Role, Slot, Slots};
use crate::test_support::{address, cases};
use proptest::prelude::*;

const ROLES: [Role; 5] = [
    Role::Slot(Slot::Brand),
    Role::Slot(Slot::Community),
    Role::Slot(Slot::Engineering),
    Role::Feature(Feature::ArtDealer),
    Role::Feature(Feature::OfficialStatus),
];

#[derive(Clone, Debug)]
enum Act {
    /// DAO, slot, how many cycles ago, net votes, length.
    Claim(u8, usize, u64, u128, u64),
    /// Slot, DAO, how many cycles ago.
    Revoke(usize, u8, u64),
    Resign(u8),
    /// DAO, one of the features, length.
    Grant(u8, usize, u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..=4u8, 0..3usize, 0..3u64, 1..4u128, 1..15u64).prop_map(|(dao, slot, ago, net, blocks)| Act::Claim(dao, slot, ago, net, blocks)),
        2 => (0..3usize, 1..=4u8, 0..3u64).prop_map(|(slot, dao, ago)| Act::Revoke(slot, dao, ago)),
        1 => (1..=4u8).prop_map(Act::Resign),
        2 => (1..=4u8, 3..5usize, 1..15u64).prop_map(|(dao, feature, blocks)| Act::Grant(dao, feature, blocks)),
    ]
}

fn step() -> impl Strategy<Value = (u64, Vec<Act>)> {
    (prop_oneof![2 => Just(0u64), 6 => Just(1)], prop::collection::vec(act(), 0..3))
}

#[derive(Debug)]
struct Term {
    dao: u8,
    role: usize,
    proposal: u64,
    until: u64,
    /// Heights at whose end it held.
    heights: Vec<u64>,
    /// The issuance height at which it was ended, if something did.
    ended: Option<u64>,
    over: bool,
}

#[derive(Debug, Default)]
struct Model {
    terms: Vec<Term>,
    /// Slot, cycle, net votes.
    concluded: Vec<(usize, u64, u128)>,
    /// Slot, DAO, cycle.
    revoked: Vec<(usize, u8, u64)>,
}

impl Model {
    fn sits(&self, dao: u8) -> Option<usize> {
        self.terms.iter().find(|term| !term.over && term.dao == dao && term.role < 3).map(|term| term.role)
    }

    fn leave(&mut self, slot: usize, n: u64) {
        for term in self.terms.iter_mut().filter(|term| !term.over && term.role == slot) {
            (term.over, term.ended) = (true, Some(n));
        }
    }

    fn begin(&mut self, dao: u8, role: usize, proposal: u64, until: u64) {
        self.terms.push(Term { dao, role, proposal, until, heights: Vec::new(), ended: None, over: false });
    }
}

fn apply(ctx: &mut Ctx, model: &mut Model, act: &Act, cycle: u64, n: u64, proposal: u64) {
    match *act {
        Act::Claim(dao, slot, ago, net, blocks) => {
            let cycle = cycle - ago;
            let claim = Claim {
                dao: address(dao),
                slot: Slot::ALL[slot],
                proposal_id: proposal,
                cycle,
                net_yes: Amount(net),
                blocks,
            };
            let mut earlier = model.concluded.iter().filter(|(of, ..)| *of == slot);
            let beaten = earlier.any(|(_, at, votes)| *at > cycle || (*at == cycle && *votes >= net));
            let banned = model.sits(dao) != Some(slot)
                && model.revoked.iter().any(|(of, whom, at)| (*of, *whom) == (slot, dao) && *at >= cycle);
            let mark = ctx.checkpoint();
            match conclude(ctx, &claim) {
                Ok(false) => assert!(beaten || banned),
                Ok(true) => {
                    assert!(!beaten && !banned);
                    assert!(model.sits(dao).is_none_or(|other| other == slot));
                    model.leave(slot, n);
                    model.begin(dao, slot, proposal, n + blocks);
                    model.concluded.push((slot, cycle, net));
                }
                Err(_) => {
                    ctx.revert(mark);
                    assert!(!beaten && !banned && model.sits(dao).is_some_and(|other| other != slot));
                }
            }
        }
        Act::Revoke(slot, dao, ago) => {
            vote_out(ctx, Slot::ALL[slot], &address(dao), cycle - ago).unwrap();
            model.revoked.push((slot, dao, cycle - ago));
            if ago == 1 {
                // Nobody concludes it.
                return;
            }
            let done = revoke(ctx, Slot::ALL[slot], &address(dao)).is_ok();
            assert_eq!(done, model.sits(dao) == Some(slot));
            if done {
                model.leave(slot, n);
            }
        }
        Act::Resign(dao) => {
            let sits = model.sits(dao);
            assert_eq!(resign(ctx, &address(dao)).is_ok(), sits.is_some());
            sits.into_iter().for_each(|slot| model.leave(slot, n));
        }
        Act::Grant(dao, role, blocks) => {
            let Role::Feature(feature) = ROLES[role] else { unreachable!() };
            grant(ctx, &address(dao), feature, proposal, blocks).unwrap();
            model.begin(dao, role, proposal, n + blocks);
        }
    }
}

fn compare(ctx: &Ctx, model: &Model) {
    for dao in 1..=4 {
        assert_eq!(slot_of(ctx, &address(dao)).unwrap(), model.sits(dao).map(|slot| Slot::ALL[slot]));
        let own =
            |role: usize| model.terms.iter().rev().filter(move |term| (term.dao, term.role) == (dao, role));
        let right = own(3).chain(own(0)).chain(own(1)).chain(own(2)).find(|term| !term.over);
        let expected = right.map(|term| (ROLES[term.role], term.proposal));
        assert_eq!(minting_right(ctx, &address(dao)).unwrap(), expected);
        for (index, role) in ROLES.into_iter().enumerate() {
            for height in 7..=ctx.block().height {
                let at = |role: usize| own(role).find(|term| term.heights.contains(&height));
                let mut found = at(index);
                if index == 4 {
                    found = found.or_else(|| at(0)).or_else(|| at(1)).or_else(|| at(2));
                }
                assert_eq!(
                    held(ctx, dao, role, height),
                    found.map(|term| term.proposal),
                    "{dao} {role:?} {height}"
                );
            }
        }
    }
    for term in model.terms.iter().filter(|term| term.role < 3) {
        let last = term.ended.map_or(term.until, |ended| ended.min(term.until));
        assert_eq!(funded(ctx, term.proposal), (last, !term.over), "proposal {}", term.proposal);
    }
    Slots.check_invariants(ctx).unwrap();
}

proptest! {
    #![proptest_config(cases(30))]

    #[test]
    fn seats_and_terms_are_those_of_the_slow_model(steps in prop::collection::vec(step(), 1..40)) {
        let mut ctx = chain();
        let mut model = Model::default();
        let mut proposal = 0;
        for (number, (seconds, acts)) in steps.iter().enumerate() {
            let n = block(&mut ctx, *seconds);
            model.terms.iter_mut().for_each(|term| term.over |= n > term.until);
            for act in acts {
                proposal += 1;
                apply(&mut ctx, &mut model, act, 2 + number as u64 / 5, n, proposal);
            }
            let height = ctx.block().height;
            model.terms.iter_mut().filter(|term| !term.over).for_each(|term| term.heights.push(height));
            compare(&ctx, &model);
            if number % 7 == 0 {
                let after = imported(&ctx, &Slots.export(&ctx).unwrap()).unwrap();
                assert_eq!(own_state(&after), own_state(&ctx));
            }
        }
    }
}
