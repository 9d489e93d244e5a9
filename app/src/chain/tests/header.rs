//! What the engine says of a block and of validators, in the words of the state machine.

use crate::chain::header::{of_finalize, of_genesis, of_prepare, of_process, to_engine};
use jmes_modules::kernel::{Block, CommitVote, ConsensusAddress, Misbehavior, Offence, ValidatorUpdate};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::{
    CommitInfo, ExtendedCommitInfo, ExtendedVoteInfo, Misbehavior as Evidence, RequestFinalizeBlock,
    RequestPrepareProposal, RequestProcessProposal, Validator, VoteInfo,
};
use tendermint_proto::v0_38::crypto::{public_key::Sum, PublicKey};

fn validator(byte: u8) -> Option<Validator> {
    Some(Validator { address: vec![byte; 20].into(), power: i64::from(byte) })
}

const TIME: Timestamp = Timestamp { seconds: 1_800_000_000, nanos: 7 };

fn evidence() -> Vec<Evidence> {
    let of_kind = |kind: i32, byte: u8| Evidence {
        r#type: kind,
        validator: validator(byte),
        height: 5,
        time: Some(TIME),
        total_voting_power: 100,
    };
    vec![of_kind(1, 1), of_kind(2, 2), of_kind(0, 3)]
}

fn expected() -> Block {
    let vote = |byte: u8, signed| CommitVote {
        address: ConsensusAddress([byte; 20]),
        power: u64::from(byte),
        signed,
    };
    let offence = |offence, byte: u8| Misbehavior {
        offence,
        address: ConsensusAddress([byte; 20]),
        power: u64::from(byte),
        height: 5,
        time: 1_800_000_000_000_000_007,
    };
    Block {
        height: 9,
        time: 1_800_000_000_000_000_007,
        proposer: ConsensusAddress([7; 20]),
        next_validators_hash: vec![8; 32],
        commit: vec![vote(1, false), vote(2, true), vote(3, true), vote(4, false)],
        misbehavior: vec![offence(Offence::DoubleSign, 1), offence(Offence::LightClientAttack, 2)],
        ..Block::default()
    }
}

/// Absent, for the block, for nil, unknown.
const FLAGS: [(u8, i32); 4] = [(1, 1), (2, 2), (3, 3), (4, 0)];

#[test]
fn a_block_is_the_same_in_proposals_and_when_it_is_decided() {
    let votes =
        FLAGS.map(|(byte, block_id_flag)| VoteInfo { validator: validator(byte), block_id_flag }).to_vec();
    let extended = FLAGS.map(|(byte, block_id_flag)| ExtendedVoteInfo {
        validator: validator(byte),
        block_id_flag,
        ..ExtendedVoteInfo::default()
    });
    let (time, proposer, next) = (Some(TIME), vec![7; 20], vec![8; 32]);
    let prepare = RequestPrepareProposal {
        local_last_commit: Some(ExtendedCommitInfo { round: 0, votes: extended.to_vec() }),
        misbehavior: evidence(),
        height: 9,
        time,
        proposer_address: proposer.clone().into(),
        next_validators_hash: next.clone().into(),
        ..RequestPrepareProposal::default()
    };
    let process = RequestProcessProposal {
        proposed_last_commit: Some(CommitInfo { round: 0, votes: votes.clone() }),
        misbehavior: evidence(),
        height: 9,
        time,
        proposer_address: proposer.clone().into(),
        next_validators_hash: next.clone().into(),
        ..RequestProcessProposal::default()
    };
    let finalize = RequestFinalizeBlock {
        decided_last_commit: Some(CommitInfo { round: 0, votes }),
        misbehavior: evidence(),
        height: 9,
        time,
        proposer_address: proposer.into(),
        next_validators_hash: next.into(),
        ..RequestFinalizeBlock::default()
    };
    assert_eq!(of_prepare(&prepare), expected());
    assert_eq!(of_process(&process), expected());
    assert_eq!(of_finalize(&finalize), expected());
}

#[test]
fn validators_go_to_the_engine_and_come_back() {
    let updates =
        [ValidatorUpdate { key: [1; 32], power: 1_000 }, ValidatorUpdate { key: [2; 32], power: 0 }];
    let sent = to_engine(&updates);
    assert_eq!(sent.iter().map(|one| one.power).collect::<Vec<_>>(), [1_000, 0]);
    assert_eq!(sent.iter().filter_map(of_genesis).collect::<Vec<_>>(), updates);
    let mut other = sent[0].clone();
    other.pub_key = Some(PublicKey { sum: Some(Sum::Secp256k1(vec![3; 33])) });
    assert_eq!(of_genesis(&other), None);
}
