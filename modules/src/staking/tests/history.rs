//! Recent headers and sets.

use super::{bond, chain, later, state};
use crate::kernel::{Amount, Block, ConsensusAddress, Ctx, QueryCode};
use crate::seats;
use crate::staking::history::{HistorySpan, Member};
use crate::staking::{default_params, record_history, Staking};
use crate::test_support::{address, ask};
use cosmos_sdk_proto::cosmos::staking::v1beta1::{
    HistoricalInfo, Params, QueryHistoricalInfoRequest, QueryHistoricalInfoResponse,
};
use std::sync::Arc;

fn info(ctx: &Ctx, height: i64) -> Result<HistoricalInfo, crate::kernel::QueryError> {
    let request = QueryHistoricalInfoRequest { height };
    let path = "/cosmos.staking.v1beta1.Query/HistoricalInfo";
    Ok(ask::<_, QueryHistoricalInfoResponse>(&Staking, ctx, path, &request)?.hist.unwrap())
}

/// Begins the next block, whose header has this hash of the next set.
fn begin(ctx: &mut Ctx, next_validators_hash: u8) {
    later(ctx, 1);
    let block = Block { next_validators_hash: vec![next_validators_hash; 32], ..ctx.block().clone() };
    ctx.set_block(Arc::new(block));
    record_history(ctx).unwrap();
}

fn keep(ctx: &mut Ctx, historical_entries: u32) {
    state::PARAMS.save(ctx, &Params { historical_entries, ..default_params() }).unwrap();
}

fn sets(ctx: &Ctx) -> Vec<(u64, Vec<Member>)> {
    state::HISTORY_SETS.scan(ctx, &[], None, false, 99).unwrap()
}

#[test]
fn a_header_and_the_seated_validators_are_remembered() {
    let mut ctx = chain(2);
    bond(&mut ctx, &address(1), &address(101), Amount(7)).unwrap();
    seats::seat_at_genesis(&mut ctx, &address(101)).unwrap();
    later(&mut ctx, 1);
    let block = Block {
        app_hash: [3; 32],
        next_validators_hash: vec![4; 32],
        proposer: ConsensusAddress([5; 20]),
        ..ctx.block().clone()
    };
    ctx.set_block(Arc::new(block));
    record_history(&mut ctx).unwrap();
    bond(&mut ctx, &address(1), &address(101), Amount(1)).unwrap();
    let HistoricalInfo { header, valset } = info(&ctx, 8).unwrap();
    let header = header.unwrap();
    assert_eq!((header.chain_id.as_str(), header.height), ("jmes-test-1", 8));
    assert_eq!((header.app_hash, header.next_validators_hash), (vec![3; 32], vec![4; 32]));
    assert_eq!(header.proposer_address, vec![5; 20]);
    assert_eq!(header.time.unwrap().seconds, 1_700_000_000);
    let valset: Vec<_> =
        valset.iter().map(|one| (one.operator_address.as_str(), one.tokens.as_str())).collect();
    assert_eq!(valset, [(address(101).operator().as_str(), "7")]);
}

#[test]
fn the_set_is_written_only_when_the_engines_set_has_changed() {
    let mut ctx = chain(1);
    seats::seat_at_genesis(&mut ctx, &address(101)).unwrap();
    for hash in [1, 1, 1, 2, 2, 1] {
        begin(&mut ctx, hash);
    }
    assert_eq!(sets(&ctx).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);
    let used: Vec<_> = state::HISTORY.scan(&ctx, &[], None, false, 99).unwrap();
    assert_eq!(used.iter().map(|(_, header)| header.set).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 3]);
}

#[test]
fn as_many_blocks_are_kept_as_the_parameters_say_and_their_sets() {
    let mut ctx = chain(1);
    keep(&mut ctx, 3);
    for hash in [1, 1, 2, 3, 3] {
        begin(&mut ctx, hash);
    }
    let span = |ctx: &Ctx| state::HISTORY_SPAN.load(ctx).unwrap();
    assert_eq!(span(&ctx), Some(HistorySpan { first: 10, last: 12 }));
    assert_eq!(sets(&ctx).len(), 2);
    assert_eq!(info(&ctx, 9).unwrap_err().code, QueryCode::NotFound);
    assert_eq!(info(&ctx, 9).unwrap_err().message, "historical info for height 9 not found");
    assert!(info(&ctx, 10).is_ok());
    assert_eq!(info(&ctx, -1).unwrap_err().message, "height cannot be negative");
    keep(&mut ctx, 0);
    begin(&mut ctx, 3);
    assert_eq!(span(&ctx), Some(HistorySpan { first: 12, last: 12 }), "two blocks at a time");
    begin(&mut ctx, 3);
    assert_eq!((span(&ctx), sets(&ctx).len()), (None, 0));
    assert_eq!(state::HISTORY.scan(&ctx, &[], None, false, 9).unwrap(), []);
}
