//! Gas: what a transaction pays for reading and writing state (§4). Charged in one place, the view's
//! and the context's accesses to state.

use super::error::{codes, Error, Result};
use std::cell::Cell;

/// What each access to state costs, in gas. Part of the parameters (§4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasTable {
    /// A read of a value.
    pub read_flat: u64,
    /// Each byte of key and value read.
    pub read_per_byte: u64,
    /// A write of a value.
    pub write_flat: u64,
    /// Each byte of key and value written.
    pub write_per_byte: u64,
    /// A removal.
    pub delete_flat: u64,
    /// Each entry of a range read, besides its bytes.
    pub iterate_flat: u64,
    /// A question whether a key is there.
    pub has_flat: u64,
}

impl GasTable {
    /// The Cosmos SDK's costs, which wallets' built-in gas limits are made for.
    pub const DEFAULT: Self = Self {
        read_flat: 1_000,
        read_per_byte: 3,
        write_flat: 2_000,
        write_per_byte: 30,
        delete_flat: 1_000,
        iterate_flat: 30,
        has_flat: 1_000,
    };
}

/// Counts gas up to a limit.
#[derive(Clone, Debug)]
pub struct GasMeter {
    limit: u64,
    used: Cell<u64>,
    /// The price list in force.
    pub table: GasTable,
}

impl GasMeter {
    /// A meter that stops at `limit` gas.
    pub const fn new(limit: u64, table: GasTable) -> Self {
        Self { limit, used: Cell::new(0), table }
    }

    /// A meter for work that nobody pays for by gas: genesis and the steps of a block.
    pub const fn unlimited() -> Self {
        Self::new(u64::MAX, GasTable::DEFAULT)
    }

    /// Gas used so far; above the limit once that is passed.
    pub fn used(&self) -> u64 {
        self.used.get()
    }

    /// The limit.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Counts `gas` for `what`. Refused with `sdk/11` when the limit is passed.
    pub fn consume(&self, gas: u64, what: &'static str) -> Result<()> {
        let used = self.used.get().saturating_add(gas);
        self.used.set(used);
        if used > self.limit {
            let limit = self.limit;
            return Err(Error::sdk(
                codes::OUT_OF_GAS,
                format!("out of gas in location: {what}; gasWanted: {limit}, gasUsed: {used}: out of gas"),
            ));
        }
        Ok(())
    }

    /// Counts `flat` and `per_byte` for each of `bytes` bytes.
    pub fn consume_bytes(&self, flat: u64, per_byte: u64, bytes: usize, what: &'static str) -> Result<()> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.consume(flat.saturating_add(per_byte.saturating_mul(bytes)), what)
    }
}
