//! `jmesd tx gov`: what DAOs raise and holders vote on (§11 to §14).

use jmes_proto::jmes::governance::v1 as governance;
use jmes_proto::jmes::governance::v1::proposal::Status;
use prost::Message;
use serde_json::{json, Value};

use super::daos::{chain, message, refusal, sent};
use super::economy::at;
use super::names::dao_address;
use super::node::{Chain, Node};
use super::*;

pub(super) const CYCLE: &str = "/jmes.governance.v1.Query/Cycle";
pub(super) const PARAMS: &str = "/jmes.governance.v1.Query/Params";
const PROPOSAL: &str = "/jmes.governance.v1.Query/Proposal";
pub(super) const POWER: &str = "/jmes.governance.v1.Query/VotingPower";

pub(super) fn cycle(voting: bool) -> governance::QueryCycleResponse {
    use governance::query_cycle_response::Phase;
    let phase = if voting { Phase::Voting } else { Phase::Raising };
    let passed = if voting { 20 } else { 6 };
    let day = 86_400;
    governance::QueryCycleResponse {
        index: 5,
        phase: phase as i32,
        start: at(-passed * day),
        voting_start: at((14 - passed) * day),
        end: at((28 - passed) * day),
        block_time: at(0),
    }
}

pub(super) fn params() -> governance::QueryParamsResponse {
    let params = governance::Params {
        min_vote_stake: "1000000000".into(),
        proposal_burn: "10000000".into(),
        pass_threshold_percent: 10,
        raising_period: Some(jmes_proto::Duration { seconds: 1_209_600, nanos: 0 }),
        voting_period: Some(jmes_proto::Duration { seconds: 1_209_600, nanos: 0 }),
        improvements_open_after: 3_155_695,
        min_upgrade_notice: 17_280,
    };
    governance::QueryParamsResponse { params: Some(params) }
}

pub(super) fn proposal(id: u64, status: Status) -> governance::Proposal {
    use governance::content::Content;
    governance::Proposal {
        id,
        dao: dao_address(),
        title: format!("Proposal {id}"),
        description: "A thing to do".into(),
        content: Some(governance::Content { content: Some(Content::Text(governance::Text {})) }),
        funding: Some(governance::Funding { amount: "100000000000".into(), months: 3 }),
        cycle: 5,
        status: status as i32,
        tally: None,
        raised_height: 1_200,
        concluded_height: 0,
        tallied_height: 0,
    }
}

fn with(status: Status, eligible: bool) -> Chain {
    let power = governance::QueryVotingPowerResponse { weight: "999000000".into(), eligible };
    chain()
        .with(PROPOSAL, &governance::QueryProposalResponse { proposal: Some(proposal(8, status)) })
        .with(POWER, &power)
        .with(PARAMS, &params())
        .with(CYCLE, &cycle(status == Status::Voting))
}

/// What a DAO raises with these words, out of the proposal to its members.
fn raised(words: &[&str]) -> Value {
    let texts = ["--dao", "artbasel", "--title", "A fair", "--description", "A fair in May"];
    let made = message(chain(), &[&["gov", "raise"], words, &texts].concat());
    assert_eq!((made["title"].as_str(), made["summary"].as_str()), (Some("A fair"), Some("A fair in May")));
    let raised = made["messages"][0].clone();
    assert_eq!(raised["@type"], "/jmes.governance.v1.MsgRaiseProposal");
    assert_eq!((raised["dao"].as_str(), raised["title"].as_str()), (Some(&*dao_address()), Some("A fair")));
    raised
}

#[test]
fn every_kind_of_proposal_is_raised_by_a_proposal_in_the_dao() {
    let funding = json!({"amount": "100000000000", "months": 3});
    assert_eq!(raised(&["text"])["text"], json!({}));
    assert_eq!(raised(&["text"])["funding"], Value::Null);
    assert_eq!(raised(&["text", "--amount", "100000JMES", "--months", "3"])["funding"], funding);
    let feature = raised(&["feature", "art_dealer", "--months", "12"]);
    assert_eq!(feature["request_feature"], json!({"feature": "art_dealer"}));
    assert_eq!(feature["funding"], json!({"amount": "0", "months": 12}));
    let slot = raised(&["core-slot", "brand", "--months", "3", "--amount", "100000JMES"]);
    assert_eq!((slot["core_slot"].clone(), slot["funding"].clone()), (json!({"slot": "BRAND"}), funding));
    let revoke = raised(&["revoke", "community", "alice"]);
    assert_eq!(revoke["revoke_core_slot"], json!({"slot": "COMMUNITY", "dao": ABANDON_ADDRESS}));
    assert_eq!(revoke["funding"], Value::Null);
}

#[test]
fn improvements_are_made_of_flags_or_read_from_a_file() {
    let checksum = format!("linux/amd64={}", "AB".repeat(32));
    let words = [
        "improvement",
        "--set",
        "governance.pass_threshold_percent=12",
        "--set",
        "slashing.window=long",
        "--activate",
        "staking=2",
        "--open-improvements",
        "--upgrade",
        "spring",
        "--upgrade-height",
        "99000",
        "--checksum",
        &checksum,
    ];
    let actions = json!([
        {"change_parameter": {"module": "governance", "parameter": "pass_threshold_percent", "value": "12"}},
        {"change_parameter": {"module": "slashing", "parameter": "window", "value": "\"long\""}},
        {"activate_version": {"module": "staking", "version": "2"}},
        {"open_improvements": {}},
        {"schedule_upgrade": {"name": "spring", "height": "99000", "checksums": [
            {"platform": "linux/amd64", "sha256": "ab".repeat(32), "url": ""}
        ]}},
    ]);
    assert_eq!(raised(&words)["improvement"], json!({"actions": actions}));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({"actions": actions}).to_string()).unwrap();
    assert_eq!(
        raised(&["improvement", file.path().to_str().unwrap()])["improvement"],
        json!({"actions": actions})
    );
    let said = refusal(chain(), &["gov", "raise", "improvement", "--title", "Four", "--description", "Four"]);
    assert!(said.starts_with("say what is to be improved"), "{said}");
}

#[test]
fn texts_of_proposals_have_their_lengths_and_no_control_characters() {
    let said = |title: &str, description: &str| {
        let words =
            ["gov", "raise", "text", "--dao", "artbasel", "--title", title, "--description", description];
        refusal(chain(), &words)
    };
    assert_eq!(said("abc", "long enough"), "a title has 4 to 64 characters, this one 3");
    assert_eq!(said("title", &"ä".repeat(10_001)), "a description has 4 to 10000 characters, this one 10001");
    assert!(said("title", "two\nlines").contains("control character"));
}

#[test]
fn without_a_dao_the_message_is_printed_for_the_dao_itself() {
    let (home, node) = (home_with_keys(), Node::start(chain()));
    let words =
        ["tx", "gov", "resign-slot", "--from", "artbasel", "--generate-only", "--keyring-backend", "test"];
    let made = run(home.path(), "", &[&words[..], &["--node", &node.url]].concat()).json();
    assert_eq!(
        made["body"]["messages"][0],
        json!({"@type": "/jmes.governance.v1.MsgResignSlot", "dao": dao_address()})
    );
    let withdrawn = message(chain(), &["gov", "withdraw", "8", "--dao", "artbasel"]);
    assert_eq!(withdrawn["title"], "Withdraw proposal 8");
    assert_eq!(withdrawn["messages"][0]["proposal_id"], "8");
}

#[test]
fn votes_are_cast_while_voting_lasts_by_those_who_have_enough() {
    let (any, _) = sent(with(Status::Voting, true), &["gov", "vote", "8", "no"]);
    let vote = governance::MsgVote::decode(any.value.as_slice()).unwrap();
    assert_eq!((vote.voter.as_str(), vote.proposal_id), (ABANDON_ADDRESS, 8));
    assert_eq!(vote.option, governance::VoteOption::No as i32);
    assert_eq!(
        refusal(with(Status::Voting, false), &["gov", "vote", "8", "yes"]),
        format!(
            "{ABANDON_ADDRESS} has votes of 999 JMES (999000000 Nils), and it takes 1000 JMES (1000000000 Nils) to vote: \
             bond coins with `jmesd tx staking delegate`"
        )
    );
    let said = refusal(with(Status::Raised, true), &["gov", "vote", "8", "yes"]);
    assert!(said.contains("proposal 8 is raised and not voted on now: voting begins 2027-01-09"), "{said}");
    let (any, _) = sent(with(Status::Voting, true), &["gov", "vote", "8", "yes", "--dao", "artbasel"]);
    assert_eq!(any.type_url, "/jmes.dao.v1.MsgSubmitProposal");
}

#[test]
fn only_what_has_passed_is_concluded() {
    let (any, _) = sent(with(Status::Passed, true), &["gov", "conclude", "8"]);
    assert_eq!(governance::MsgConclude::decode(any.value.as_slice()).unwrap().proposal_id, 8);
    let said = refusal(with(Status::Lapsed, true), &["gov", "conclude", "8"]);
    assert_eq!(said, "proposal 8 is lapsed: only one that has passed is concluded, and once");
}
