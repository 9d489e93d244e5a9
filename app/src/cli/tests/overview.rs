//! `jmesd gov`, `jmesd dao`, `jmesd funding` and the queries beneath them: what people read, and that programs get JSON.

use cosmos_sdk_proto::cosmos::base::query::v1beta1::PageResponse;
use jmes_proto::cosmos::nft::v1beta1 as nft;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::{
    artwork::v1 as artwork, dao::v1 as dao, funding::v1 as funding, governance::v1 as governance,
    slots::v1 as slots, upgrade::v1 as upgrade,
};

use serde_json::json;

use super::super::protobuf::to_any;
use super::governance::{cycle, params, proposal, CYCLE, PARAMS, POWER};
use super::names::dao_address;
use super::node::{Chain, Node};
use super::*;
use daos::artbasel;

const GOV_PROPOSALS: &str = "/jmes.governance.v1.Query/Proposals";
const VOTES_OF: &str = "/jmes.governance.v1.Query/VotesOf";
const PLAN: &str = "/jmes.funding.v1.Query/Plan";

fn runs(chain: Chain, words: &[&str]) -> Ran {
    let (home, node) = (home_with_keys(), Node::start(chain.named("artbasel", &dao_address(), true)));
    let words: Vec<&str> = words.iter().chain(&["--node", &node.url]).copied().collect();
    run(home.path(), "", &words)
}

fn keyed(chain: Chain, words: &[&str]) -> Ran {
    runs(chain, &[words, &["--keyring-backend", "test"]].concat())
}

fn tally(yes: &str, no: &str) -> Option<governance::Tally> {
    Some(governance::Tally { yes: yes.into(), no: no.into(), possible: "1000000000000".into() })
}

/// A cycle in its voting phase: three proposals, one of which has passed in the cycle before.
fn voting() -> Chain {
    use governance::content::Content;
    let mut slot = proposal(11, Status::Voting);
    slot.content = Some(governance::Content {
        content: Some(Content::CoreSlot(governance::CoreSlot { slot: slots::Slot::Brand as i32 })),
    });
    slot.tally = tally("250000000000", "20000000000");
    let mut text = proposal(12, Status::Voting);
    text.tally = tally("60000000000", "1500000");
    let mut passed = proposal(7, Status::Passed);
    passed.tally = tally("500000000000", "0");
    let withdrawn = proposal(9, Status::Withdrawn);
    // The stand-in gives this answer for both cycles; what has another status is left out.
    let proposals = vec![text, slot, withdrawn, passed];
    let votes = vec![governance::Vote {
        voter: ABANDON_ADDRESS.into(),
        proposal_id: 12,
        option: governance::VoteOption::No as i32,
        counted: true,
    }];
    Chain::default()
        .with(CYCLE, &cycle(true))
        .with(PARAMS, &params())
        .with(GOV_PROPOSALS, &governance::QueryProposalsResponse { proposals, pagination: None })
        .with(VOTES_OF, &governance::QueryVotesOfResponse { votes })
        .with(POWER, &governance::QueryVotingPowerResponse { weight: "5000000000".into(), eligible: true })
}

#[test]
fn gov_ranks_open_proposals_by_net_yes_with_bars_to_the_threshold() {
    let ran = keyed(voting(), &["gov", "--from", "one"]);
    assert!(ran.err.contains("jmesd tx gov conclude ID"), "{}", ran.err);
    insta::assert_snapshot!("gov", ran.out());
    let json = keyed(voting(), &["gov", "--from", "one", "-o", "json"]).json();
    assert_eq!(
        (json["possible"].as_str(), json["threshold"].as_str()),
        (Some("1000000000000"), Some("100000000000"))
    );
    assert_eq!(json["open"][0]["proposal"]["id"], "11");
    assert_eq!(json["open"][0]["net_yes"], "230000000000");
    assert_eq!(json["open"].as_array().unwrap().len(), 2);
    assert_eq!(json["passed"][0]["proposal"]["id"], "7");
    assert_eq!(
        (json["voter"]["eligible"].as_bool(), json["voter"]["votes"][0]["option"].as_str()),
        (Some(true), Some("NO"))
    );
}

#[test]
fn an_overview_says_when_it_has_not_read_all() {
    let page = Some(PageResponse { next_key: vec![1], total: 0 });
    let endless = || {
        let answer = governance::QueryProposalsResponse {
            proposals: vec![proposal(12, Status::Voting)],
            pagination: page.clone(),
        };
        voting().with(GOV_PROPOSALS, &answer)
    };
    let said = runs(endless(), &["gov"]).err;
    assert!(
        said.contains("There is more than is shown: of each list only the first 2,000 entries"),
        "{said}"
    );
    let incomplete = |chain, words: &[&str]| keyed(chain, words).json()["incomplete"].clone();
    assert_eq!(incomplete(endless(), &["gov", "-o", "json"]), true);
    assert_eq!(incomplete(voting(), &["gov", "-o", "json"]), false);
    assert!(!runs(voting(), &["gov"]).err.contains("There is more"));
    let mine = || {
        let answer = dao::QueryDaosOfResponse { daos: vec![artbasel()], pagination: page.clone() };
        daos().with("/jmes.dao.v1.Query/DaosOf", &answer)
    };
    assert!(keyed(mine(), &["dao"]).err.contains("There is more than is shown"));
    assert_eq!(incomplete(mine(), &["dao", "-o", "json"]), true);
    assert_eq!(incomplete(daos(), &["dao", "-o", "json"]), false);
}

#[test]
fn gov_before_votes_shows_what_is_raised() {
    let raised = vec![proposal(13, Status::Raised)];
    let chain = voting()
        .with(CYCLE, &cycle(false))
        .with(GOV_PROPOSALS, &governance::QueryProposalsResponse { proposals: raised, pagination: None });
    insta::assert_snapshot!("gov_raising", runs(chain, &["gov"]).out());
}

#[test]
fn proposals_of_governance_are_a_table_and_one_is_a_page() {
    insta::assert_snapshot!(
        "gov_proposals",
        runs(voting(), &["query", "gov", "proposals", "--cycle", "5"]).out()
    );
    let mut one = proposal(12, Status::Voting);
    one.tally = tally("60000000000", "1500000");
    let answer = governance::QueryProposalResponse { proposal: Some(one) };
    let chain = voting().with("/jmes.governance.v1.Query/Proposal", &answer);
    insta::assert_snapshot!("gov_proposal", runs(chain, &["query", "gov", "proposal", "12"]).out());
    insta::assert_snapshot!("gov_params", runs(voting(), &["query", "gov", "params"]).out());
    let votes = keyed(voting(), &["query", "gov", "votes", "one"]);
    assert_eq!(votes.out(), "PROPOSAL  VOTE  COUNTED\n12        no    yes\n");
    let votes = keyed(voting(), &["query", "gov", "votes", "one", "-o", "json"]).json();
    let vote = json!({"voter": ABANDON_ADDRESS, "proposal_id": "12", "option": "NO", "counted": true});
    assert_eq!(votes, json!({ "votes": [vote] }));
    let power = keyed(voting(), &["query", "gov", "voting-power", "one"]);
    assert_eq!(power.out(), "votes:          5,000 JMES (5000000000 Nils)\nenough to vote: yes\n");
}

fn daos() -> Chain {
    use dao::proposal::Status;
    let vote = dao::Vote { voter: SPECIAL_ADDRESS.into(), option: dao::VoteOption::Yes as i32, power: 1 };
    let passed = dao::Proposal { failure: "sdk/5".into(), ..daos::proposal(8, Status::Passed) };
    let proposals = vec![daos::proposal(9, Status::Open), passed, daos::proposal(7, Status::Executed)];
    Chain::default()
        .named("alice", ABANDON_ADDRESS, false)
        .with(
            "/jmes.dao.v1.Query/DaosOf",
            &dao::QueryDaosOfResponse { daos: vec![artbasel()], pagination: None },
        )
        .with("/jmes.dao.v1.Query/Proposals", &dao::QueryProposalsResponse { proposals, pagination: None })
        .with("/jmes.dao.v1.Query/Votes", &dao::QueryVotesResponse { votes: vec![vote], pagination: None })
        .with(daos::DAO, &dao::QueryDaoResponse { dao: Some(artbasel()) })
        .with(
            daos::PROPOSAL,
            &dao::QueryProposalResponse { proposal: Some(daos::proposal(8, Status::Passed)) },
        )
}

#[test]
fn dao_shows_what_waits_for_ones_vote() {
    insta::assert_snapshot!("dao_overview", keyed(daos(), &["dao"]).out());
    insta::assert_snapshot!("dao_overview_of_one", keyed(daos(), &["dao", "--from", "one"]).out());
    let json = keyed(daos(), &["dao", "-o", "json"]).json();
    let first = &json["daos"][0];
    assert_eq!(
        (first["dao"]["name"].as_str(), first["members"][0]["power"].as_str()),
        (Some("artbasel"), Some("2"))
    );
    assert_eq!(first["proposals"].as_array().unwrap().len(), 2);
    assert_eq!(first["proposals"][0]["votes"][SPECIAL_ADDRESS]["option"], "YES");
    assert!(first["proposals"][0]["votes"][ABANDON_ADDRESS].is_null());
}

#[test]
fn a_dao_and_its_proposals_are_shown_with_names() {
    insta::assert_snapshot!("dao", runs(daos(), &["query", "dao", "show", "artbasel"]).out());
    insta::assert_snapshot!("dao_proposal", runs(daos(), &["query", "dao", "proposal", "8"]).out());
    insta::assert_snapshot!("dao_proposals", runs(daos(), &["query", "dao", "proposals", "artbasel"]).out());
    let votes = runs(daos(), &["query", "dao", "votes", "9"]).out();
    assert_eq!(votes, format!("VOTER{}VOTE  POWER\n{SPECIAL_ADDRESS}  yes   1\n", " ".repeat(40)));
    assert!(runs(daos(), &["query", "dao", "of", "alice"]).out().contains("2 of 3"));
}

#[test]
fn funding_is_the_plan_in_the_order_of_payment() {
    let entry = |proposal_id, rate: &str, paid, outcome: funding::Outcome, reason: &str| funding::PlanEntry {
        proposal_id,
        dao: dao_address(),
        rate: rate.into(),
        net_yes: "230000000000".into(),
        paid,
        reason: reason.into(),
        outcome: outcome as i32,
    };
    let plan = funding::QueryPlanResponse {
        height: 500_000,
        budget: "6327900".into(),
        spent: "63377".into(),
        entries: vec![
            entry(11, "63377", true, funding::Outcome::Paid, "paid"),
            entry(
                12,
                "6300000",
                false,
                funding::Outcome::BudgetExhausted,
                "more than what is left of the budget",
            ),
        ],
    };
    let chain = || Chain::default().with(PLAN, &plan);
    insta::assert_snapshot!("funding", runs(chain(), &["funding"]).out());
    assert_eq!(runs(chain(), &["query", "funding", "plan"]).out(), runs(chain(), &["funding"]).out());
    let json = runs(chain(), &["funding", "-o", "json"]).json();
    assert_eq!(
        (json["spent"].as_str(), json["entries"][1]["outcome"].as_str()),
        (Some("63377"), Some("BUDGET_EXHAUSTED"))
    );
    let stream = funding::QueryStreamResponse {
        proposal_id: 11,
        dao: dao_address(),
        rate: "63377".into(),
        first_height: 400_001,
        last_height: 1_977_847,
        total_paid: "6337700000".into(),
        missed_blocks: 3,
        net_yes: "230000000000".into(),
        active: true,
    };
    let chain = Chain::default().with("/jmes.funding.v1.Query/Stream", &stream);
    insta::assert_snapshot!("stream", runs(chain, &["query", "funding", "stream", "11"]).out());
}

#[test]
fn slots_are_shown_with_the_vacant_ones() {
    let vacant = |slot: slots::Slot| slots::Seat { slot: slot as i32, ..Default::default() };
    let brand = slots::Seat {
        dao: dao_address(),
        proposal_id: 11,
        since: 1_300,
        until: 9_000,
        ..vacant(slots::Slot::Brand)
    };
    let seats = vec![brand, vacant(slots::Slot::Community), vacant(slots::Slot::Engineering)];
    let chain =
        Chain::default().with("/jmes.slots.v1.Query/Slots", &slots::QuerySlotsResponse { slots: seats });
    insta::assert_snapshot!("slots", runs(chain, &["query", "slots", "list"]).out());
    let held = slots::QueryFeatureAtResponse { held: true, proposal_id: 11 };
    let chain = Chain::default().with("/jmes.slots.v1.Query/FeatureAt", &held);
    let words = ["query", "slots", "held", "artbasel", "brand", "1400"];
    assert_eq!(runs(chain, &words).out(), "held:        yes\nby proposal: 11\n");
    let chain = Chain::default().with("/jmes.slots.v1.Query/FeatureAt", &held);
    let held = runs(chain, &[&words[..], &["-o", "json"]].concat()).json();
    assert_eq!(held, json!({"held": true, "proposal_id": "11"}));
    let params = slots::QueryParamsResponse { params: Some(slots::Params {}) };
    let chain = || Chain::default().with("/jmes.slots.v1.Query/Params", &params);
    assert_eq!(runs(chain(), &["query", "slots", "params"]).out(), "there are none\n");
    assert_eq!(runs(chain(), &["query", "slots", "params", "-o", "json"]).json(), json!({"params": {}}));
}

#[test]
fn artworks_are_shown_with_what_they_hold_and_where_they_come_from() {
    let data = artwork::Artwork {
        dao: dao_address(),
        title: "Night".into(),
        artist: "Carol".into(),
        royalty_bps: 250,
        data: "oil".into(),
        feature: "art_dealer".into(),
        proposal_id: 11,
        minted_height: 1_400,
    };
    let nft = nft::Nft {
        class_id: "artwork-artbasel".into(),
        id: "night-1".into(),
        uri: "ipfs://night".into(),
        uri_hash: "ab12".into(),
        data: Some(to_any(&data)),
    };
    let transfer =
        |from: &str, to: &str, height| artwork::Transfer { from: from.into(), to: to.into(), height };
    let provenance = artwork::QueryProvenanceResponse {
        dao: dao_address(),
        feature: "art_dealer".into(),
        proposal_id: 11,
        minted_height: 1_400,
        held_then: true,
        held_now: false,
        transfers: vec![
            transfer(ABANDON_ADDRESS, SPECIAL_ADDRESS, 1_500),
            transfer("", ABANDON_ADDRESS, 1_400),
        ],
        pagination: None,
    };
    let chain = || {
        Chain::default()
            .named("alice", ABANDON_ADDRESS, false)
            .with("/cosmos.nft.v1beta1.Query/NFT", &nft::QueryNftResponse { nft: Some(nft.clone()) })
            .with(
                "/cosmos.nft.v1beta1.Query/NFTs",
                &nft::QueryNfTsResponse { nfts: vec![nft.clone()], pagination: None },
            )
            .with("/jmes.artwork.v1.Query/Provenance", &provenance)
            .with("/cosmos.nft.v1beta1.Query/Balance", &nft::QueryBalanceResponse { amount: 1_234 })
            .with(
                "/jmes.artwork.v1.Query/Params",
                &artwork::QueryParamsResponse { params: Some(artwork::Params {}) },
            )
    };
    let ask = |words: &[&str]| runs(chain(), &[&["query", "artwork"], words].concat());
    insta::assert_snapshot!("artwork", ask(&["show", "artwork-artbasel", "night-1"]).out());
    insta::assert_snapshot!("artworks", ask(&["list", "--class", "artwork-artbasel"]).out());
    insta::assert_snapshot!("provenance", ask(&["provenance", "artwork-artbasel", "night-1"]).out());
    assert!(ask(&["list"]).error().starts_with("say of whom"));
    let shown = ask(&["show", "artwork-artbasel", "night-1", "-o", "json"]).json();
    assert_eq!(
        (&shown["nft"]["data"]["@type"], &shown["nft"]["data"]["royalty_bps"]),
        (&json!("/jmes.artwork.v1.Artwork"), &json!(250))
    );
    let shown = ask(&["provenance", "artwork-artbasel", "night-1", "-o", "json"]).json();
    assert_eq!((&shown["held_now"], &shown["transfers"][0]["height"]), (&json!(false), &json!("1500")));
    assert_eq!(ask(&["balance", "artwork-artbasel", "alice"]).out(), "1,234\n");
    assert_eq!(
        ask(&["balance", "artwork-artbasel", SPECIAL_ADDRESS, "-o", "json"]).json(),
        json!({"amount": "1234"})
    );
    assert_eq!(ask(&["params"]).out(), "there are none\n");
}

#[test]
fn improvements_are_shown_as_versions_plan_and_changes() {
    let version = |module: &str, active| upgrade::Version { module: module.into(), active, latest: 2 };
    let versions = upgrade::QueryVersionsResponse {
        versions: vec![version("bank", 1), version("staking", 2)],
        improvements_open: false,
    };
    let set = upgrade::ChangeParameter {
        module: "governance".into(),
        parameter: "pass_threshold_percent".into(),
        value: "12".into(),
    };
    let changes =
        vec![upgrade::Change { change: Some(set), height: 1_600, proposal_id: 14, before: "10".into() }];
    let none = upgrade::QueryPlanResponse::default();
    let chain = || {
        Chain::default()
            .with("/jmes.upgrade.v1.Query/Versions", &versions)
            .with("/jmes.upgrade.v1.Query/Plan", &none)
            .with(
                "/jmes.upgrade.v1.Query/Params",
                &upgrade::QueryParamsResponse { params: Some(upgrade::Params {}) },
            )
            .with(
                "/jmes.upgrade.v1.Query/Changes",
                &upgrade::QueryChangesResponse { changes: changes.clone(), pagination: None },
            )
    };
    let ask = |what| runs(chain(), &["query", "upgrade", what]).out();
    insta::assert_snapshot!("versions", ask("versions"));
    assert_eq!(ask("plan"), "no upgrade is scheduled\n");
    insta::assert_snapshot!("changes", ask("changes"));
    assert_eq!(ask("params"), "there are none\n");
    let json = |what| runs(chain(), &["query", "upgrade", what, "-o", "json"]).json();
    assert_eq!(json("versions")["versions"][1], json!({"module": "staking", "active": "2", "latest": "2"}));
    assert_eq!(json("plan"), json!({ "plan": null, "info": "" }));
    assert_eq!(json("changes")["changes"][0]["change"]["value"], "12");
    assert_eq!(json("changes")["changes"][0]["before"], "10");
}
