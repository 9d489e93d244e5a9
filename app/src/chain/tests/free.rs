//! The limits of free transactions: in the mempool and in a block.

use crate::chain::free::{Free, Kind, Pending};
use jmes_modules::kernel::{Address, Error};

/// The free transaction number `number`: hash, signer.
fn free(number: u8, kind: Kind) -> ([u8; 32], Free) {
    ([number; 32], Free { kind, signer: Address::of_twenty([number; 20]) })
}

fn join(work: u8) -> Kind {
    Kind::Join { work: [work; 32] }
}

fn admit(pending: &mut Pending, (hash, free): ([u8; 32], Free)) -> Result<(), Error> {
    pending.admit(hash, free)
}

#[track_caller]
fn assert_full(result: Result<(), Error>, message: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.codespace, error.code, error.message.as_str()), ("sdk", 20, message));
}

/// A mempool with free transactions 0 to 99 of these kinds.
fn full(kind: impl Fn(u8) -> Kind) -> Pending {
    let mut pending = Pending::default();
    (0..100).for_each(|number| admit(&mut pending, free(number, kind(number))).unwrap());
    pending
}

const FULL: &str = "100 free transactions are pending: mempool is full";
const REPLACED: &str = "a free transaction with more claim to a place has come: mempool is full";

#[test]
fn a_join_of_more_work_takes_the_place_of_the_one_with_the_least() {
    let mut pending = full(|number| join(100 + number));
    assert_full(admit(&mut pending, free(100, join(199))), FULL);
    admit(&mut pending, free(101, join(198))).unwrap();
    assert_full(admit(&mut pending, free(102, join(198))), FULL);
    admit(&mut pending, free(103, join(0))).unwrap();
    // After a block the engine has all of them checked again; those replaced go, the others stay.
    pending.after_commit();
    for number in 0..99 {
        admit(&mut pending, free(number, join(100 + number))).unwrap();
    }
    assert_full(admit(&mut pending, free(99, join(199))), REPLACED);
    // Of two with the same work the later one.
    assert_full(admit(&mut pending, free(101, join(198))), REPLACED);
    admit(&mut pending, free(103, join(0))).unwrap();
    assert_full(admit(&mut pending, free(104, join(255))), FULL);
}

#[test]
fn a_signer_has_one_free_transaction_pending() {
    let mut pending = Pending::default();
    let (hash, first) = free(1, Kind::Unjail);
    pending.admit(hash, first).unwrap();
    pending.admit(hash, first).unwrap();
    let why = format!("another free transaction of {} is pending: mempool is full", first.signer);
    assert_full(pending.admit([2; 32], Free { kind: join(0), ..first }), &why);
    pending.after_commit();
    pending.admit([2; 32], first).unwrap();
}

#[test]
fn joins_cannot_keep_the_others_out_nor_they_them() {
    for other in [Kind::Unjail, Kind::Withdrawal] {
        let mut pending = full(join);
        for number in 100..150 {
            admit(&mut pending, free(number, other)).unwrap();
        }
        assert_full(admit(&mut pending, free(150, other)), FULL);
        assert_full(admit(&mut pending, free(151, join(50))), FULL);
        admit(&mut pending, free(152, join(49))).unwrap_err();
        admit(&mut pending, free(153, join(48))).unwrap();

        let mut pending = full(|_| other);
        for number in 100..150 {
            admit(&mut pending, free(number, join(255))).unwrap();
        }
        assert_full(admit(&mut pending, free(150, join(255))), FULL);
        admit(&mut pending, free(151, join(254))).unwrap();
        pending.after_commit();
        admit(&mut pending, free(49, other)).unwrap();
        assert_full(admit(&mut pending, free(50, other)), REPLACED);
    }
}

#[test]
fn withdrawals_make_room_for_those_who_leave_jail() {
    let mut pending = full(|number| if number < 60 { Kind::Withdrawal } else { join(255) });
    for number in 100..160 {
        admit(&mut pending, free(number, Kind::Unjail)).unwrap();
    }
    assert_full(admit(&mut pending, free(160, Kind::Unjail)), FULL);
    assert_full(admit(&mut pending, free(161, Kind::Withdrawal)), FULL);
    pending.after_commit();
    assert_full(admit(&mut pending, free(0, Kind::Withdrawal)), REPLACED);
    admit(&mut pending, free(100, Kind::Unjail)).unwrap();
    admit(&mut pending, free(60, join(255))).unwrap();
}
