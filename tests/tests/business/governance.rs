//! A season of governance by signed transactions (§11): DAOs raise, holders of bonds vote, the block in which the cycle turns
//! tallies and may conclude already, what nobody concludes lapses.

use super::{any, done, draft, found, propose, refused, response, send, started, vote, JMES};
use cosmos_sdk_proto::cosmos::base::v1beta1::Coin;
use cosmos_sdk_proto::cosmos::staking::v1beta1::{MsgDelegate, MsgUndelegate};
use jmes_modules::governance::types::Proposal;
use jmes_modules::governance::{self, Cycle, Phase};
use jmes_modules::kernel::Address;
use jmes_proto::jmes::dao::v1::VoteOption as Member;
use jmes_proto::jmes::governance::v1::msg_raise_proposal::Content;
use jmes_proto::jmes::governance::v1::proposal::Status;
use jmes_proto::jmes::governance::v1::{
    MsgConclude, MsgRaiseProposal, MsgVote, MsgVoteResponse, MsgWithdrawProposal, Text, VoteOption,
};
use jmes_tests::{Key, TestChain, Validator};
use jmesd::chain::TxOutcome;
use serde_json::json;

/// Holders of 10,000 JMES each.
const HOLDERS: [u64; 3] = [50, 51, 52];

/// A chain with cycles of four minutes, on which holders 50 and 51 have bonded 4,000 and 1,500 JMES, and an artists' DAO of
/// the wallets 0 to 2.
fn season() -> (TestChain, Address) {
    let params = json!({"raising_period": "120s", "voting_period": "120s"});
    let genesis =
        HOLDERS.iter().fold(super::genesis().set("governance/params", params), |genesis, holder| {
            genesis.with(Key::new(*holder).address(), &format!("{}ujmes", 10_000 * JMES))
        });
    let chain = started(&genesis);
    let artists = found(&chain, "artists", &[(0, 1), (1, 1), (2, 1)], 2);
    done(&bond(&chain, 50, 4_000));
    done(&bond(&chain, 51, 1_500));
    (chain, artists)
}

fn nils(whole: u128) -> Option<Coin> {
    Some(Coin { denom: "ujmes".into(), amount: (whole * JMES).to_string() })
}

fn delegation(owner: Address, whole: u128) -> MsgDelegate {
    MsgDelegate {
        delegator_address: owner.to_string(),
        validator_address: Validator::new(0).address().operator(),
        amount: nils(whole),
    }
}

fn bond(chain: &TestChain, holder: u64, whole: u128) -> TxOutcome {
    send(chain, holder, &delegation(Key::new(holder).address(), whole))
}

fn now(chain: &TestChain) -> Cycle {
    governance::cycle(&chain.view()).expect("views have no gas limit")
}

fn shown(chain: &TestChain, id: u64) -> Proposal {
    let proposal = governance::proposal(&chain.view(), id).expect("views have no gas limit");
    proposal.expect("it was raised")
}

fn status(chain: &TestChain, id: u64) -> Status {
    governance::status(&shown(chain, id), &now(chain))
}

/// Makes a block at that time, with these transactions.
fn block_at(chain: &TestChain, time: u64, txs: &[Vec<u8>]) -> Vec<TxOutcome> {
    let finalized = chain.finalize_block(chain.block_after(time - chain.last_time()), txs);
    chain.commit();
    finalized.txs
}

/// Goes to the next raising phase.
fn raising(chain: &TestChain) {
    block_at(chain, now(chain).end, &[]);
}

/// Goes to this cycle's voting phase.
fn voting(chain: &TestChain) {
    block_at(chain, now(chain).voting_start, &[]);
}

fn text(dao: Address, title: &str) -> MsgRaiseProposal {
    MsgRaiseProposal {
        dao: dao.to_string(),
        title: title.into(),
        description: "On the north wall.".into(),
        content: Some(Content::Text(Text {})),
        funding: None,
    }
}

/// The DAO decides to raise it: one member proposes, another's vote executes.
fn raise(chain: &TestChain, dao: Address, title: &str) {
    let id = propose(chain, dao, 0, vec![any(&text(dao, title))]);
    done(&vote(chain, 1, id, Member::Yes));
}

fn cast(chain: &TestChain, holder: u64, proposal_id: u64, option: VoteOption) -> TxOutcome {
    let voter = Key::new(holder).address().to_string();
    send(chain, holder, &MsgVote { voter, proposal_id, option: option.into() })
}

fn conclusion(chain: &TestChain, sender: u64, proposal_id: u64) -> Vec<u8> {
    let sender = Key::new(sender);
    let msg = MsgConclude { sender: sender.address().to_string(), proposal_id };
    chain.sign(&draft().and(&msg), &[&sender])
}

#[test]
fn a_proposal_is_raised_voted_on_tallied_and_concluded_in_the_tallys_block() {
    let (chain, artists) = season();
    raising(&chain);
    let before = chain.balance(artists);
    raise(&chain, artists, "A mural");
    raise(&chain, artists, "A fountain");
    assert_eq!(before - chain.balance(artists), 20 * JMES, "10 JMES are burnt for each");
    assert_eq!(status(&chain, 1), Status::Raised);
    refused(&cast(&chain, 50, 1, VoteOption::Yes), "governance", 4);

    voting(&chain);
    assert_eq!((status(&chain, 1), now(&chain).phase), (Status::Voting, Phase::Voting));
    let _: MsgVoteResponse = response(&cast(&chain, 50, 1, VoteOption::Yes));
    done(&cast(&chain, 51, 1, VoteOption::No));
    done(&cast(&chain, 50, 2, VoteOption::Yes));
    refused(&cast(&chain, 52, 1, VoteOption::No), "governance", 5);
    raise(&chain, artists, "Too late");
    assert_eq!(governance::proposal(&chain.view(), 3).unwrap(), None, "the DAO's attempt has failed");
    assert_eq!(chain.balance(artists), before - 20 * JMES);

    let turn = now(&chain).end;
    let txs = [conclusion(&chain, 52, 1)];
    block_at(&chain, turn, &txs).iter().for_each(done);
    let mural = shown(&chain, 1);
    assert_eq!(mural.status, Status::Concluded);
    assert_eq!((mural.tally.yes.0, mural.tally.no.0), (4_000 * JMES, 1_500 * JMES));
    assert_eq!(mural.tally.possible.0, 5_500 * JMES);
    assert_eq!(mural.tallied_height, mural.concluded_height);
    assert_eq!(status(&chain, 2), Status::Passed);
    refused(&chain.deliver(&conclusion(&chain, 52, 1)), "governance", 9);

    raising(&chain);
    assert_eq!(status(&chain, 2), Status::Lapsed);
    refused(&chain.deliver(&conclusion(&chain, 52, 2)), "governance", 8);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn what_is_unbonded_does_not_vote_and_no_change_misses_the_tally() {
    let (chain, artists) = season();
    raising(&chain);
    raise(&chain, artists, "A mural");
    voting(&chain);
    done(&cast(&chain, 50, 1, VoteOption::Yes));
    done(&cast(&chain, 51, 1, VoteOption::No));
    let key = Key::new(50);
    let undelegation = MsgUndelegate {
        delegator_address: key.address().to_string(),
        validator_address: Validator::new(0).address().operator(),
        amount: nils(3_001),
    };
    done(&send(&chain, 50, &undelegation));
    done(&bond(&chain, 51, 250));
    chain.chain().check_invariants().unwrap();
    raising(&chain);
    let tally = shown(&chain, 1).tally;
    assert_eq!((tally.yes.0, tally.no.0), (0, 1_750 * JMES), "999 JMES are below the minimum");
    assert_eq!(tally.possible.0, (999 + 1_750) * JMES);
    assert_eq!(status(&chain, 1), Status::Failed);
}

#[test]
fn a_dao_bonds_votes_and_withdraws_as_its_members_decide() {
    let (chain, artists) = season();
    let gift = draft().and_send(Key::new(52).address(), artists, &format!("{}ujmes", 2_000 * JMES));
    done(&chain.deliver(&chain.sign(&gift, &[&Key::new(52)])));
    raising(&chain);
    raise(&chain, artists, "A mural");
    raise(&chain, artists, "A mistake");
    let withdrawal = MsgWithdrawProposal { dao: artists.to_string(), proposal_id: 2 };
    let messages = vec![any(&withdrawal), any(&delegation(artists, 1_000))];
    let id = propose(&chain, artists, 0, messages);
    done(&vote(&chain, 2, id, Member::Yes));
    voting(&chain);
    let yes = MsgVote { voter: artists.to_string(), proposal_id: 1, option: VoteOption::Yes.into() };
    let id = propose(&chain, artists, 2, vec![any(&yes)]);
    done(&vote(&chain, 1, id, Member::Yes));
    raising(&chain);
    assert_eq!((status(&chain, 1), status(&chain, 2)), (Status::Passed, Status::Withdrawn));
    assert_eq!(shown(&chain, 1).tally.yes.0, 1_000 * JMES);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_chain_that_is_exported_in_the_middle_of_a_vote_goes_on_alike() {
    let (chain, artists) = season();
    raising(&chain);
    raise(&chain, artists, "A mural");
    voting(&chain);
    done(&cast(&chain, 50, 1, VoteOption::Yes));
    let other = chain.continued();
    for chain in [&chain, &other] {
        chain.blocks(1);
        done(&cast(chain, 51, 1, VoteOption::No));
        raising(chain);
        done(&chain.deliver(&conclusion(chain, 51, 1)));
    }
    for part in ["auth", "bank", "rewards", "dao", "governance"] {
        assert_eq!(other.export().app_state[part], chain.export().app_state[part]);
    }
    assert_eq!(status(&other, 1), Status::Concluded);
}
