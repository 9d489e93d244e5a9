//! The business layer (§9 to §16) through the chain's own functions: names, DAOs, and what they decide, by signed transactions.

mod artworks;
mod daos;
mod events;
mod extremes;
mod governance;
mod improvement;
mod largest;
mod order;
mod paths;
mod story;
mod world;

use jmes_modules::kernel::{Address, SECOND};
use jmes_proto::jmes::dao::v1::{
    Member, MsgRegisterDao, MsgRegisterDaoResponse, MsgSubmitProposal, MsgSubmitProposalResponse, MsgVote,
    VoteOption,
};
use jmes_proto::jmes::emission::v1::Params as Emission;
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::Any;
use jmes_tests::{Draft, Genesis, Key, TestChain};
use jmesd::chain::TxOutcome;
use prost::{Message, Name};

/// Nils in a JMES.
const JMES: u128 = 1_000_000;

/// How many wallets there are.
const WALLETS: u64 = 12;

/// A day in nanoseconds.
const DAY: u64 = 86_400 * SECOND;

/// A genesis with an Initial Distribution Period of 2 blocks and [`WALLETS`] wallets of 1,000 JMES.
fn genesis() -> Genesis {
    genesis_with_idp(2)
}

fn genesis_with_idp(idp_blocks: u64) -> Genesis {
    let params = Emission { idp_blocks, ..jmes_modules::emission::default_params() };
    let params = jmes_modules::kernel::message_to_json(&params).expect("parameters have a JSON form");
    (0..WALLETS).fold(Genesis::new().set("emission/params", params), |genesis, number| {
        genesis.with(Key::new(number).address(), &format!("{}ujmes", 1_000 * JMES))
    })
}

/// A chain after the period, in which all wallets but the last two have names: `user0` and so on.
fn start() -> TestChain {
    started(&genesis())
}

/// The same from a genesis that a test has changed.
fn started(genesis: &Genesis) -> TestChain {
    let chain = TestChain::new(genesis);
    chain.blocks(3);
    let register = |number: u64| {
        let key = Key::new(number);
        let msg = MsgRegisterUser { creator: key.address().to_string(), name: format!("user{number}") };
        chain.sign(&draft().and(&msg), &[&key])
    };
    let txs: Vec<Vec<u8>> = (0..WALLETS - 2).map(register).collect();
    chain.block(&txs).iter().for_each(done);
    chain
}

/// A transaction without messages, with gas for anything.
fn draft() -> Draft {
    Draft::new().gas(3_000_000).fee(7_500)
}

/// Sends one message alone.
fn send<M: Message + Name>(chain: &TestChain, sender: u64, msg: &M) -> TxOutcome {
    chain.deliver(&chain.sign(&draft().and(msg), &[&Key::new(sender)]))
}

#[track_caller]
fn done(outcome: &TxOutcome) {
    assert_eq!(outcome.error, None);
}

#[track_caller]
fn refused(outcome: &TxOutcome, codespace: &str, code: u32) -> String {
    let error = outcome.error.clone().expect("it is refused");
    assert_eq!((error.codespace, error.code), (codespace, code), "{}", error.message);
    error.message
}

/// The answer of the transaction's first message.
#[track_caller]
fn response<M: Message + Default>(outcome: &TxOutcome) -> M {
    use cosmos_sdk_proto::cosmos::base::abci::v1beta1::TxMsgData;
    done(outcome);
    let data = TxMsgData::decode(outcome.data.as_slice()).expect("the chain wrote it");
    M::decode(data.msg_responses[0].value.as_slice()).expect("the chain wrote it")
}

fn any<M: Message + Name>(msg: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: msg.encode_to_vec() }
}

/// Members of these wallets and powers.
fn members(powers: &[(u64, u64)]) -> Vec<Member> {
    let member = |(number, power): &(u64, u64)| Member {
        address: Key::new(*number).address().to_string(),
        power: *power,
    };
    powers.iter().map(member).collect()
}

/// A DAO founded by its first member, with 100 JMES of its own.
#[track_caller]
fn found(chain: &TestChain, name: &str, powers: &[(u64, u64)], threshold: u64) -> Address {
    let founder = powers[0].0;
    let msg = MsgRegisterDao {
        creator: Key::new(founder).address().to_string(),
        name: name.into(),
        members: members(powers),
        threshold,
        voting_period: Some(jmes_modules::kernel::duration(DAY)),
    };
    let answer: MsgRegisterDaoResponse = response(&send(chain, founder, &msg));
    let dao = Address::parse(&answer.dao).expect("the chain wrote it");
    let key = Key::new(founder);
    let gift = draft().and_send(key.address(), dao, &format!("{}ujmes", 100 * JMES));
    done(&chain.deliver(&chain.sign(&gift, &[&key])));
    dao
}

/// A member's proposal, which is executed at once if its vote decides.
fn proposal(dao: Address, proposer: u64, messages: Vec<Any>) -> MsgSubmitProposal {
    MsgSubmitProposal {
        proposer: Key::new(proposer).address().to_string(),
        dao: dao.to_string(),
        title: "A title".into(),
        summary: String::new(),
        messages,
        execute: true,
    }
}

/// Proposes; gives the proposal's id.
#[track_caller]
fn propose(chain: &TestChain, dao: Address, proposer: u64, messages: Vec<Any>) -> u64 {
    let answer: MsgSubmitProposalResponse =
        response(&send(chain, proposer, &proposal(dao, proposer, messages)));
    answer.proposal_id
}

/// A member's vote, which executes at once if it decides.
fn vote(chain: &TestChain, voter: u64, proposal_id: u64, option: VoteOption) -> TxOutcome {
    let voter_address = Key::new(voter).address().to_string();
    let msg = MsgVote { voter: voter_address, proposal_id, option: option.into(), execute: true };
    send(chain, voter, &msg)
}
