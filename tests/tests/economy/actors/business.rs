//! Names, DAOs and votes (§9 to §13), at random.

use super::{part, Actors, Tx, JMES};
use cosmos_sdk_proto::cosmos::bank::v1beta1::MsgSend;
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgDelegate;
use jmes_modules::dao::types::Status as Decided;
use jmes_modules::dao::Dao;
use jmes_modules::governance;
use jmes_modules::kernel::{Address, SECOND};
use jmes_proto::cosmos::nft::v1beta1::MsgSend as SendArtwork;
use jmes_proto::jmes::artwork::v1::MsgMint;
use jmes_proto::jmes::dao::v1::{
    Member, MsgExecute, MsgRegisterDao, MsgSubmitProposal, MsgUpdateDao, MsgVote as Decide,
    VoteOption as Decision,
};
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{
    MsgConclude, MsgResignSlot, MsgVote, MsgWithdrawProposal, VoteOption,
};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_proto::{Any, Duration};
use jmes_tests::{Draft, Key, Random, TestChain};
use prost::{Message, Name};

/// From so many DAOs on another one is rarely registered; one with few users, too, of whom it could not have enough members.
const DAOS: usize = 12;
/// The most votes in a transaction.
const VOTES: usize = 8;

/// A transaction with gas for all that a DAO does in it.
fn large() -> Draft {
    Draft::new().gas(4_000_000).fee(10_000)
}

fn any<M: Message + Name>(msg: &M) -> Any {
    Any { type_url: format!("/{}", M::full_name()), value: msg.encode_to_vec() }
}

impl Actors {
    fn rich(&self, random: &mut Random) -> Key {
        let rich: Vec<&Key> =
            self.wallets.iter().enumerate().filter(|(n, _)| n % 12 >= 9).map(|(_, key)| key).collect();
        (*random.pick(&rich)).clone()
    }

    /// The wallet of a user, a member or a voter; a stranger's if it is none of those simulated.
    fn key(&self, address: &Address) -> Key {
        let known = self.wallets.iter().chain(&self.premint).find(|key| key.address() == *address);
        known.unwrap_or(&self.wallets[0]).clone()
    }

    pub(super) fn register(&self, random: &mut Random) -> Tx {
        let author = if random.once_in(4) { self.wallet(random) } else { self.rich(random) };
        let name = match random.below(12) {
            0 => "No name".into(),
            1 => format!("dao{}", random.below(40)),
            _ => format!("user{}", random.below(400)),
        };
        (large().and(&MsgRegisterUser { creator: author.address().to_string(), name }), vec![author])
    }

    /// Members and a threshold; most are those of a DAO that could sit in a core slot.
    fn membership(&self, random: &mut Random) -> Option<(Vec<Member>, u64)> {
        let users = &self.scene.users;
        let count = (*random.pick(&[1, 3, 3, 4, 5])).min(users.len());
        let first = random.below(users.len().max(1));
        let mut members: Vec<Member> = (first..first + count)
            .map(|index| Member {
                address: users[index % users.len()].to_string(),
                power: 1 + random.number() % 2,
            })
            .collect();
        if random.once_in(15) {
            members.extend(members.first().cloned());
        }
        let total: u64 = members.iter().map(|member| member.power).sum();
        let threshold = match random.below(10) {
            0 => 1,
            1 => total,
            2 => total + u64::from(random.once_in(3)),
            _ => total / 2 + 1,
        };
        (!members.is_empty()).then_some((members, threshold))
    }

    pub(super) fn found(&self, random: &mut Random) -> Option<Tx> {
        let few = self.scene.users.len() < 6;
        if (few || self.scene.daos.len() >= DAOS) && !random.once_in(8) {
            return None;
        }
        let (members, threshold) = self.membership(random)?;
        let creator = self.key(random.pick(&self.scene.users));
        let msg = MsgRegisterDao {
            creator: creator.address().to_string(),
            name: format!("dao{}", random.below(40)),
            members,
            threshold,
            voting_period: Some(period(random)),
        };
        Some((large().and(&msg), vec![creator]))
    }

    fn dao(&self, random: &mut Random) -> Option<&Dao> {
        (!self.scene.daos.is_empty()).then(|| random.pick(&self.scene.daos))
    }

    pub(super) fn gift(&self, random: &mut Random) -> Option<Tx> {
        let (author, dao) = (self.rich(random), self.dao(random)?);
        let nils = JMES * (20 + random.below(200) as u128);
        Some((large().and_send(author.address(), dao.address, &format!("{nils}ujmes")), vec![author]))
    }

    /// A member proposes; if its vote decides, it is executed at once.
    pub(super) fn propose(&self, chain: &TestChain, random: &mut Random) -> Option<Tx> {
        let dao = self.dao(random)?;
        let proposer = self.key(&random.pick(&dao.members).address);
        let count = *random.pick(&[0, 1, 1, 1, 1, 1, 1, 2]);
        let messages = (0..count).map(|_| self.message(chain, dao, random)).collect();
        let msg = MsgSubmitProposal {
            proposer: proposer.address().to_string(),
            dao: dao.address.to_string(),
            title: "A title".into(),
            summary: String::new(),
            messages,
            execute: !random.once_in(4),
        };
        Some((large().and(&msg), vec![proposer]))
    }

    pub(super) fn decide(&self, random: &mut Random) -> Option<Tx> {
        let open = self.scene.decisions(Decided::Open);
        let (proposal_id, dao) = *open.get(random.below(open.len().max(1)))?;
        let voter = self.key(&random.pick(&dao.members).address);
        let option = *random.pick(&[
            Decision::Yes,
            Decision::Yes,
            Decision::Yes,
            Decision::Yes,
            Decision::Yes,
            Decision::No,
            Decision::Abstain,
        ]);
        let msg = Decide {
            voter: voter.address().to_string(),
            proposal_id,
            option: option.into(),
            execute: !random.once_in(4),
        };
        Some((large().and(&msg), vec![voter]))
    }

    pub(super) fn execute(&self, random: &mut Random) -> Option<Tx> {
        let wanted = if random.once_in(8) { Decided::Executed } else { Decided::Passed };
        let found = self.scene.decisions(wanted);
        let (proposal_id, dao) = *found.get(random.below(found.len().max(1)))?;
        let executor = self.key(&random.pick(&dao.members).address);
        let msg = MsgExecute { executor: executor.address().to_string(), proposal_id };
        Some((large().and(&msg), vec![executor]))
    }

    /// Someone who can vote, if a few tries find one.
    fn voter(&self, chain: &TestChain, random: &mut Random) -> Key {
        let view = chain.view();
        for _ in 0..6 {
            let one = match random.below(4) {
                0 => random.pick(&self.premint).clone(),
                1 => self.rich(random),
                _ => self.known_bond(random).map_or_else(|| self.wallet(random), |(owner, _)| owner),
            };
            let weight = governance::voting_weight(&view, &one.address()).expect("views have no gas limit");
            if weight.0 >= 20 * JMES {
                return one;
            }
        }
        self.wallet(random)
    }

    /// Votes on all that can be voted on; three proposals of four are liked.
    pub(super) fn vote(&self, chain: &TestChain, random: &mut Random) -> Option<Tx> {
        let mut open = self.scene.proposals(Status::Voting);
        if random.once_in(12) {
            open = self.scene.proposals.iter().map(|(id, _)| *id).take(1).collect();
        }
        random.shuffle(&mut open);
        open.truncate(VOTES);
        let voter = self.voter(chain, random);
        let votes = open.iter().map(|id| {
            let liked = id % 4 != 0;
            let option = if liked != random.once_in(6) { VoteOption::Yes } else { VoteOption::No };
            MsgVote { voter: voter.address().to_string(), proposal_id: *id, option: option.into() }
        });
        let draft = votes.fold(large(), |draft, vote| draft.and(&vote));
        (!open.is_empty()).then(|| (draft, vec![voter]))
    }

    /// Anyone concludes what has passed, or what has not, or what was concluded or has lapsed.
    pub(super) fn conclude(&self, random: &mut Random) -> Option<Tx> {
        let mut ids = self.scene.proposals(Status::Passed);
        if ids.is_empty() || random.once_in(8) {
            if !random.once_in(4) {
                return None;
            }
            ids = self.scene.proposals.iter().map(|(id, _)| *id).collect();
        }
        let proposal_id = *ids.get(random.below(ids.len().max(1)))?;
        let sender = self.wallet(random);
        let msg = MsgConclude { sender: sender.address().to_string(), proposal_id };
        Some((large().and(&msg), vec![sender]))
    }

    pub(super) fn send_artwork(&self, random: &mut Random) -> Option<Tx> {
        let artworks = &self.scene.artworks;
        let ((class_id, id), owner) = artworks.get(random.below(artworks.len().max(1)))?.clone();
        let sender = if random.once_in(6) { self.wallet(random) } else { self.key(&owner) };
        let receiver = self.wallet(random).address().to_string();
        let msg = SendArtwork { class_id, id, sender: sender.address().to_string(), receiver };
        Some((large().and(&msg), vec![sender]))
    }

    /// Something that a DAO can do, or believes it can.
    fn message(&self, chain: &TestChain, dao: &Dao, random: &mut Random) -> Any {
        let address = dao.address.to_string();
        let voting = self.scene.is_voting();
        if !voting && !random.once_in(3) {
            return any(&self.raise(chain, dao, random));
        }
        let balance = chain.balance(dao.address);
        match random.below(12) {
            0 | 1 => any(&MsgSend {
                from_address: address,
                to_address: self.wallet(random).address().to_string(),
                amount: super::nils(part(random, balance)).into_iter().collect(),
            }),
            2 => self.update(dao, random),
            3 => any(&MsgResignSlot { dao: address }),
            4 | 5 => any(&mint(dao, self.wallet(random).address(), random)),
            6 | 7 => any(&MsgDelegate {
                delegator_address: address,
                validator_address: self.target(random).operator(),
                amount: super::nils(part(random, balance)),
            }),
            8 if !voting => {
                let own = self.scene.proposals.iter().find(|(_, one)| one.dao == dao.address);
                any(&MsgWithdrawProposal { dao: address, proposal_id: own.map_or(1, |(id, _)| *id) })
            }
            _ => {
                let open = self.scene.proposals(Status::Voting);
                let proposal_id = open.first().copied().unwrap_or(1);
                any(&MsgVote { voter: address, proposal_id, option: VoteOption::Yes.into() })
            }
        }
    }

    fn update(&self, dao: &Dao, random: &mut Random) -> Any {
        let (members, threshold) = self.membership(random).unwrap_or_default();
        let voting_period = Some(period(random));
        any(&MsgUpdateDao { dao: dao.address.to_string(), members, threshold, voting_period })
    }
}

/// From half a minute, which is too short, to ten minutes.
fn period(random: &mut Random) -> Duration {
    jmes_modules::kernel::duration((30 + random.number() % 570) * SECOND)
}

fn mint(dao: &Dao, owner: Address, random: &mut Random) -> MsgMint {
    MsgMint {
        dao: dao.address.to_string(),
        id: format!("work{}", random.below(60)),
        owner: owner.to_string(),
        uri: "ipfs://picture".into(),
        uri_hash: "abcd".into(),
        title: "Komposition in Blau".into(),
        artist: "A. Painter".into(),
        royalty_bps: random.below(10_100) as u32,
        data: String::new(),
    }
}
