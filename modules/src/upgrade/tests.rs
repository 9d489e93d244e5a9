//! Tests of improvements: parameters, versions, scheduled binaries, genesis, queries.

mod bounds;
mod genesis;
mod life;
mod parameters;
mod plans;
mod queries;
mod versions;

use super::{apply, state, Upgrade};
use crate::kernel::{Block, Ctx, Error, Module, Result};
use crate::test_support::{block, ctx};
use crate::{consensus, order};
use jmes_proto::jmes::upgrade::v1::action::Action as Kind;
use jmes_proto::jmes::upgrade::v1::{
    Action, ActivateVersion, ChangeParameter, Checksum, OpenImprovements, ScheduleUpgrade,
};
use std::sync::Arc;
use tendermint_proto::google::protobuf::Duration;
use tendermint_proto::v0_38::types::{
    AbciParams, BlockParams, ConsensusParams, EvidenceParams, ValidatorParams, VersionParams,
};

const PROPOSAL: u64 = 3;

/// The mainnet's engine parameters.
fn engine() -> ConsensusParams {
    ConsensusParams {
        block: Some(BlockParams { max_bytes: 4_194_304, max_gas: 1_000_000_000 }),
        evidence: Some(EvidenceParams {
            max_age_num_blocks: 362_880,
            max_age_duration: Some(Duration { seconds: 1_814_400, nanos: 0 }),
            max_bytes: 1_048_576,
        }),
        validator: Some(ValidatorParams { pub_key_types: vec!["ed25519".into()] }),
        version: Some(VersionParams { app: 0 }),
        abci: Some(AbciParams { vote_extensions_enable_height: 0 }),
    }
}

/// A chain with the parameters of the mainnet, in the block at `height`.
fn chain_at(height: u64) -> Ctx {
    let mut ctx = ctx();
    consensus::start(&mut ctx, &engine(), block().time, 1).unwrap();
    at(&mut ctx, height);
    ctx
}

fn at(ctx: &mut Ctx, height: u64) {
    ctx.set_block(Arc::new(Block { height, ..block() }));
}

fn action(kind: Kind) -> Action {
    Action { action: Some(kind) }
}

fn change(module: &str, parameter: &str, value: &str) -> Action {
    let (module, parameter, value) = (module.into(), parameter.into(), value.into());
    action(Kind::ChangeParameter(ChangeParameter { module, parameter, value }))
}

fn activate(module: &str, version: u64) -> Action {
    action(Kind::ActivateVersion(ActivateVersion { module: module.into(), version }))
}

fn open() -> Action {
    action(Kind::OpenImprovements(OpenImprovements {}))
}

fn upgrade(name: &str, height: u64) -> ScheduleUpgrade {
    let checksum = Checksum { platform: "linux/amd64".into(), sha256: "ab".repeat(32), url: String::new() };
    ScheduleUpgrade { name: name.into(), height, checksums: vec![checksum] }
}

fn schedule(name: &str, height: u64) -> Action {
    action(Kind::ScheduleUpgrade(upgrade(name, height)))
}

/// Concludes an improvement that was tallied a block before.
fn conclude(ctx: &mut Ctx, actions: &[Action]) -> Result<()> {
    let tallied = ctx.block().height - 1;
    apply(ctx, PROPOSAL, actions, tallied)
}

/// The parameter as JSON.
fn parameter(ctx: &Ctx, module: &str, path: &str) -> String {
    let module = order::MODULES.into_iter().find(|one| one.name() == module).unwrap();
    super::values::leaf(&module.params(ctx).unwrap(), path).unwrap().to_string()
}

#[track_caller]
fn assert_code<T: std::fmt::Debug>(result: Result<T, Error>, codespace: &str, code: u32) -> String {
    let error = result.expect_err("it is refused");
    assert_eq!((error.codespace, error.code), (codespace, code), "{error}");
    error.message
}
