//! The plan: which of the streams that are due a block pays, in which order (§12).

use crate::kernel::{Address, Amount, Key, Result, Value};
use crate::slots::{Role, Slot};
use jmes_proto::jmes::funding::v1::{Outcome, Params};

/// By what a block is paid, until the set of streams, a slot or the reward changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What can be paid.
    pub limits: Limits,
    /// All streams that are due, in the order of payment.
    pub entries: Vec<Entry>,
}

impl Plan {
    /// The same with nothing but what is paid: all that a block needs of it.
    pub fn payments(&self) -> Self {
        let paid = self.entries.iter().filter(|entry| entry.paid);
        Self { limits: self.limits, entries: paid.cloned().collect() }
    }
}

/// A stream in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The governance proposal.
    pub proposal_id: u64,
    /// Who is paid.
    pub dao: Address,
    /// What is due, in Nils.
    pub rate: Amount,
    /// The slot in which the DAO sat when the plan was made.
    pub slot: Option<Slot>,
    /// Whether it is paid.
    pub paid: bool,
}

/// What a block can pay, in Nils.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// B: the DAO budget.
    pub budget: Amount,
    /// The part of it for DAOs in core slots.
    pub core: Amount,
    /// The part of it for all others.
    pub non_core: Amount,
    /// The part of the core cap for each slot, in the order of [`Slot::ALL`].
    pub slots: [Amount; 3],
}

impl Limits {
    /// The limits of a block with this DAO budget: caps of the budget, shares of the core cap, all rounded down.
    pub fn of(budget: Amount, params: &Params) -> Result<Self> {
        let percent = |of: Amount, percent: u32| of.times(percent.into(), 100);
        let core = percent(budget, params.core_cap_percent)?;
        let mut slots = [Amount::ZERO; 3];
        for (share, slot) in slots.iter_mut().zip(Slot::ALL) {
            *share = percent(core, share_percent(params, slot))?;
        }
        Ok(Self { budget, core, non_core: percent(budget, params.non_core_cap_percent)?, slots })
    }

    /// The share of a slot.
    pub const fn slot(&self, slot: Slot) -> Amount {
        let [brand, community, engineering] = self.slots;
        match slot {
            Slot::Brand => brand,
            Slot::Community => community,
            Slot::Engineering => engineering,
        }
    }
}

const fn share_percent(params: &Params, slot: Slot) -> u32 {
    match slot {
        Slot::Brand => params.brand_share_percent,
        Slot::Community => params.community_share_percent,
        Slot::Engineering => params.engineering_share_percent,
    }
}

/// A part of the budget that is being handed out.
#[derive(Clone, Copy, Debug)]
struct Purse {
    left: Amount,
    limit: Amount,
    stopped: bool,
}

impl Purse {
    const fn new(limit: Amount) -> Self {
        Self { left: limit, limit, stopped: false }
    }

    /// Stops the purse unless `rate` is left in it; whether it is.
    fn offers(&mut self, rate: Amount) -> bool {
        let enough = rate <= self.left;
        self.stopped |= !enough;
        enough
    }

    fn take(&mut self, rate: Amount) {
        self.left = self.left.minus(rate).unwrap_or_default();
    }
}

/// The walk over the streams that are due, the one with the most net votes first.
pub struct Walk {
    budget: Purse,
    core: Purse,
    non_core: Purse,
    slots: [Purse; 3],
}

impl Walk {
    /// Before the first.
    pub fn new(limits: &Limits) -> Self {
        Self {
            budget: Purse::new(limits.budget),
            core: Purse::new(limits.core),
            non_core: Purse::new(limits.non_core),
            slots: limits.slots.map(Purse::new),
        }
    }

    /// What becomes of the next one, whose DAO sits in `slot`: steps (a) to (e) of §12. The sentence for people is made by
    /// [`Step::reason`].
    pub fn next(&mut self, rate: Amount, slot: Option<Slot>) -> Step {
        let [brand, community, engineering] = &mut self.slots;
        let share = slot.map(|slot| match slot {
            Slot::Brand => brand,
            Slot::Community => community,
            Slot::Engineering => engineering,
        });
        let group = if slot.is_some() { &mut self.core } else { &mut self.non_core };
        let step =
            |outcome, purse: &Purse| Step { outcome, rate, slot, left: purse.left, limit: purse.limit };
        if self.budget.stopped {
            return step(Outcome::BudgetExhausted, &self.budget);
        }
        if let Some(share) = share.as_deref().filter(|share| share.stopped) {
            return step(Outcome::SlotStopped, share);
        }
        if group.stopped {
            return step(Outcome::GroupStopped, group);
        }
        if !self.budget.offers(rate) {
            return step(Outcome::BudgetExhausted, &self.budget);
        }
        let mut share = share;
        if let Some(share) = share.as_mut() {
            if !share.offers(rate) {
                return step(Outcome::SlotShareExceeded, share);
            }
        }
        if !group.offers(rate) {
            return step(Outcome::GroupCapExceeded, group);
        }
        group.take(rate);
        self.budget.take(rate);
        if let Some(share) = share {
            share.take(rate);
        }
        step(Outcome::Paid, &self.budget)
    }
}

/// What becomes of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// As a name.
    pub outcome: Outcome,
    rate: Amount,
    slot: Option<Slot>,
    /// What the part of the budget that decided has left, in Nils.
    left: Amount,
    /// What that part is in all, in Nils.
    limit: Amount,
}

impl Step {
    /// The outcome in a sentence.
    pub fn reason(&self) -> String {
        let Self { outcome, rate, slot, left, limit } = self;
        let slot = slot.map(Slot::name);
        let share = format!("the {} slot's share, {limit} Nils", slot.unwrap_or("core"));
        let group = if slot.is_some() { "core DAOs" } else { "DAOs that are not core" };
        let cap = format!("the cap of {group}, {limit} Nils");
        match outcome {
            Outcome::Paid | Outcome::Unspecified => format!("paid {rate} Nils a block"),
            Outcome::SlotStopped => format!("not paid: one with more net yes votes passed {share}"),
            Outcome::GroupStopped => format!("not paid: one with more net yes votes passed {cap}"),
            Outcome::SlotShareExceeded => {
                format!("not paid: {rate} Nils are more than the {left} Nils that are left of {share}")
            }
            Outcome::GroupCapExceeded => {
                format!("not paid: {rate} Nils are more than the {left} Nils that are left of {cap}")
            }
            Outcome::BudgetExhausted if rate > left => format!(
                "not paid: {rate} Nils are more than the {left} Nils that are left of the DAO budget, {limit} Nils"
            ),
            Outcome::BudgetExhausted => {
                format!("not paid: one with more net yes votes passed the DAO budget, {limit} Nils")
            }
        }
    }
}

/// budget ‖ core cap ‖ non-core cap ‖ shares of brand, community, engineering (16 bytes each); then for each entry: proposal
/// (8) ‖ rate (16) ‖ slot (1, 0 for none) ‖ whether paid (1) ‖ DAO with its length before it. Big-endian.
impl Value for Plan {
    fn encode(&self) -> Vec<u8> {
        let Limits { budget, core, non_core, slots: [brand, community, engineering] } = self.limits;
        let mut bytes = Vec::with_capacity(self.entries.len().saturating_mul(59).saturating_add(96));
        for amount in [budget, core, non_core, brand, community, engineering] {
            bytes.extend(amount.0.to_be_bytes());
        }
        for Entry { proposal_id, dao, rate, slot, paid } in &self.entries {
            bytes.extend(proposal_id.to_be_bytes());
            bytes.extend(rate.0.to_be_bytes());
            bytes.push(slot.map_or(0, |slot| Role::Slot(slot).byte()));
            bytes.push(u8::from(*paid));
            dao.write(&mut bytes);
        }
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut amounts = [Amount::ZERO; 6];
        for amount in &mut amounts {
            *amount = amount_of(&mut bytes)?;
        }
        let [budget, core, non_core, brand, community, engineering] = amounts;
        let limits = Limits { budget, core, non_core, slots: [brand, community, engineering] };
        let mut entries = Vec::new();
        while !bytes.is_empty() {
            let proposal_id = u64::read(&mut bytes)?;
            let rate = amount_of(&mut bytes)?;
            let ([slot, paid], rest) = bytes.split_first_chunk()?;
            bytes = rest;
            let slot = match (*slot, Role::of_byte(*slot)) {
                (0, _) => None,
                (_, Some(Role::Slot(slot))) => Some(slot),
                _ => return None,
            };
            let dao = Address::read(&mut bytes)?;
            entries.push(Entry { proposal_id, dao, rate, slot, paid: *paid == 1 });
        }
        Some(Self { limits, entries })
    }
}

fn amount_of(bytes: &mut &[u8]) -> Option<Amount> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(Amount(u128::from_be_bytes(*head)))
}
