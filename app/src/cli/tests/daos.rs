//! `jmesd tx dao` and what DAOs do: every message of a DAO becomes a proposal of its members (§10).

use jmes_proto::jmes::dao::v1 as dao;
use prost::Message;
use serde_json::{json, Value};

use super::super::protobuf::to_any;
use super::economy::{at, ujmes};
use super::names::dao_address;
use super::node::{Chain, Node};
use super::staking::tx;
use super::transactions::decode;
use super::*;

pub(super) const DAO: &str = "/jmes.dao.v1.Query/Dao";
pub(super) const PROPOSAL: &str = "/jmes.dao.v1.Query/Proposal";

pub(super) fn artbasel() -> dao::Dao {
    let member = |address: &str, power| dao::Member { address: address.into(), power };
    dao::Dao {
        address: dao_address(),
        id: 3,
        name: "artbasel".into(),
        members: vec![member(SPECIAL_ADDRESS, 1), member(ABANDON_ADDRESS, 2)],
        threshold: 2,
        voting_period: Some(jmes_proto::Duration { seconds: 14 * 86_400, nanos: 0 }),
        version: 4,
        height: 900,
    }
}

/// A DAO's proposal of one message.
pub(super) fn proposal(id: u64, status: dao::proposal::Status) -> dao::Proposal {
    let message = cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend {
        from_address: dao_address(),
        to_address: SPECIAL_ADDRESS.into(),
        amount: vec![ujmes("5000000")],
    };
    dao::Proposal {
        id,
        dao: dao_address(),
        proposer: ABANDON_ADDRESS.into(),
        title: "Rent of May".into(),
        summary: "For the gallery".into(),
        messages: vec![to_any(&message)],
        version: 4,
        status: status as i32,
        yes: 1,
        no: 0,
        abstain: 0,
        submitted_height: 950,
        deadline: at(86_400),
        execute_until: at(2 * 86_400),
        failure: String::new(),
    }
}

pub(super) fn chain() -> Chain {
    Chain::default()
        .named("artbasel", &dao_address(), true)
        .named("alice", ABANDON_ADDRESS, false)
        .with(DAO, &dao::QueryDaoResponse { dao: Some(artbasel()) })
}

/// The one message that a command prints.
pub(super) fn message(chain: Chain, words: &[&str]) -> Value {
    let (home, node) = (home_with_keys(), Node::start(chain));
    let messages =
        tx(home.path(), &node, &[words, &["--generate-only"]].concat()).json()["body"]["messages"].clone();
    assert_eq!(messages.as_array().unwrap().len(), 1);
    messages[0].clone()
}

/// The first message that reaches the node, and the gas limit.
pub(super) fn sent(chain: Chain, words: &[&str]) -> (jmes_proto::Any, u64) {
    let (home, node) = (home_with_keys(), Node::start(chain));
    tx(home.path(), &node, &[words, &["-y"]].concat()).out();
    let (_, body, auth) = decode(&node.sent()[0]);
    (body.messages[0].clone(), auth.fee.unwrap().gas_limit)
}

pub(super) fn refusal(chain: Chain, words: &[&str]) -> String {
    let (home, node) = (home_with_keys(), Node::start(chain));
    let said = tx(home.path(), &node, &[words, &["-y"]].concat()).error();
    assert!(node.sent().is_empty());
    said
}

#[test]
fn a_dao_is_registered_with_members_by_name() {
    let words =
        ["dao", "register", "basel", "--member", "one=2", "--member", "two", "--voting-period", "14d"];
    assert_eq!(
        message(chain(), &words),
        json!({
            "@type": "/jmes.dao.v1.MsgRegisterDao", "creator": ABANDON_ADDRESS, "name": "basel",
            "members": [{"address": ABANDON_ADDRESS, "power": "2"}, {"address": SPECIAL_ADDRESS, "power": "1"}],
            "threshold": "2", "voting_period": "1209600s",
        })
    );
    let chain_of =
        |words: &[&str]| message(chain(), &[&["dao", "register", "basel", "--member"], words].concat());
    assert_eq!(chain_of(&["two=7", "--threshold", "3"])["threshold"], "3");
    assert_eq!(chain_of(&["two=7"])["voting_period"], Value::Null);
    let said = |words: &[&str]| refusal(chain(), &[&["dao", "register", "basel"], words].concat());
    assert!(said(&["--member", "two", "--member", SPECIAL_ADDRESS]).contains("is named twice"));
    assert!(said(&["--member", "two=3", "--threshold", "4"]).contains("can't be reached"));
    assert!(said(&["--member", "two=0"]).contains("is no power"));
    assert!(refusal(chain(), &["dao", "register", "artbasel", "--member", "two"])
        .starts_with("artbasel is taken"));
}

#[test]
fn whatever_a_wallet_can_do_a_dao_can_propose() {
    let (home, node) = (home_with_keys(), Node::start(chain()));
    let words =
        ["tx", "bank", "send", "artbasel", "two", "5JMES", "--generate-only", "--keyring-backend", "test"];
    let made = run(home.path(), "", &[&words[..], &["--node", &node.url]].concat()).out();
    let flags = ["--from", "one", "--keyring-backend", "test", "--node", &node.url, "-y"];
    let words = ["tx", "dao", "submit", "-", "--title", "Rent of May", "--execute"];
    run(home.path(), &made, &[&words[..], &flags].concat()).out();
    let (_, body, auth) = decode(&node.sent()[0]);
    let message = dao::MsgSubmitProposal::decode(body.messages[0].value.as_slice()).unwrap();
    assert_eq!((message.proposer.as_str(), message.dao), (ABANDON_ADDRESS, dao_address()));
    assert_eq!(
        (message.title.as_str(), message.summary.as_str(), message.execute),
        ("Rent of May", "", true)
    );
    assert_eq!(message.messages[0].type_url, "/cosmos.bank.v1beta1.MsgSend");
    // Enough for the message too, which is sent at once.
    assert!(auth.fee.unwrap().gas_limit > 700_000);
    // One of somebody else is none of the DAO's.
    let (said, foreign) =
        (["tx", "bank", "send", "two", "one", "5JMES", "--generate-only"], Node::start(chain().without(DAO)));
    let made = run(home.path(), "", &[&said[..], &["--keyring-backend", "test"]].concat()).out();
    let flags = ["--from", "one", "--keyring-backend", "test", "--node", &foreign.url, "-y"];
    let said = run(home.path(), &made, &[&words[..], &flags].concat()).error();
    assert!(said.contains(&format!("{SPECIAL_ADDRESS}, who signs the messages, must be a DAO")), "{said}");
}

#[test]
fn a_dao_has_no_key_and_the_way_out_is_told() {
    let (home, node) = (home_with_keys(), Node::start(chain()));
    let words = ["tx", "bank", "send", "artbasel", "two", "5JMES", "--keyring-backend", "test", "-y"];
    let said = run(home.path(), "", &[&words[..], &["--node", &node.url]].concat()).error();
    assert_eq!(
        said,
        "artbasel is a DAO and has no key: print its transaction with --generate-only and let a member propose it with \
         `jmesd tx dao submit`"
    );
    // Bonding for a DAO works the same way, without asking for a key.
    let words =
        ["tx", "staking", "delegate", ABANDON_ADDRESS, "5JMES", "--from", "artbasel", "--generate-only"];
    let made =
        run(home.path(), "", &[&words[..], &["--keyring-backend", "test", "--node", &node.url]].concat());
    assert_eq!(made.json()["body"]["messages"][0]["delegator_address"], dao_address());
}

#[test]
fn an_update_keeps_what_is_not_said() {
    let update = |words: &[&str]| {
        let made = message(chain(), &[&["dao", "update", "--dao", "artbasel"], words].concat());
        assert_eq!(made["@type"], "/jmes.dao.v1.MsgSubmitProposal");
        made["messages"][0].clone()
    };
    let raised = update(&["--threshold", "3"]);
    assert_eq!(raised["@type"], "/jmes.dao.v1.MsgUpdateDao");
    assert_eq!(
        (raised["threshold"].as_str(), raised["voting_period"].as_str()),
        (Some("3"), Some("1209600s"))
    );
    assert_eq!(raised["members"].as_array().unwrap().len(), 2);
    let expelled = update(&["--member", "one=2", "--voting-period", "1h"]);
    assert_eq!(expelled["members"], json!([{"address": ABANDON_ADDRESS, "power": "2"}]));
    assert_eq!(expelled["voting_period"], "3600s");
    let said = refusal(chain(), &["dao", "update", "--dao", "artbasel", "--member", "one"]);
    assert!(said.contains("a threshold of 2 can't be reached"), "{said}");
}

#[test]
fn polls_have_no_messages_and_titles_have_their_length() {
    let poll = message(
        chain(),
        &["dao", "poll", "artbasel", "--title", "Which wall?", "--summary", "Left or right"],
    );
    assert_eq!((poll["title"].as_str(), poll["messages"].clone()), (Some("Which wall?"), json!([])));
    let long = "x".repeat(65);
    let said = refusal(chain(), &["dao", "poll", "artbasel", "--title", &long]);
    assert_eq!(said, "a title has 1 to 64 characters, this one 65");
    let said = refusal(chain(), &["dao", "poll", "artbasel", "--title", "Two", "--summary", "two\nlines"]);
    assert!(said.contains("no control characters"), "{said}");
}

#[test]
fn members_vote_and_execute_what_can_be_voted_on_and_executed() {
    use dao::proposal::Status;
    let with = |status| {
        let answer = dao::QueryProposalResponse { proposal: Some(proposal(9, status)) };
        chain().with(PROPOSAL, &answer)
    };
    let (any, plain) = sent(with(Status::Open), &["dao", "vote", "9", "abstain"]);
    let vote = dao::MsgVote::decode(any.value.as_slice()).unwrap();
    assert_eq!((vote.proposal_id, vote.option, vote.execute), (9, dao::VoteOption::Abstain as i32, false));
    let (_, deciding) = sent(with(Status::Open), &["dao", "vote", "9", "yes", "--execute"]);
    assert!(deciding > plain);
    let (any, _) = sent(with(Status::Passed), &["dao", "execute", "9"]);
    assert_eq!(dao::MsgExecute::decode(any.value.as_slice()).unwrap().proposal_id, 9);
    for (status, word) in
        [(Status::Executed, "executed"), (Status::Failed, "failed"), (Status::Superseded, "superseded")]
    {
        let said = refusal(with(status), &["dao", "vote", "9", "yes"]);
        assert_eq!(said, format!("proposal 9 is {word}: there is nothing to vote on"));
    }
    assert!(refusal(with(Status::Passed), &["dao", "vote", "9", "yes"]).contains("`jmesd tx dao execute 9`"));
    assert!(
        refusal(with(Status::Open), &["dao", "execute", "9"]).contains("is open: only one that has passed")
    );
}

#[test]
fn artworks_are_minted_by_proposal_and_sent_by_their_owners() {
    const OWNER: &str = "/cosmos.nft.v1beta1.Query/Owner";
    use jmes_proto::cosmos::nft::v1beta1 as nft;
    let words =
        ["artwork", "mint", "night-1", "two", "--dao", "artbasel", "--title", "Night", "--artist", "Carol"];
    let minted = message(chain(), &words);
    assert_eq!(minted["title"], "Mint night-1: Night");
    let mint = &minted["messages"][0];
    assert_eq!(
        (mint["@type"].as_str(), mint["dao"].as_str()),
        (Some("/jmes.artwork.v1.MsgMint"), Some(&*dao_address()))
    );
    assert_eq!(mint["owner"], SPECIAL_ADDRESS);
    let owned = |owner: &str| chain().with(OWNER, &nft::QueryOwnerResponse { owner: owner.into() });
    let said =
        refusal(owned(SPECIAL_ADDRESS), &["artwork", "send", "artwork-artbasel", "night-1", "artbasel"]);
    assert!(said.ends_with("only its owner can send it"), "{said}");
    let made =
        message(owned(ABANDON_ADDRESS), &["artwork", "send", "artwork-artbasel", "night-1", "artbasel"]);
    assert_eq!(
        (made["@type"].as_str(), made["receiver"].as_str()),
        (Some("/cosmos.nft.v1beta1.MsgSend"), Some(&*dao_address()))
    );
}
