//! What everybody sees of names, DAOs and governance before a block.

use jmes_modules::artwork::state::Id;
use jmes_modules::dao::types::{Proposal as Decision, Status as Decided};
use jmes_modules::dao::Dao;
use jmes_modules::governance::types::Proposal;
use jmes_modules::governance::{Cycle, Phase};
use jmes_modules::kernel::{Address, Key, Map, Value, View};
use jmes_modules::slots::Slot;
use jmes_modules::{artwork, dao, governance, identity, slots};
use jmes_proto::jmes::governance::v1::proposal::Status;

/// How many of the latest decisions and proposals are looked at.
const LATEST: usize = 40;

/// The state of the last block, as far as it matters to those who use it.
#[derive(Default)]
pub struct Scene {
    /// Who has a user's name.
    pub users: Vec<Address>,
    /// All DAOs.
    pub daos: Vec<Dao>,
    /// The latest proposals inside DAOs, newest first.
    pub decisions: Vec<(u64, Decision)>,
    /// The latest proposals of governance, newest first.
    pub proposals: Vec<(u64, Proposal)>,
    /// Who sits in which core slot.
    pub seats: Vec<(Slot, Address)>,
    /// Artworks and their owners.
    pub artworks: Vec<(Id, Address)>,
    cycle: Option<Cycle>,
    time: u64,
}

impl Scene {
    pub fn of(view: &View) -> Self {
        let holders = scan(view, &identity::state::HOLDERS, usize::MAX);
        let users = holders.into_iter().filter(|(_, holder)| holder.kind == identity::Kind::User);
        let seats = scan(view, &slots::state::SEATED, usize::MAX);
        let slot = |(dao, _)| {
            let slot = slots::slot_of(view, &dao).expect("views have no gas limit");
            slot.map(|slot| (slot, dao))
        };
        Self {
            users: users.map(|(address, _)| address).collect(),
            daos: scan(view, &dao::state::DAOS, usize::MAX).into_iter().map(|(_, dao)| dao).collect(),
            decisions: scan(view, &dao::state::PROPOSALS, LATEST),
            proposals: scan(view, &governance::state::PROPOSALS, LATEST),
            seats: seats.into_iter().filter_map(slot).collect(),
            artworks: scan(view, &artwork::state::OWNERS, usize::MAX),
            cycle: Some(governance::cycle(view).expect("views have no gas limit")),
            time: view.block().time,
        }
    }

    /// Whether governance votes now, or did in the last block.
    pub fn is_voting(&self) -> bool {
        self.cycle.is_some_and(|cycle| cycle.phase == Phase::Voting)
    }

    /// The ids of decisions that have this status now, with their DAOs.
    pub fn decisions(&self, wanted: Decided) -> Vec<(u64, &Dao)> {
        let status = |(id, decision): &(u64, Decision)| {
            let dao = self.daos.iter().find(|dao| dao.address == decision.dao)?;
            (decision.status_at(dao.version, self.time) == wanted).then_some((*id, dao))
        };
        self.decisions.iter().filter_map(status).collect()
    }

    /// The ids of governance's proposals that have this status now.
    pub fn proposals(&self, wanted: Status) -> Vec<u64> {
        let Some(cycle) = self.cycle else { return Vec::new() };
        let fits = self.proposals.iter().filter(|(_, one)| governance::status(one, &cycle) == wanted);
        fits.map(|(id, _)| *id).collect()
    }
}

/// The latest entries of a store, newest first.
fn scan<K: Key, V: Value>(view: &View, map: &Map<K, V>, limit: usize) -> Vec<(K, V)> {
    map.scan(view, &[], None, true, limit).expect("views have no gas limit")
}
