//! Proving: a newly seated validator shows that it signs (§6).

use super::members::Member;
use crate::kernel::{Address, CommitVote, Value};
use crate::staking::consensus_address;
use jmes_proto::jmes::staking::v1::Params;

/// Which commits an unproven validator signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// How many commits it was counted in.
    pub commits: u32,
    /// Whether it signed the latest 128 of them, the newest in the lowest bit.
    pub signed: u128,
}

impl Proof {
    /// Counts one more commit.
    pub const fn count(&mut self, signed: bool) {
        self.commits = self.commits.saturating_add(1);
        self.signed = self.signed.wrapping_shl(1) | signed as u128;
    }

    /// How many of the latest `window` commits it signed; `window` is 1 to 128.
    pub const fn signed_of(self, window: u32) -> u32 {
        self.signed.wrapping_shl(128_u32.saturating_sub(window)).count_ones()
    }
}

/// Number of commits (4 bytes) ‖ signed (16 bytes), for each.
impl Value for Vec<Proof> {
    fn encode(&self) -> Vec<u8> {
        let entry =
            |proof: &Proof| [proof.commits.to_be_bytes().as_slice(), &proof.signed.to_be_bytes()].concat();
        self.iter().flat_map(entry).collect()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (entries, torn): (&[[u8; 20]], _) = bytes.as_chunks();
        let entry = |entry: &[u8; 20]| {
            let (commits, signed) = entry.split_first_chunk()?;
            let signed = u128::from_be_bytes(signed.try_into().ok()?);
            Some(Proof { commits: u32::from_be_bytes(*commits), signed })
        };
        torn.is_empty().then(|| entries.iter().map(entry).collect())?
    }
}

/// Counts the decided commit of the block before for the unproven members that were in its set, and proves those that have
/// signed enough. Updates told at the end of h bind in the set of h + 2, whose commit is in h + 3: an earlier commit that
/// names a member is one of an earlier time in the set.
///
/// Gives those that had their chance: they are still unproven after the last commit that counts.
pub fn count(members: &mut [Member], commit: &[CommitVote], height: u64, params: &Params) -> Vec<Address> {
    let mut late = Vec::new();
    for member in members.iter_mut().filter(|member| !member.proven) {
        if height < member.seated_height.saturating_add(3) {
            continue;
        }
        let address = consensus_address(&member.key);
        let Some(vote) = commit.iter().find(|vote| vote.address == address) else { continue };
        member.proof.count(vote.signed);
        if member.proof.signed_of(params.proof_window) >= params.proof_signed {
            member.proven = true;
        } else if member.proof.commits >= params.proof_deadline {
            late.push(member.operator);
        }
    }
    late
}
