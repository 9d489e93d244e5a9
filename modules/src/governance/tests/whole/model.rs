//! The model: lists of what happened, and plain loops over them. It never sees the chain's state.

mod stake;

use crate::governance::types::Choice::{self, No, Yes};
use crate::governance::types::Content;
use crate::kernel::Address;
use crate::slots::{Role, Slot};
use crate::JMES;
use std::collections::BTreeMap;

/// Blocks of a second in a phase; a cycle has two.
pub const PHASE: u64 = 15;
/// Blocks in a month.
pub const MONTH: u64 = 5;
/// Blocks after which the reward falls by a tenth.
const PERIOD: u64 = 12 * MONTH;
/// The first reward, in Nils.
pub const REWARD: u128 = 18_000 * JMES;
/// What is ever issued.
const ISSUED: u128 = 900_000_000 * JMES;
/// How many blocks of pace can be saved up.
pub const CREDIT: u64 = 3;
const MINIMUM: u128 = 1_000 * JMES;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Raised,
    Withdrawn,
    Failed,
    Passed,
    Concluded,
    /// It came after a better one for its slot.
    Beaten,
}

#[derive(Clone, Debug)]
pub struct Proposal {
    pub dao: usize,
    pub cycle: u64,
    pub content: Content,
    /// The rate and the blocks, when funding was asked for.
    pub asked: Option<(u128, u64)>,
    pub state: State,
    /// Yes, no, possible.
    pub tally: (u128, u128, u128),
}

/// A role from a conclusion on.
#[derive(Clone, Debug)]
struct Term {
    dao: usize,
    role: Role,
    proposal: usize,
    until: u64,
    over: bool,
}

/// Funding from a conclusion on, in the order of conclusions.
#[derive(Clone, Debug)]
struct Stream {
    proposal: usize,
    rate: u128,
    first: u64,
    last: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Validator {
    tokens: u128,
    shares: u128,
    /// Tokens and shares just after its last slash.
    rate: Option<(u128, u128)>,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The issuance height: every block is on pace, a second after the one before, the first is 0 seconds after genesis.
    pub n: u64,
    issued: u128,
    pub proposals: Vec<Proposal>,
    /// Of the present cycle: who voted what, in order.
    votes: Vec<(u8, usize, Choice)>,
    /// Whether the bonds of those who voted were worth the minimum at their own last change.
    counted: BTreeMap<u8, bool>,
    pub liquid: BTreeMap<u8, u128>,
    bonds: BTreeMap<(u8, u8), u128>,
    pub validators: BTreeMap<u8, Validator>,
    /// Amount and held of premint wallets.
    pub premint: BTreeMap<u8, (u128, u128)>,
    terms: Vec<Term>,
    streams: Vec<Stream>,
    /// Slot, DAO and cycle of revocations that have passed.
    revoked: Vec<(Slot, usize, u64)>,
    pub daos: Vec<(Address, u128)>,
}

impl Model {
    pub fn cycle(&self) -> u64 {
        self.n.saturating_sub(1) / (2 * PHASE)
    }

    pub fn is_voting(&self) -> bool {
        self.n.saturating_sub(1) % (2 * PHASE) >= PHASE
    }

    fn reward(n: u64) -> u128 {
        let mut scaled = REWARD * 10_u128.pow(18);
        for _ in 0..(n - 1) / PERIOD {
            scaled -= scaled / 10;
        }
        scaled / 10_u128.pow(18)
    }

    pub fn budget(n: u64) -> u128 {
        Self::reward(n) / 2
    }

    fn share(budget: u128, slot: Slot) -> u128 {
        let percent = if slot == Slot::Engineering { 50 } else { 25 };
        budget * 50 / 100 * percent / 100
    }

    /// Everything that begins a block.
    pub fn begin_block(&mut self) {
        let before = self.cycle();
        self.n += 1;
        self.issued += Self::reward(self.n);
        if self.cycle() > before {
            self.tally(before);
        }
        let n = self.n;
        self.terms.iter_mut().filter(|term| term.until < n).for_each(|term| term.over = true);
        self.pay();
    }

    fn tally(&mut self, cycle: u64) {
        let bonded: u128 = self.validators.values().map(|one| one.tokens).sum();
        let possible = bonded + self.premint.keys().map(|who| self.weight(*who)).sum::<u128>();
        for about in 0..self.proposals.len() {
            let Proposal { cycle: of, state, .. } = self.proposals[about];
            if of == cycle && state == State::Raised {
                let (yes, no) = (self.side(about, Yes), self.side(about, No));
                let passed = yes > no && 10 * (yes - no) >= possible;
                self.proposals[about].state = if passed { State::Passed } else { State::Failed };
                self.proposals[about].tally = (yes, no, possible);
                if let (true, Content::RevokeCoreSlot(slot, sitting)) =
                    (passed, &self.proposals[about].content)
                {
                    self.revoked.push((*slot, self.number_of(*sitting), cycle));
                }
            }
        }
        self.votes.clear();
        self.counted.clear();
    }

    fn net(&self, proposal: usize) -> u128 {
        let (yes, no, _) = self.proposals[proposal].tally;
        yes - no
    }

    fn pay(&mut self) {
        let budget = Self::budget(self.n);
        let due = |stream: &&Stream| stream.first <= self.n && self.n <= stream.last;
        let mut due: Vec<Stream> = self.streams.iter().filter(due).cloned().collect();
        due.sort_by_key(|stream| u128::MAX - self.net(stream.proposal));
        let (mut paid, mut groups, mut slots) = (0, [0, 0], BTreeMap::<Slot, u128>::new());
        let (mut stopped_groups, mut stopped_slots) = ([false, false], Vec::new());
        for Stream { proposal, rate, .. } in due {
            let dao = self.proposals[proposal].dao;
            let slot = self.slot_of(dao);
            let group = usize::from(slot.is_none());
            let cap = budget * [50, 100][group] / 100;
            if stopped_groups[group] || slot.is_some_and(|slot| stopped_slots.contains(&slot)) {
                continue;
            }
            if paid + rate > budget {
                break;
            }
            if let Some(slot) = slot {
                if slots.get(&slot).unwrap_or(&0) + rate > Self::share(budget, slot) {
                    stopped_slots.push(slot);
                    continue;
                }
            }
            if groups[group] + rate > cap {
                stopped_groups[group] = true;
                continue;
            }
            paid += rate;
            groups[group] += rate;
            slot.into_iter().for_each(|slot| *slots.entry(slot).or_insert(0) += rate);
            self.daos[dao].1 += rate;
        }
    }

    pub fn slot_of(&self, dao: usize) -> Option<Slot> {
        self.terms.iter().find_map(|term| match term.role {
            Role::Slot(slot) if term.dao == dao && !term.over => Some(slot),
            _ => None,
        })
    }

    /// The proposal of the latest term that the DAO has in that very role.
    pub fn granted(&self, dao: usize, role: Role) -> Option<usize> {
        let held = |term: &&Term| term.dao == dao && term.role == role && !term.over;
        self.terms.iter().rev().find(held).map(|term| term.proposal)
    }

    /// Whether rates fit into a quarter of the budget at the last height at which one of them is due, and `this` into its slot.
    fn fits(this: (u128, u64), others: &[(u128, u64)], slot: Option<Slot>) -> bool {
        let others = || others.iter().filter(|(rate, _)| *rate > 0);
        let sum = this.0 + others().map(|(rate, _)| rate).sum::<u128>();
        let budget = Self::budget(others().map(|(_, last)| *last).fold(this.1, u64::max));
        this.0 == 0 || sum <= budget * 25 / 100 && slot.is_none_or(|slot| this.0 <= Self::share(budget, slot))
    }

    pub fn raise(&mut self, dao: usize, content: Content, asked: Option<(u128, u64)>) -> bool {
        let slot = if let Content::CoreSlot(slot) = content { Some(slot) } else { None };
        let possible = match content {
            Content::CoreSlot(slot) => self.slot_of(dao).is_none_or(|other| other == slot),
            Content::RevokeCoreSlot(slot, sitting) => self.sits(sitting, slot),
            _ => true,
        };
        let end = (self.cycle() + 2) * 2 * PHASE;
        let latest = self.n + CREDIT + (end - (self.n - 1));
        let same = |other: &&Proposal| {
            other.dao == dao && other.cycle == self.cycle() && other.state != State::Withdrawn
        };
        let due = |(rate, blocks): (u128, u64)| (rate, latest + blocks);
        let others: Vec<_> =
            self.proposals.iter().filter(same).filter_map(|other| other.asked.map(due)).collect();
        let funded = asked.is_none_or(|asked| Self::fits(due(asked), &others, slot));
        if self.is_voting() || !possible || !funded {
            return false;
        }
        let (cycle, state) = (self.cycle(), State::Raised);
        self.proposals.push(Proposal { dao, cycle, content, asked, state, tally: (0, 0, 0) });
        self.daos[dao].1 -= 10 * JMES;
        true
    }

    fn sits(&self, dao: Address, slot: Slot) -> bool {
        self.slot_of(self.number_of(dao)) == Some(slot)
    }

    pub fn withdraw(&mut self, about: usize) -> bool {
        let (now, voting) = (self.cycle(), self.is_voting());
        let Some(proposal) = self.proposals.get_mut(about) else { return false };
        let can = proposal.cycle == now && !voting && proposal.state == State::Raised;
        if can {
            proposal.state = State::Withdrawn;
        }
        can
    }

    pub fn resign(&mut self, dao: usize) -> bool {
        let slot = self.slot_of(dao);
        slot.into_iter().for_each(|slot| self.vacate(slot));
        slot.is_some()
    }

    /// Whoever sits there does no more, and what it was granted with the slot is due no more.
    fn vacate(&mut self, slot: Slot) {
        for term in self.terms.iter_mut().filter(|term| term.role == Role::Slot(slot) && !term.over) {
            term.over = true;
            for stream in self.streams.iter_mut().filter(|stream| stream.proposal == term.proposal) {
                stream.last = stream.last.min(self.n);
            }
        }
    }

    /// All of it or nothing.
    pub fn conclude(&mut self, about: usize) -> bool {
        let mut after = self.clone();
        let done = after.take_effect(about);
        if done {
            *self = after;
        }
        done
    }

    fn take_effect(&mut self, about: usize) -> bool {
        let Some(Proposal { dao, cycle, content, asked, state, .. }) = self.proposals.get(about).cloned()
        else {
            return false;
        };
        if state != State::Passed || self.cycle() > cycle + 1 {
            return false;
        }
        let mut own_slot = None;
        match content {
            Content::RequestFeature(feature) => self.begin(dao, Role::Feature(feature), about),
            Content::CoreSlot(slot) => {
                if self.is_beaten(about, slot) {
                    self.proposals[about].state = State::Beaten;
                    return true;
                }
                if self.slot_of(dao).is_some_and(|other| other != slot) {
                    return false;
                }
                self.vacate(slot);
                self.begin(dao, Role::Slot(slot), about);
                own_slot = Some(slot);
            }
            Content::RevokeCoreSlot(slot, sitting) => {
                if !self.sits(sitting, slot) {
                    return false;
                }
                self.vacate(slot);
            }
            _ => {}
        }
        self.proposals[about].state = State::Concluded;
        let Some((rate, blocks)) = asked.filter(|(rate, _)| *rate > 0) else { return true };
        let same = |stream: &&Stream| {
            let other = &self.proposals[stream.proposal];
            other.dao == dao && other.cycle == cycle
        };
        let others: Vec<_> = self.streams.iter().filter(same).map(|other| (other.rate, other.last)).collect();
        let stream = Stream { proposal: about, rate, first: self.n + 1, last: self.n + blocks };
        let fits = Self::fits((rate, stream.last), &others, own_slot);
        self.streams.push(stream);
        fits
    }

    fn number_of(&self, dao: Address) -> usize {
        self.daos.iter().position(|(address, _)| *address == dao).unwrap()
    }

    fn begin(&mut self, dao: usize, role: Role, proposal: usize) {
        let until = self.n + self.proposals[proposal].asked.unwrap().1;
        self.terms.push(Term { dao, role, proposal, until, over: false });
    }

    /// Whether for the slot a later or as popular proposal was concluded before, or this DAO has left it and was to lose it by a
    /// proposal of that cycle or a later one (§13).
    fn is_beaten(&self, about: usize, slot: Slot) -> bool {
        let Proposal { dao, cycle, .. } = self.proposals[about];
        let better = self.proposals.iter().enumerate().any(|(index, other)| {
            let seated = other.content == Content::CoreSlot(slot) && other.state == State::Concluded;
            let as_good =
                || other.cycle > cycle || other.cycle == cycle && self.net(index) >= self.net(about);
            seated && as_good()
        });
        let voted_out =
            || self.revoked.iter().any(|(of, who, when)| (*of, *who) == (slot, dao) && *when >= cycle);
        better || self.slot_of(dao) != Some(slot) && voted_out()
    }

    /// What became of it all, for whoever reads the output of a run.
    pub fn summary(&self) -> String {
        let count = |state| self.proposals.iter().filter(|proposal| proposal.state == state).count();
        format!(
            "{} blocks, {} proposals: {} concluded, {} beaten, {} failed; {} terms, {} streams, {} voted out",
            self.n,
            self.proposals.len(),
            count(State::Concluded),
            count(State::Beaten),
            count(State::Failed),
            self.terms.len(),
            self.streams.len(),
            self.revoked.len()
        )
    }
}
