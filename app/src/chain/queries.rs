//! Answering queries of the one route table at any kept height, and proofs.

use super::base::StoreBase;
use super::{order, Chain, State};
use jmes_modules::kernel::{GasMeter, GasTable, QueryCode, QueryError, QueryResult, View};
use jmes_store::Snapshot;

/// Gas that one query may use: about 150,000 small entries.
const QUERY_GAS: u64 = 50_000_000;

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The height it holds at.
    pub height: u64,
    /// The encoded response message.
    pub value: Vec<u8>,
}

impl Chain {
    /// Answers a query of the route table at `height`, 0 for the latest.
    pub fn query(&self, path: &str, request: &[u8], height: u64) -> QueryResult<Answer> {
        let state = self.state_at(height)?;
        let view = state.view(GasMeter::new(QUERY_GAS, GasTable::DEFAULT));
        let value = self.0.queries.answer(&view, path, request)?;
        Ok(Answer { height: state.block.height, value })
    }

    /// All paths of the route table.
    pub fn query_paths(&self) -> Vec<&'static str> {
        self.0.queries.paths().collect()
    }

    /// Committed state at `height`, 0 for the latest.
    pub(super) fn snapshot(&self, height: u64) -> QueryResult<Snapshot> {
        let store = &self.0.store;
        if store.committed().is_none() {
            return Err(QueryError::new(
                QueryCode::Unavailable,
                "the chain has no block yet; try again in a moment",
            ));
        }
        if height == 0 {
            return Ok(store.snapshot());
        }
        store.snapshot_at(height).map_err(|error| QueryError::invalid(error.to_string()))
    }

    fn state_at(&self, height: u64) -> QueryResult<State> {
        let latest = self.latest();
        match height {
            0 if latest.block.height > 0 => Ok(latest),
            _ => Ok(State::new(StoreBase::new(self.snapshot(height)?))),
        }
    }

    /// A view of committed state at `height` (0 for the latest) without gas limit, for export and audits.
    pub fn view_at(&self, height: u64) -> QueryResult<View> {
        Ok(self.state_at(height)?.view(GasMeter::unlimited()))
    }

    /// Checks what must always hold in committed state; reads everything.
    pub fn check_invariants(&self) -> QueryResult<()> {
        let view = self.view_at(0)?;
        Ok(order::MODULES.iter().try_for_each(|module| module.check_invariants(&view))?)
    }
}
