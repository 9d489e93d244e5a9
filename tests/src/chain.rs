//! The real chain without an engine.

use crate::engine::{Engine, Powers};
use crate::{Draft, Genesis, Key, Signer};
use bytes::Bytes;
use jmes_modules::auth::Account;
use jmes_modules::kernel::{Address, Block, ConsensusAddress, Ctx, Misbehavior, Result, View};
use jmes_modules::{auth, bank, emission, rewards, STORES};
use jmes_store::{Options, Store};
use jmesd::abci::Shutdown;
use jmesd::chain::{order, Chain, Finalized, Settings, TxOutcome};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};
use tempfile::TempDir;
use tendermint_proto::v0_38::abci::{CheckTxType, RequestCheckTx, ResponseCheckTx};

/// Block time: 5 s in nanoseconds.
const BLOCK_TIME: u64 = 5_000_000_000;

/// A chain in a directory of its own, with the engine's part played by the test: validator sets that change two blocks after
/// an update, the commit of the block before, evidence, time.
pub struct TestChain {
    /// The proposer of the next block; the strongest validator if it is `None`.
    pub proposer: Option<ConsensusAddress>,
    /// Validators whose votes are missing in commits from the next block on.
    pub absent: BTreeSet<ConsensusAddress>,
    /// Evidence in the next block; it is there until it is taken out.
    pub misbehavior: Vec<Misbehavior>,
    /// Nanoseconds between two blocks.
    pub block_time: u64,
    genesis: Genesis,
    settings: Settings,
    engine: Mutex<Engine>,
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
        let mut chain = Self {
            proposer: None,
            absent: BTreeSet::new(),
            misbehavior: Vec::new(),
            block_time: BLOCK_TIME,
            genesis: genesis.clone(),
            settings,
            engine: Mutex::default(),
            chain: None,
            directory,
        };
        chain.open();
        chain
    }

    /// A new chain from the state of this one, whose engine goes on as if nothing had happened: the same blocks give both
    /// the same state.
    #[must_use]
    pub fn continued(&self) -> Self {
        self.continued_from(&self.export())
    }

    /// The same after `change`, which no transaction makes.
    pub fn altered(&self, change: impl FnOnce(&mut Ctx) -> Result<()>) -> Result<Self> {
        Ok(self.continued_from(&self.export().altered(change)?))
    }

    fn continued_from(&self, genesis: &Genesis) -> Self {
        let chain = Self {
            block_time: self.block_time,
            absent: self.absent.clone(),
            ..Self::with_settings(genesis, self.settings.clone())
        };
        let mut engine = self.engine().clone();
        engine.pending = None;
        assert_eq!(chain.next_validators(), engine.next, "the engine's set is the one that was exported");
        *chain.engine() = engine;
        chain
    }

    /// The state as the genesis of a new chain.
    pub fn export(&self) -> Genesis {
        let view = self.view();
        let part = |module: &&dyn jmes_modules::kernel::Module| {
            (module.name().to_owned(), module.export(&view).expect("every state can be exported"))
        };
        let parts = order::MODULES.iter().map(part).filter(|(_, part)| !part.is_null());
        Genesis {
            app_state: Value::Object(parts.collect::<Map<_, _>>()),
            initial_height: self.chain().height() + 1,
            validators: Vec::new(),
            last_time: self.last_time(),
            ..self.genesis.clone()
        }
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
        self.engine().pending = None;
        self.open();
    }

    fn open(&mut self) {
        let store = Store::open(self.directory.path(), &STORES, Options::default()).expect("the store opens");
        let chain = Chain::new(store, self.settings.clone(), Shutdown::new());
        if chain.height() == 0 {
            let begun = chain.init_chain(&self.genesis.origin(), &self.genesis.document());
            *self.engine() = Engine::new(&begun.expect("genesis is sound").validators);
        }
        self.chain = Some(chain);
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().expect("no test fails while it holds the engine")
    }

    /// The engine's validator set of the next block.
    pub fn validators(&self) -> Powers {
        self.engine().current.clone()
    }

    /// The engine's validator set of the block after the next: what the application has decided last.
    pub fn next_validators(&self) -> Powers {
        self.engine().next.clone()
    }

    /// The time of the last block, in nanoseconds since 1970.
    pub fn last_time(&self) -> u64 {
        self.engine().last.as_ref().map_or(self.genesis.last_time, |block| block.time)
    }

    /// The next block, `block_time` after the last.
    pub fn next_block(&self) -> Block {
        self.block_after(self.block_time)
    }

    /// The next block, `nanoseconds` after the last.
    pub fn block_after(&self, nanoseconds: u64) -> Block {
        let time = self.last_time() + nanoseconds;
        let engine = self.engine();
        Block {
            height: engine.last.as_ref().map_or(self.genesis.initial_height, |block| block.height + 1),
            time,
            proposer: self.proposer.unwrap_or_else(|| engine.proposer()),
            next_validators_hash: engine.next_validators_hash(),
            commit: engine.votes(&self.absent),
            misbehavior: self.misbehavior.clone(),
            ..Block::default()
        }
    }

    /// Runs the next block without committing it.
    pub fn finalize(&self, txs: &[impl AsRef<[u8]> + Sync]) -> Finalized {
        self.finalize_block(self.next_block(), txs)
    }

    /// The same for a block as the test likes it.
    pub fn finalize_block(&self, block: Block, txs: &[impl AsRef<[u8]> + Sync]) -> Finalized {
        let finalized = self.chain().finalize_block(block.clone(), txs).expect("no upgrade is due");
        self.engine().pending = Some((block, finalized.validator_updates.clone()));
        finalized
    }

    /// Commits what was finalized.
    pub fn commit(&self) {
        self.chain().commit().expect("the disk works");
        self.engine().commit();
    }

    /// Makes a block without transactions, `nanoseconds` after the last one.
    pub fn jump(&self, nanoseconds: u64) {
        self.finalize_block(self.block_after(nanoseconds), &[""; 0]);
        self.commit();
    }

    /// Makes `count` blocks without transactions.
    pub fn blocks(&self, count: u64) {
        (0..count).for_each(|_| drop(self.block(&[])));
    }

    /// Makes a block.
    pub fn block(&self, txs: &[Vec<u8>]) -> Vec<TxOutcome> {
        self.whole_block(txs).txs
    }

    /// Makes a block; gives all that came of it.
    pub fn whole_block(&self, txs: &[Vec<u8>]) -> Finalized {
        let finalized = self.finalize(txs);
        self.commit();
        finalized
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

    /// What the schedule has issued, in Nils: rewards that exist or wait to be redeemed.
    pub fn issued(&self) -> u128 {
        emission::issued(&self.view()).expect("views have no gas limit").0
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
