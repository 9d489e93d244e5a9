//! The view (reading) and the context (reading and writing) in which module code runs.

use super::address::ConsensusAddress;
use super::error::Result;
use super::event::Event;
use super::gas::GasMeter;
use super::overlay::{Checkpoint, Overlay};
use std::ops::Deref;
use std::sync::Arc;

/// The block being made, or the last committed one for queries and mempool checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The chain's id.
    pub chain_id: String,
    /// The engine's block number; 0 while genesis is imported.
    pub height: u64,
    /// Block time in nanoseconds since 1970.
    pub time: u64,
    /// Who proposed the block.
    pub proposer: ConsensusAddress,
    /// The app hash after the block before, as this block's header has it.
    pub app_hash: [u8; 32],
    /// The hash of the validator set of the next block, as this block's header has it.
    pub next_validators_hash: Vec<u8>,
    /// How the validators voted on the block before, as its decided commit says; empty in the first block.
    pub commit: Vec<CommitVote>,
    /// Offences that the block brings evidence of.
    pub misbehavior: Vec<Misbehavior>,
}

/// What a member of the validator set did in the commit of the block before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitVote {
    /// The validator.
    pub address: ConsensusAddress,
    /// Its power in that set.
    pub power: u64,
    /// Whether it voted; a vote for nil counts (§6, §8).
    pub signed: bool,
}

/// What a validator did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offence {
    /// It signed two blocks at one height.
    DoubleSign,
    /// It signed for a block that light clients could be led astray with.
    LightClientAttack,
}

/// Evidence of an offence, which the engine has verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misbehavior {
    /// What was done.
    pub offence: Offence,
    /// The validator.
    pub address: ConsensusAddress,
    /// Its power at that height.
    pub power: u64,
    /// The height of the offence.
    pub height: u64,
    /// The time of that height, in nanoseconds since 1970.
    pub time: u64,
}

/// A change of the engine's validator set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorUpdate {
    /// The ed25519 consensus key.
    pub key: [u8; 32],
    /// The new power; 0 removes the validator from the set.
    pub power: u64,
}

/// State that can be read, with its gas meter.
pub struct View {
    overlay: Overlay,
    block: Arc<Block>,
    gas: GasMeter,
}

impl View {
    /// A view of `overlay` in `block`.
    pub const fn new(overlay: Overlay, block: Arc<Block>, gas: GasMeter) -> Self {
        Self { overlay, block, gas }
    }

    /// The block.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// The meter that counts what is read and written here.
    pub const fn gas(&self) -> &GasMeter {
        &self.gas
    }

    /// What `decode` makes of the value at `key`, if there is one.
    pub(super) fn read<V>(&self, key: &[u8], decode: impl FnOnce(&[u8]) -> V) -> Result<Option<V>> {
        self.overlay.inspect(key, |value| {
            let bytes = key.len().saturating_add(value.map_or(0, <[u8]>::len));
            let table = &self.gas.table;
            self.gas.consume_bytes(table.read_flat, table.read_per_byte, bytes, "ReadFlat")?;
            Ok(value.map(decode))
        })
    }

    pub(super) fn has(&self, key: &[u8]) -> Result<bool> {
        self.gas.consume(self.gas.table.has_flat, "Has")?;
        Ok(self.overlay.inspect(key, |value| value.is_some()))
    }

    pub(super) fn scan(
        &self,
        start: &[u8],
        end: &[u8],
        reverse: bool,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let found = self.overlay.scan(start, end, reverse, limit);
        let table = &self.gas.table;
        for (key, value) in &found {
            let bytes = key.len().saturating_add(value.len());
            self.gas.consume_bytes(table.iterate_flat, table.read_per_byte, bytes, "IterNextFlat")?;
        }
        Ok(found)
    }
}

/// State that can be read and written, and the events of what happens.
pub struct Ctx {
    view: View,
    events: Vec<Event>,
    silent: bool,
    validator_updates: Vec<ValidatorUpdate>,
}

impl Ctx {
    /// A context that writes to `overlay` in `block`.
    pub const fn new(overlay: Overlay, block: Arc<Block>, gas: GasMeter) -> Self {
        let view = View::new(overlay, block, gas);
        Self { view, events: Vec::new(), silent: false, validator_updates: Vec::new() }
    }

    /// Records an event.
    pub fn emit(&mut self, event: Event) {
        self.emit_with(|| event);
    }

    /// Records the event that `event` makes, which is not called when nobody wants to know. For what happens in
    /// every transaction: writing addresses and amounts as text costs more than moving the coins.
    pub fn emit_with(&mut self, event: impl FnOnce() -> Event) {
        if !self.silent {
            self.events.push(event());
        }
    }

    /// Whether events are dropped from now on. Checks before the block are silent: what they find is in no result.
    pub const fn set_silent(&mut self, silent: bool) {
        self.silent = silent;
    }

    /// Takes the events recorded so far.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Tells the engine of a change of its validator set. Only block steps and genesis do this.
    pub fn update_validator(&mut self, update: ValidatorUpdate) {
        self.validator_updates.push(update);
    }

    /// Takes the changes of the validator set recorded so far, in the order they were made.
    pub fn take_validator_updates(&mut self) -> Vec<ValidatorUpdate> {
        std::mem::take(&mut self.validator_updates)
    }

    /// Puts another meter in place and gives the old one back.
    pub fn swap_gas(&mut self, gas: GasMeter) -> GasMeter {
        std::mem::replace(&mut self.view.gas, gas)
    }

    /// Puts another block in place: the overlay of mempool checks outlives a block.
    pub fn set_block(&mut self, block: Arc<Block>) {
        self.view.block = block;
    }

    /// Marks the present state, to keep or to go back to.
    pub fn checkpoint(&self) -> Checkpoint {
        self.view.overlay.checkpoint()
    }

    /// Takes back every write since `checkpoint` (not gas, not events).
    pub fn revert(&mut self, checkpoint: Checkpoint) {
        self.view.overlay.revert(checkpoint);
    }

    /// Forgets how to go back: everything written so far stays.
    pub fn seal(&mut self) {
        self.view.overlay.seal();
    }

    /// Gives up the context for its writes.
    pub fn into_overlay(self) -> Overlay {
        self.view.overlay
    }

    /// The writes so far.
    pub const fn overlay(&self) -> &Overlay {
        &self.view.overlay
    }

    pub(super) fn write(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<()> {
        let bytes = key.len().saturating_add(value.len());
        let gas = &self.view.gas;
        gas.consume_bytes(gas.table.write_flat, gas.table.write_per_byte, bytes, "WriteFlat")?;
        self.view.overlay.write(key, Some(value));
        Ok(())
    }

    pub(super) fn delete(&mut self, key: Vec<u8>) -> Result<()> {
        self.view.gas.consume(self.view.gas.table.delete_flat, "Delete")?;
        self.view.overlay.write(key, None);
        Ok(())
    }
}

impl Deref for Ctx {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}
