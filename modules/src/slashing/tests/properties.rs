//! Windows against a plain queue of the latest commits, and genesis after any history.

use super::{
    address, assert_sound, chain_with, change, is_jailed, judge, key, missed, next_block, start_window,
    state, Ctx, Params,
};
use crate::kernel::{Decimal, Module};
use crate::slashing::types::Chunk;
use crate::slashing::{self, Slashing};
use crate::test_support::{cases, ctx};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
enum Step {
    /// Commits that were signed, or not.
    Commits(u16, bool),
    /// It gets a seat at the end of the block.
    Seat,
    Jail,
    Free,
    /// The windows have another length.
    Length(u64),
    Commit,
}

/// What the rules of §8 say, commit by commit.
struct Model {
    window: VecDeque<bool>,
    first: u64,
    length: u64,
    known: Option<u64>,
    jailed: bool,
}

impl Model {
    fn vote(&mut self, height: u64, signed: bool) {
        let restarted = self.known.is_some_and(|length| length != self.length);
        self.known = Some(self.length);
        if restarted {
            self.window.clear();
            self.first = self.first.max(height);
        }
        if height - 1 < self.first {
            return;
        }
        self.window.push_back(!signed && !self.jailed);
        if self.window.len() as u64 > self.length {
            self.window.pop_front();
        }
        // At least 30% of the window must be signed.
        let is_short = (self.length - self.missed()) * 10 < self.length * 3;
        if self.window.len() as u64 == self.length && is_short && !self.jailed {
            self.jailed = true;
            self.window.clear();
            self.first = height;
        }
    }

    fn missed(&self) -> u64 {
        self.window.iter().filter(|missed| **missed).count() as u64
    }
}

fn length() -> impl Strategy<Value = u64> {
    prop_oneof![1..40_u64, Just(Chunk::PLACES - 1), Just(Chunk::PLACES), Just(Chunk::PLACES + 1), Just(2_500)]
}

fn step() -> impl Strategy<Value = Step> {
    let count = prop_oneof![4 => 1..30_u16, 1 => 1..1_500_u16];
    prop_oneof![
        8 => (count, any::<bool>()).prop_map(|(count, signed)| Step::Commits(count, signed)),
        1 => Just(Step::Seat),
        1 => Just(Step::Jail),
        3 => Just(Step::Free),
        1 => length().prop_map(Step::Length),
        1 => Just(Step::Commit),
    ]
}

fn set_length(ctx: &mut Ctx, length: u64) {
    let signed_blocks_window = i64::try_from(length).unwrap();
    let min_signed_per_window = Decimal::percent(30).to_proto().into_bytes();
    let params = Params { signed_blocks_window, min_signed_per_window, ..slashing::params(ctx).unwrap() };
    state::PARAMS.save(ctx, &params).unwrap();
}

fn set_jailed(ctx: &mut Ctx, jailed: bool) {
    change(ctx, 1, |record| record.jailed = jailed);
}

/// What is stored, as genesis shows it, gives the same state when it is imported.
fn assert_comes_back(before: &Ctx) {
    let exported = Slashing.export(before).unwrap();
    let mut after = ctx();
    Slashing.import(&mut after, &exported).unwrap();
    let slashing = |ctx: &Ctx| ctx.overlay().scan(&[8], &[9], false, usize::MAX);
    assert_eq!(slashing(before), slashing(&after));
    assert_eq!(Slashing.export(&after).unwrap(), exported);
}

#[test]
fn a_window_is_the_latest_commits_whatever_happens() {
    proptest!(cases(120), |(first in length(), steps in vec(step(), 1..25))| {
        let mut ctx = chain_with(1, 10, 5);
        set_length(&mut ctx, first);
        next_block(&mut ctx, &[]);
        let mut model =
            Model { window: VecDeque::new(), first: 1, length: first, known: None, jailed: false };
        for step in steps {
            match step {
                Step::Commits(count, signed) => {
                    for _ in 0..count {
                        judge(&mut ctx, false, &[(1, signed)]);
                        model.vote(ctx.block().height, signed);
                        prop_assert_eq!(is_jailed(&ctx, 1), model.jailed);
                    }
                    prop_assert_eq!(missed(&ctx, 1), model.missed());
                }
                Step::Seat => {
                    start_window(&mut ctx, &address(1)).unwrap();
                    model.window.clear();
                    model.first = ctx.block().height + 2;
                }
                Step::Jail => {
                    set_jailed(&mut ctx, true);
                    model.jailed = true;
                }
                Step::Free => {
                    set_jailed(&mut ctx, false);
                    model.jailed = false;
                }
                Step::Length(length) => {
                    set_length(&mut ctx, length);
                    model.length = length;
                }
                Step::Commit => {
                    let block = ctx.block().clone();
                    ctx = crate::test_support::committed(ctx);
                    ctx.set_block(std::sync::Arc::new(block));
                }
            }
            assert_sound(&ctx);
        }
        assert_comes_back(&ctx);
        let places = slashing::window::missed_places(&ctx, &key(1)).unwrap();
        prop_assert_eq!(places.len() as u64, missed(&ctx, 1));
    });
}

#[test]
fn a_chunk_is_a_set_of_places() {
    proptest!(cases(300), |(changes in vec((0..Chunk::PLACES, any::<bool>()), 0..80))| {
        let mut chunk = Chunk::EMPTY;
        let mut model = std::collections::BTreeSet::new();
        for (place, missed) in changes {
            chunk.set(place, missed);
            if missed { model.insert(place); } else { model.remove(&place); }
            prop_assert_eq!(chunk.is_missed(place), missed);
        }
        prop_assert_eq!(chunk.places().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(chunk.is_empty(), model.is_empty());
    });
}
