//! Every key of the store `consensus`.

use crate::kernel::{proto_value, Item};
use crate::CONSENSUS;
use tendermint_proto::v0_38::types::ConsensusParams;

/// `01` → the engine's parameters in force.
pub const PARAMS: Item<ConsensusParams> = Item::new(CONSENSUS, 1);
/// `02` → what genesis fixed for ever.
pub const ORIGIN: Item<StoredOrigin> = Item::new(CONSENSUS, 2);
/// `03` → the block that this state is the result of.
pub const LAST_BLOCK: Item<StoredBlock> = Item::new(CONSENSUS, 3);

/// What genesis fixed for ever.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StoredOrigin {
    /// The chain's id.
    #[prost(string, tag = "1")]
    pub chain_id: String,
    /// Genesis time in nanoseconds since 1970.
    #[prost(uint64, tag = "2")]
    pub genesis_time: u64,
    /// The height of the first block. Its length is fixed, so that reading it takes as much gas on a chain that goes on from an
    /// export.
    #[prost(fixed64, tag = "3")]
    pub initial_height: u64,
}

/// A block's header, as far as the state machine needs it.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StoredBlock {
    /// The engine's block number.
    #[prost(uint64, tag = "1")]
    pub height: u64,
    /// Block time in nanoseconds since 1970.
    #[prost(uint64, tag = "2")]
    pub time: u64,
    /// The proposer's consensus address.
    #[prost(bytes = "vec", tag = "3")]
    pub proposer: Vec<u8>,
}

proto_value!(ConsensusParams, StoredOrigin, StoredBlock);
