//! How many store operations a block needs: they grow with the commit, not with what is stored.

use super::{chain_with, create, judge, next_block, start_window, Rules};
use crate::kernel::{Ctx, GasMeter, GasTable};
use crate::slashing::{self, state, types::SigningInfo};
use crate::test_support::committed;

/// Each store operation costs 1 gas.
const COUNTING: GasTable = GasTable {
    read_flat: 1,
    read_per_byte: 0,
    write_flat: 1,
    write_per_byte: 0,
    delete_flat: 1,
    iterate_flat: 1,
    has_flat: 1,
};

/// Store operations of one block with these votes.
fn operations(ctx: &mut Ctx, votes: &[(u8, bool)]) -> u64 {
    next_block(ctx, votes);
    let rules = Rules::of(ctx, false).unwrap();
    ctx.swap_gas(GasMeter::new(u64::MAX, COUNTING));
    slashing::liveness::judge_commit(ctx, &rules).unwrap();
    ctx.gas().used()
}

fn votes(count: u8, signed: bool) -> Vec<(u8, bool)> {
    (1..=count).map(|byte| (byte, signed)).collect()
}

/// 100 seated validators that have all signed.
fn hundred() -> Ctx {
    let mut ctx = chain_with(100, 10_000, 5);
    next_block(&mut ctx, &[]);
    judge(&mut ctx, false, &votes(100, true));
    let block = ctx.block().clone();
    let mut ctx = committed(ctx);
    ctx.set_block(std::sync::Arc::new(block));
    ctx
}

#[test]
fn a_block_that_all_signed_reads_once_for_each_validator_and_writes_nothing() {
    let mut ctx = hundred();
    assert_eq!(operations(&mut ctx, &votes(100, true)), 101);
    assert!(ctx.overlay().changes().is_empty());
}

#[test]
fn a_missed_commit_needs_few_operations() {
    let mut ctx = hundred();
    let mut one = votes(100, true);
    one[0].1 = false;
    // Besides the info: the owner of the key, its record, the chunk; then chunk and info are written.
    assert_eq!(operations(&mut ctx, &one), 106);
    assert_eq!(operations(&mut ctx, &votes(100, true)), 102, "a look whether a missed commit leaves");
    assert_eq!(ctx.overlay().changes().len(), 2);
    assert_eq!(operations(&mut ctx, &votes(100, false)), 601);
}

#[test]
fn operations_do_not_depend_on_the_length_of_the_window_nor_on_former_validators() {
    let count = |window, former: u64| {
        let mut ctx = chain_with(3, window, 5);
        for number in 0..former {
            let mut bytes = [0; 20];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            let info = SigningInfo { start_height: 5, missed: 0 };
            state::SIGNING_INFOS.save(&mut ctx, &crate::kernel::ConsensusAddress(bytes), &info).unwrap();
        }
        next_block(&mut ctx, &[]);
        judge(&mut ctx, false, &[(1, true), (2, false), (3, true)]);
        [
            operations(&mut ctx, &[(1, true), (2, false), (3, true)]),
            operations(&mut ctx, &[(1, false), (2, true), (3, true)]),
        ]
    };
    assert_eq!(count(30, 0), count(100_000, 10_000));
}

#[test]
fn seating_needs_few_operations() {
    let mut ctx = chain_with(1, 10_000, 5);
    create(&mut ctx, 2);
    ctx.swap_gas(GasMeter::new(u64::MAX, COUNTING));
    start_window(&mut ctx, &super::address(2)).unwrap();
    assert!(ctx.gas().used() <= 4, "{}", ctx.gas().used());
}
