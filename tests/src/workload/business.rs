//! Names, bonds, DAOs, and votes of governance, without a look at the chain: ids are guessed from the first few.

use crate::{Draft, Key, Random, Validator};
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgUndelegate};
use jmes_modules::dao::address_of;
use jmes_modules::kernel::Address;
use jmes_proto::jmes::dao::v1::{
    Member, MsgExecute, MsgRegisterDao, MsgSubmitProposal, MsgVote as MemberVote, VoteOption as MemberOption,
};
use jmes_proto::jmes::governance::v1::{MsgConclude, MsgVote, VoteOption};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::Any;
use prost::{Message, Name};

/// One message, or a vote on several proposals at once, of `from`.
pub(super) fn message(random: &mut Random, keys: &[Key], from: Address) -> Draft {
    let draft = Draft::new().gas(2_000_000).fee(5_000);
    let me = from.to_string();
    let dao = address_of(1 + random.number() % 3);
    match random.below(13) {
        0 => draft.and(&MsgRegisterUser { creator: me, name: format!("user{}", random.below(30)) }),
        1 => draft.and(&found(random, keys, from)),
        2 => draft.and_send(from, dao, "2000000ujmes"),
        3 => draft.and(&MsgDelegate {
            delegator_address: me,
            validator_address: Validator::new(0).address().operator(),
            amount: nils(6_000_000),
        }),
        4 => draft.and(&MsgUndelegate {
            delegator_address: me,
            validator_address: Validator::new(0).address().operator(),
            amount: nils(1 + random.number() % 3_000_000),
        }),
        5 | 6 => draft.and(&propose(random, dao, from)),
        7 | 8 => draft.and(&MemberVote {
            voter: me,
            proposal_id: 1 + random.number() % 40,
            option: MemberOption::Yes.into(),
            execute: true,
        }),
        9 => draft.and(&MsgExecute { executor: me, proposal_id: 1 + random.number() % 40 }),
        10 => draft.and(&MsgConclude { sender: me, proposal_id: 1 + random.number() % 20 }),
        _ => {
            let option = *random.pick(&[VoteOption::Yes, VoteOption::Yes, VoteOption::No]);
            let proposal_id = 1 + random.number() % 20;
            draft.and(&MsgVote { voter: me, proposal_id, option: option.into() })
        }
    }
}

fn nils(amount: u64) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: amount.to_string() })
}

/// A DAO of the sender and two others, of whom two decide.
fn found(random: &mut Random, keys: &[Key], from: Address) -> MsgRegisterDao {
    let first = random.below(keys.len());
    let others = (first..first + keys.len()).map(|index| keys[index % keys.len()].address());
    let members = std::iter::once(from).chain(others.filter(|other| *other != from).take(2));
    MsgRegisterDao {
        creator: from.to_string(),
        name: format!("dao{}", random.below(8)),
        members: members.map(|member| Member { address: member.to_string(), power: 1 }).collect(),
        threshold: 2,
        voting_period: None,
    }
}

/// What has an amino form; proposals of governance have none.
fn propose(random: &mut Random, dao: Address, from: Address) -> MsgSubmitProposal {
    let message = if random.once_in(2) {
        let (from_address, to_address) = (dao.to_string(), from.to_string());
        any(&MsgSend { from_address, to_address, amount: nils(300_000).into_iter().collect() })
    } else {
        any(&MsgDelegate {
            delegator_address: dao.to_string(),
            validator_address: Validator::new(0).address().operator(),
            amount: nils(200_000),
        })
    };
    MsgSubmitProposal {
        proposer: from.to_string(),
        dao: dao.to_string(),
        title: "A title".into(),
        summary: String::new(),
        messages: vec![message],
        execute: true,
    }
}

fn any<M: Message + Name>(msg: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: msg.encode_to_vec() }
}
