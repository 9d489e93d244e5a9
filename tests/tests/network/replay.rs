//! The blocks of a node, run again by a fresh application that nothing interrupts.

use jmes_modules::kernel::{Block, ConsensusAddress};
use jmes_store::{Options, Store};
use jmes_tests::net::Node;
use jmesd::abci::Shutdown;
use jmesd::chain::{Chain, Origin, Settings};
use tempfile::TempDir;
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
        let header = Block {
            chain_id: block.header.chain_id.to_string(),
            height,
            time: nanoseconds(block.header.time),
            proposer: ConsensusAddress::new(block.header.proposer_address.as_bytes()).expect("an address"),
            ..Block::default()
        };
        let finalized = chain.finalize_block(header, &block.data);
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

fn import_genesis(chain: &Chain, node: &Node) {
    let genesis = node.rpc.genesis().expect("the genesis");
    let text = |field: &str| genesis[field].as_str().expect("a text").to_owned();
    let params: tendermint::consensus::Params =
        serde_json::from_value(genesis["consensus_params"].clone()).expect("the engine's parameters");
    let origin = Origin {
        chain_id: text("chain_id"),
        time: nanoseconds(Time::parse_from_rfc3339(&text("genesis_time")).expect("a time")),
        initial_height: text("initial_height").parse().expect("a height"),
        params: params.into(),
    };
    chain.init_chain(&origin, &genesis["app_state"]).expect("genesis is sound");
}

fn nanoseconds(time: Time) -> u64 {
    u64::try_from(time.unix_timestamp_nanos()).expect("a time after 1970")
}
