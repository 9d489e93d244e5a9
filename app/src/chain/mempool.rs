//! The mempool's state: committed state plus what the transactions in the mempool have taken of fees and
//! sequences, so that one account can have several pending.

use super::execute::{self, Mode};
use super::{ante, free, lock, Chain, State, Tx, TxOutcome};
use jmes_modules::kernel::{Block, Ctx, GasMeter, Overlay, Result};
use rayon::prelude::*;
use std::sync::Arc;
use tendermint_proto::v0_38::abci::{CheckTxType, RequestCheckTx, ResponseCheckTx};

/// State for CheckTx and Simulate.
pub struct Mempool {
    ctx: Ctx,
    free: free::Pending,
}

impl Mempool {
    /// The state after a commit, nothing pending.
    pub(super) fn new(state: &State) -> Self {
        let block = next_block(&state.block);
        Self::over(Ctx::new(Overlay::new(state.base.clone()), Arc::new(block), GasMeter::unlimited()))
    }

    /// The state that `ctx` stands for, nothing pending.
    pub(super) fn over(ctx: Ctx) -> Self {
        Self { ctx, free: free::Pending::default() }
    }

    /// The state after a further commit; the engine has checked again what is pending.
    pub(super) fn renew(&mut self, state: &State) {
        self.ctx = Self::new(state).ctx;
        self.free.after_commit();
    }

    /// Runs the checks of a transaction and gives it a place.
    fn check(&mut self, chain: &Chain, tx: &Tx, mode: Mode) -> TxOutcome {
        let start = self.ctx.checkpoint();
        let mut outcome = execute::run(chain, &mut self.ctx, tx, mode);
        if let Some(free) = outcome.free.filter(|_| outcome.error.is_none()) {
            if let Err(error) = self.free.admit(tx.hash, free) {
                self.ctx.revert(start);
                outcome = TxOutcome { error: Some(error), events: Vec::new(), ..outcome };
            }
        }
        self.ctx.seal();
        outcome
    }
}

/// A pending transaction can be in the next block at the earliest, so it is checked as of that height.
fn next_block(last: &Block) -> Block {
    Block { height: last.height.saturating_add(1), ..last.clone() }
}

impl Chain {
    /// Checks a transaction for the mempool (§4).
    pub fn check_tx(&self, request: &RequestCheckTx) -> ResponseCheckTx {
        let mode = if request.r#type == CheckTxType::Recheck as i32 { Mode::Recheck } else { Mode::Check };
        let outcome = match self.decode(&request.tx) {
            Ok(tx) => lock(&self.0.mempool).check(self, &tx, mode),
            Err(error) => TxOutcome::refused(error),
        };
        let result = outcome.into_result();
        ResponseCheckTx {
            code: result.code,
            data: result.data,
            log: result.log,
            info: result.info,
            gas_wanted: result.gas_wanted,
            gas_used: result.gas_used,
            events: result.events,
            codespace: result.codespace,
        }
    }

    /// What a transaction would do and cost after those pending; nothing stays. Refused when it would fail.
    pub fn simulate(&self, bytes: &[u8]) -> Result<TxOutcome> {
        let tx = Tx::decode(self.0.routes, bytes)?;
        let mut mempool = lock(&self.0.mempool);
        let start = mempool.ctx.checkpoint();
        let mut outcome = execute::run(self, &mut mempool.ctx, &tx, Mode::Simulate);
        mempool.ctx.revert(start);
        outcome.error.take().map_or(Ok(outcome), Err)
    }

    /// Verifies the signatures of transactions that wait to be checked, in parallel; see
    /// [`crate::abci::Node::look_ahead`].
    pub fn look_ahead<'a>(&self, txs: impl IntoIterator<Item = &'a [u8]>) {
        let txs: Vec<&[u8]> = txs.into_iter().collect();
        if txs.len() < 2 {
            return;
        }
        let state = self.latest();
        txs.par_iter().with_min_len(4).for_each_init(
            || state.view(GasMeter::unlimited()),
            |view, bytes| {
                if let Ok(tx) = self.decode(bytes) {
                    ante::look_ahead(self, &tx, view);
                }
            },
        );
    }
}
