//! Tests of parameters, origin and header.

use super::{begin_block, block_gas_limit, last_block, origin, params, start, Consensus};
use crate::kernel::{Block, Ctx, Module};
use crate::test_support::{ask, block, ctx, table};
use jmes_proto::cosmos::consensus::v1::{QueryParamsRequest, QueryParamsResponse};
use serde_json::{json, Value};
use std::sync::Arc;
use tendermint_proto::v0_38::types::{BlockParams, ConsensusParams};

const GENESIS_TIME: u64 = 1_600_000_000_000_000_000;

fn consensus_params(max_gas: i64) -> ConsensusParams {
    ConsensusParams {
        block: Some(BlockParams { max_bytes: 4_194_304, max_gas }),
        ..ConsensusParams::default()
    }
}

fn started(max_gas: i64) -> Ctx {
    let mut ctx = ctx();
    start(&mut ctx, &consensus_params(max_gas), GENESIS_TIME, 5).unwrap();
    ctx
}

#[test]
fn every_key_and_value_of_the_store() {
    let mut ctx = started(1_000_000_000);
    begin_block(&mut ctx).unwrap();
    insta::assert_snapshot!(table(&ctx));
}

#[test]
fn genesis_fixes_chain_id_time_and_first_height() {
    assert_eq!(origin(&ctx()), Ok(None));
    let ctx = started(1);
    let origin = origin(&ctx).unwrap().unwrap();
    assert_eq!(origin.chain_id, "jmes-test-1");
    assert_eq!((origin.genesis_time, origin.initial_height), (GENESIS_TIME, 5));
}

#[test]
fn the_last_block_is_the_origin_before_the_first() {
    let mut ctx = started(1);
    let first = Block { chain_id: "jmes-test-1".into(), height: 0, time: GENESIS_TIME, ..Block::default() };
    assert_eq!(last_block(&ctx), Ok(first));
    begin_block(&mut ctx).unwrap();
    assert_eq!(last_block(&ctx), Ok(block()));
    ctx.set_block(Arc::new(Block { height: 8, ..block() }));
    begin_block(&mut ctx).unwrap();
    assert_eq!(last_block(&ctx).unwrap().height, 8);
}

#[test]
fn a_block_without_gas_limit_has_none() {
    assert_eq!(block_gas_limit(&started(1_000)), Ok(Some(1_000)));
    assert_eq!(block_gas_limit(&started(0)), Ok(Some(0)));
    assert_eq!(block_gas_limit(&started(-1)), Ok(None));
    assert_eq!(block_gas_limit(&ctx()), Ok(None));
}

#[test]
fn the_parameters_can_be_asked_for() {
    let ctx = started(9);
    assert_eq!(params(&ctx), Ok(consensus_params(9)));
    let answer: QueryParamsResponse =
        ask(&Consensus, &ctx, "/cosmos.consensus.v1.Query/Params", &QueryParamsRequest {}).unwrap();
    assert_eq!(answer.params, Some(consensus_params(9)));
}

#[test]
fn the_engines_part_of_genesis_is_not_the_applications() {
    let mut ctx = ctx();
    Consensus.import(&mut ctx, &json!({"params": {}})).unwrap();
    assert!(ctx.overlay().changes().is_empty());
    assert_eq!(Consensus.export(&ctx), Ok(Value::Null));
}
