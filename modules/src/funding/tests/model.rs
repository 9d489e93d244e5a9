//! Random lives of streams, slots and budgets against a slow model that is written from the words of §12.

use super::genesis::imported;
use super::{balance, block, chain, own_state, plan, refresh, so_far, start, state, Funding, Grant, Request};
use crate::emission;
use crate::funding::{defaults, end};
use crate::kernel::{Amount, Ctx, Module};
use crate::slots::{Role, Slot};
use crate::test_support::{address, cases};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Act {
    /// DAO, rate in thousandths of the budget, length, net votes.
    Fund(u8, u128, u64, u128),
    /// Ends one of the streams.
    End(usize),
    /// A DAO takes a slot from whoever is there.
    Seat(u8, usize),
    /// A DAO leaves its slot.
    Leave(u8),
    /// Non-core cap and brand's share.
    Params(u32, u32),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..5u8, 0..400u128, 0..20u64, 0..4u128).prop_map(|(dao, rate, blocks, net)| Act::Fund(dao, rate, blocks, net)),
        2 => any::<prop::sample::Index>().prop_map(|index| Act::End(index.index(1_000))),
        2 => (0..5u8, 0..3usize).prop_map(|(dao, slot)| Act::Seat(dao, slot)),
        1 => (0..5u8).prop_map(Act::Leave),
        1 => (prop_oneof![Just(50u32), Just(100)], prop_oneof![Just(25u32), Just(90)]).prop_map(|(cap, brand)| Act::Params(cap, brand)),
    ]
}

/// What happens in a block, and how many seconds after the one before it begins: bursts, pace, halts.
fn step() -> impl Strategy<Value = (u64, Vec<Act>)> {
    (prop_oneof![3 => Just(0u64), 6 => Just(1), 1 => Just(500)], prop::collection::vec(act(), 0..3))
}

#[derive(Debug)]
struct Stream {
    id: u64,
    dao: u8,
    rate: u128,
    first: u64,
    last: u64,
    net: u128,
    paid: u64,
    missed: u64,
}

/// Streams in the order of their conclusion.
#[derive(Debug)]
struct Model {
    streams: Vec<Stream>,
    seats: BTreeMap<u8, usize>,
    cap: u128,
    brand: u128,
    wallets: BTreeMap<u8, u128>,
    created: u128,
    budgets: u128,
}

impl Model {
    /// Pays a paced block; gives who was due in which order and whether it was paid.
    fn pay(&mut self, n: u64, budget: u128) -> Vec<(u64, bool)> {
        self.budgets += budget;
        let mut due: Vec<usize> = (0..self.streams.len())
            .filter(|i| (self.streams[*i].first..=self.streams[*i].last).contains(&n))
            .collect();
        due.sort_by(|a, b| self.streams[*b].net.cmp(&self.streams[*a].net).then(a.cmp(b)));
        let core_cap = budget * 50 / 100;
        let shares = [core_cap * self.brand / 100, core_cap * 25 / 100, core_cap * 50 / 100];
        let (mut spent, mut core, mut others, mut in_slot) = (0, 0, 0, [0; 3]);
        let (mut stopped_slots, mut stopped_groups) = (BTreeSet::new(), BTreeSet::new());
        let mut over = false;
        let mut order = Vec::new();
        for index in due {
            let stream = &mut self.streams[index];
            let slot = self.seats.get(&stream.dao).copied();
            let is_core = slot.is_some();
            let mut paid = false;
            if over
                || slot.is_some_and(|slot| stopped_slots.contains(&slot))
                || stopped_groups.contains(&is_core)
            {
                // (a), or after (b).
            } else if stream.rate > budget - spent {
                over = true;
            } else if slot.is_some_and(|slot| in_slot[slot] + stream.rate > shares[slot]) {
                stopped_slots.insert(slot.unwrap());
            } else if (is_core && core + stream.rate > core_cap)
                || (!is_core && others + stream.rate > budget * self.cap / 100)
            {
                stopped_groups.insert(is_core);
            } else {
                paid = true;
                spent += stream.rate;
                match slot {
                    Some(slot) => (core, in_slot[slot]) = (core + stream.rate, in_slot[slot] + stream.rate),
                    None => others += stream.rate,
                }
                *self.wallets.entry(stream.dao).or_default() += stream.rate;
                self.created += stream.rate;
            }
            if paid {
                stream.paid += 1;
            } else {
                stream.missed += 1;
            }
            order.push((stream.id, paid));
        }
        order
    }
}

fn seat(ctx: &mut Ctx, seats: &BTreeMap<u8, usize>) {
    for dao in 0..5 {
        let key = address(dao + 1);
        match seats.get(&dao) {
            Some(slot) => crate::slots::state::SEATED.save(ctx, &key, &Role::Slot(Slot::ALL[*slot])).unwrap(),
            None => crate::slots::state::SEATED.remove(ctx, &key).unwrap(),
        }
    }
    refresh(ctx).unwrap();
}

fn apply(ctx: &mut Ctx, model: &mut Model, act: &Act) {
    let n = emission::issuance_height(ctx).unwrap();
    match *act {
        Act::Fund(dao, thousandths, blocks, net) => {
            let rate = emission::dao_budget_at(ctx, n).unwrap().0 * thousandths / 1_000;
            // Ids do not follow the order of conclusions.
            let id = 1_000 - model.streams.len() as u64 * 7 % 1_000 + model.streams.len() as u64 * 10_000;
            let request = Request { rate: Amount(rate), blocks };
            start(ctx, &Grant { proposal_id: id, dao: address(dao + 1), request, net_yes: Amount(net) })
                .unwrap();
            if rate > 0 {
                let (first, last) = (n + 1, n + blocks);
                model.streams.push(Stream { id, dao, rate, first, last, net, paid: 0, missed: 0 });
            }
        }
        Act::End(index) => {
            let count = model.streams.len().max(1);
            if let Some(stream) = model.streams.get_mut(index % count) {
                stream.last = stream.last.min(n);
                end(ctx, stream.id).unwrap();
            }
        }
        Act::Seat(dao, slot) => {
            model.seats.retain(|_, taken| *taken != slot);
            model.seats.insert(dao, slot);
            seat(ctx, &model.seats);
        }
        Act::Leave(dao) => {
            model.seats.remove(&dao);
            seat(ctx, &model.seats);
        }
        Act::Params(cap, brand) => {
            (model.cap, model.brand) = (cap.into(), brand.into());
            let params = jmes_proto::jmes::funding::v1::Params {
                non_core_cap_percent: cap,
                brand_share_percent: brand,
                ..defaults()
            };
            crate::funding::params::set(ctx, &params).unwrap();
        }
    }
}

fn compare(ctx: &Ctx, model: &Model) {
    for stream in &model.streams {
        assert_eq!(
            so_far(ctx, stream.id),
            (stream.rate * u128::from(stream.paid), stream.missed),
            "proposal {}",
            stream.id
        );
        assert_eq!(state::STREAMS.load(ctx, &stream.id).unwrap().unwrap().last, stream.last);
    }
    for dao in 0..5 {
        assert_eq!(balance(ctx, &address(dao + 1)), model.wallets.get(&dao).copied().unwrap_or(0));
    }
    let supply = crate::bank::supply(ctx, "ujmes").unwrap().0;
    assert_eq!(supply, model.created);
    assert!(supply <= model.budgets, "more than the budgets of all blocks");
    Funding.check_invariants(ctx).unwrap();
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn payments_are_those_of_the_slow_model(steps in prop::collection::vec(step(), 1..60)) {
        let mut ctx = chain();
        let mut model = Model {
            streams: Vec::new(),
            seats: BTreeMap::new(),
            cap: 100,
            brand: 25,
            wallets: BTreeMap::new(),
            created: 0,
            budgets: 0,
        };
        for (number, (seconds, acts)) in steps.iter().enumerate() {
            let before = emission::issuance_height(&ctx).unwrap();
            let n = block(&mut ctx, *seconds);
            if n > before {
                let budget = emission::block_reward(&ctx).unwrap().dao_budget;
                assert_eq!(emission::dao_budget_at(&ctx, n).unwrap(), budget);
                let order = model.pay(n, budget.0);
                let shown = plan(&ctx);
                let entries: Vec<_> = shown.entries.iter().map(|entry| (entry.proposal_id, entry.paid)).collect();
                assert_eq!(entries, order);
                assert_eq!(shown.budget, budget.to_string());
            }
            compare(&ctx, &model);
            acts.iter().for_each(|act| apply(&mut ctx, &mut model, act));
            compare(&ctx, &model);
            if number % 5 == 0 {
                let after = imported(&ctx, &Funding.export(&ctx).unwrap()).unwrap();
                assert_eq!(own_state(&after), own_state(&ctx));
            }
        }
    }
}
