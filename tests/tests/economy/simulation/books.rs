//! What the simulation works out for itself, to compare the chain with: the clock and rewards of §1 and §2, who is paid what in
//! a block (§12), and who sits in which core slot (§13).

use super::require;
use jmes_modules::funding::state::Stream;
use jmes_modules::kernel::{Address, Event, View};
use jmes_modules::slots::Slot;
use jmes_modules::{funding, governance, slots};
use jmes_proto::jmes::emission::v1::Params;
use jmes_proto::jmes::funding::v1::Params as Percents;
use jmesd::chain::Finalized;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A unit of the exact reward: 10^-18 Nils.
const UNIT: u128 = 1_000_000_000_000_000_000;
/// The reduction a period, in 10^-10.
const REDUCTION: u128 = 1_262_079_466;
/// A block on pace, in nanoseconds.
const ON_PACE: u64 = 5 * super::SECOND;

/// Something that the chain says has happened.
pub struct Happened {
    pub kind: String,
    pub attributes: BTreeMap<String, String>,
}

impl Happened {
    /// All of a block: its own steps first.
    pub fn of(block: &Finalized) -> Vec<Self> {
        let own = |event: &Event| Self {
            kind: event.kind.into(),
            attributes: event.attributes.iter().map(|(key, value)| ((*key).into(), value.clone())).collect(),
        };
        let txs = block.txs.iter().flat_map(|tx| &tx.events).map(|event| Self {
            kind: event.r#type.clone(),
            attributes: event.attributes.iter().map(|one| (one.key.clone(), one.value.clone())).collect(),
        });
        block.events.iter().map(own).chain(txs).collect()
    }

    pub fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }
}

/// The clock and the schedule.
pub struct Books {
    /// The issuance height.
    pub n: u64,
    credit: u64,
    most_credit: u64,
    last_time: Option<u64>,
    /// f: the reward of the present period in units.
    exact: u128,
    period: u64,
    period_blocks: u64,
    idp_blocks: u64,
    left: u128,
    /// Who sits in which slot, by what the chain tells of terms.
    seats: BTreeMap<String, String>,
}

/// What a block may create, in Nils.
#[derive(Clone, Copy, Default)]
pub struct Reward {
    pub validators: u128,
    pub budget: u128,
    /// Whether the block is on pace.
    pub paced: bool,
}

impl Books {
    /// On a chain with these parameters, of which those that are not read are mainnet's, where `all` Nils are issued in the end.
    pub fn new(params: &Params, all: u128) -> Self {
        let credit = params.pace_credit.map_or(0, |credit| credit.seconds.unsigned_abs() * super::SECOND);
        Self {
            n: 0,
            credit,
            most_credit: credit,
            last_time: None,
            exact: 18_000_000 * UNIT,
            period: 0,
            period_blocks: 12 * params.seconds_per_month / 5,
            idp_blocks: params.idp_blocks,
            left: all,
            seats: BTreeMap::new(),
        }
    }

    /// The next block's reward (§1, §2).
    pub fn advance(&mut self, time: u64) -> Reward {
        let passed = self.last_time.map_or(0, |last| time - last);
        self.last_time = Some(time);
        self.credit = (self.credit + passed).min(self.most_credit);
        if self.credit < ON_PACE {
            return Reward::default();
        }
        self.credit -= ON_PACE;
        self.n += 1;
        while self.period < (self.n - 1) / self.period_blocks {
            self.exact -= self.exact * REDUCTION / 10_000_000_000;
            self.period += 1;
        }
        let all = (self.exact / UNIT).min(self.left);
        self.left -= all;
        let budget = if self.n <= self.idp_blocks { 0 } else { all / 2 };
        Reward { validators: all - budget, budget, paced: true }
    }

    /// At most one DAO sits in a slot, and a DAO in at most one (§13).
    pub fn seats(&mut self, happened: &[Happened], view: &View) -> Result<(), String> {
        for event in happened {
            let (dao, slot) = (event.get("dao"), event.get("feature"));
            if !Slot::ALL.iter().any(|one| one.name() == slot) {
                continue;
            }
            match event.kind.as_str() {
                "term_started" => {
                    let taken = self.seats.contains_key(slot) || self.seats.values().any(|one| one == dao);
                    require(!taken, || format!("{dao} is seated as {slot} beside {:?}", self.seats))?;
                    self.seats.insert(slot.into(), dao.into());
                }
                "term_ended" => {
                    let sat = self.seats.remove(slot);
                    require(sat.as_deref() == Some(dao), || {
                        format!("{dao} leaves {slot}, where {sat:?} sat")
                    })?;
                }
                _ => {}
            }
        }
        let seated = seated(view).into_iter();
        let stored: BTreeMap<_, _> =
            seated.map(|(dao, (slot, _))| (slot.name().to_owned(), dao.to_string())).collect();
        require(self.seats == stored, || {
            format!("by its terms {:?} are seated, by state {stored:?}", self.seats)
        })
    }
}

/// Who sits where until which issuance height.
fn seated(view: &View) -> BTreeMap<Address, (Slot, u64)> {
    let mut seats = BTreeMap::new();
    for slot in Slot::ALL {
        let Some(id) = slots::state::SEATS.load(view, &slot).expect("views have no gas limit") else {
            continue;
        };
        let term = slots::state::TERMS.load(view, &id).expect("views have no gas limit").expect("a term");
        seats.insert(term.dao, (slot, term.until));
    }
    seats
}

/// What holds before a block, by which its payments and its tally are known.
pub struct Before {
    streams: Vec<(u64, Stream)>,
    seats: BTreeMap<Address, (Slot, u64)>,
    percents: Percents,
    /// By how many hundredths of the possible votes yes must exceed no.
    threshold: u32,
}

impl Before {
    pub fn of(view: &View) -> Self {
        let streams = funding::state::STREAMS.scan(view, &[], None, false, usize::MAX);
        Self {
            streams: streams.expect("views have no gas limit"),
            seats: seated(view),
            percents: funding::params(view).expect("views have no gas limit"),
            threshold: governance::params(view).expect("views have no gas limit").pass_threshold_percent,
        }
    }

    /// The payments of issuance height `n` with a DAO budget of `budget`, in their order: the walk of §12. What core DAOs
    /// get is within the core cap, and all together within the budget.
    pub fn payments(&self, n: u64, budget: u128) -> Vec<(u64, Address, u128)> {
        let core_cap = budget * u128::from(self.percents.core_cap_percent) / 100;
        let other_cap = budget * u128::from(self.percents.non_core_cap_percent) / 100;
        let mut due: Vec<&(u64, Stream)> =
            self.streams.iter().filter(|(_, stream)| (stream.first..=stream.last).contains(&n)).collect();
        due.sort_by_key(|(id, stream)| (Reverse(stream.net_yes), stream.position, *id));
        let (mut paid, mut stopped_slots) = (Vec::new(), Vec::new());
        let (mut core, mut other, mut of_slots) = (0, 0, BTreeMap::<Slot, u128>::new());
        let mut stopped_groups = [false; 2];
        for (id, stream) in due {
            let slot = self.seats.get(&stream.dao).filter(|(_, until)| *until >= n).map(|(slot, _)| *slot);
            let rate = stream.rate.0;
            if stopped_groups[usize::from(slot.is_some())]
                || slot.is_some_and(|slot| stopped_slots.contains(&slot))
            {
                continue;
            }
            if rate > budget - core - other {
                break;
            }
            if let Some(slot) = slot {
                let share = core_cap * u128::from(self.share(slot)) / 100;
                let of_slot = of_slots.entry(slot).or_default();
                if *of_slot + rate > share {
                    stopped_slots.push(slot);
                    continue;
                }
                if core + rate > core_cap {
                    stopped_groups[1] = true;
                    continue;
                }
                *of_slot += rate;
                core += rate;
            } else if other + rate > other_cap {
                stopped_groups[0] = true;
                continue;
            } else {
                other += rate;
            }
            paid.push((*id, stream.dao, rate));
        }
        paid
    }

    const fn share(&self, slot: Slot) -> u32 {
        match slot {
            Slot::Brand => self.percents.brand_share_percent,
            Slot::Community => self.percents.community_share_percent,
            Slot::Engineering => self.percents.engineering_share_percent,
        }
    }

    /// A proposal has passed iff yes exceeds no by the threshold's part of all possible votes (§11).
    pub fn check_tally(&self, happened: &[Happened]) -> Result<(), String> {
        for event in happened.iter().filter(|event| event.kind == "governance_proposal_tallied") {
            let nils =
                |name: &str| event.get(name).parse::<u128>().map_err(|error| format!("{name}: {error}"));
            let (yes, no, possible) = (nils("yes")?, nils("no")?, nils("possible")?);
            let passed = yes > no && (yes - no) * 100 >= possible * u128::from(self.threshold);
            require(yes + no <= possible && (event.get("status") == "PASSED") == passed, || {
                format!("{yes} against {no} of {possible} is {}", event.get("status"))
            })?;
        }
        Ok(())
    }

    /// Checks what the chain says that it has paid in the block of issuance height `n`; gives the sum.
    pub fn check_payments(&self, happened: &[Happened], n: u64, reward: Reward) -> Result<u128, String> {
        let mut paid = Vec::new();
        for event in happened.iter().filter(|event| event.kind == "funding_paid") {
            let nils = event.get("amount").strip_suffix("ujmes").and_then(|nils| nils.parse::<u128>().ok());
            let id = event.get("proposal_id").parse::<u64>().ok();
            let dao = Address::parse(event.get("dao")).ok();
            paid.push((id.ok_or("no id")?, dao.ok_or("no DAO")?, nils.ok_or("no amount")?));
        }
        let core = |dao: &Address| self.seats.get(dao).is_some_and(|(_, until)| *until >= n);
        let all: u128 = paid.iter().map(|(.., nils)| nils).sum();
        let cores: u128 = paid.iter().filter(|(_, dao, _)| core(dao)).map(|(.., nils)| nils).sum();
        let cap = reward.budget * u128::from(self.percents.core_cap_percent) / 100;
        require(all <= reward.budget && cores <= cap, || {
            format!("{all} Nils are paid of {}, {cores} of them to core DAOs: at most {cap}", reward.budget)
        })?;
        let expected = if reward.paced { self.payments(n, reward.budget) } else { Vec::new() };
        require(paid == expected, || format!("{paid:?} is paid, by the rules it is {expected:?}"))?;
        Ok(all)
    }
}
