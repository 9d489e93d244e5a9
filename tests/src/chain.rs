//! The real chain without an engine.

use crate::{Draft, Genesis, Key, Signer};
use bytes::Bytes;
use jmes_modules::auth::Account;
use jmes_modules::kernel::{Address, Block, ConsensusAddress, View};
use jmes_modules::{auth, bank, rewards, STORES};
use jmes_store::{Options, Store};
use jmesd::abci::Shutdown;
use jmesd::chain::{Chain, Finalized, Settings, TxOutcome};
use tempfile::TempDir;
use tendermint_proto::v0_38::abci::{CheckTxType, RequestCheckTx, ResponseCheckTx};

/// Block time: 5 s in nanoseconds.
const BLOCK_TIME: u64 = 5_000_000_000;

/// A chain in a directory of its own, with the engine's part played by the test.
pub struct TestChain {
    /// The proposer of the next block.
    pub proposer: ConsensusAddress,
    genesis: Genesis,
    settings: Settings,
    chain: Option<Chain>,
    directory: TempDir,
}

impl TestChain {
    /// A chain that has imported `genesis` and made no block yet. Its node asks for no gas price.
    pub fn new(genesis: &Genesis) -> Self {
        Self::with_settings(genesis, Settings::default())
    }

    /// The same with the settings of the node.
    pub fn with_settings(genesis: &Genesis, settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let proposer = ConsensusAddress([7; 20]);
        let mut chain = Self { proposer, genesis: genesis.clone(), settings, chain: None, directory };
        chain.open();
        chain
    }

    /// The chain itself.
    pub fn chain(&self) -> &Chain {
        self.chain.as_ref().expect("the chain is open between two calls")
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.genesis.chain_id
    }

    /// Stops the node and starts it again from what is on disk. What was finalized and not committed is gone;
    /// genesis is imported again if no block was committed, as the engine does.
    pub fn restart(&mut self) {
        self.chain = None;
        self.open();
    }

    fn open(&mut self) {
        let store = Store::open(self.directory.path(), &STORES, Options::default()).expect("the store opens");
        let chain = Chain::new(store, self.settings.clone(), Shutdown::new());
        if chain.height() == 0 {
            chain.init_chain(&self.genesis.origin(), &self.genesis.app_state).expect("genesis is sound");
        }
        self.chain = Some(chain);
    }

    /// The header of the next block, `BLOCK_TIME` after the last.
    pub fn next_block(&self) -> Block {
        let height = self.chain().height();
        let first = self.genesis.initial_height;
        let height = if height == 0 { first } else { height + 1 };
        let time = self.genesis.time + (height - first + 1) * BLOCK_TIME;
        Block { height, time, proposer: self.proposer, ..Block::default() }
    }

    /// Runs the next block without committing it.
    pub fn finalize(&self, txs: &[impl AsRef<[u8]> + Sync]) -> Finalized {
        self.chain().finalize_block(self.next_block(), txs)
    }

    /// Commits what was finalized.
    pub fn commit(&self) {
        self.chain().commit().expect("the disk works");
    }

    /// Makes a block.
    pub fn block(&self, txs: &[Vec<u8>]) -> Vec<TxOutcome> {
        let finalized = self.finalize(txs);
        self.commit();
        finalized.txs
    }

    /// Makes a block of one transaction.
    pub fn deliver(&self, tx: &[u8]) -> TxOutcome {
        self.block(&[tx.to_vec()]).remove(0)
    }

    /// Asks whether a transaction may enter the mempool.
    pub fn check(&self, tx: &[u8]) -> ResponseCheckTx {
        self.check_as(CheckTxType::New, tx)
    }

    /// Asks whether a transaction may stay in the mempool.
    pub fn recheck(&self, tx: &[u8]) -> ResponseCheckTx {
        self.check_as(CheckTxType::Recheck, tx)
    }

    fn check_as(&self, kind: CheckTxType, tx: &[u8]) -> ResponseCheckTx {
        self.chain().check_tx(&RequestCheckTx { tx: Bytes::copy_from_slice(tx), r#type: kind.into() })
    }

    /// What this node would propose of `candidates`.
    pub fn prepare(&self, candidates: &[impl AsRef<[u8]>], max_bytes: u64) -> Vec<Vec<u8>> {
        let candidates = candidates.iter().map(|tx| Bytes::copy_from_slice(tx.as_ref())).collect();
        let proposal = self.chain().prepare_proposal(self.next_block(), candidates, max_bytes);
        proposal.iter().map(|tx| tx.to_vec()).collect()
    }

    /// Whether this node accepts a proposal.
    pub fn process(&self, txs: &[impl AsRef<[u8]>]) -> bool {
        let txs: Vec<Bytes> = txs.iter().map(|tx| Bytes::copy_from_slice(tx.as_ref())).collect();
        self.chain().process_proposal(self.next_block(), &txs)
    }

    /// Committed state.
    pub fn view(&self) -> View {
        self.chain().view_at(0).expect("there is a block")
    }

    /// The hash of committed state.
    pub fn app_hash(&self) -> [u8; 32] {
        self.chain().app_hash().expect("there is a block")
    }

    /// The account of `address`; a new one with number 0 if there is none.
    pub fn account(&self, address: Address) -> Account {
        let account = auth::account(&self.view(), &address).expect("views have no gas limit");
        account.unwrap_or(Account::new(0))
    }

    /// What `address` has, in Nils.
    pub fn balance(&self, address: Address) -> u128 {
        self.account(address).balance.0
    }

    /// Supply, income not redeemed, and what was burnt, in Nils.
    pub fn totals(&self) -> (u128, u128, u128) {
        let view = self.view();
        let supply = bank::supply(&view, jmes_modules::BASE_DENOM).expect("views have no gas limit").0;
        let unredeemed = rewards::unredeemed(&view).expect("views have no gas limit").0;
        let burnt = bank::burnt(&view).expect("views have no gas limit").0;
        (supply, unredeemed, burnt)
    }

    /// `key` as the signer of its next transaction after those committed.
    pub fn signer(&self, key: &Key) -> Signer {
        let account = self.account(key.address());
        Signer::key(key, account.number, account.sequence)
    }

    /// `draft` signed by `keys` in their order, each with its next sequence.
    pub fn sign(&self, draft: &Draft, keys: &[&Key]) -> Vec<u8> {
        let signers: Vec<Signer> = keys.iter().map(|key| self.signer(key)).collect();
        draft.sign(self.id(), &signers)
    }
}
