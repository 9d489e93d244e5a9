//! How a test chain begins.

use jmes_modules::kernel::Address;
use jmesd::chain::Origin;
use jmesd::node::genesis::Network;
use serde_json::{json, Value};
use tendermint_proto::v0_38::types::{BlockParams, ConsensusParams};

/// 2027-01-01T00:00:00Z in nanoseconds.
const TIME: u64 = 1_798_761_600_000_000_000;

/// A genesis, to be changed as a test likes.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// The chain's id.
    pub chain_id: String,
    /// Genesis time in nanoseconds since 1970.
    pub time: u64,
    /// The height of the first block.
    pub initial_height: u64,
    /// The engine's parameters.
    pub params: ConsensusParams,
    /// The application's state.
    pub app_state: Value,
}

impl Genesis {
    /// A chain without coins; blocks of 4 MiB and 100,000,000 gas.
    pub fn new() -> Self {
        let block = BlockParams { max_bytes: 4 << 20, max_gas: 100_000_000 };
        Self {
            chain_id: "jmes-test-1".into(),
            time: TIME,
            initial_height: 1,
            params: ConsensusParams { block: Some(block), ..ConsensusParams::default() },
            app_state: json!({"bank": {"balances": []}}),
        }
    }

    /// The genesis that a network of this kind begins with.
    pub fn template(network: Network) -> Self {
        let document = network.template();
        let params: tendermint::consensus::Params =
            serde_json::from_value(document["consensus_params"].clone())
                .expect("the template has parameters for the engine");
        Self {
            chain_id: document["chain_id"].as_str().expect("the template has a chain id").into(),
            time: TIME,
            initial_height: 1,
            params: params.into(),
            app_state: document["app_state"].clone(),
        }
    }

    /// With these coins in a wallet, such as `7ujmes` or `5atom,7ujmes`.
    #[must_use]
    pub fn with(mut self, owner: Address, coins: &str) -> Self {
        let coin = |part: &str| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            json!({"denom": part[digits..], "amount": part[..digits]})
        };
        let coins: Vec<Value> = coins.split(',').map(coin).collect();
        let balances = self.app_state["bank"]["balances"].as_array_mut().expect("balances are a list");
        balances.push(json!({"address": owner.to_string(), "coins": coins}));
        self
    }

    /// With this most gas in a block, -1 for no limit.
    #[must_use]
    pub fn max_gas(mut self, gas: i64) -> Self {
        self.params.block = Some(BlockParams { max_bytes: 4 << 20, max_gas: gas });
        self
    }

    /// What the engine says of it.
    pub fn origin(&self) -> Origin {
        Origin {
            chain_id: self.chain_id.clone(),
            time: self.time,
            initial_height: self.initial_height,
            params: self.params.clone(),
        }
    }
}

impl Default for Genesis {
    fn default() -> Self {
        Self::new()
    }
}
