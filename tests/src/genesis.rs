//! How a test chain begins.

use crate::Validator;
use jmes_modules::kernel::{message_to_json, Address, Base, Block, Ctx, GasMeter, Overlay, Result};
use jmes_modules::{consensus, order, seats};
use jmes_proto::jmes::staking::v1::Params;
use jmesd::chain::{Origin, GENUTIL};
use jmesd::node::genesis::Network;
use serde_json::{json, Value};
use std::sync::Arc;
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
    /// The application's state, without the validators.
    pub app_state: Value,
    /// The validators that genesis transactions make, in the order of seating.
    pub validators: Vec<Validator>,
    /// The time of the block before the first: genesis time, or later for the state of a chain that has run.
    pub last_time: u64,
}

impl Genesis {
    /// A chain without coins and with one validator without a bond, the one with number 0; mainnet's parameters, blocks of 4
    /// MiB and 100,000,000 gas.
    pub fn new() -> Self {
        let block = BlockParams { max_bytes: 4 << 20, max_gas: 100_000_000 };
        Self {
            chain_id: "jmes-test-1".into(),
            time: TIME,
            initial_height: 1,
            params: ConsensusParams { block: Some(block), ..ConsensusParams::default() },
            app_state: json!({}),
            validators: vec![Validator::new(0)],
            last_time: TIME,
        }
    }

    /// The genesis that a network of this kind begins with, with the same validator.
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
            validators: vec![Validator::new(0)],
            last_time: TIME,
        }
    }

    /// With these coins in a wallet, such as `7ujmes` or `5atom,7ujmes`.
    #[must_use]
    pub fn with(self, owner: Address, coins: &str) -> Self {
        let coin = |part: &str| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            json!({"denom": part[digits..], "amount": part[..digits]})
        };
        let coins: Vec<Value> = coins.split(',').map(coin).collect();
        self.push("bank/balances", json!({"address": owner.to_string(), "coins": coins}))
    }

    /// With a premint wallet of this many Nils (§3).
    #[must_use]
    pub fn premint(self, owner: Address, nils: u128) -> Self {
        self.push("premint/wallets", json!({"address": owner.to_string(), "amount": nils.to_string()}))
    }

    /// With these validators instead of the usual one. What their operators bond is in their wallets.
    #[must_use]
    pub fn validators(mut self, validators: Vec<Validator>) -> Self {
        self.validators = validators;
        let bonds = self.validators.clone();
        let bonds = bonds.iter().filter(|validator| validator.bond > 0);
        bonds.fold(self, |genesis, one| genesis.with(one.address(), &format!("{}ujmes", one.bond)))
    }

    /// With other parameters of seats and joining than mainnet's.
    #[must_use]
    pub fn seats(self, change: impl FnOnce(&mut Params)) -> Self {
        let mut params = seats::defaults();
        change(&mut params);
        self.set("seats/params", message_to_json(&params).expect("parameters have a JSON form"))
    }

    /// With another value somewhere in the application's state, such as `5` at `seats/params/max_free_joins`.
    #[must_use]
    pub fn set(mut self, path: &str, value: Value) -> Self {
        *self.place(path) = value;
        self
    }

    fn push(mut self, path: &str, entry: Value) -> Self {
        match self.place(path) {
            Value::Array(list) => list.push(entry),
            place => *place = json!([entry]),
        }
        self
    }

    /// The value at `path`, which is made if there is none.
    fn place(&mut self, path: &str) -> &mut Value {
        path.split('/').fold(&mut self.app_state, |value, name| &mut value[name])
    }

    /// The application's part of the document: its state, and the genesis transactions of the validators.
    pub fn document(&self) -> Value {
        let mut document = self.app_state.clone();
        let txs: Vec<Value> = self.validators.iter().map(|one| one.gen_tx(&self.chain_id)).collect();
        document[GENUTIL] = json!({ "gen_txs": txs });
        document
    }

    /// With this most gas in a block, -1 for no limit.
    #[must_use]
    pub fn max_gas(mut self, gas: i64) -> Self {
        self.params.block = Some(BlockParams { max_bytes: 4 << 20, max_gas: gas });
        self
    }

    /// The state that `change` leaves of this one, made in its last block.
    pub fn altered(mut self, change: impl FnOnce(&mut Ctx) -> Result<()>) -> Result<Self> {
        let height = self.initial_height - 1;
        let block =
            Block { chain_id: self.chain_id.clone(), height, time: self.last_time, ..Block::default() };
        let mut ctx = Ctx::new(Overlay::new(Arc::new(Nothing)), Arc::new(block), GasMeter::unlimited());
        consensus::start(&mut ctx, &self.params, self.time, self.initial_height)?;
        for module in order::MODULES {
            module.import(&mut ctx, &self.app_state[module.name()])?;
        }
        change(&mut ctx)?;
        for module in order::MODULES {
            self.app_state[module.name()] = module.export(&ctx)?;
        }
        self.params = consensus::params(&ctx)?;
        Ok(self)
    }

    /// What the engine says of it.
    pub fn origin(&self) -> Origin {
        Origin {
            chain_id: self.chain_id.clone(),
            time: self.time,
            initial_height: self.initial_height,
            params: self.params.clone(),
            validators: Vec::new(),
        }
    }
}

impl Default for Genesis {
    fn default() -> Self {
        Self::new()
    }
}

/// State before anything is committed.
struct Nothing;

impl Base for Nothing {
    fn value(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn range<'a>(&'a self, _: &[u8], _: &[u8], _: bool) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        Box::new(std::iter::empty())
    }
}
