//! Random lives of a chain, against a slow model that is written from the words of §6.

use super::chain::{app_hash, candidate, key, number, operator, set_bond, small, Chain, PACE};
use crate::kernel::{Ctx, U256};
use crate::seats::{self, state};
use crate::staking::{self, consensus_address};
use crate::test_support::cases;
use jmes_proto::jmes::staking::v1::Params;
use jmes_proto::Duration;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeMap;

const IDP: u64 = 70;
/// The bond whose power is capped grows for so many blocks, and incumbents are safe for as many.
const RAMP: u64 = 20;

fn params(seats: u32) -> Params {
    Params {
        seats,
        proof_deadline: 12,
        jail_duration: Some(Duration { seconds: 20, nanos: 0 }),
        draw_blocks: 8,
        draw_waiting: 6,
        max_waiting: 6,
        newcomer_interval: 3,
        seniority_blocks: RAMP,
        bond_ramp_blocks: RAMP,
        bond_doubling_blocks: 5,
        ..small()
    }
}

#[derive(Clone, Debug, PartialEq)]
struct ModelSeat {
    number: u16,
    proven: bool,
    height: u64,
    incumbent: bool,
    power: u64,
    commits: Vec<bool>,
}

#[derive(Clone, Debug, Default)]
struct Record {
    id: u64,
    bond: u64,
    work: u8,
    jailed: bool,
    tombstoned: bool,
    until: u64,
    ever_seated: bool,
}

#[derive(Debug, Default)]
struct Model {
    seat_count: usize,
    records: BTreeMap<u16, Record>,
    seats: Vec<ModelSeat>,
    waiting: Vec<(u16, u64)>,
    /// The height of each seat whose draw is to come.
    vacant: Vec<u64>,
    ended: bool,
    last_newcomer: Option<u64>,
}

impl Model {
    fn is_seated(&self, number: u16) -> bool {
        self.seats.iter().any(|seat| seat.number == number)
    }

    fn create(&mut self, number: u16, bond: u64, work: u8) {
        let id = self.records.len() as u64 + 1;
        self.records.insert(number, Record { id, bond, work, ..Record::default() });
    }

    /// Whether it waits now, or need not.
    fn wait(&mut self, number: u16, height: u64) -> bool {
        let waits = self.waiting.iter().any(|(other, _)| *other == number);
        if height > IDP || self.is_seated(number) || waits {
            return true;
        }
        if self.waiting.len() >= 6 && !self.records[&number].ever_seated {
            // Who has done no work goes first, who was seated never.
            let claim = |number: &u16| match &self.records[number] {
                record if record.ever_seated => None,
                record if record.work == 0 => Some(u8::MAX),
                record => Some(record.work),
            };
            let claims =
                self.waiting.iter().enumerate().filter_map(|(place, (one, _))| Some((place, claim(one)?)));
            let Some((place, highest)) = claims.max_by_key(|(_, claim)| *claim) else { return false };
            if claim(&number) >= Some(highest) {
                return false;
            }
            self.waiting.remove(place);
        }
        self.waiting.push((number, height));
        true
    }

    fn jail(&mut self, number: u16, until: u64) {
        let record = self.records.get_mut(&number).unwrap();
        record.jailed = true;
        record.until = record.until.max(until);
        self.waiting.retain(|(other, _)| *other != number);
    }

    fn seat(&mut self, number: u16, height: u64) {
        self.waiting.retain(|(other, _)| *other != number);
        let record = self.records.get_mut(&number).unwrap();
        record.ever_seated = true;
        let (proven, incumbent) = (height == 0, false);
        let power = if proven { 1_000 } else { 1 };
        self.seats.push(ModelSeat { number, proven, height, incumbent, power, commits: Vec::new() });
    }

    /// The best of those who were proven: the largest bond, of equals the earliest.
    fn best(&self, of: &[u16]) -> Option<u16> {
        let seated = self.seats.iter().map(|seat| seat.number).filter(|number| of.contains(number));
        let mut best: Option<u16> = None;
        for number in seated {
            if best.is_none_or(|best| self.records[&number].bond > self.records[&best].bond) {
                best = Some(number);
            }
        }
        best
    }

    fn end_block(&mut self, height: u64, time: u64, commit: &BTreeMap<u16, bool>) {
        let proven: Vec<u16> = self.seats.iter().filter(|seat| seat.proven).map(|seat| seat.number).collect();
        self.prove(height, time, commit);
        if height >= IDP && !self.ended {
            self.ended = true;
            self.vacant.clear();
            self.seats.iter_mut().for_each(|seat| seat.incumbent = true);
        }
        let lost = self.dismiss(&proven);
        if self.ended {
            self.renew(height, &proven);
        } else {
            self.fill(height, lost);
        }
        for place in 0..self.seats.len() {
            let bond = self.records[&self.seats[place].number].bond.max(1);
            let seat = &mut self.seats[place];
            seat.power = match (seat.proven, height) {
                (false, _) => 1,
                (true, ..IDP) => 1_000,
                (true, _) if height - IDP <= RAMP => 1_000 * bond.min(1 << ((height - IDP) / 5)),
                (true, _) => 1_000 * bond,
            };
        }
    }

    fn prove(&mut self, height: u64, time: u64, commit: &BTreeMap<u16, bool>) {
        let mut late = Vec::new();
        for seat in self.seats.iter_mut().filter(|seat| !seat.proven && height >= seat.height + 3) {
            let Some(signed) = commit.get(&seat.number) else { continue };
            seat.commits.push(*signed);
            let latest = seat.commits.iter().rev().take(6).filter(|signed| **signed).count();
            seat.proven = latest >= 4;
            if !seat.proven && seat.commits.len() == 12 {
                late.push(seat.number);
            }
        }
        late.into_iter().for_each(|number| self.jail(number, time + 20_000_000_000));
    }

    fn dismiss(&mut self, proven: &[u16]) -> usize {
        let leaves = |seat: &ModelSeat| {
            let record = &self.records[&seat.number];
            record.jailed || (self.ended && !seat.incumbent && record.bond < 1)
        };
        let gone: Vec<u16> = self.seats.iter().filter(|seat| leaves(seat)).map(|seat| seat.number).collect();
        let safe = self.seats.iter().any(|seat| seat.proven && !gone.contains(&seat.number));
        let kept = if safe { None } else { self.best(proven) };
        let before = self.seats.len();
        self.seats.retain(|seat| !gone.contains(&seat.number) || Some(seat.number) == kept);
        before - self.seats.len()
    }

    fn fill(&mut self, height: u64, lost: usize) {
        let due: Vec<u64> = self.vacant.iter().copied().filter(|vacated| vacated + 9 == height).collect();
        self.vacant.retain(|vacated| vacated + 9 != height);
        let mut without_candidates = 0;
        for (draw, vacated) in due.into_iter().enumerate() {
            let list: Vec<u16> = self
                .waiting
                .iter()
                .filter(|(_, since)| since + 6 < vacated)
                .map(|(number, _)| *number)
                .collect();
            if list.is_empty() {
                without_candidates += 1;
                continue;
            }
            let bits = (1..=8)
                .fold(0_u64, |bits, place| bits << 1 | u64::from(app_hash(vacated + place)[31] & 1))
                << 56;
            let text = [bits.to_be_bytes().as_slice(), &vacated.to_be_bytes(), &(draw as u32).to_be_bytes()]
                .concat();
            let index = U256::from_big_endian(&Sha256::digest(text)) % U256::from(list.len());
            self.seat(list[index.as_usize()], height);
        }
        self.vacant.extend(std::iter::repeat_n(height, lost));
        while self.seats.len() + self.vacant.len() + without_candidates < self.seat_count
            && !self.waiting.is_empty()
        {
            self.seat(self.waiting[0].0, height);
        }
    }

    fn renew(&mut self, height: u64, proven: &[u16]) {
        let mut wanted: Vec<u16> = self.records.keys().copied().collect();
        wanted.retain(|number| !self.records[number].jailed && self.records[number].bond >= 1);
        wanted.sort_by_key(|number| (Reverse(self.records[number].bond), self.records[number].id));
        wanted.truncate(self.seat_count);
        // Everyone who has a seat, best first.
        let ranked = |model: &Self| -> Vec<u16> {
            let seated = |number: &u16| model.is_seated(*number);
            let mut ranked: Vec<u16> = wanted.iter().copied().filter(seated).collect();
            let incumbents = model.seats.iter().filter(|seat| seat.incumbent).map(|seat| seat.number);
            ranked.extend(incumbents.filter(|number| !wanted.contains(number)));
            let mut rest: Vec<u16> =
                model.seats.iter().map(|seat| seat.number).filter(|n| !ranked.contains(n)).collect();
            rest.sort_by_key(|number| (Reverse(model.records[number].bond), model.records[number].id));
            ranked.extend(rest);
            ranked
        };
        if self.seats.len() > self.seat_count {
            let mut stay = ranked(self);
            stay.truncate(self.seat_count);
            let is_proven =
                |number: &u16| self.seats.iter().any(|seat| seat.number == *number && seat.proven);
            if !stay.iter().any(is_proven) {
                let now: Vec<u16> = self.seats.iter().map(|seat| seat.number).filter(is_proven).collect();
                *stay.last_mut().unwrap() = self.best(proven).or_else(|| self.best(&now)).unwrap();
            }
            self.seats.retain(|seat| stay.contains(&seat.number));
        }
        if self.last_newcomer.is_some_and(|last| height < last + 3) {
            return;
        }
        let Some(newcomer) = wanted.iter().copied().find(|number| !self.is_seated(*number)) else { return };
        if self.seats.len() >= self.seat_count {
            let proven: Vec<u16> =
                self.seats.iter().filter(|seat| seat.proven).map(|seat| seat.number).collect();
            let mut lowest = ranked(self);
            lowest.retain(|number| proven != [*number] && !wanted.contains(number));
            let Some(lowest) = lowest.pop() else { return };
            let incumbent = self.seats.iter().any(|seat| seat.number == lowest && seat.incumbent);
            if incumbent && height - IDP <= RAMP {
                return;
            }
            self.seats.retain(|seat| seat.number != lowest);
        }
        self.seat(newcomer, height);
        self.last_newcomer = Some(height);
    }
}

/// Something that may happen in a block: what, to whom (modulo those who are there), how much.
type Step = (u8, u16, u8);

/// Does it on the chain and in the model.
fn step(ctx: &mut Ctx, model: &mut Model, (what, who, much): Step) {
    let (height, time) = (ctx.block().height, ctx.block().time);
    let next = model.records.len() as u16;
    let who = who % next;
    let until = time + u64::from(much % 8) * PACE;
    let attempt = |ctx: &mut Ctx, done: &dyn Fn(&mut Ctx) -> crate::kernel::Result<()>| {
        let checkpoint = ctx.checkpoint();
        let result = done(ctx);
        if result.is_err() {
            ctx.revert(checkpoint);
        }
        result.is_ok()
    };
    match what {
        0..=29 => {
            // With a bond, or with work.
            let (bond, work) =
                if what < 8 { (u64::from(much % 40), 0) } else { (0, much.clamp(1, u8::MAX - 1)) };
            let joined = attempt(ctx, &|ctx| {
                staking::create(ctx, candidate(next, work))?;
                set_bond(ctx, next, bond.into());
                seats::wait(ctx, &operator(next))
            });
            model.create(next, bond, work);
            let before = model.waiting.clone();
            assert_eq!(joined, model.wait(next, height));
            if !joined {
                model.records.remove(&next);
                model.waiting = before;
            }
        }
        30..=49 => {
            staking::jail(ctx, &operator(who), until).unwrap();
            model.jail(who, until);
        }
        50..=51 => {
            staking::tombstone(ctx, &operator(who)).unwrap();
            model.records.get_mut(&who).unwrap().tombstoned = true;
            model.jail(who, u64::MAX);
        }
        52..=79 => {
            let done = attempt(ctx, &|ctx| staking::unjail(ctx, &operator(who)));
            let record = model.records[&who].clone();
            let can = record.jailed && !record.tombstoned && time >= record.until;
            let expected = can && model.wait(who, height);
            assert_eq!(done, expected);
            if expected {
                model.records.get_mut(&who).unwrap().jailed = false;
            }
        }
        80..=97 => {
            let bond = u64::from(much % 40);
            set_bond(ctx, who, bond.into());
            model.records.get_mut(&who).unwrap().bond = bond;
        }
        _ if height > IDP => {
            let seats = 4 + u32::from(much % 4);
            state::PARAMS.save(ctx, &params(seats)).unwrap();
            model.seat_count = seats as usize;
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(cases(48))]

    /// After every block: the seats are the model's, and all that [`Chain::block`] checks.
    #[test]
    fn a_random_life_of_a_chain_follows_the_rules(
        validators in 1_u16..5,
        blocks in prop::collection::vec(
            (prop::collection::vec((0_u8..100, any::<u16>(), any::<u8>()), 0..3), any::<u16>(), any::<u8>()),
            60..170,
        ),
    ) {
        let mut chain = Chain::new(validators, IDP, params(5));
        let mut model = Model { seat_count: 5, ..Model::default() };
        for number in 0..validators {
            model.create(number, 0, 0);
            model.seat(number, 0);
        }
        for (steps, flaky, what) in blocks {
            // Some go and come back, some only miss a commit.
            match what {
                0..=19 => drop(chain.absent.insert(flaky % model.records.len() as u16)),
                20..=49 => drop(chain.absent.pop_first()),
                _ => {}
            }
            chain.left_out = [flaky % 64].into();
            chain.block(|ctx| steps.into_iter().for_each(|action| step(ctx, &mut model, action)));
            let numbers: BTreeMap<_, u16> =
                model.records.keys().map(|number| (consensus_address(&key(*number)), *number)).collect();
            let block = chain.ctx.block();
            let commit = block.commit.iter().map(|vote| (numbers[&vote.address], vote.signed)).collect();
            model.end_block(block.height, block.time, &commit);
            let expected: Vec<_> = model
                .seats
                .iter()
                .map(|seat| (seat.number, seat.power, seat.proven, seat.height, seat.incumbent))
                .collect();
            let found: Vec<_> = chain
                .seats()
                .iter()
                .map(|seat| (number(&seat.operator), seat.power, seat.proven, seat.seated_height, seat.incumbent))
                .collect();
            prop_assert_eq!(found, expected, "at height {}", chain.height());
            if !model.ended {
                let waiting = seats::waiting::oldest(&chain.ctx, usize::MAX).unwrap();
                let waiting: Vec<_> = waiting.iter().map(|one| (number(&one.operator), one.since)).collect();
                prop_assert_eq!(waiting, model.waiting.clone());
            }
        }
    }
}
