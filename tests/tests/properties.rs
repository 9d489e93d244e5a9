//! What holds for any blocks, on any node. A failing run prints its seed; `JMES_TEST_SEED` repeats it,
//! `JMES_TEST_LONG` runs 20 times as many.

use jmes_modules::auth;
use jmes_modules::kernel::Address;
use jmes_tests::{long, seed, Genesis, Random, TestChain, Workload};

/// What every wallet has in the beginning, in Nils.
const FUNDS: u128 = 40_000_000;

fn genesis(workload: &Workload) -> Genesis {
    let funds = format!("1000atom,{FUNDS}ujmes");
    workload.owners().into_iter().fold(Genesis::new(), |genesis, owner| genesis.with(owner, &funds))
}

fn start(workload: &Workload) -> TestChain {
    let chain = TestChain::new(&genesis(workload));
    chain.block(&[]);
    chain
}

#[test]
fn whatever_an_honest_proposer_makes_every_other_node_accepts() {
    let mut random = Random::new(seed());
    for _ in 0..long(6) {
        let mut workload = Workload::new(random.number());
        let (mut proposer, mut other) = (start(&workload), start(&workload));
        for _ in 0..12 {
            let size = 1 + random.below(40);
            let mut pool = workload.txs(&proposer, size);
            // What the mempool took before is known to be signed; a proposer may also know nothing.
            for tx in &pool {
                if random.once_in(2) {
                    proposer.check(tx);
                }
            }
            if random.once_in(2) {
                random.shuffle(&mut pool);
            }
            let twice: Vec<Vec<u8>> = pool.iter().filter(|_| random.once_in(8)).cloned().collect();
            pool.extend(twice);
            let total: usize = pool.iter().map(Vec::len).sum();
            let max_bytes = if random.once_in(3) { random.below(total + 1) } else { total * 2 } as u64;
            let proposal = proposer.prepare(&pool, max_bytes);
            assert!(proposal.iter().map(Vec::len).sum::<usize>() as u64 <= max_bytes);
            assert!(proposal.iter().all(|tx| pool.contains(tx)));
            if random.once_in(4) {
                other.restart();
            }
            assert!(proposer.process(&proposal), "the proposer itself");
            assert!(other.process(&proposal), "another node");
            assert_eq!(other.prepare(&proposal, u64::MAX), proposal, "nothing of it is left out again");
            proposer.block(&proposal);
            other.block(&proposal);
            assert_eq!(proposer.app_hash(), other.app_hash());
            std::mem::swap(&mut proposer, &mut other);
        }
    }
}

#[test]
fn any_blocks_give_every_node_the_same_state_and_lose_no_coin() {
    let mut random = Random::new(seed());
    for _ in 0..long(6) {
        let mut workload = Workload::new(random.number());
        let (steady, mut restless, busy) = (start(&workload), start(&workload), start(&workload));
        let total = FUNDS * workload.owners().len() as u128;
        for _ in 0..20 {
            let size = random.below(30);
            let txs = workload.txs(&steady, size);
            for _ in 0..random.below(3) {
                restless.restart();
                restless.finalize(&txs[..random.below(size + 1)]);
            }
            busy.chain().look_ahead(txs.iter().map(Vec::as_slice));
            for tx in &txs {
                busy.check(tx);
                let _ = busy.chain().simulate(tx);
            }
            busy.prepare(&txs, u64::MAX);
            let outcomes = steady.block(&txs);
            assert_eq!(restless.block(&txs), outcomes);
            assert_eq!(busy.block(&txs), outcomes);
            assert_eq!(restless.app_hash(), steady.app_hash());
            assert_eq!(busy.app_hash(), steady.app_hash());
            steady.chain().check_invariants().unwrap();
            let (supply, unredeemed, burnt) = steady.totals();
            assert_eq!(supply + unredeemed + burnt, total + steady.issued());
        }
    }
}

#[test]
fn a_failed_transaction_leaves_its_fee_and_sequences_at_most() {
    let mut random = Random::new(seed());
    for _ in 0..long(3) {
        let mut workload = Workload::new(random.number());
        let chain = start(&workload);
        for tx in workload.txs(&chain, 60) {
            let before: Vec<_> = workload.owners().into_iter().map(|owner| chain.account(owner)).collect();
            let numbers = auth::state::NEXT_NUMBER.load(&chain.view()).unwrap();
            let outcome = chain.deliver(&tx);
            if outcome.error.is_none() {
                continue;
            }
            let after = workload.owners().into_iter().map(|owner| chain.account(owner));
            let changes: Vec<_> =
                before.iter().zip(after).filter(|(before, after)| *before != after).collect();
            for (before, after) in &changes {
                assert_eq!(after.sequence, before.sequence + 1);
                assert!(after.balance <= before.balance);
            }
            let paid = changes.iter().filter(|(before, after)| before.balance != after.balance).count();
            assert!(paid <= 1, "only the payer pays");
            assert_eq!(outcome.events.is_empty(), changes.is_empty(), "events and state agree");
            assert_eq!(auth::state::NEXT_NUMBER.load(&chain.view()).unwrap(), numbers);
        }
    }
}

#[test]
fn every_kept_height_answers_as_it_did() {
    let mut random = Random::new(seed());
    let mut workload = Workload::new(random.number());
    let mut chain = start(&workload);
    let owners = workload.owners();
    let accounts = |chain: &TestChain, height: u64| -> Vec<_> {
        let view = chain.chain().view_at(height).unwrap();
        owners.iter().map(|owner: &Address| auth::account(&view, owner).unwrap()).collect()
    };
    let mut history = vec![(1, accounts(&chain, 0))];
    for height in 2..=40 {
        let size = random.below(10);
        let txs = workload.txs(&chain, size);
        chain.block(&txs);
        history.push((height, accounts(&chain, 0)));
    }
    chain.restart();
    for (height, then) in history {
        assert_eq!(accounts(&chain, height), then, "height {height}");
    }
}

#[test]
fn an_exported_chain_goes_on_where_it_stopped() {
    let mut random = Random::new(seed());
    for _ in 0..long(3) {
        let mut workload = Workload::new(random.number());
        let old = start(&workload);
        for _ in 0..10 {
            old.block(&workload.txs(&old, 20));
        }
        let new = old.continued();
        // The header of the first block after an import has another app hash, because the first height is state, too.
        let state = |chain: &TestChain| {
            let mut state = chain.export().app_state;
            state["staking"]["history"].take();
            state
        };
        new.block(&[]);
        old.block(&[]);
        assert_eq!(state(&new), state(&old));
        assert_eq!(new.totals(), old.totals());
        let txs = workload.txs(&old, 20);
        assert_eq!(new.block(&txs), old.block(&txs));
        assert_eq!(state(&new), state(&old));
    }
}
