//! Random lives of DAOs against a slow model that is written from the words of §10: it keeps who said what and recounts
//! everything whenever it is asked.

use super::{
    address, assert_sound, balance, chain, deliver, later, proposal, registration, spend, status, submission,
    update, DAY, HOUR,
};
use crate::bank;
use crate::dao::types::{Status, VoteOption};
use crate::dao::{address_of, defaults, raise_version, require, state, DaoModule};
use crate::kernel::{duration, Address, Ctx, Module};
use crate::test_support::{cases, coins};
use jmes_proto::jmes::dao::v1 as proto;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// How many open proposals a member can have here.
const MOST_OPEN: u32 = 3;
/// How long a passed proposal can be executed, and how long one is open.
const PERIOD: u64 = DAY;

type Powers = BTreeMap<u8, u64>;

#[derive(Clone, Debug)]
enum Content {
    Poll,
    Spend(u128),
    /// New members; the threshold may be one too high.
    Update(Powers, u64),
}

#[derive(Clone, Debug)]
enum Act {
    Register(Powers, u64),
    Submit { dao: usize, proposer: u8, content: Content, execute: bool },
    Vote { proposal: usize, voter: u8, option: VoteOption, execute: bool },
    Execute { proposal: usize, executor: u8 },
    Wait(u64),
    Seat(usize),
    Fund(usize, u128),
}

struct ModelDao {
    powers: Powers,
    threshold: u64,
    version: u64,
    balance: u128,
}

struct ModelProposal {
    dao: usize,
    proposer: u8,
    content: Content,
    version: u64,
    /// Members and threshold of that version.
    powers: Powers,
    threshold: u64,
    deadline: u64,
    votes: BTreeMap<u8, VoteOption>,
    passed_at: Option<u64>,
    failed: bool,
    executed: bool,
    failure: &'static str,
}

impl ModelProposal {
    fn sum(&self, option: VoteOption) -> u64 {
        self.votes.iter().filter(|(_, said)| **said == option).map(|(voter, _)| self.powers[voter]).sum()
    }

    fn is_poll(&self) -> bool {
        matches!(self.content, Content::Poll)
    }
}

#[derive(Default)]
struct Model {
    time: u64,
    daos: Vec<ModelDao>,
    proposals: Vec<ModelProposal>,
}

impl Model {
    fn status(&self, index: usize) -> Status {
        let it = &self.proposals[index];
        if it.executed {
            Status::Executed
        } else if it.failed {
            Status::Failed
        } else if it.version < self.daos[it.dao].version {
            Status::Superseded
        } else if let Some(passed_at) = it.passed_at {
            if self.time < passed_at + PERIOD || it.is_poll() {
                Status::Passed
            } else {
                Status::Expired
            }
        } else if self.time < it.deadline {
            Status::Open
        } else {
            Status::Expired
        }
    }

    fn register(&mut self, powers: &Powers, threshold: u64) -> bool {
        let sound = threshold <= powers.values().sum();
        if sound {
            self.daos.push(ModelDao { powers: powers.clone(), threshold, version: 1, balance: 0 });
        }
        sound
    }

    fn submit(&mut self, dao: usize, proposer: u8, content: &Content, execute: bool) -> bool {
        let open = (0..self.proposals.len()).filter(|index| {
            let it = &self.proposals[*index];
            (it.dao, it.proposer) == (dao, proposer) && self.status(*index) == Status::Open
        });
        let it = &self.daos[dao];
        if !it.powers.contains_key(&proposer) || open.count() >= MOST_OPEN as usize {
            return false;
        }
        self.proposals.push(ModelProposal {
            dao,
            proposer,
            content: content.clone(),
            version: it.version,
            powers: it.powers.clone(),
            threshold: it.threshold,
            deadline: self.time + PERIOD,
            votes: BTreeMap::new(),
            passed_at: None,
            failed: false,
            executed: false,
            failure: "",
        });
        assert!(self.vote(self.proposals.len() - 1, proposer, VoteOption::Yes, execute));
        true
    }

    fn vote(&mut self, index: usize, voter: u8, option: VoteOption, execute: bool) -> bool {
        let open = self.status(index) == Status::Open;
        let it = &mut self.proposals[index];
        if !open || !it.powers.contains_key(&voter) {
            return false;
        }
        it.votes.insert(voter, option);
        let all: u64 = it.powers.values().sum();
        if it.sum(VoteOption::Yes) >= it.threshold {
            it.passed_at = Some(self.time);
        } else if all - it.sum(VoteOption::No) - it.sum(VoteOption::Abstain) < it.threshold {
            it.failed = true;
        }
        if execute && it.passed_at.is_some() && !it.is_poll() {
            self.proposals[index].failure = self.act(index).err().unwrap_or("");
        }
        true
    }

    fn execute(&mut self, index: usize, executor: u8) -> bool {
        let it = &self.proposals[index];
        let member = self.daos[it.dao].powers.contains_key(&executor);
        let done = self.status(index) == Status::Passed && member && !it.is_poll() && self.act(index).is_ok();
        if done {
            self.proposals[index].failure = "";
        }
        done
    }

    /// Does what the proposal says, or tells why not.
    fn act(&mut self, index: usize) -> Result<(), &'static str> {
        let it = &mut self.proposals[index];
        let dao = &mut self.daos[it.dao];
        match &it.content {
            Content::Poll => return Err("poll"),
            Content::Spend(nils) if *nils > dao.balance => return Err("sdk/5"),
            Content::Spend(nils) => dao.balance -= nils,
            Content::Update(powers, threshold) if *threshold > powers.values().sum() => return Err("dao/5"),
            Content::Update(powers, threshold) => {
                dao.powers.clone_from(powers);
                dao.threshold = *threshold;
                dao.version += 1;
            }
        }
        it.executed = true;
        Ok(())
    }
}

fn list(powers: &Powers) -> Vec<(u8, u64)> {
    powers.iter().map(|(byte, power)| (*byte, *power)).collect()
}

/// Does the same to the module; whether it was allowed.
fn perform(ctx: &mut Ctx, act: &Act) -> bool {
    let text = |byte: u8| address(byte).to_string();
    let dao_at = |index: usize| address_of(index as u64 + 1);
    match act {
        Act::Register(powers, threshold) => {
            let id = state::DAO_COUNT.load(ctx).unwrap().unwrap_or(0) + 1;
            let msg = registration(&format!("dao{id}"), &list(powers), *threshold);
            let msg = proto::MsgRegisterDao { voting_period: Some(duration(PERIOD)), ..msg };
            deliver(ctx, &msg).is_ok()
        }
        Act::Submit { dao, proposer, content, execute } => {
            let dao = dao_at(*dao);
            let messages = match content {
                Content::Poll => vec![],
                Content::Spend(nils) => vec![spend(&dao, 19, *nils)],
                Content::Update(powers, threshold) => vec![update(&dao, &list(powers), *threshold)],
            };
            let msg = submission(&dao, *proposer, messages);
            deliver(ctx, &proto::MsgSubmitProposal { execute: *execute, ..msg }).is_ok()
        }
        Act::Vote { proposal, voter, option, execute } => {
            let (voter, proposal_id) = (text(*voter), *proposal as u64 + 1);
            let option = (*option).into();
            deliver(ctx, &proto::MsgVote { voter, proposal_id, option, execute: *execute }).is_ok()
        }
        Act::Execute { proposal, executor } => {
            let (executor, proposal_id) = (text(*executor), *proposal as u64 + 1);
            deliver(ctx, &proto::MsgExecute { executor, proposal_id }).is_ok()
        }
        Act::Wait(nanoseconds) => {
            later(ctx, *nanoseconds);
            true
        }
        Act::Seat(dao) => raise_version(ctx, &dao_at(*dao)).is_ok(),
        Act::Fund(dao, nils) => {
            bank::transfer(ctx, &address(20), &dao_at(*dao), &coins(&format!("{nils}ujmes"))).is_ok()
        }
    }
}

fn foresee(model: &mut Model, act: &Act) -> bool {
    match act {
        Act::Register(powers, threshold) => model.register(powers, *threshold),
        Act::Submit { dao, proposer, content, execute } => model.submit(*dao, *proposer, content, *execute),
        Act::Vote { proposal, voter, option, execute } => model.vote(*proposal, *voter, *option, *execute),
        Act::Execute { proposal, executor } => model.execute(*proposal, *executor),
        Act::Wait(nanoseconds) => {
            model.time += nanoseconds;
            true
        }
        Act::Seat(dao) => {
            model.daos[*dao].version += 1;
            true
        }
        Act::Fund(dao, nils) => {
            model.daos[*dao].balance += nils;
            true
        }
    }
}

fn compare(ctx: &Ctx, model: &Model) {
    for (index, expected) in model.daos.iter().enumerate() {
        let found = require(ctx, &address_of(index as u64 + 1)).unwrap();
        let members: BTreeMap<Address, u64> =
            found.members.iter().map(|member| (member.address, member.power)).collect();
        let foreseen = expected.powers.iter().map(|(byte, power)| (address(*byte), *power)).collect();
        assert_eq!(
            (members, found.threshold, found.version),
            (foreseen, expected.threshold, expected.version)
        );
        assert_eq!(balance(ctx, &found.address), expected.balance);
    }
    for (index, expected) in model.proposals.iter().enumerate() {
        let id = index as u64 + 1;
        let found = proposal(ctx, id);
        assert_eq!(status(ctx, id), model.status(index), "proposal {id}");
        let sums = [VoteOption::Yes, VoteOption::No, VoteOption::Abstain].map(|option| expected.sum(option));
        assert_eq!([found.yes, found.no, found.abstain], sums, "proposal {id}");
        assert_eq!((found.deadline, found.failure.as_str()), (expected.deadline, expected.failure));
    }
    let count = state::PROPOSAL_COUNT.load(ctx).unwrap().unwrap_or(0);
    assert_eq!(count, model.proposals.len() as u64);
}

fn powers() -> impl Strategy<Value = (Powers, u64)> {
    btree_map(1..=6_u8, 1..=3_u64, 1..=4).prop_flat_map(|powers| {
        let all: u64 = powers.values().sum();
        (Just(powers), 1..=all + 1)
    })
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        2 => Just(Content::Poll),
        3 => (1..=3_000_u128).prop_map(Content::Spend),
        3 => powers().prop_map(|(powers, threshold)| Content::Update(powers, threshold)),
    ]
}

/// Numbers of DAOs and proposals are taken modulo how many there are.
fn act() -> impl Strategy<Value = Act> {
    let option = prop_oneof![
        3 => Just(VoteOption::Yes),
        1 => Just(VoteOption::No),
        1 => Just(VoteOption::Abstain),
    ];
    let index = any::<usize>;
    prop_oneof![
        1 => powers().prop_map(|(powers, threshold)| Act::Register(powers, threshold)),
        8 => (index(), 1..=6_u8, content(), any::<bool>()).prop_map(|(dao, proposer, content, execute)| {
            Act::Submit { dao, proposer, content, execute }
        }),
        12 => (index(), 1..=6_u8, option, any::<bool>()).prop_map(|(proposal, voter, option, execute)| {
            Act::Vote { proposal, voter, option, execute }
        }),
        4 => (index(), 1..=6_u8).prop_map(|(proposal, executor)| Act::Execute { proposal, executor }),
        2 => prop::sample::select(vec![1, HOUR, PERIOD - 1, PERIOD / 2, PERIOD]).prop_map(Act::Wait),
        1 => index().prop_map(Act::Seat),
        2 => (index(), 1..=3_000_u128).prop_map(|(dao, nils)| Act::Fund(dao, nils)),
    ]
}

/// Points at what there is, mostly at what is new; `None` when there is nothing to point at.
fn aim(model: &Model, act: &Act) -> Option<Act> {
    let (daos, proposals) = (model.daos.len(), model.proposals.len());
    let recent = |number: usize| proposals.checked_sub(1 + number % proposals.clamp(1, 8));
    let mut act = act.clone();
    match &mut act {
        Act::Submit { dao, .. } | Act::Seat(dao) | Act::Fund(dao, _) => *dao = dao.checked_rem(daos)?,
        Act::Vote { proposal, .. } | Act::Execute { proposal, .. } => *proposal = recent(*proposal)?,
        Act::Register(..) if daos >= 5 => return None,
        Act::Register(..) | Act::Wait(_) => {}
    }
    Some(act)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn random_lives_of_daos_go_as_the_model_foresees(acts in vec(act(), 1..150)) {
        let mut ctx = chain();
        let period = Some(duration(PERIOD));
        let params = proto::Params { max_open_proposals: MOST_OPEN, execution_period: period, ..defaults() };
        state::PARAMS.save(&mut ctx, &params).unwrap();
        let mut model = Model { time: ctx.block().time, ..Model::default() };
        let founders = BTreeMap::from([(1, 1), (2, 2), (3, 1)]);
        let acts = std::iter::once(Act::Register(founders, 3)).chain(acts);
        for act in acts {
            let Some(act) = aim(&model, &act) else { continue };
            let foreseen = foresee(&mut model, &act);
            prop_assert_eq!(perform(&mut ctx, &act), foreseen, "{:?}", act);
            compare(&ctx, &model);
            prop_assert_eq!(DaoModule.check_invariants(&ctx), Ok(()));
        }
        assert_sound(&ctx);
    }
}

#[test]
fn the_model_sees_what_the_words_say() {
    let mut model = Model { time: 0, ..Model::default() };
    assert!(model.register(&BTreeMap::from([(1, 1), (2, 1)]), 2));
    assert!(model.submit(0, 1, &Content::Spend(5), true));
    assert!(model.vote(0, 2, VoteOption::Yes, true));
    assert_eq!((model.status(0), model.proposals[0].failure), (Status::Passed, "sdk/5"));
    model.daos[0].balance = 5;
    assert!(model.execute(0, 1) && !model.execute(0, 1));
}
