//! Tests of proving.

use super::{consensus, unproven};
use crate::kernel::{CommitVote, Value};
use crate::seats::members::Member;
use crate::seats::proving::count;
use crate::seats::{defaults, Proof};
use crate::test_support::address;

fn vote(byte: u8, signed: bool) -> CommitVote {
    CommitVote { address: consensus(byte), power: 1, signed }
}

/// A member seated at height 5, after the commits in the blocks from height 8 on; whether it was late in the last.
fn after(signed: impl IntoIterator<Item = bool>) -> (Member, bool) {
    let mut members = [unproven(1, 0).0];
    let mut late = Vec::new();
    for (height, signed) in (8..).zip(signed) {
        assert!(late.is_empty() && !members[0].proven, "it was decided before height {height}");
        late = count(&mut members, &[vote(2, true), vote(1, signed)], height, &defaults());
    }
    let [member] = members;
    (member, late == [address(1)])
}

#[test]
fn who_signed_67_of_the_latest_100_commits_is_proven() {
    assert!(!after([true; 66]).0.proven);
    assert!(after([true; 67]).0.proven, "fewer than 100 commits are enough");
    let late_start =
        |absent: usize| [true].into_iter().chain(std::iter::repeat_n(false, absent)).chain([true; 66]);
    assert!(after(late_start(33)).0.proven, "the first is the oldest of the latest 100");
    assert!(!after(late_start(34)).0.proven, "the first is the 101st of the latest");
}

#[test]
fn who_is_not_proven_after_720_commits_had_its_chance() {
    // 66 of any 100 in a row are signed.
    let (member, late) = after((0..720).map(|n| n % 100 < 66));
    assert_eq!((member.proof.commits, member.proven, late), (720, false, true));
    assert!(!after((0..719).map(|_| false)).1, "719 commits are not enough");
}

#[test]
fn the_last_commit_that_counts_can_still_prove() {
    let signed = [false; 653].into_iter().chain([true; 67]);
    let (member, late) = after(signed);
    assert_eq!((member.proof.commits, member.proven, late), (720, true, false));
}

#[test]
fn commits_of_sets_that_it_is_not_in_do_not_count() {
    let mut members = [unproven(1, 0).0];
    count(&mut members, &[vote(2, true)], 8, &defaults());
    assert_eq!(members[0].proof, Proof::default(), "the commit does not name it");
    for height in 6..8 {
        count(&mut members, &[vote(1, true)], height, &defaults());
        assert_eq!(members[0].proof, Proof::default(), "{height}: that set was decided before it was seated");
    }
    count(&mut members, &[vote(1, true)], 8, &defaults());
    assert_eq!(members[0].proof, Proof { commits: 1, signed: 1 });
}

#[test]
fn the_proven_are_not_counted() {
    let mut members = [Member { proven: true, ..unproven(1, 0).0 }];
    assert!(count(&mut members, &[vote(1, false)], 100, &defaults()).is_empty());
    assert_eq!(members[0].proof, Proof::default());
}

#[test]
fn the_window_can_have_1_to_128_commits() {
    let proof = Proof { commits: 500, signed: u128::MAX };
    for window in [1, 6, 100, 128] {
        assert_eq!(proof.signed_of(window), window);
    }
}

#[test]
fn proofs_come_back_and_torn_ones_do_not() {
    let proofs = vec![Proof { commits: 3, signed: 5 }, Proof { commits: u32::MAX, signed: u128::MAX }];
    let bytes = proofs.encode();
    assert_eq!(bytes.len(), 40);
    assert_eq!(Vec::<Proof>::decode(&bytes), Some(proofs));
    assert_eq!(Vec::<Proof>::decode(&bytes[..39]), None);
}
