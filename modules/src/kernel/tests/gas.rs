//! What access to state costs, to the unit.

use crate::kernel::{codes, Amount, Ctx, GasMeter, GasTable, Item, Map, StoreId};
use crate::test_support::{assert_refused, committed, ctx, limit_gas};

/// Two bytes of key: the store's and the item's.
const ITEM: Item<u64> = Item::new(StoreId(1), 1);
/// Ten bytes of key.
const MAP: Map<u64, Amount> = Map::new(StoreId(1), 2);

/// What `access` uses.
fn cost(ctx: &mut Ctx, access: impl FnOnce(&mut Ctx)) -> u64 {
    limit_gas(ctx, u64::MAX);
    access(ctx);
    ctx.gas().used()
}

#[test]
fn each_access_has_its_price_and_bytes_count_key_and_value() {
    let mut ctx = ctx();
    assert_eq!(cost(&mut ctx, |ctx| drop(ITEM.load(ctx))), 1_000 + 3 * 2);
    assert_eq!(cost(&mut ctx, |ctx| ITEM.save(ctx, &5).unwrap()), 2_000 + 30 * (2 + 8));
    assert_eq!(cost(&mut ctx, |ctx| drop(ITEM.load(ctx))), 1_000 + 3 * (2 + 8));
    assert_eq!(cost(&mut ctx, |ctx| ITEM.remove(ctx).unwrap()), 1_000);
    assert_eq!(cost(&mut ctx, |ctx| MAP.save(ctx, &1, &Amount(1)).unwrap()), 2_000 + 30 * (10 + 16));
    assert_eq!(cost(&mut ctx, |ctx| drop(MAP.load(ctx, &1))), 1_000 + 3 * (10 + 16));
    assert_eq!(cost(&mut ctx, |ctx| drop(MAP.has(ctx, &1))), 1_000);
    assert_eq!(cost(&mut ctx, |ctx| MAP.remove(ctx, &1).unwrap()), 1_000);
}

#[test]
fn a_range_costs_its_entries() {
    let mut ctx = ctx();
    for number in 0..5 {
        MAP.save(&mut ctx, &number, &Amount(1)).unwrap();
    }
    let entry = 30 + 3 * (10 + 16);
    assert_eq!(cost(&mut ctx, |ctx| drop(MAP.scan(ctx, &[], None, false, 9))), 5 * entry);
    assert_eq!(cost(&mut ctx, |ctx| drop(MAP.scan(ctx, &[], None, true, 2))), 2 * entry);
    assert_eq!(cost(&mut ctx, |ctx| drop(MAP.scan(ctx, &[], None, false, 0))), 0);
}

#[test]
fn gas_does_not_depend_on_what_was_read_before_or_committed() {
    let mut ctx = ctx();
    MAP.save(&mut ctx, &1, &Amount(1)).unwrap();
    let read = |ctx: &mut Ctx| drop(MAP.load(ctx, &1));
    let fresh = cost(&mut ctx, read);
    let mut ctx = committed(ctx);
    assert_eq!(cost(&mut ctx, read), fresh);
    assert_eq!(cost(&mut ctx, read), fresh, "the second read comes from memory and costs the same");
}

#[test]
fn the_text_of_running_out_names_place_limit_and_use() {
    let mut ctx = ctx();
    limit_gas(&mut ctx, 1_005);
    let why = "out of gas in location: ReadFlat; gasWanted: 1005, gasUsed: 1006: out of gas";
    assert_refused(ITEM.load(&ctx), "sdk", codes::OUT_OF_GAS, why);
    limit_gas(&mut ctx, 2_299);
    let why = "out of gas in location: WriteFlat; gasWanted: 2299, gasUsed: 2300: out of gas";
    assert_refused(ITEM.save(&mut ctx, &5), "sdk", codes::OUT_OF_GAS, why);
    limit_gas(&mut ctx, 999);
    let why = "out of gas in location: Delete; gasWanted: 999, gasUsed: 1000: out of gas";
    assert_refused(ITEM.remove(&mut ctx), "sdk", codes::OUT_OF_GAS, why);
    let why = "out of gas in location: Has; gasWanted: 999, gasUsed: 2000: out of gas";
    assert_refused(MAP.has(&ctx, &1), "sdk", codes::OUT_OF_GAS, why);
    assert!(ctx.overlay().changes().is_empty(), "nothing was written");
}

#[test]
fn the_last_unit_of_gas_can_be_used() {
    let mut ctx = ctx();
    limit_gas(&mut ctx, 2_300);
    ITEM.save(&mut ctx, &5).unwrap();
    assert_eq!((ctx.gas().used(), ctx.gas().limit()), (2_300, 2_300));
    assert_eq!(ctx.overlay().changes().len(), 1);
}

#[test]
fn prices_are_those_of_the_table() {
    let table = GasTable {
        read_flat: 1,
        read_per_byte: 10,
        write_flat: 100,
        write_per_byte: 1_000,
        delete_flat: 10_000,
        iterate_flat: 100_000,
        has_flat: 1_000_000,
    };
    let mut ctx = ctx();
    ctx.swap_gas(GasMeter::new(u64::MAX, table));
    ITEM.save(&mut ctx, &5).unwrap();
    assert_eq!(ctx.gas().used(), 100 + 1_000 * 10);
    ITEM.load(&ctx).unwrap();
    assert_eq!(ctx.gas().used(), 10_100 + 1 + 10 * 10);
    ITEM.remove(&mut ctx).unwrap();
    MAP.has(&ctx, &1).unwrap();
    assert_eq!(ctx.gas().used(), 10_201 + 10_000 + 1_000_000);
}

#[test]
fn gas_beyond_any_number_is_out_of_gas_and_no_overflow() {
    let meter = GasMeter::new(u64::MAX - 1, GasTable::DEFAULT);
    meter.consume(5, "first").unwrap();
    assert!(meter.consume(u64::MAX, "second").is_err());
    assert_eq!(meter.used(), u64::MAX);
    assert!(meter.consume_bytes(0, u64::MAX, usize::MAX, "third").is_err());
}
