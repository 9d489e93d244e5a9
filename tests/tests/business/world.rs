//! An art economy on a chain of its own: cycles of four minutes, names, holders with bonds, DAOs that raise, votes,
//! conclusions. Every event of its blocks is kept.

use super::{any, done, members, proposal, response, JMES};
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgDelegate;
use jmes_modules::governance::types::Proposal;
use jmes_modules::governance::{self, Cycle};
use jmes_modules::kernel::Address;
use jmes_modules::{emission, upgrade};
use jmes_proto::jmes::dao::v1::{MsgRegisterDao, MsgRegisterDaoResponse, MsgSubmitProposalResponse};
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{Funding, MsgConclude, MsgRaiseProposal, MsgVote, VoteOption};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::Any;
use jmes_tests::{Draft, Genesis, Key, TestChain, Validator};
use jmesd::chain::{Settings, TxOutcome};
use prost::{Message, Name};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use tendermint_proto::v0_38::types::ConsensusParams;

/// Wallets of 100,000 JMES that bond and vote.
pub(super) const HOLDERS: [u64; 4] = [50, 51, 52, 53];

/// An event: its kind, and its attributes but for `msg_index`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub(super) kind: String,
    pub(super) attributes: BTreeMap<String, String>,
}

/// What came of a block.
pub(super) struct Made {
    pub(super) txs: Vec<TxOutcome>,
    /// Those of the block's own steps.
    pub(super) events: Vec<Event>,
    /// What the engine is told of its parameters.
    pub(super) consensus: Option<ConsensusParams>,
}

/// A DAO, and the two members whose votes decide; the same twice when one decides alone.
#[derive(Clone, Copy)]
pub(super) struct Dao {
    pub(super) address: Address,
    deciding: [u64; 2],
}

pub(super) struct World {
    pub(super) chain: TestChain,
    /// The gas that transactions ask for.
    pub(super) gas: Cell<u64>,
    seen: RefCell<Vec<Event>>,
}

/// Cycles of four minutes, months of `month` seconds, an Initial Distribution Period of 2 blocks, improvements that can be opened
/// to all from issuance height 31 on, upgrades with a notice of 5 blocks.
pub(super) fn genesis(month: u64) -> Genesis {
    let params = json!({
        "raising_period": "120s", "voting_period": "120s", "improvements_open_after": "30", "min_upgrade_notice": "5",
    });
    let genesis = super::genesis()
        .max_gas(1_000_000_000)
        .set("emission/params/seconds_per_month", json!(month.to_string()))
        .set("governance/params", params);
    HOLDERS.iter().fold(genesis, |genesis, holder| {
        genesis.with(Key::new(*holder).address(), &format!("{}ujmes", 100_000 * JMES))
    })
}

pub(super) fn slot(slot: jmes_proto::jmes::slots::v1::Slot) -> Content {
    Content::CoreSlot(jmes_proto::jmes::governance::v1::CoreSlot { slot: slot.into() })
}

pub(super) fn feature(name: &str) -> Content {
    Content::RequestFeature(jmes_proto::jmes::governance::v1::RequestFeature { feature: name.into() })
}

pub(super) fn text() -> Content {
    Content::Text(jmes_proto::jmes::governance::v1::Text {})
}

pub(super) fn improvement(actions: Vec<jmes_proto::jmes::upgrade::v1::Action>) -> Content {
    Content::Improvement(jmes_proto::jmes::governance::v1::Improvement { actions })
}

/// The event as it is documented.
fn event<'a>(kind: &str, attributes: impl Iterator<Item = (&'a str, &'a str)>) -> Event {
    let attributes = attributes.filter(|(key, _)| *key != "msg_index");
    Event {
        kind: kind.into(),
        attributes: attributes.map(|(key, value)| (key.into(), value.into())).collect(),
    }
}

/// The events of a transaction.
pub(super) fn told(outcome: &TxOutcome) -> Vec<Event> {
    let convert = |one: &tendermint_proto::v0_38::abci::Event| {
        let attributes = one.attributes.iter();
        event(&one.r#type, attributes.map(|one| (one.key.as_str(), one.value.as_str())))
    };
    outcome.events.iter().map(convert).collect()
}

/// The attribute of the first event of that kind.
pub(super) fn attribute<'a>(events: &'a [Event], kind: &str, name: &str) -> Option<&'a str> {
    let found = events.iter().find(|event| event.kind == kind)?;
    found.attributes.get(name).map(String::as_str)
}

impl World {
    /// A chain after the Initial Distribution Period; the wallets 0 to 9 have names, the holders have bonded 4,000, 3,000, 2,000
    /// and 1,000 JMES with the first validator.
    pub(super) fn begin(genesis: &Genesis) -> Self {
        Self::begin_with(genesis, Settings::default(), 3_000_000)
    }

    /// The same with the settings of the node, and with transactions that ask for that much gas.
    pub(super) fn begin_with(genesis: &Genesis, settings: Settings, gas: u64) -> Self {
        let chain = TestChain::with_settings(genesis, settings);
        let world = Self { chain, gas: Cell::new(gas), seen: RefCell::default() };
        world.blocks(3);
        let register = |number: u64| {
            let creator = Key::new(number).address().to_string();
            world.signed(number, &[any(&MsgRegisterUser { creator, name: format!("user{number}") })])
        };
        let bond = |(holder, thousands): (u64, u128)| {
            let delegation = MsgDelegate {
                delegator_address: Key::new(holder).address().to_string(),
                validator_address: Validator::new(0).address().operator(),
                amount: nils(thousands * 1_000 * JMES),
            };
            world.signed(holder, &[any(&delegation)])
        };
        let names = (0..super::WALLETS - 2).map(register);
        let txs: Vec<Vec<u8>> = names.chain(HOLDERS.into_iter().zip([4, 3, 2, 1]).map(bond)).collect();
        world.all_done(&txs);
        world
    }

    /// The next block, `nanoseconds` after the last one.
    pub(super) fn after(&self, nanoseconds: u64, txs: &[Vec<u8>]) -> Made {
        let finalized = self.chain.finalize_block(self.chain.block_after(nanoseconds), txs);
        self.chain.commit();
        let attributes = |one: &jmes_modules::kernel::Event| {
            event(one.kind, one.attributes.iter().map(|(key, value)| (*key, value.as_str())))
        };
        let events: Vec<Event> = finalized.events.iter().map(attributes).collect();
        let mut seen = self.seen.borrow_mut();
        seen.extend(events.iter().cloned());
        finalized.txs.iter().for_each(|outcome| seen.extend(told(outcome)));
        Made { txs: finalized.txs, events, consensus: finalized.consensus_params }
    }

    /// The next block.
    pub(super) fn block(&self, txs: &[Vec<u8>]) -> Made {
        self.after(self.chain.block_time, txs)
    }

    pub(super) fn blocks(&self, count: u64) {
        (0..count).for_each(|_| drop(self.block(&[])));
    }

    /// Blocks without transactions up to issuance height `n`.
    #[track_caller]
    pub(super) fn until(&self, n: u64) {
        assert!(self.n() <= n, "the chain is at {} already", self.n());
        self.blocks(n - self.n());
        assert_eq!(self.n(), n, "the chain is on pace");
    }

    /// Makes a block of these, and all of them succeed.
    #[track_caller]
    pub(super) fn all_done(&self, txs: &[Vec<u8>]) -> Made {
        let made = self.block(txs);
        made.txs.iter().for_each(done);
        made
    }

    /// All events so far.
    pub(super) fn seen(&self) -> Vec<Event> {
        self.seen.borrow().clone()
    }

    /// A transaction of these messages.
    pub(super) fn signed(&self, sender: u64, messages: &[Any]) -> Vec<u8> {
        let mut draft = Draft::new().gas(self.gas.get()).fee(7_500);
        draft.body.messages = messages.to_vec();
        self.chain.sign(&draft, &[&Key::new(sender)])
    }

    /// Sends one message alone.
    pub(super) fn send<M: Message + Name>(&self, sender: u64, msg: &M) -> TxOutcome {
        self.block(&[self.signed(sender, &[any(msg)])]).txs.remove(0)
    }

    /// The issuance height of the last block.
    pub(super) fn n(&self) -> u64 {
        emission::issuance_height(&self.chain.view()).expect("views have no gas limit")
    }

    pub(super) fn height(&self) -> u64 {
        self.chain.chain().height()
    }

    /// A DAO founded by its first member, with `whole` JMES of its own.
    #[track_caller]
    pub(super) fn found(&self, name: &str, powers: &[(u64, u64)], threshold: u64, whole: u128) -> Dao {
        let founder = powers[0].0;
        let msg = MsgRegisterDao {
            creator: Key::new(founder).address().to_string(),
            name: name.into(),
            members: members(powers),
            threshold,
            voting_period: Some(jmes_modules::kernel::duration(super::DAY)),
        };
        let answer: MsgRegisterDaoResponse = response(&self.send(founder, &msg));
        let address = Address::parse(&answer.dao).expect("the chain wrote it");
        let gift = MsgSend {
            from_address: Key::new(HOLDERS[0]).address().to_string(),
            to_address: answer.dao,
            amount: nils(whole * JMES).into_iter().collect(),
        };
        done(&self.send(HOLDERS[0], &gift));
        let deciding = [founder, powers.get(1).filter(|_| threshold > 1).map_or(founder, |one| one.0)];
        Dao { address, deciding }
    }

    /// The members decide to send these; gives the transaction of the vote that decides.
    #[track_caller]
    pub(super) fn decide(&self, dao: &Dao, messages: Vec<Any>) -> TxOutcome {
        let [first, second] = dao.deciding;
        let submitted = self.send(first, &proposal(dao.address, first, messages));
        let answer: MsgSubmitProposalResponse = response(&submitted);
        if first == second {
            return submitted;
        }
        let vote = jmes_proto::jmes::dao::v1::MsgVote {
            voter: Key::new(second).address().to_string(),
            proposal_id: answer.proposal_id,
            option: jmes_proto::jmes::dao::v1::VoteOption::Yes.into(),
            execute: true,
        };
        let voted = self.send(second, &vote);
        done(&voted);
        voted
    }

    /// The same, and it happens.
    #[track_caller]
    pub(super) fn decide_done(&self, dao: &Dao, messages: Vec<Any>) -> Vec<Event> {
        let events = told(&self.decide(dao, messages));
        assert_eq!(attribute(&events, "dao_execution_failed", "log"), None);
        events
    }

    /// The same, and the chain refuses it with that codespace/code.
    #[track_caller]
    pub(super) fn decide_refused(&self, dao: &Dao, messages: Vec<Any>, failure: &str) {
        let events = told(&self.decide(dao, messages));
        assert_eq!(attribute(&events, "dao_execution_failed", "failure"), Some(failure), "{events:?}");
    }

    /// What the DAO raises: its content, and Nils over months.
    pub(super) fn raising(&self, dao: &Dao, content: Content, funding: Option<(u128, u32)>) -> Any {
        any(&MsgRaiseProposal {
            dao: dao.address.to_string(),
            title: "A proposal".into(),
            description: "For the arts.".into(),
            funding: funding.map(|(amount, months)| Funding { amount: amount.to_string(), months }),
            content: Some(content),
        })
    }

    /// The DAO raises it; gives its id.
    #[track_caller]
    pub(super) fn raise(&self, dao: &Dao, content: Content, funding: Option<(u128, u32)>) -> u64 {
        let events = self.decide_done(dao, vec![self.raising(dao, content, funding)]);
        let id = attribute(&events, "governance_proposal_raised", "proposal_id").expect("it was raised");
        id.parse().expect("it is a number")
    }

    /// A holder's votes: yes where it says so.
    pub(super) fn votes(holder: u64, votes: &[(u64, bool)]) -> Vec<Any> {
        let vote = |(proposal_id, yes): &(u64, bool)| {
            let option = if *yes { VoteOption::Yes } else { VoteOption::No };
            let voter = Key::new(holder).address().to_string();
            any(&MsgVote { voter, proposal_id: *proposal_id, option: option.into() })
        };
        votes.iter().map(vote).collect()
    }

    /// The same in a transaction.
    pub(super) fn ballot(&self, holder: u64, votes: &[(u64, bool)]) -> Vec<u8> {
        self.signed(holder, &Self::votes(holder, votes))
    }

    pub(super) fn cycle(&self) -> Cycle {
        governance::cycle(&self.chain.view()).expect("views have no gas limit")
    }

    /// The block in which voting begins, with these transactions; all of them succeed.
    #[track_caller]
    pub(super) fn voting(&self, txs: &[Vec<u8>]) -> Made {
        let made = self.after(self.cycle().voting_start - self.chain.last_time(), txs);
        made.txs.iter().for_each(done);
        made
    }

    /// All holders vote yes in the block in which voting begins.
    #[track_caller]
    pub(super) fn all_vote_yes(&self, ids: &[u64]) {
        let votes: Vec<(u64, bool)> = ids.iter().map(|id| (*id, true)).collect();
        self.voting(&HOLDERS.map(|holder| self.ballot(holder, &votes)));
    }

    /// The first block of the next cycle, with these transactions.
    pub(super) fn turn(&self, txs: &[Vec<u8>]) -> Made {
        self.after(self.cycle().end - self.chain.last_time(), txs)
    }

    pub(super) fn conclusion(&self, sender: u64, proposal_id: u64) -> Vec<u8> {
        let sender_address = Key::new(sender).address().to_string();
        self.signed(sender, &[any(&MsgConclude { sender: sender_address, proposal_id })])
    }

    /// All holders vote yes; in the block of the tally somebody concludes them, in their order.
    #[track_caller]
    pub(super) fn pass(&self, ids: &[u64]) -> Made {
        self.all_vote_yes(ids);
        let txs: Vec<Vec<u8>> =
            ids.iter().zip(0..).map(|(id, sender)| self.conclusion(sender, *id)).collect();
        let made = self.turn(&txs);
        made.txs.iter().for_each(done);
        made
    }

    /// A DAO of three members in the engineering slot, for the first 120 blocks of the cycle that begins now.
    #[track_caller]
    pub(super) fn core(&self) -> Dao {
        let studio = self.found("studio", &[(0, 1), (1, 1), (2, 1)], 2, 10_000);
        self.turn(&[]);
        let id = self.raise(&studio, slot(jmes_proto::jmes::slots::v1::Slot::Engineering), Some((0, 6)));
        self.pass(&[id]);
        studio
    }

    pub(super) fn shown(&self, id: u64) -> Proposal {
        let proposal = governance::proposal(&self.chain.view(), id).expect("views have no gas limit");
        proposal.expect("it was raised")
    }

    pub(super) fn status(&self, id: u64) -> Status {
        governance::status(&self.shown(id), &self.cycle())
    }

    /// The parameter as JSON.
    pub(super) fn parameter(&self, module: &str, path: &str) -> String {
        let modules = jmes_modules::order::MODULES;
        let module = modules.into_iter().find(|one| one.name() == module).expect("there is such a module");
        let params = module.params(&self.chain.view()).expect("views have no gas limit");
        let pointer = format!("/{}", path.replace('.', "/"));
        params.pointer(&pointer).unwrap_or_else(|| panic!("there is no {path}")).to_string()
    }

    /// Whether every DAO may raise improvements.
    pub(super) fn open_to_all(&self) -> bool {
        upgrade::improvements_open(&self.chain.view()).expect("views have no gas limit")
    }
}

pub(super) fn nils(amount: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: amount.to_string() })
}
