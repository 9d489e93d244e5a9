//! Free transactions (§4): who may go without a fee during the Initial Distribution Period, and how many.

use super::{assert_done, refusal};
use jmes_modules::seats::work_hash;
use jmes_modules::staking;
use jmes_proto::cosmos::distribution::v1beta1::{MsgSetWithdrawAddress, MsgWithdrawValidatorCommission};
use jmes_proto::cosmos::slashing::v1beta1::MsgUnjail;
use jmes_proto::cosmos::tx::v1beta1::{SignDoc, TxBody, TxRaw};
use jmes_tests::{Draft, Genesis, Key, Signer, TestChain, Validator};
use jmesd::chain::Settings;
use prost::Message;

/// No limit that a test reaches.
const BYTES: u64 = 4 << 20;

/// A genesis in which everybody's work is enough to join.
fn easy() -> Genesis {
    Genesis::new().seats(|params| params.work_target = "f".repeat(64))
}

/// A chain whose node asks for the usual gas price, after its first block.
fn start(genesis: &Genesis) -> TestChain {
    let settings = Settings { minimum_gas_price: "0.0025ujmes".parse().unwrap(), ..Settings::default() };
    let chain = TestChain::with_settings(genesis, settings);
    chain.block(&[]);
    chain
}

/// The join of a validator whose operator has no account.
fn join(chain: &TestChain, validator: &Validator, nonce: u64) -> Vec<u8> {
    let draft = Draft::new().fee(0).and(&validator.join(chain.id(), nonce));
    draft.sign(chain.id(), &[Signer::key(&validator.operator, 0, 0)])
}

fn work(chain: &TestChain, validator: &Validator, nonce: u64) -> [u8; 32] {
    work_hash(&validator.key(), &validator.address(), chain.id(), nonce)
}

#[test]
fn one_without_an_account_joins_for_free_and_has_one_then() {
    let (chain, newcomer) = (start(&easy()), Validator::new(1));
    let tx = join(&chain, &newcomer, 0);
    assert_eq!(chain.check(&tx).code, 0, "{}", chain.check(&tx).log);
    assert_eq!(chain.prepare(&[&tx], BYTES), std::slice::from_ref(&tx));
    assert!(chain.process(&[&tx]));
    assert!(!chain.process(&[&tx, &tx]), "the same join twice");
    assert_done(&chain.deliver(&tx));
    let account = chain.account(newcomer.address());
    assert_eq!((account.sequence, account.key), (1, Some(newcomer.operator.public())));
    assert!(staking::validator(&chain.view(), &newcomer.address()).unwrap().is_some());
    let again = refusal(&chain.deliver(&tx));
    assert_eq!((again.codespace, again.code), ("sdk", 32), "{again}");
}

#[test]
fn a_join_that_fails_creates_nothing() {
    let (chain, newcomer) = (start(&easy()), Validator::new(1));
    let sign = |draft: Draft| draft.sign(chain.id(), &[Signer::key(&newcomer.operator, 0, 0)]);
    let msg = newcomer.join(chain.id(), 0);
    let poor = sign(Draft::new().fee(0).gas(40_000).and(&msg));
    let mut wrong = msg.clone();
    wrong.possession_proof[5] ^= 1;
    let unproven = sign(Draft::new().fee(0).and(&wrong));
    let mut later = msg.clone();
    later.description.as_mut().unwrap().moniker = "x".repeat(200);
    let long = sign(Draft::new().fee(0).and(&later));
    let greedy = sign(Draft::new().fee(0).gas(1_000_001).and(&msg));
    let unsigned = Draft::new().fee(0).and(&msg).sign("other", &[Signer::key(&newcomer.operator, 0, 0)]);
    // It could be repeated for ever, so it enters neither mempool nor proposals.
    assert_eq!((chain.check(&poor).codespace.as_str(), chain.check(&poor).code), ("sdk", 11));
    assert!(chain.prepare(&[&poor], BYTES).is_empty());
    assert!(!chain.process(&[&poor]));
    for tx in [poor, unproven, long, greedy, unsigned] {
        let error = refusal(&chain.deliver(&tx));
        assert!(error.code > 1, "{error:?}");
        assert!(jmes_modules::auth::account(&chain.view(), &newcomer.address()).unwrap().is_none());
    }
    assert_done(&chain.deliver(&join(&chain, &newcomer, 0)));
}

#[test]
fn only_a_join_alone_comes_from_an_account_that_does_not_exist() {
    let (chain, newcomer) = (start(&easy()), Validator::new(1));
    let signer = || [Signer::key(&newcomer.operator, 0, 0)];
    let twice = Draft::new().fee(0).and(&newcomer.join(chain.id(), 0)).and(&newcomer.join(chain.id(), 1));
    let paid = Draft::new().fee(500).and(&newcomer.join(chain.id(), 0));
    let operator = newcomer.address().operator().to_string();
    let unjail = Draft::new().fee(0).and(&MsgUnjail { validator_addr: operator });
    for draft in [twice, paid, unjail] {
        let tx = draft.sign(chain.id(), &signer());
        assert_ne!(chain.check(&tx).code, 0);
        assert!(!chain.process(&[&tx]));
        assert!(chain.deliver(&tx).error.is_some());
        assert!(jmes_modules::auth::account(&chain.view(), &newcomer.address()).unwrap().is_none());
    }
}

#[test]
fn a_join_needs_work() {
    let (chain, newcomer) = (start(&Genesis::new()), Validator::new(1));
    let tx = join(&chain, &newcomer, 0);
    let checked = chain.check(&tx);
    assert_eq!((checked.codespace.as_str(), checked.code), ("seats", 3), "{}", checked.log);
    assert!(!chain.process(&[&tx]));
}

#[test]
fn a_block_has_room_for_ten_joins_those_with_the_most_work() {
    let chain = start(&easy());
    let newcomers: Vec<Validator> = (1..=15).map(Validator::new).collect();
    let txs: Vec<Vec<u8>> = newcomers.iter().map(|one| join(&chain, one, 0)).collect();
    let mut best: Vec<usize> = (0..txs.len()).collect();
    best.sort_by_key(|index| work(&chain, &newcomers[*index], 0));
    let best: Vec<Vec<u8>> = best.into_iter().map(|index| txs[index].clone()).collect();
    assert_eq!(chain.prepare(&txs, BYTES), best[..10]);
    assert!(chain.process(&best[..10]));
    assert!(!chain.process(&best[..11]));
    for outcome in chain.block(&best[..10]) {
        assert_done(&outcome);
    }
}

#[test]
fn joins_with_more_work_push_others_out_of_the_mempool() {
    let chain = start(&easy());
    let newcomers: Vec<Validator> = (1..=101).map(Validator::new).collect();
    let mut sorted: Vec<&Validator> = newcomers.iter().collect();
    sorted.sort_by_key(|one| work(&chain, one, 0));
    let (best, rest) = sorted.split_first().unwrap();
    for one in rest {
        assert_eq!(chain.check(&join(&chain, one, 0)).code, 0);
    }
    let second = chain.check(&join(&chain, rest[0], 7));
    assert_eq!((second.codespace.as_str(), second.code), ("sdk", 32), "one of a signer: {}", second.log);
    assert_eq!(chain.check(&join(&chain, best, 0)).code, 0);
    chain.block(&[]);
    for one in &rest[..99] {
        assert_eq!(chain.recheck(&join(&chain, one, 0)).code, 0);
    }
    assert_eq!(chain.recheck(&join(&chain, rest[99], 0)).code, 20);
    assert_eq!(chain.recheck(&join(&chain, best, 0)).code, 0);
}

#[test]
fn an_operator_withdraws_its_income_for_free_once_it_is_a_whole_coin() {
    let operators: Vec<Validator> = (0..40).map(Validator::new).collect();
    let chain = start(&Genesis::new().validators(operators.clone()));
    let one = &operators[3];
    let withdraw = |fee: u128| {
        let validator_address = one.address().operator().to_string();
        chain.sign(
            &Draft::new().fee(fee).and(&MsgWithdrawValidatorCommission { validator_address }),
            &[&one.operator],
        )
    };
    // 18 JMES a block among 40.
    let early = chain.check(&withdraw(0));
    assert_eq!((early.codespace.as_str(), early.code), ("sdk", 13), "{}", early.log);
    assert!(!chain.process(&[withdraw(0)]));
    chain.blocks(2);
    let tx = withdraw(0);
    assert_eq!(chain.check(&tx).code, 0, "{}", chain.check(&tx).log);
    assert!(chain.process(&[&tx]));
    let pending = jmes_modules::rewards::pending_commission(&chain.view(), &one.address()).unwrap().0;
    assert!(pending >= 1_000_000);
    assert_done(&chain.deliver(&tx));
    assert_eq!(chain.balance(one.address()), pending);
    assert_eq!(chain.check(&withdraw(0)).code, 13);
}

#[test]
fn one_in_jail_leaves_it_for_free_when_it_can() {
    let operators: Vec<Validator> = (0..2).map(Validator::new).collect();
    let genesis = Genesis::new().validators(operators.clone());
    let mut chain = start(&genesis.seats(|params| params.idp_signed_blocks_window = 10));
    let one = &operators[1];
    let unjail = |chain: &TestChain| {
        let validator_addr = one.address().operator().to_string();
        chain.sign(&Draft::new().fee(0).and(&MsgUnjail { validator_addr }), &[&one.operator])
    };
    let checked = chain.check(&unjail(&chain));
    assert_eq!(checked.codespace, "slashing", "it is not jailed: {}", checked.log);
    chain.absent.insert(one.consensus_address());
    chain.blocks(12);
    let jailed = || staking::require(&chain.view(), &one.address()).unwrap().jailed;
    assert!(jailed());
    let checked = chain.check(&unjail(&chain));
    assert_eq!(checked.codespace, "slashing", "it is too early: {}", checked.log);
    assert!(!chain.process(&[unjail(&chain)]));
    chain.jump(600_000_000_000);
    let tx = unjail(&chain);
    assert_eq!(chain.check(&tx).code, 0, "{}", chain.check(&tx).log);
    assert!(chain.process(&[&tx]));
    assert_done(&chain.deliver(&tx));
    assert!(!jailed());
}

#[test]
fn a_free_message_goes_alone_with_one_signer() {
    let operators: Vec<Validator> = (0..2).map(Validator::new).collect();
    let alice = Key::new(7);
    let genesis = Genesis::new().validators(operators.clone()).with(alice.address(), "5000000ujmes");
    // A node without a gas price would take whatever counts as ordinary.
    let chain = TestChain::new(&genesis);
    chain.blocks(2);
    let withdraw = |one: &Validator| MsgWithdrawValidatorCommission {
        validator_address: one.address().operator().to_string(),
    };
    let [first, second] = [&operators[0], &operators[1]];
    let elsewhere = MsgSetWithdrawAddress {
        delegator_address: first.address().to_string(),
        withdraw_address: alice.address().to_string(),
    };
    let free = Draft::new().fee(0).and(&withdraw(first));
    let one = &[&first.operator][..];
    let refused = [
        (free.clone().and(&elsewhere), one, "2 and 1"),
        (free.clone().and(&withdraw(second)), &[&first.operator, &second.operator][..], "2 and 2"),
        (free.clone().payer(second.address()), &[&first.operator, &second.operator][..], "1 and 2"),
        (
            Draft::send(alice.address(), first.address(), "1ujmes").fee(0).and(&withdraw(first)),
            &[&alice, &first.operator][..],
            "2 and 2",
        ),
    ];
    for (draft, keys, counts) in refused {
        let tx = chain.sign(&draft, keys);
        let why = format!(
            "a transaction without a fee has one message and one signer, this has {counts}: insufficient fee"
        );
        for checked in [chain.check(&tx), chain.recheck(&tx)] {
            assert_eq!((checked.codespace.as_str(), checked.code, checked.log), ("sdk", 13, why.clone()));
        }
        assert!(chain.prepare(&[&tx], BYTES).is_empty());
        assert!(!chain.process(&[&tx]));
        // Whoever has two thirds of the power can decide such a block: it does nothing.
        let error = refusal(&chain.deliver(&tx));
        assert_eq!((error.codespace, error.code), ("sdk", 13), "{error}");
        assert_eq!([first, second].map(|one| chain.account(one.address()).sequence), [1, 1]);
        assert!(chain.chain().simulate(&tx).is_ok(), "wallets ask without a fee whatever they will pay");
    }
    let paid = chain.sign(&Draft::new().fee(1_000).and(&withdraw(first)).and(&elsewhere), one);
    assert!(!chain.process(&[paid]), "an operator without a coin can't pay");
    assert_eq!(chain.check(&chain.sign(&free, one)).code, 0);
    let send = Draft::send(alice.address(), first.address(), "1ujmes").fee(0);
    assert!(chain.process(&[chain.sign(&send, &[&alice])]), "other messages are a matter of gas prices");
}

#[test]
fn leaving_jail_goes_before_withdrawals_in_a_block() {
    let operators: Vec<Validator> = (0..14).map(Validator::new).collect();
    let genesis = Genesis::new().validators(operators.clone());
    let mut chain = start(&genesis.seats(|params| params.idp_signed_blocks_window = 10));
    let (jailed, others) = operators.split_last().unwrap();
    chain.absent.insert(jailed.consensus_address());
    chain.blocks(12);
    chain.jump(600_000_000_000);
    let withdraw = |one: &Validator| {
        let validator_address = one.address().operator().to_string();
        chain.sign(
            &Draft::new().fee(0).and(&MsgWithdrawValidatorCommission { validator_address }),
            &[&one.operator],
        )
    };
    let mut txs: Vec<Vec<u8>> = others.iter().map(withdraw).collect();
    let validator_addr = jailed.address().operator().to_string();
    let unjail = chain.sign(&Draft::new().fee(0).and(&MsgUnjail { validator_addr }), &[&jailed.operator]);
    txs.push(unjail.clone());
    for tx in &txs {
        assert_eq!(chain.check(tx).code, 0, "{}", chain.check(tx).log);
    }
    let proposal = chain.prepare(&txs, BYTES);
    assert_eq!(proposal.len(), 10, "13 withdrawals and an unjail want 10 places");
    assert_eq!((&proposal[0], &proposal[1..]), (&unjail, &txs[..9]));
    assert!(chain.process(&proposal));
    assert!(!chain.process(&txs[..11]));
}

/// The body's fields can stand in any order.
#[test]
fn a_join_is_sorted_by_its_work_however_it_is_encoded() {
    let chain = start(&easy());
    let newcomers: Vec<Validator> = (1..=12).map(Validator::new).collect();
    let mut sorted: Vec<&Validator> = newcomers.iter().collect();
    sorted.sort_by_key(|one| work(&chain, one, 0));
    // A memo before the message.
    let memo_first = |one: &Validator| {
        let usual = TxRaw::decode(join(&chain, one, 0).as_slice()).unwrap();
        let memo = TxBody { memo: "m".repeat(256), ..TxBody::default() };
        let body_bytes = [memo.encode_to_vec(), usual.body_bytes].concat();
        let document = SignDoc {
            body_bytes: body_bytes.clone(),
            auth_info_bytes: usual.auth_info_bytes.clone(),
            chain_id: chain.id().to_owned(),
            account_number: 0,
        };
        let signatures = vec![one.operator.sign(&document.encode_to_vec())];
        TxRaw { body_bytes, signatures, ..usual }.encode_to_vec()
    };
    let best: Vec<Vec<u8>> = sorted.iter().map(|one| memo_first(one)).collect();
    let worst_first: Vec<Vec<u8>> = best.iter().rev().cloned().collect();
    assert_eq!(chain.prepare(&worst_first, BYTES), best[..10]);
}

#[test]
fn a_join_signed_before_coins_made_its_account_is_good_once() {
    let alice = Key::new(7);
    let chain = start(&easy().with(alice.address(), "5000000ujmes"));
    let gift = |to: &Validator| {
        chain.sign(&Draft::send(alice.address(), to.address(), "1000ujmes").fee(500), &[&alice])
    };
    // Coins come earlier in the same block, or in a block before.
    let (first, second) = (Validator::new(1), Validator::new(2));
    let tx = join(&chain, &first, 0);
    let block = [gift(&first), tx.clone()];
    assert_eq!(chain.prepare(&block, BYTES), block);
    assert!(chain.process(&block));
    chain.block(&block).iter().for_each(assert_done);
    assert_eq!((chain.account(first.address()).sequence, chain.balance(first.address())), (1, 1_000));
    assert_done(&chain.deliver(&gift(&second)));
    let number = chain.account(second.address()).number;
    assert!(number > 0);
    let late = join(&chain, &second, 0);
    assert_eq!(chain.check(&late).code, 0, "{}", chain.check(&late).log);
    chain.block(&[]);
    assert_eq!(chain.recheck(&late).code, 0);
    assert!(chain.process(&[&late]));
    assert_done(&chain.deliver(&late));

    for tx in [&tx, &late] {
        let again = refusal(&chain.deliver(tx));
        assert_eq!((again.codespace, again.code), ("sdk", 32), "{again}");
    }
}

#[test]
fn number_0_is_for_free_joins_of_accounts_that_have_signed_nothing() {
    let (newcomer, other) = (Validator::new(1), Validator::new(2));
    let genesis = easy().with(newcomer.address(), "5000000ujmes").with(Key::new(7).address(), "1ujmes");
    let chain = start(&genesis.with(other.address(), "5ujmes"));
    let number = chain.account(other.address()).number;
    let msg = other.join(chain.id(), 0);
    let sign = |draft: Draft, number: u64| draft.sign(chain.id(), &[Signer::key(&other.operator, number, 0)]);
    assert!(number > 0);
    let free = Draft::new().fee(0).and(&msg);
    let wrong = chain.check(&sign(free.clone(), number + 1));
    assert!(wrong.code == 4 && wrong.log.contains(&format!("account number ({number})")), "{}", wrong.log);
    assert_eq!(chain.check(&sign(free, number)).code, 0, "its own number is as good");
    for draft in [Draft::new().fee(1).and(&msg), Draft::send(other.address(), newcomer.address(), "1ujmes")] {
        let error = refusal(&chain.deliver(&sign(draft, 0)));
        assert!(error.code > 0, "{error}");
    }
    assert_eq!(chain.account(other.address()).sequence, 0);
}

#[test]
fn after_the_period_nothing_is_free() {
    let genesis = easy().validators(vec![Validator::new(0)]);
    let chain = start(&genesis.set("emission/params", short_idp()));
    chain.blocks(5);
    let newcomer = Validator::new(1);
    let checked = chain.check(&join(&chain, &newcomer, 0));
    let why = format!("fee payer address: {} does not exist: unknown address", newcomer.address());
    assert_eq!((checked.codespace.as_str(), checked.code, checked.log), ("sdk", 9, why));
    assert!(!chain.process(&[join(&chain, &newcomer, 0)]));
    let operator = Validator::new(0);
    let validator_address = operator.address().operator().to_string();
    let withdraw = Draft::new().fee(0).and(&MsgWithdrawValidatorCommission { validator_address });
    assert_eq!(chain.check(&chain.sign(&withdraw, &[&operator.operator])).code, 13);
}

/// Mainnet's parameters of emission with an Initial Distribution Period of 4 blocks.
fn short_idp() -> serde_json::Value {
    let params =
        jmes_proto::jmes::emission::v1::Params { idp_blocks: 4, ..jmes_modules::emission::default_params() };
    jmes_modules::kernel::message_to_json(&params).unwrap()
}

#[test]
fn other_messages_are_not_free() {
    let alice = Key::new(0);
    let chain = start(&easy().with(alice.address(), "5000000ujmes"));
    let send = Draft::send(alice.address(), Key::new(1).address(), "1ujmes").fee(0);
    assert_eq!(chain.check(&chain.sign(&send, &[&alice])).code, 13);
}
