//! The blocks of a node, run again by a fresh application that nothing interrupts.

use jmes_modules::kernel::{Block, CommitVote, ConsensusAddress};
use jmes_store::{Options, Store};
use jmes_tests::net::Node;
use jmesd::abci::Shutdown;
use jmesd::chain::{Chain, Settings};
use jmesd::node::genesis;
use jmesd::rpc::endpoint::validators;
use tempfile::TempDir;
use tendermint::block::CommitSig;
use tendermint::Time;

/// Runs the node's blocks 1 to `height`, which must not be its last, from its genesis, and compares the app hash after
/// each with the one in the next header.
pub fn assert_same_app_hashes(node: &Node, height: u64) {
    let dir = TempDir::new().expect("a temporary directory");
    let store = Store::open(dir.path(), &jmes_modules::STORES, Options::default()).expect("a store");
    let chain = Chain::new(store, Settings::default(), Shutdown::new());
    import_genesis(&chain, node);
    for height in 1..=height {
        let block = node.rpc.block(Some(height)).expect("the block").block;
        assert!(block.evidence.iter().next().is_none(), "nobody has done anything wrong");
        let header = Block {
            height,
            time: nanoseconds(block.header.time),
            proposer: consensus_address(block.header.proposer_address),
            next_validators_hash: block.header.next_validators_hash.as_bytes().to_vec(),
            commit: votes(node, &block),
            ..Block::default()
        };
        let finalized = chain.finalize_block(header, &block.data).expect("no upgrade is due");
        chain.commit().expect("the disk works");
        let wanted = node.rpc.header(Some(height + 1)).expect("the next header").app_hash;
        assert_eq!(
            hex::encode(finalized.app_hash),
            hex::encode(wanted.as_bytes()),
            "the app hash after block {height}"
        );
    }
    chain.check_invariants().expect("what must always hold of state");
}

/// How the validators of the block before voted, by the commit in `block`.
fn votes(node: &Node, block: &tendermint::Block) -> Vec<CommitVote> {
    let Some(commit) = &block.last_commit else { return Vec::new() };
    let request = validators::Request::new(Some(commit.height), Some(1.into()), Some(100_u8.into()));
    let set = node.rpc.call(request).expect("the validators").validators;
    assert_eq!(set.len(), commit.signatures.len());
    let vote = |(info, signature): (&tendermint::validator::Info, &CommitSig)| CommitVote {
        address: consensus_address(info.address),
        power: info.power.value(),
        signed: !signature.is_absent(),
    };
    set.iter().zip(&commit.signatures).map(vote).collect()
}

fn consensus_address(id: tendermint::account::Id) -> ConsensusAddress {
    ConsensusAddress::new(id.as_bytes()).expect("an address")
}

fn import_genesis(chain: &Chain, node: &Node) {
    let genesis = node.rpc.genesis().expect("the genesis");
    let origin = genesis::origin(&genesis).expect("what the engine reads");
    chain.init_chain(&origin, &genesis["app_state"]).expect("genesis is sound");
}

fn nanoseconds(time: Time) -> u64 {
    u64::try_from(time.unix_timestamp_nanos()).expect("a time after 1970")
}
