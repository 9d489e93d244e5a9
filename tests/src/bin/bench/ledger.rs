//! A chain over a database on disk, without an engine: made with any number of accounts, then driven block by
//! block through the ABCI calls.

use crate::wallets::{keyless_address, wallets, Wallet};
use anyhow::{Context, Result};
use bytes::Bytes;
use jmes_modules::kernel::{Address, Amount, Base, Block, Ctx, GasMeter, Overlay};
use jmes_modules::{auth, bank, consensus, BASE_DENOM, STORES};
use jmes_store::{Changes, Options, Snapshot, Store, StoreId};
use jmes_tests::Validator;
use jmesd::abci::Shutdown;
use jmesd::chain::{Chain, Settings};
use jmesd::node::genesis::{self, Network};
use jmesd::node::gentx;
use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tendermint_abci::Application;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::{
    CheckTxType, Misbehavior, MisbehaviorType, RequestCheckTx, RequestFinalizeBlock, RequestInitChain,
    RequestPrepareProposal, RequestProcessProposal, Validator as AbciValidator,
};
use tendermint_proto::v0_38::types::{BlockParams, ConsensusParams};

const CHAIN_ID: &str = "jmes-bench-1";
/// Genesis time, in seconds since 1970.
const GENESIS_TIME: i64 = 1_750_000_000;
/// What every account starts with, in Nils: a million of them are half of what genesis may hand out.
const BALANCE: u128 = 50_000_000;
/// How many accounts genesis names; the others are added to the state as later blocks would.
const GENESIS_ACCOUNTS: usize = 10_000;
/// How many accounts are added at a time.
const ADDED_AT_ONCE: usize = 50_000;
/// Bytes of transactions in a block, as on the devnet.
const BLOCK_BYTES: i64 = 4 << 20;
/// Gas in a block, as on the devnet.
const BLOCK_GAS: i64 = 1_000_000_000;

/// How long the two steps of a block took.
#[derive(Clone, Copy)]
pub struct BlockTime {
    /// FinalizeBlock: execution and the new app hash, in memory.
    pub finalize: Duration,
    /// Commit: the synced write, the mempool's new state, pruning.
    pub commit: Duration,
}

impl BlockTime {
    /// Both together, in microseconds.
    pub fn micros(self) -> f64 {
        1e6 * (self.finalize + self.commit).as_secs_f64()
    }
}

/// A chain and the wallets of some of its accounts.
pub struct Ledger {
    /// The chain.
    pub chain: Chain,
    /// Accounts that can sign.
    pub wallets: Vec<Wallet>,
    dir: PathBuf,
    store: Store,
    height: u64,
    /// Seconds between the genesis time and the block at height 0, if there were one.
    clock: i64,
}

impl Ledger {
    /// Makes a chain with `accounts` accounts in the directory `dir`, of which `signers` can sign, in place of what is
    /// there. The database is closed and opened again at the end, so that nothing is left in memory that a restarted
    /// node would not have.
    pub fn create(dir: &Path, accounts: usize, signers: usize, keep_recent: u64) -> Result<Self> {
        let mut added = GENESIS_ACCOUNTS.min(accounts).min(signers);
        let mut ledger = Self::begin(dir, wallets(signers, 0), added, keep_recent, |_| Ok(()))?;
        while added < accounts {
            let end = accounts.min(added + ADDED_AT_ONCE);
            let addresses: Vec<_> = (added..end)
                .map(|index| match ledger.wallets.get(index) {
                    Some(wallet) => wallet.address,
                    None => keyless_address(index as u64),
                })
                .collect();
            ledger.add_accounts(addresses.into_iter())?;
            added = end;
        }
        let mut ledger = ledger.reopen(keep_recent)?;
        ledger.read_numbers()?;
        Ok(ledger)
    }

    /// A new chain with its first block, of which the first `funded` wallets have coins, in the directory `dir` in place of what
    /// is there. `change` changes the devnet's genesis.
    pub fn begin(
        dir: &Path,
        wallets: Vec<Wallet>,
        funded: usize,
        keep_recent: u64,
        change: impl FnOnce(&mut Value) -> Result<()>,
    ) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("can't remove {}", dir.display()))?;
        }
        fs::create_dir_all(dir).with_context(|| format!("can't create {}", dir.display()))?;
        let mut ledger = Self::open(dir, wallets, keep_recent)?;
        ledger.init_chain(&ledger.wallets[..funded], change)?;
        ledger.run_block(&[])?;
        Ok(ledger)
    }

    /// Lets the wallets sign with the account numbers that they have: genesis gives the validator one, too.
    fn read_numbers(&mut self) -> Result<()> {
        let ctx = self.next_context(0);
        for wallet in &mut self.wallets {
            wallet.number = auth::account(&ctx, &wallet.address)?.context("a wallet has no account")?.number;
        }
        Ok(())
    }

    /// Closes the database and opens it again.
    pub fn reopen(self, keep_recent: u64) -> Result<Self> {
        let Self { dir, wallets, chain, store, clock, .. } = self;
        drop((chain, store));
        Ok(Self { clock, ..Self::open(&dir, wallets, keep_recent)? })
    }

    /// Closes the database and removes it.
    pub fn remove(self) -> Result<()> {
        let Self { dir, chain, store, .. } = self;
        drop((chain, store));
        fs::remove_dir_all(&dir).with_context(|| format!("can't remove {}", dir.display()))
    }

    fn open(dir: &Path, wallets: Vec<Wallet>, keep_recent: u64) -> Result<Self> {
        let options = Options { keep_recent: Some(keep_recent), ..Options::default() };
        let store = Store::open(dir, &STORES, options)?;
        let height = store.committed().map_or(0, |committed| committed.height);
        let chain = Chain::new(store.clone(), Settings::default(), Shutdown::new());
        Ok(Self { chain, wallets, dir: dir.to_path_buf(), store, height, clock: 0 })
    }

    fn init_chain(&self, wallets: &[Wallet], change: impl FnOnce(&mut Value) -> Result<()>) -> Result<()> {
        let mut document = Network::Devnet.template();
        change(&mut document)?;
        let funded: Vec<_> = wallets.iter().map(|wallet| (wallet.address.to_string(), BALANCE)).collect();
        genesis::add_accounts(&mut document, &funded)?;
        gentx::set(&mut document, vec![Validator::new(0).gen_tx(CHAIN_ID)]);
        let params = ConsensusParams {
            block: Some(BlockParams { max_bytes: BLOCK_BYTES, max_gas: BLOCK_GAS }),
            ..ConsensusParams::default()
        };
        let app_state = document.get("app_state").context("the devnet's genesis has no app_state")?;
        Application::init_chain(
            &self.chain,
            RequestInitChain {
                time: Some(Timestamp { seconds: GENESIS_TIME, nanos: 0 }),
                chain_id: CHAIN_ID.into(),
                consensus_params: Some(params),
                app_state_bytes: serde_json::to_vec(app_state)?.into(),
                initial_height: 1,
                ..RequestInitChain::default()
            },
        );
        Ok(())
    }

    /// Signs one send for each pair of indexes of wallets, from the first to the second.
    pub fn sign_sends(&mut self, pairs: &[(usize, usize)]) -> Vec<Vec<u8>> {
        let addresses: Vec<_> = self.wallets.iter().map(|wallet| wallet.address).collect();
        let mut targets = vec![None; self.wallets.len()];
        for (from, to) in pairs {
            assert!(targets[*from].replace(addresses[*to]).is_none(), "wallet {from} sends twice in a block");
        }
        let of_wallet: Vec<Option<Vec<u8>>> = self
            .wallets
            .par_iter_mut()
            .zip(&targets)
            .map(|(wallet, to)| to.as_ref().map(|to| wallet.sign_send(CHAIN_ID, to)))
            .collect();
        of_wallet.into_iter().flatten().collect()
    }

    /// Checks transactions for the mempool one after the other; gives the time it took.
    ///
    /// # Panics
    /// One is refused: the figures would mean nothing.
    pub fn check_all(&self, txs: &[Vec<u8>], kind: CheckTxType) -> Duration {
        let requests: Vec<_> =
            txs.iter().map(|tx| RequestCheckTx { tx: tx.clone().into(), r#type: kind.into() }).collect();
        let start = Instant::now();
        for request in requests {
            let answer = Application::check_tx(&self.chain, request);
            assert_eq!(answer.code, 0, "a send was refused: {}", answer.log);
        }
        start.elapsed()
    }

    /// Times PrepareProposal and ProcessProposal with a block of `txs`.
    ///
    /// # Panics
    /// The proposal leaves transactions out or is refused.
    pub fn propose(&self, txs: &[Vec<u8>]) -> (Duration, Duration) {
        let txs: Vec<Bytes> = txs.iter().map(|tx| tx.clone().into()).collect();
        let (height, time) = (self.height as i64 + 1, Some(self.next_time()));
        let prepare = RequestPrepareProposal {
            max_tx_bytes: BLOCK_BYTES,
            txs: txs.clone(),
            height,
            time,
            proposer_address: proposer(),
            ..RequestPrepareProposal::default()
        };
        let start = Instant::now();
        let prepared = Application::prepare_proposal(&self.chain, prepare);
        let prepare_time = start.elapsed();
        assert_eq!(prepared.txs.len(), txs.len(), "a proposal left transactions out");
        let process = RequestProcessProposal {
            txs: prepared.txs,
            height,
            time,
            proposer_address: proposer(),
            ..RequestProcessProposal::default()
        };
        let start = Instant::now();
        let answer = Application::process_proposal(&self.chain, process);
        let process_time = start.elapsed();
        assert_eq!(answer.status, 1, "an honest proposal was refused");
        (prepare_time, process_time)
    }

    /// Runs and commits the next block.
    ///
    /// # Panics
    /// A transaction fails.
    pub fn run_block(&mut self, txs: &[Vec<u8>]) -> Result<BlockTime> {
        self.run(txs, Vec::new())
    }

    /// Runs and commits a block with evidence that `offender` signed twice in the block before.
    pub fn run_evidence(&mut self, offender: &Validator) -> Result<BlockTime> {
        let offence = Misbehavior {
            r#type: MisbehaviorType::DuplicateVote.into(),
            validator: Some(AbciValidator {
                address: offender.consensus_address().0.to_vec().into(),
                power: 1,
            }),
            height: self.height as i64,
            time: Some(self.next_time()),
            total_voting_power: 1,
        };
        self.run(&[], vec![offence])
    }

    fn run(&mut self, txs: &[Vec<u8>], misbehavior: Vec<Misbehavior>) -> Result<BlockTime> {
        let request = RequestFinalizeBlock {
            txs: txs.iter().map(|tx| tx.clone().into()).collect(),
            misbehavior,
            height: self.height as i64 + 1,
            time: Some(self.next_time()),
            proposer_address: proposer(),
            ..RequestFinalizeBlock::default()
        };
        let start = Instant::now();
        let response = Application::finalize_block(&self.chain, request);
        let finalize = start.elapsed();
        Application::commit(&self.chain);
        let commit = start.elapsed() - finalize;
        self.height += 1;
        assert_eq!(response.tx_results.len(), txs.len());
        if let Some(failed) = response.tx_results.iter().find(|result| result.code != 0) {
            panic!("a send failed in its block: {}", failed.log);
        }
        Ok(BlockTime { finalize, commit })
    }

    /// Works out the tree and the write of a block that changes the records of the wallets `changed`, without
    /// committing it; gives the time that took.
    pub fn prepare_store(&self, changed: &[usize]) -> Result<Duration> {
        let snapshot = self.store.snapshot();
        let mut changes = Changes::new();
        for index in changed {
            let key = auth::state::ACCOUNTS.key(&self.wallets[*index].address);
            let (store, key) = (StoreId(key[0]), &key[1..]);
            let mut record = snapshot.value(store, key).context("a wallet has no account")?;
            // The lowest byte of the balance: 8 bytes each of number and sequence, 16 of balance.
            record[31] = record[31].wrapping_add(1);
            changes.set(store, key, record);
        }
        let start = Instant::now();
        let prepared = self.store.prepare(self.height + 1, changes)?;
        let time = start.elapsed();
        drop(prepared);
        Ok(time)
    }

    fn next_time(&self) -> Timestamp {
        Timestamp { seconds: GENESIS_TIME + self.clock + self.height as i64 + 1, nanos: 0 }
    }

    /// Has the next block come `seconds` after genesis.
    pub fn set_clock(&mut self, seconds: i64) {
        self.clock = seconds - self.height as i64;
    }

    /// What the next block will run on, `seconds` after genesis.
    pub fn next_context(&self, seconds: i64) -> Ctx {
        self.chain.context(self.block_at(seconds))
    }

    fn block_at(&self, seconds: i64) -> Block {
        Block {
            chain_id: CHAIN_ID.into(),
            height: self.height + 1,
            time: (GENESIS_TIME + seconds) as u64 * 1_000_000_000,
            ..Block::default()
        }
    }

    /// The same over what is committed, whether or not the chain knows of it.
    fn stored_context(&self, seconds: i64) -> Ctx {
        let overlay = Overlay::new(Arc::new(Committed(self.store.snapshot())));
        Ctx::new(overlay, Arc::new(self.block_at(seconds)), GasMeter::unlimited())
    }

    /// Commits a height that gives new accounts their coins, as a block of sends would leave them.
    pub fn add_accounts(&mut self, addresses: impl Iterator<Item = Address>) -> Result<()> {
        self.change_state(|ctx| {
            let mut supply = bank::supply(ctx, BASE_DENOM)?;
            for address in addresses {
                let mut account = auth::account_or_new(ctx, &address)?;
                account.balance = Amount(BALANCE);
                supply = supply.plus(account.balance)?;
                auth::save(ctx, &address, &account)?;
                ctx.seal();
            }
            bank::state::SUPPLY.save(ctx, &BASE_DENOM.to_owned(), &supply)
        })
    }

    /// Commits a height that changes the state without transactions. The chain does not know of it before it is opened again.
    pub fn change_state(
        &mut self,
        change: impl FnOnce(&mut Ctx) -> jmes_modules::kernel::Result<()>,
    ) -> Result<()> {
        let mut ctx = self.stored_context(self.next_time().seconds - GENESIS_TIME);
        consensus::begin_block(&mut ctx)?;
        change(&mut ctx)?;
        let mut changes = Changes::new();
        for (key, value) in ctx.into_overlay().into_changes() {
            changes.insert(StoreId(key[0]), key[1..].to_vec(), value);
        }
        self.height += 1;
        Ok(self.store.commit(self.store.prepare(self.height, changes)?, &[])?)
    }
}

/// Committed state as an overlay reads it.
struct Committed(Snapshot);

impl Base for Committed {
    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.value(StoreId(key[0]), &key[1..])
    }

    fn range<'a>(
        &'a self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        let store = start[0];
        let entries =
            self.0.range(StoreId(store), Bound::Included(&start[1..]), Bound::Excluded(&end[1..]), reverse);
        Box::new(entries.map(move |(key, value)| ([&[store], key.as_slice()].concat(), value)))
    }
}

/// The only validator's consensus address.
fn proposer() -> Bytes {
    Validator::new(0).consensus_address().0.to_vec().into()
}
