//! A season of the art economy by signed transactions alone (§11 to §14): DAOs raise what their members decide, holders vote,
//! the turn of the cycle tallies, anyone concludes; streams are paid to the Nil, terms end to the block.

use super::world::{self, attribute, feature, improvement, nils, slot, text, Dao, Event, World, HOLDERS};
use super::{any, done, refused, JMES};
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgBeginRedelegate;
use jmes_modules::kernel::{Address, Amount, Misbehavior, Offence, SECOND};
use jmes_modules::slots::{self, Feature, Role};
use jmes_modules::{artwork, dao, funding};
use jmes_proto::cosmos::nft::v1beta1::MsgSend as SendArtwork;
use jmes_proto::jmes::artwork::v1::MsgMint;
use jmes_proto::jmes::dao::v1::MsgUpdateDao;
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{MsgResignSlot, MsgWithdrawProposal, RevokeCoreSlot};
use jmes_proto::jmes::slots::v1::Slot;
use jmes_proto::jmes::upgrade::v1::action::Action as Kind;
use jmes_proto::jmes::upgrade::v1::{
    Action, ActivateVersion, ChangeParameter, Checksum, OpenImprovements, ScheduleUpgrade,
};
use jmes_proto::Any;
use jmes_tests::{Key, Validator};

/// Issuance heights in a month of 100 s.
const MONTH: u64 = 20;
/// What is paid in a block, in Nils, by proposal.
const BRAND: u128 = 900_000;
const ENGINEERING: u128 = 1_000_000;
const COMMUNITY: u128 = 700_000;
const EXHIBITION: u128 = 1_500_000;
/// More than BRAND leaves of the brand slot's share, which is 1,125,000 in the first period.
const CATALOGUE: u128 = 300_000;

/// The chain after a season, its DAOs, and the ids of the proposals that a test needs.
pub(super) struct Season {
    pub(super) world: World,
    /// Sat in brand until it was revoked.
    pub(super) gallery: Dao,
    /// Sat in brand for a moment, then in engineering until it resigned.
    pub(super) studio: Dao,
    /// Sat in community for a month.
    pub(super) guild: Dao,
    /// Dealt in art for a month.
    pub(super) collective: Dao,
}

pub(super) fn action(kind: Kind) -> Action {
    Action { action: Some(kind) }
}

pub(super) fn change(module: &str, parameter: &str, value: &str) -> Action {
    let (module, parameter, value) = (module.into(), parameter.into(), value.into());
    action(Kind::ChangeParameter(ChangeParameter { module, parameter, value }))
}

pub(super) fn open() -> Action {
    action(Kind::OpenImprovements(OpenImprovements {}))
}

pub(super) fn activate(module: &str, version: u64) -> Action {
    action(Kind::ActivateVersion(ActivateVersion { module: module.into(), version }))
}

pub(super) fn schedule(name: &str, height: u64) -> Action {
    let checksum = Checksum { platform: "linux/amd64".into(), sha256: "ab".repeat(32), url: String::new() };
    action(Kind::ScheduleUpgrade(ScheduleUpgrade { name: name.into(), height, checksums: vec![checksum] }))
}

impl Season {
    /// Three DAOs that can be core, one that deals in art.
    fn begin() -> Self {
        let validators = vec![Validator::new(0).bonded(10 * JMES), Validator::new(1).bonded(10 * JMES)];
        let wallet = Key::new(60).address();
        let genesis = world::genesis(100).validators(validators);
        let genesis = genesis.with(wallet, &format!("{}ujmes", 1_000 * JMES)).premint(wallet, 1_000 * JMES);
        let world = World::begin(&genesis);
        let studio = world.found("studio", &[(0, 1), (1, 1), (2, 1)], 2, 100);
        let gallery = world.found("gallery", &[(3, 1), (4, 1), (5, 1)], 2, 100);
        let guild = world.found("guild", &[(7, 1), (8, 1), (9, 1)], 2, 100);
        let collective = world.found("collective", &[(6, 1)], 1, 100);
        let mut season = Self { world, studio, gallery, guild, collective };
        // Faster than the pace, which the credit allows: a phase has room for everything.
        season.world.chain.block_time = SECOND;
        season
    }

    fn balances(&self) -> [u128; 4] {
        let daos = [self.studio, self.gallery, self.guild, self.collective];
        daos.map(|dao| self.world.chain.balance(dao.address))
    }

    /// The first cycle: nine proposals, raised and voted on; concluded in the block of their tally.
    fn first_cycle(&self) {
        let Self { world, studio, gallery, guild, collective } = self;
        world.turn(&[]);
        let month = u128::from(MONTH);
        let too_much = world.raising(collective, text(), Some((month * 2_300_000, 1)));
        world.decide_refused(collective, vec![too_much], "funding/4");
        let ids = [
            world.raise(studio, slot(Slot::Brand), Some((0, 3))),
            world.raise(gallery, slot(Slot::Brand), Some((3 * month * BRAND, 3))),
            world.raise(studio, slot(Slot::Engineering), Some((6 * month * ENGINEERING, 6))),
            world.raise(gallery, text(), Some((month * CATALOGUE, 1))),
            world.raise(gallery, text(), Some((month, 1))),
            world.raise(collective, feature("art_dealer"), Some((0, 1))),
            world.raise(collective, text(), Some((month * EXHIBITION, 1))),
            world.raise(guild, slot(Slot::Community), Some((month * COMMUNITY, 1))),
            world.raise(studio, slot(Slot::Community), Some((0, 2))),
        ];
        assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let of = |holder: u64, ids: &[u64]| {
            let votes: Vec<(u64, bool)> = ids.iter().map(|id| (*id, true)).collect();
            world.ballot(holder, &votes)
        };
        let last = [(2, true), (3, true), (6, true), (7, true), (8, true), (1, false)];
        world.voting(&[
            of(HOLDERS[0], &[1, 2, 3, 4, 5, 6, 8, 9]),
            of(HOLDERS[1], &[2, 3, 4, 5, 6, 7, 8]),
            of(HOLDERS[2], &[2, 3, 4, 6, 7, 8]),
            world.ballot(HOLDERS[3], &last),
        ]);
        // The one with fewer votes for brand comes first and is replaced; for community it comes second.
        let txs: Vec<Vec<u8>> =
            ids.iter().zip(0..).map(|(id, sender)| world.conclusion(sender, *id)).collect();
        let made = world.turn(&txs);
        made.txs.iter().for_each(done);
        let lapsed = world::told(&made.txs[8]);
        assert_eq!(attribute(&lapsed, "slot_claim_lapsed", "why"), Some("beaten"));
        let net: Vec<u128> = ids.iter().map(|id| world.shown(*id).tally.net_yes().0 / JMES).collect();
        assert_eq!(net, [3_000, 10_000, 10_000, 9_000, 7_000, 10_000, 6_000, 10_000, 4_000]);
        let sits = |dao: &Dao| slots::slot_of(&world.chain.view(), &dao.address).unwrap();
        assert_eq!(sits(gallery), Some(slots::Slot::Brand));
        assert_eq!(sits(studio), Some(slots::Slot::Engineering));
        assert_eq!(sits(guild), Some(slots::Slot::Community));
        assert_eq!((world.status(1), world.status(9)), (Status::Concluded, Status::Lapsed));
        let versions = [studio, gallery, guild, collective]
            .map(|dao| dao::require(&world.chain.view(), &dao.address).unwrap().version);
        assert_eq!(versions, [3, 2, 2, 1], "being seated supersedes what members had proposed before");
    }

    /// The month after the conclusions: each block pays to the Nil, and the last one of a term is the last.
    fn month(&self) {
        let Self { world, guild, collective, .. } = self;
        let (concluded, start) = (world.n(), self.balances());
        for k in 1..=u128::from(MONTH) {
            match k {
                20 => self.mint("last", None),
                _ => world.blocks(1),
            }
            assert_eq!(world.n(), concluded + k as u64);
            let paid = [ENGINEERING, BRAND, COMMUNITY, EXHIBITION].map(|rate| k * rate);
            let expected: Vec<u128> = start.iter().zip(paid).map(|(start, paid)| start + paid).collect();
            assert_eq!(self.balances()[..], expected, "{k} blocks after the conclusion");
        }
        for (proposal, outcome) in [(4, "SLOT_SHARE_EXCEEDED"), (5, "SLOT_STOPPED"), (7, "PAID")] {
            let mut planned = world.seen().into_iter().filter(|event| {
                event.kind == "funding_planned" && event.attributes["proposal_id"] == proposal.to_string()
            });
            assert_eq!(planned.next().map(|event| event.attributes["outcome"].clone()), Some(outcome.into()));
        }
        let (last, held) = (world.height(), |dao: &Dao, role, height| {
            slots::held_at(&world.chain.view(), &dao.address, role, height).unwrap().is_some()
        });
        let terms =
            [(guild, Role::Slot(slots::Slot::Community)), (collective, Role::Feature(Feature::ArtDealer))];
        terms.iter().for_each(|(dao, role)| assert!(held(dao, *role, last)));
        let before = self.balances();
        self.mint("late", Some("artwork/2"));
        terms.iter().for_each(|(dao, role)| assert!(held(dao, *role, last) && !held(dao, *role, last + 1)));
        let paid: Vec<u128> = self.balances().iter().zip(before).map(|(now, before)| now - before).collect();
        assert_eq!(paid, [ENGINEERING, BRAND, 0, 0], "one block more");
        for (proposal, total, missed) in
            [(4, 0, MONTH), (5, 0, MONTH), (7, u128::from(MONTH) * EXHIBITION, 0)]
        {
            let stream = funding::state::STREAMS.load(&world.chain.view(), &proposal).unwrap().unwrap();
            let n = world.n();
            assert_eq!((stream.total_paid(n).unwrap(), stream.missed(n)), (Amount(total), missed));
        }
    }

    /// The dealer mints in the next block, or is refused.
    fn mint(&self, id: &str, failure: Option<&str>) {
        let Self { world, collective, .. } = self;
        let msg = MsgMint {
            dao: collective.address.to_string(),
            id: id.into(),
            owner: Key::new(1).address().to_string(),
            uri: "ipfs://picture".into(),
            title: "A picture".into(),
            artist: "A. Painter".into(),
            ..MsgMint::default()
        };
        let outcome = world.decide(collective, vec![any(&msg)]);
        assert_eq!(attribute(&world::told(&outcome), "dao_execution_failed", "failure"), failure);
        let minted = artwork::nft(&world.chain.view(), "artwork-collective", id).unwrap();
        assert_eq!(minted.is_some(), failure.is_none());
    }

    /// The second cycle: a revocation, an improvement of all kinds, a withdrawal, a refusal by the voters.
    fn second_cycle(&self) {
        let Self { world, gallery, studio, guild, collective } = self;
        let actions = vec![
            open(),
            change("governance", "proposal_burn", "\"5000000\""),
            activate("premint", 2),
            schedule("v2", world.height() + 1_000),
        ];
        let early = world.raising(collective, improvement(actions.clone()), None);
        world.decide_refused(collective, vec![early], "governance/10");
        let revoke = RevokeCoreSlot { slot: Slot::Brand.into(), dao: gallery.address.to_string() };
        let revoke = world.raise(collective, Content::RevokeCoreSlot(revoke), None);
        world.gas.set(20_000_000);
        let improve = world.raise(studio, improvement(actions), None);
        let mistake = world.raise(collective, text(), None);
        let withdrawal = MsgWithdrawProposal { dao: collective.address.to_string(), proposal_id: mistake };
        world.decide_done(collective, vec![any(&withdrawal)]);
        let (unloved, forgotten) = (world.raise(guild, text(), None), world.raise(guild, text(), None));
        let votes = [(revoke, true), (improve, true), (unloved, false), (forgotten, true)];
        world.voting(&HOLDERS.map(|holder| world.ballot(holder, &votes)));
        let before = self.balances();
        let made = world.turn(&[world.conclusion(0, revoke), world.conclusion(1, improve)]);
        made.txs.iter().for_each(done);
        assert_eq!(slots::slot_of(&world.chain.view(), &gallery.address), Ok(None));
        let paid = |before: [u128; 4]| [0, 1].map(|dao| self.balances()[dao] - before[dao]);
        assert_eq!(paid(before), [ENGINEERING, BRAND], "the block of the revocation had paid before");
        let before = self.balances();
        world.blocks(1);
        assert_eq!(paid(before), [ENGINEERING, 0]);
        world.decide_done(studio, vec![any(&MsgResignSlot { dao: studio.address.to_string() })]);
        let before = self.balances();
        world.blocks(1);
        assert_eq!(paid(before), [0, 0]);
        assert_eq!(world.status(mistake), Status::Withdrawn);
        assert_eq!(world.status(unloved), Status::Failed);
        assert!(world.open_to_all());
        assert_eq!(world.parameter("governance", "proposal_burn"), "\"5000000\"");
        world.turn(&[]);
        assert_eq!(world.status(forgotten), Status::Lapsed);
        refused(&world.block(&[world.conclusion(2, forgotten)]).txs[0], "governance", 8);
    }

    /// What else there is to tell: an artwork given away, a DAO that changes, a redelegation that pays for a slash.
    fn afterwards(&mut self) {
        let Self { world, collective, .. } = self;
        let gift = SendArtwork {
            class_id: "artwork-collective".into(),
            id: "last".into(),
            sender: Key::new(1).address().to_string(),
            receiver: Key::new(2).address().to_string(),
        };
        done(&world.send(1, &gift));
        let update = MsgUpdateDao {
            dao: collective.address.to_string(),
            members: super::members(&[(6, 2), (0, 1)]),
            threshold: 2,
            voting_period: None,
        };
        world.decide_done(collective, vec![any(&update)]);
        let [from, to] = [0, 1].map(Validator::new);
        let redelegation = MsgBeginRedelegate {
            delegator_address: Key::new(HOLDERS[3]).address().to_string(),
            validator_src_address: from.address().operator(),
            validator_dst_address: to.address().operator(),
            amount: nils(100 * JMES),
        };
        done(&world.send(HOLDERS[3], &redelegation));
        let (height, time) = (world.height(), world.chain.last_time());
        let address = from.consensus_address();
        let evidence = Misbehavior { offence: Offence::DoubleSign, address, power: 1, height, time };
        world.chain.misbehavior = vec![evidence];
        world.blocks(1);
        world.chain.misbehavior.clear();
        world.blocks(1);
    }

    /// All of it.
    pub(super) fn run() -> Self {
        let mut season = Self::begin();
        season.first_cycle();
        season.month();
        season.second_cycle();
        season.afterwards();
        season
    }
}

/// The events that a season has told.
pub(super) fn events() -> Vec<Event> {
    Season::run().world.seen()
}

#[test]
fn a_season_by_signed_transactions() {
    let Season { mut world, gallery, .. } = Season::run();
    world.chain.chain().check_invariants().unwrap();
    let (hash, other) = (world.chain.app_hash(), world.chain.continued());
    world.chain.restart();
    assert_eq!(world.chain.app_hash(), hash);
    let terms = |chain: &jmes_tests::TestChain, dao: &Address| {
        let brand = Role::Slot(slots::Slot::Brand);
        let held = |height: u64| slots::held_at(&chain.view(), dao, brand, height).unwrap();
        (1..=chain.chain().height()).map(held).collect::<Vec<_>>()
    };
    for chain in [&world.chain, &other] {
        chain.blocks(2);
        chain.chain().check_invariants().unwrap();
    }
    assert_eq!(terms(&other, &gallery.address), terms(&world.chain, &gallery.address), "history is kept");
    let (one, two) = (world.chain.export(), other.export());
    for module in ["identity", "dao", "governance", "funding", "slots", "artwork", "upgrade", "bank"] {
        assert_eq!(two.app_state[module], one.app_state[module], "{module}");
    }
}

/// The messages of a DAO are those of a transaction: nobody else sends them (§10).
#[test]
fn nobody_raises_or_resigns_for_a_dao() {
    let season = Season::begin();
    let world = &season.world;
    world.turn(&[]);
    let stolen: [Any; 2] = [
        world.raising(&season.studio, text(), None),
        any(&MsgResignSlot { dao: season.studio.address.to_string() }),
    ];
    for message in stolen {
        let outcome = world.block(&[world.signed(0, &[message])]).txs.remove(0);
        assert!(outcome.error.is_some());
    }
    assert_eq!(jmes_modules::governance::proposal(&world.chain.view(), 1), Ok(None));
}
