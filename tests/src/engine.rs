//! The consensus engine as far as the application can tell: validator sets that change two blocks after an update, the
//! commit of the block before, time.

use jmes_modules::kernel::{Block, CommitVote, ConsensusAddress, ValidatorUpdate};
use jmes_modules::staking::consensus_address;
use std::collections::{BTreeMap, BTreeSet};
use tendermint::validator::{Info, Set};
use tendermint::{vote, PublicKey};

/// Consensus keys with their power.
pub type Powers = BTreeMap<[u8; 32], u64>;

/// What the engine remembers between two blocks.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    /// The last committed block; `None` before the first.
    pub last: Option<Block>,
    /// The set of the last block.
    previous: Powers,
    /// The set of the next block.
    pub current: Powers,
    /// The set of the block after that.
    pub next: Powers,
    /// What was finalized and waits for its commit.
    pub pending: Option<(Block, Vec<ValidatorUpdate>)>,
}

impl Engine {
    /// The engine after InitChain.
    pub fn new(validators: &[ValidatorUpdate]) -> Self {
        let mut set = Powers::new();
        change(&mut set, validators);
        Self { current: set.clone(), next: set, ..Self::default() }
    }

    /// Takes what was finalized for decided.
    pub fn commit(&mut self) {
        let Some((block, updates)) = self.pending.take() else { return };
        self.previous = std::mem::replace(&mut self.current, self.next.clone());
        change(&mut self.next, &updates);
        self.last = Some(block);
    }

    /// The votes of the last block's set, all of them but those of `absent`; none before the first block.
    pub fn votes(&self, absent: &BTreeSet<ConsensusAddress>) -> Vec<CommitVote> {
        let vote = |(key, power): (&[u8; 32], &u64)| {
            let address = consensus_address(key);
            CommitVote { address, power: *power, signed: !absent.contains(&address) }
        };
        self.previous.iter().map(vote).collect()
    }

    /// The hash of the set of the block after the next, as headers have it.
    pub fn next_validators_hash(&self) -> Vec<u8> {
        let info = |(key, power): (&[u8; 32], &u64)| {
            let key = PublicKey::from_raw_ed25519(key).expect("an ed25519 key");
            Info::new(key, vote::Power::try_from(*power).expect("a power"))
        };
        Set::without_proposer(self.next.iter().map(info).collect()).hash().as_bytes().to_vec()
    }

    /// Who proposes the next block if nobody says otherwise: the first of those with the most power.
    pub fn proposer(&self) -> ConsensusAddress {
        let most = self.current.values().max();
        let first = self.current.iter().find(|(_, power)| Some(*power) == most);
        first.map(|(key, _)| consensus_address(key)).expect("the set has a member")
    }
}

/// Changes a set, as strictly as the engine does.
fn change(set: &mut Powers, updates: &[ValidatorUpdate]) {
    let keys: BTreeSet<[u8; 32]> = updates.iter().map(|update| update.key).collect();
    assert_eq!(keys.len(), updates.len(), "a validator is updated twice in one block");
    for ValidatorUpdate { key, power } in updates {
        match power {
            0 => assert!(set.remove(key).is_some(), "a validator is removed that is not in the set"),
            power => drop(set.insert(*key, *power)),
        }
    }
    assert!(!set.is_empty(), "the engine can't go on without validators");
    let total: u64 = set.values().sum();
    assert!(total <= i64::MAX as u64 / 8, "the engine's limit of the total power");
}
