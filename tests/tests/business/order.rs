//! The steps of a block in their order (§15), in blocks in which several of them have work that the others change.

use super::world::{self, attribute, feature, nils, slot, text, Event, World, HOLDERS};
use super::{any, done, JMES};
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgBeginRedelegate, MsgUndelegate};
use jmes_modules::governance::types::Tally;
use jmes_modules::kernel::{Address, Amount, Misbehavior, Offence, SECOND};
use jmes_modules::slots::{self, Feature, Role};
use jmes_modules::{artwork, funding, premint, staking};
use jmes_proto::jmes::artwork::v1::MsgMint;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::slots::v1::Slot;
use jmes_proto::Any;
use jmes_tests::{Genesis, Key, Validator};
use serde_json::json;

/// Issuance heights in two months of 25 s.
const TWO_MONTHS: u64 = 10;
/// The first issuance height of the second period, which has 12 months.
const SECOND_PERIOD: u64 = 61;
/// The rates of the three streams, in Nils: they fit into the budget of each block of the test.
const RATES: [u128; 3] = [600_000, 500_000, 300_000];

/// Two validators with bonds of their own, with the second of which the test does nothing.
fn validators() -> Vec<Validator> {
    vec![Validator::new(0).bonded(10_000 * JMES), Validator::new(1).bonded(10_000 * JMES)]
}

fn undelegate(holder: u64, whole: u128) -> Any {
    any(&MsgUndelegate {
        delegator_address: Key::new(holder).address().to_string(),
        validator_address: Validator::new(0).address().operator(),
        amount: nils(whole * JMES),
    })
}

fn redelegate(holder: u64, whole: u128) -> Any {
    any(&MsgBeginRedelegate {
        delegator_address: Key::new(holder).address().to_string(),
        validator_src_address: Validator::new(0).address().operator(),
        validator_dst_address: Validator::new(1).address().operator(),
        amount: nils(whole * JMES),
    })
}

/// Evidence that the first validator signed twice at `height`.
fn evidence(world: &World, height: u64) -> Vec<Misbehavior> {
    let (address, time) = (Validator::new(0).consensus_address(), world.chain.last_time());
    vec![Misbehavior { offence: Offence::DoubleSign, address, power: 1_000, height, time }]
}

fn bonded(world: &World, owner: Address) -> u128 {
    staking::bonded(&world.chain.view(), &owner).unwrap().0
}

/// What a holder gets back of 500 JMES, and what is left of the 200 JMES of another redelegated, when both mature in the block that
/// brings evidence of an offence `later` blocks after they left the validator.
fn matured_with_evidence(later: u64) -> (u128, u128) {
    let mut world = World::begin(&world::genesis(100).validators(validators()));
    let owner = Key::new(HOLDERS[3]).address();
    let made = world.all_done(&[
        world.signed(HOLDERS[3], &[undelegate(HOLDERS[3], 500)]),
        world.signed(HOLDERS[2], &[redelegate(HOLDERS[2], 200)]),
    ]);
    assert!(made.events.iter().all(|event| event.kind != "complete_unbonding"));
    let (left, completion) = (world.height(), world.chain.last_time() + 21 * 86_400 * SECOND);
    world.blocks(3);
    // The last block in which nothing has matured.
    world.after(completion - 1 - world.chain.last_time(), &[]);
    let balance = world.chain.balance(owner);
    world.chain.misbehavior = evidence(&world, left + later);
    let made = world.after(1, &[]);
    world.chain.misbehavior.clear();
    for kind in ["slash", "complete_redelegation", "complete_unbonding"] {
        assert!(made.events.iter().any(|event| event.kind == kind), "{kind}: {:?}", made.events);
    }
    let back = world.chain.balance(owner) - balance;
    let moved = bonded(&world, Key::new(HOLDERS[2]).address()) - 1_800 * JMES * 95 / 100;
    world.blocks(2);
    world.chain.chain().check_invariants().unwrap();
    (back, moved)
}

/// §15: evidence is step 2, matured unbonding step 3. §8: entries begun at heights ≥ e − 1 are liable.
#[test]
fn what_matures_in_the_block_of_the_evidence_still_pays_for_the_offence() {
    assert_eq!(matured_with_evidence(0), (475 * JMES, 190 * JMES), "in the block in which they left");
    assert_eq!(matured_with_evidence(1), (475 * JMES, 190 * JMES), "in the block after it");
    assert_eq!(matured_with_evidence(2), (500 * JMES, 200 * JMES), "they left before the offence");
}

/// A genesis in which coins unbond in 120 s, as long as voting lasts, with a premint wallet.
fn short_unbonding() -> Genesis {
    let params = json!({
        "unbonding_time": "120s", "max_validators": 100, "max_entries": 7, "historical_entries": 10_000,
        "bond_denom": "ujmes", "min_commission_rate": "0.000000000000000000",
    });
    let wallet = Key::new(60).address();
    let genesis = world::genesis(25).validators(validators()).set("staking/params", params);
    genesis.with(wallet, &format!("{}ujmes", 1_000_000 * JMES)).premint(wallet, 1_000_000 * JMES)
}

fn mint(dao: Address, id: &str) -> Any {
    any(&MsgMint {
        dao: dao.to_string(),
        id: id.into(),
        owner: Key::new(1).address().to_string(),
        uri: "ipfs://picture".into(),
        title: "A picture".into(),
        artist: "A. Painter".into(),
        ..MsgMint::default()
    })
}

/// The kinds of `events`, in their order, of those that tell of a step's work; of several in a row the first.
fn steps(events: &[Event]) -> Vec<&str> {
    const TELLING: [&str; 9] = [
        "slash",
        "complete_redelegation",
        "complete_unbonding",
        "emission_period_started",
        "governance_proposal_tallied",
        "governance_cycle_started",
        "term_ended",
        "funding_ended",
        "funding_paid",
    ];
    let mut kinds: Vec<&str> =
        events.iter().map(|event| event.kind.as_str()).filter(|kind| TELLING.contains(kind)).collect();
    kinds.dedup();
    kinds
}

/// The block 61 in which evidence comes, coins and a redelegation mature, a period of emission begins, the cycle turns, a slot's
/// and a dealer's term have ended, the funding of both with them, and a third stream goes on.
#[test]
fn one_block_does_all_its_steps_in_their_order() {
    let mut world = World::begin(&short_unbonding());
    let studio = world.found("studio", &[(0, 1), (1, 1), (2, 1)], 2, 100);
    let gallery = world.found("gallery", &[(3, 1), (4, 1)], 2, 100);
    let artists = world.found("artists", &[(6, 1)], 1, 100);
    world.until(35);
    world.turn(&[]);
    let funded = |number: usize, blocks: u64| Some((RATES[number] * u128::from(blocks), (blocks / 5) as u32));
    let ids = [
        world.raise(&studio, slot(Slot::Brand), funded(0, TWO_MONTHS)),
        world.raise(&artists, feature("art_dealer"), funded(1, TWO_MONTHS)),
        world.raise(&gallery, text(), funded(2, 2 * TWO_MONTHS)),
    ];
    world.all_vote_yes(&ids);
    world.turn(&[]);
    world.until(SECOND_PERIOD - TWO_MONTHS - 2);
    let conclusions: Vec<Vec<u8>> =
        ids.iter().zip(7..).map(|(id, sender)| world.conclusion(sender, *id)).collect();
    world.all_done(&conclusions);
    assert_eq!(world.n() + TWO_MONTHS, SECOND_PERIOD - 1, "c + N is the last block of the first period");
    let paid_to = [studio, artists, gallery].map(|dao| dao.address);
    let balances = |world: &World| paid_to.map(|dao| world.chain.balance(dao));
    let concluded = balances(&world);

    let next = world.raise(&gallery, text(), Some((10_000, 2)));
    let burnt = 10 * JMES;
    let mut moving = World::votes(HOLDERS[2], &[(next, true)]);
    moving.push(redelegate(HOLDERS[2], 200));
    world.voting(&[
        world.ballot(HOLDERS[0], &[(next, true)]),
        world.ballot(HOLDERS[1], &[(next, true)]),
        world.signed(HOLDERS[2], &moving),
        world.signed(HOLDERS[3], &[undelegate(HOLDERS[3], 500)]),
    ]);
    let left = world.height();
    world.until(SECOND_PERIOD - 2);
    world.decide_done(&artists, vec![mint(artists.address, "last")]);
    assert_eq!(world.n(), SECOND_PERIOD - 1);
    let count = u128::from(TWO_MONTHS);
    let expected = [
        concluded[0] + count * RATES[0],
        concluded[1] + count * RATES[1],
        concluded[2] + count * RATES[2] - burnt,
    ];
    assert_eq!(balances(&world), expected, "paid N times, to the Nil");

    let holder = Key::new(HOLDERS[3]).address();
    let balance = world.chain.balance(holder);
    let late =
        world.signed(6, &[any(&super::proposal(artists.address, 6, vec![mint(artists.address, "late")]))]);
    let txs = [world.conclusion(7, next), late];
    world.chain.misbehavior = evidence(&world, left);
    let made = world.turn(&txs);
    world.chain.misbehavior.clear();
    made.txs.iter().for_each(done);
    assert_eq!(world.n(), SECOND_PERIOD);
    assert_eq!(
        steps(&made.events),
        [
            "slash",
            "complete_redelegation",
            "complete_unbonding",
            "emission_period_started",
            "governance_proposal_tallied",
            "governance_cycle_started",
            "term_ended",
            "funding_ended",
            "term_ended",
            "funding_ended",
            "funding_paid",
        ]
    );
    check_evidence_and_maturity(&world, holder, balance);
    check_tally(&world, next);
    // Step 5 before step 6: what ended at n − 1 is not paid, what goes on is, and the conclusion of this block pays from the next on.
    assert_eq!(balances(&world), [expected[0], expected[1], expected[2] + RATES[2]]);
    world.blocks(1);
    assert_eq!(balances(&world)[2], expected[2] + 2 * RATES[2] + 1_000);
    check_terms(&world, [studio.address, artists.address]);
    check_mints(&made, &world);
    world.chain.chain().check_invariants().unwrap();
}

/// Steps 2 and 3: the slash, then 95% come back; what was redelegated has paid as well.
fn check_evidence_and_maturity(world: &World, holder: Address, balance: u128) {
    assert_eq!(world.chain.balance(holder) - balance, 475 * JMES);
    assert_eq!(bonded(world, holder), 500 * JMES * 95 / 100);
    assert_eq!(bonded(world, Key::new(HOLDERS[2]).address()), 1_800 * JMES * 95 / 100 + 190 * JMES);
    assert!(staking::require(&world.chain.view(), &Validator::new(0).address()).unwrap().tombstoned);
}

/// Step 4 after step 2 counts bonds as the slash has left them; n(h) before the tally unlocks the premint of this block.
fn check_tally(world: &World, id: u64) {
    let view = world.chain.view();
    let Tally { yes, no, possible } = world.shown(id).tally;
    assert_eq!((yes.0, no), (9_000 * JMES * 95 / 100, Amount::ZERO));
    let premint = premint::voting_weight(&view, &Key::new(60).address()).unwrap();
    assert_eq!(possible.0, staking::total_bonded(&view).unwrap().0 + premint.0, "as of this block");
    assert_eq!(world.status(id), Status::Concluded, "in the block of its tally");
}

/// Held at c + N, not at c + N + 1.
fn check_terms(world: &World, [studio, artists]: [Address; 2]) {
    let view = world.chain.view();
    let held =
        |dao: &Address, role: Role, height: u64| slots::held_at(&view, dao, role, height).unwrap().is_some();
    let brand = Role::Slot(slots::Slot::Brand);
    let last = world.height() - 2;
    for (dao, role) in [(studio, brand), (artists, Role::Feature(Feature::ArtDealer))] {
        assert!(held(&dao, role, last) && !held(&dao, role, last + 1), "{}", role.name());
    }
    assert_eq!(slots::slot_of(&view, &studio), Ok(None));
    for proposal in [1, 2] {
        let stream = funding::state::STREAMS.load(&view, &proposal).unwrap().unwrap();
        let n = SECOND_PERIOD - 1;
        assert_eq!((stream.last, stream.missed(n)), (n, 0));
        assert_eq!(stream.total_paid(n).unwrap().0, u128::from(TWO_MONTHS) * RATES[proposal as usize - 1]);
    }
}

/// The dealer minted in its last block and not in the next.
fn check_mints(made: &world::Made, world: &World) {
    let events = world::told(&made.txs[1]);
    assert_eq!(attribute(&events, "dao_execution_failed", "failure"), Some("artwork/2"));
    let view = world.chain.view();
    let minted = |id: &str| artwork::nft(&view, "artwork-artists", id).unwrap().is_some();
    assert!(minted("last") && !minted("late"));
}
