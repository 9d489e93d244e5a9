//! What the engine says of a block and of validators, in the words of the state machine and back.

use jmes_modules::kernel::{Block, CommitVote, ConsensusAddress, Misbehavior, Offence, ValidatorUpdate};
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::{
    CommitInfo, ExtendedCommitInfo, Misbehavior as EngineMisbehavior, MisbehaviorType, RequestFinalizeBlock,
    RequestPrepareProposal, RequestProcessProposal, Validator, ValidatorUpdate as EngineUpdate,
};
use tendermint_proto::v0_38::crypto::{public_key::Sum, PublicKey};
use tendermint_proto::v0_38::types::BlockIdFlag;

/// The header of a request: the engine's three have these fields by the same names.
macro_rules! header {
    ($request:expr) => {
        Header {
            height: $request.height,
            time: $request.time.as_ref(),
            proposer: &$request.proposer_address,
            next_validators_hash: &$request.next_validators_hash,
            misbehavior: &$request.misbehavior,
        }
    };
}

/// The block that this node may propose.
pub fn of_prepare(request: &RequestPrepareProposal) -> Block {
    header!(request).block(request.local_last_commit.as_ref().map_or_else(Vec::new, extended_votes))
}

/// The block that somebody proposes.
pub fn of_process(request: &RequestProcessProposal) -> Block {
    header!(request).block(request.proposed_last_commit.as_ref().map_or_else(Vec::new, votes))
}

/// The block that was decided.
pub fn of_finalize(request: &RequestFinalizeBlock) -> Block {
    header!(request).block(request.decided_last_commit.as_ref().map_or_else(Vec::new, votes))
}

/// What the three requests have in common.
struct Header<'a> {
    height: i64,
    time: Option<&'a Timestamp>,
    proposer: &'a [u8],
    next_validators_hash: &'a [u8],
    misbehavior: &'a [EngineMisbehavior],
}

impl Header<'_> {
    /// Chain id and app hash are the application's own; see `Chain::context`.
    fn block(self, commit: Vec<CommitVote>) -> Block {
        Block {
            chain_id: String::new(),
            height: to_u64(self.height),
            time: nanoseconds(self.time),
            proposer: ConsensusAddress::new(self.proposer).unwrap_or_default(),
            app_hash: [0; 32],
            next_validators_hash: self.next_validators_hash.to_vec(),
            commit,
            misbehavior: self.misbehavior.iter().filter_map(offence).collect(),
        }
    }
}

fn votes(commit: &CommitInfo) -> Vec<CommitVote> {
    commit.votes.iter().filter_map(|info| vote(info.validator.as_ref(), info.block_id_flag)).collect()
}

fn extended_votes(commit: &ExtendedCommitInfo) -> Vec<CommitVote> {
    commit.votes.iter().filter_map(|info| vote(info.validator.as_ref(), info.block_id_flag)).collect()
}

/// A vote for nil is a signature too (§6, §8).
fn vote(validator: Option<&Validator>, flag: i32) -> Option<CommitVote> {
    let (address, power) = member(validator)?;
    let signed = flag == BlockIdFlag::Commit as i32 || flag == BlockIdFlag::Nil as i32;
    Some(CommitVote { address, power, signed })
}

fn offence(evidence: &EngineMisbehavior) -> Option<Misbehavior> {
    let (address, power) = member(evidence.validator.as_ref())?;
    let offence = match MisbehaviorType::try_from(evidence.r#type) {
        Ok(MisbehaviorType::DuplicateVote) => Offence::DoubleSign,
        Ok(MisbehaviorType::LightClientAttack) => Offence::LightClientAttack,
        _ => return None,
    };
    let (height, time) = (to_u64(evidence.height), nanoseconds(evidence.time.as_ref()));
    Some(Misbehavior { offence, address, power, height, time })
}

fn member(validator: Option<&Validator>) -> Option<(ConsensusAddress, u64)> {
    let validator = validator?;
    Some((ConsensusAddress::new(&validator.address).ok()?, to_u64(validator.power)))
}

/// Changes of the validator set as the engine takes them.
pub fn to_engine(updates: &[ValidatorUpdate]) -> Vec<EngineUpdate> {
    let convert = |update: &ValidatorUpdate| EngineUpdate {
        pub_key: Some(PublicKey { sum: Some(Sum::Ed25519(update.key.to_vec())) }),
        power: to_i64(update.power),
    };
    updates.iter().map(convert).collect()
}

/// A validator that the engine's genesis lists; `None` when its key is not an ed25519 key.
pub fn of_genesis(update: &EngineUpdate) -> Option<ValidatorUpdate> {
    match update.pub_key.as_ref()?.sum.as_ref()? {
        Sum::Ed25519(key) => {
            Some(ValidatorUpdate { key: key.as_slice().try_into().ok()?, power: to_u64(update.power) })
        }
        Sum::Secp256k1(_) => None,
    }
}

/// A time in nanoseconds since 1970.
pub fn nanoseconds(time: Option<&Timestamp>) -> u64 {
    time.map_or(0, |time| {
        let nanos = u64::try_from(time.nanos).unwrap_or(0);
        to_u64(time.seconds).saturating_mul(1_000_000_000).saturating_add(nanos)
    })
}

/// A number of the engine, which is never negative.
pub fn to_u64(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A number for the engine.
pub fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
