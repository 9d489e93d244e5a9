//! Proposals of governance of every kind (§11 to §14), at random.

use super::{Actors, JMES};
use jmes_modules::dao::Dao;
use jmes_modules::emission;
use jmes_modules::slots::Slot;
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::{
    CoreSlot, Funding, Improvement, MsgRaiseProposal, RequestFeature, RevokeCoreSlot, Text,
};
use jmes_proto::jmes::upgrade::v1::action::Action as Kind;
use jmes_proto::jmes::upgrade::v1::{
    Action, ActivateVersion, ChangeParameter, Checksum, OpenImprovements, ScheduleUpgrade,
};
use jmes_tests::{Random, TestChain};

/// Parameters that improvements change, with values of which some are out of bounds; the last never changes.
const CHANGES: [(&str, &str, &[&str]); 12] = [
    ("governance", "min_vote_stake", &["\"1000000\"", "\"20000000\"", "\"500000000\""]),
    ("governance", "proposal_burn", &["\"1000000\"", "\"3000000\"", "\"999\""]),
    ("governance", "pass_threshold_percent", &["0", "3", "10", "21"]),
    ("funding", "core_cap_percent", &["30", "50", "100", "101"]),
    ("funding", "non_core_cap_percent", &["20", "60", "100"]),
    ("funding", "engineering_share_percent", &["25", "50", "90"]),
    ("funding", "max_request_percent", &["15", "25", "60"]),
    ("dao", "max_open_proposals", &["3", "10"]),
    ("dao", "min_core_members", &["2", "3", "4"]),
    ("identity", "registration_burn", &["\"0\"", "\"2000000\""]),
    ("seats", "seats", &["3", "4", "8", "30", "100"]),
    ("governance", "raising_period", &["\"1s\""]),
];

impl Actors {
    /// A proposal of some kind, most of the time with what such a one needs.
    pub(super) fn raise(&self, chain: &TestChain, dao: &Dao, random: &mut Random) -> MsgRaiseProposal {
        let seated = self.scene.seats.iter().any(|(_, other)| *other == dao.address);
        let (content, most) = match random.below(22) {
            0..=5 => (Content::Text(Text {}), 16),
            6..=9 => {
                let feature = random.pick(&["art_dealer", "art_dealer", "art_dealer", "official_status"]);
                (Content::RequestFeature(RequestFeature { feature: (*feature).into() }), 6)
            }
            10..=15 => {
                let slot = random.pick(&Slot::ALL).to_proto();
                (Content::CoreSlot(CoreSlot { slot }), 10)
            }
            16 | 17 => self.revocation(random),
            _ if seated || random.once_in(4) => {
                let count = 1 + random.below(2);
                let actions = (0..count).map(|_| action(chain, random)).collect();
                (Content::Improvement(Improvement { actions }), 0)
            }
            _ => (Content::Text(Text {}), 16),
        };
        let funded = if most == 0 { random.once_in(20) } else { !random.once_in(8) };
        MsgRaiseProposal {
            dao: dao.address.to_string(),
            title: "A proposal".into(),
            description: "On the north wall.".into(),
            content: Some(content),
            funding: funded.then(|| funding(chain, most, random)),
        }
    }

    fn revocation(&self, random: &mut Random) -> (Content, u128) {
        let seats = &self.scene.seats;
        match seats.get(random.below(seats.len().max(1))) {
            Some((slot, dao)) => {
                let (slot, dao) = (slot.to_proto(), dao.to_string());
                (Content::RevokeCoreSlot(RevokeCoreSlot { slot, dao }), 0)
            }
            None => (Content::Text(Text {}), 16),
        }
    }
}

/// A request of up to `most` hundredths of the DAO budget that there will be.
fn funding(chain: &TestChain, most: u128, random: &mut Random) -> Funding {
    let view = chain.view();
    let months = if random.once_in(20) { random.below(130) } else { 1 + random.below(8) } as u32;
    let blocks = emission::blocks_in_months(&view, months.into()).expect("a few");
    let now = emission::issuance_height(&view).expect("views have no gas limit");
    let budget = emission::dao_budget_at(&view, now + blocks + 150).expect("views have no gas limit").0;
    let rate = budget * (1 + u128::from(random.number()) % most.max(1)) / 100;
    let amount = match random.below(10) {
        0 => 0,
        1 => 5 * JMES + 1,
        _ => rate * u128::from(blocks) + u128::from(random.number()) % u128::from(blocks.max(1)),
    };
    Funding { amount: amount.to_string(), months }
}

fn action(chain: &TestChain, random: &mut Random) -> Action {
    let kind = match random.below(12) {
        0 | 1 => Kind::OpenImprovements(OpenImprovements {}),
        2 => Kind::ScheduleUpgrade(ScheduleUpgrade {
            name: "second".into(),
            height: chain.chain().height() + 1_000_000 * u64::from(!random.once_in(4)),
            checksums: vec![Checksum {
                platform: "linux/amd64".into(),
                sha256: "0".repeat(64),
                url: String::new(),
            }],
        }),
        3 => Kind::ActivateVersion(ActivateVersion { module: "dao".into(), version: 2 }),
        _ => {
            let (module, parameter, values) = *random.pick(&CHANGES);
            let value = (*random.pick(values)).into();
            Kind::ChangeParameter(ChangeParameter {
                module: module.into(),
                parameter: parameter.into(),
                value,
            })
        }
    };
    Action { action: Some(kind) }
}
