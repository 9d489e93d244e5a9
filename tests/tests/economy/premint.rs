//! Premint wallets on a whole chain (§3): what is locked stays, nothing of it is ever bonded; its owner joins, earns and is a
//! member of DAOs as anyone.

use super::attacks::{bond, coin, done, refused};
use super::{short, JMES};
use cosmos_sdk_proto::cosmos::distribution::v1beta1::MsgWithdrawValidatorCommission;
use cosmos_sdk_proto::cosmos::staking::v1beta1::MsgDelegate;
use jmes_modules::dao::address_of;
use jmes_modules::kernel::{Address, Error};
use jmes_modules::{emission, premint, rewards, seats, staking};
use jmes_proto::jmes::dao::v1::{Member, MsgRegisterDao, MsgSubmitProposal, MsgVote, VoteOption};
use jmes_proto::jmes::identity::v1::MsgRegisterUser;
use jmes_tests::{Draft, Genesis, Group, Key, Signer, TestChain, Validator};
use jmesd::chain::TxOutcome;

/// Rewards end after 200 blocks, and with them the locks.
fn with_premint(owners: &[Address], nils: u128) -> TestChain {
    let params = jmes_proto::jmes::emission::v1::Params {
        max_supply: (100_000_000 * JMES + 200 * 18 * JMES).to_string(),
        ..emission::default_params()
    };
    let genesis = owners.iter().fold(Genesis::new(), |genesis, owner| {
        genesis.with(*owner, &format!("{nils}ujmes")).premint(*owner, nils)
    });
    let chain = TestChain::new(&genesis.set("emission/params", super::with(&params, &[])));
    chain.block(&[]);
    chain
}

#[test]
fn a_premint_wallet_that_sells_and_refills_does_not_unlock_more_and_never_bonds() {
    let (seller, buyer) = (Key::new(1), Key::new(2));
    let chain = with_premint(&[seller.address()], 200 * JMES);
    let sell = |nils: u128| {
        let draft = Draft::send(seller.address(), buyer.address(), &format!("{nils}ujmes")).fee(0);
        chain.deliver(&chain.sign(&draft, &[&seller]))
    };
    // One JMES is unlocked in each block; a send finds the locks of its own block.
    chain.blocks(9);
    refused(&sell(11 * JMES + 1), "sdk", 5);
    done(&sell(12 * JMES));
    let back = Draft::send(buyer.address(), seller.address(), &format!("{}ujmes", 12 * JMES)).fee(0);
    done(&chain.deliver(&chain.sign(&back, &[&buyer])));
    // Refilled to 200, of which 14 are unlocked in the next block: those 12 and 2 more. Others would be locked coins.
    refused(&sell(14 * JMES + 1), "sdk", 5);
    done(&sell(15 * JMES));
    let why = refused(&sell(JMES + 1), "sdk", 5);
    assert!(why.contains("spendable"), "{why}");
    let try_bond = bond(seller.address(), &Validator::new(0), 1).fee(0);
    refused(&chain.deliver(&chain.sign(&try_bond, &[&seller])), "premint", 2);
    chain.blocks(250);
    assert_eq!(chain.issued(), 200 * 18 * JMES, "emission has ended");
    done(&sell(185 * JMES));
    refused(&sell(1), "sdk", 5);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn locked_coins_pay_no_fees_and_leave_neither_by_multi_send_nor_by_a_group() {
    let (owner, other, group) = (Key::new(1), Key::new(2), Group::new(2, &[10, 11, 12]));
    let chain = with_premint(&[owner.address(), group.address()], 200 * JMES);
    let (from, to) = (owner.address(), other.address());
    // In block 2 two JMES are unlocked.
    refused(
        &chain.deliver(&chain.sign(&Draft::send(from, to, "1ujmes").fee(2 * JMES + 1), &[&owner])),
        "sdk",
        5,
    );
    let multi =
        Draft::new().fee(0).and_multi_send(from, &[(to, 2 * JMES), (Key::new(3).address(), 2 * JMES)]);
    refused(&chain.deliver(&chain.sign(&multi, &[&owner])), "sdk", 5);
    let twice = Draft::send(from, to, "3000000ujmes").fee(0).and_send(from, to, "3000000ujmes");
    refused(&chain.deliver(&chain.sign(&twice, &[&owner])), "sdk", 5);
    assert_eq!(chain.balance(from), 200 * JMES);
    let account = chain.account(group.address());
    let signer = Signer::group(&group, &[0, 2], account.number, 0);
    let send = Draft::send(group.address(), to, "9000000ujmes").fee(0).gas(400_000);
    refused(&chain.deliver(&send.sign(chain.id(), &[signer])), "sdk", 5);
    // Nor do they pay the fee of another one.
    let paying = Draft::send(from, to, "1ujmes").fee(50 * JMES).payer(group.address());
    let signers = [chain.signer(&owner), Signer::group(&group, &[0, 1], account.number, 1)];
    refused(&chain.deliver(&paying.gas(400_000).sign(chain.id(), &signers)), "sdk", 5);
    assert_eq!((chain.balance(from), chain.balance(group.address())), (200 * JMES, 200 * JMES));
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_premint_wallet_joins_free_is_seated_and_earns_and_never_bonds_its_income() {
    let one = Validator::new(9);
    let genesis =
        short(Genesis::new(), 1_000).with(one.address(), "200000000ujmes").premint(one.address(), 200 * JMES);
    let chain = TestChain::new(&genesis);
    chain.block(&[]);
    let by = |draft: Draft| chain.deliver(&chain.sign(&draft.fee(0).gas(900_000), &[&one.operator]));
    refused(&by(Draft::new().and(&one.clone().bonded(JMES).create())), "premint", 2);
    done(&by(Draft::new().and(&one.join(chain.id(), 1))));
    assert!(seats::is_seated(&chain.view(), &one.address()).unwrap());
    chain.blocks(20);
    let earned = rewards::pending_commission(&chain.view(), &one.address()).unwrap().0;
    assert!(earned > 50 * JMES, "it was proven: {earned}");
    done(&by(
        Draft::new().and(&MsgWithdrawValidatorCommission { validator_address: one.address().operator() })
    ));
    let income = chain.balance(one.address()) - 200 * JMES;
    assert!(income >= earned);
    for target in [&one, &Validator::new(0)] {
        let income = income - JMES;
        refused(&by(bond(one.address(), target, income)), "premint", 2);
    }
    // The income is free: it leaves before any premint does.
    let friend = Key::new(3).address();
    done(&by(Draft::send(one.address(), friend, &format!("{income}ujmes"))));
    let wallet = premint::wallet(&chain.view(), &one.address()).unwrap().unwrap();
    assert_eq!((chain.balance(friend), wallet.held), (income, wallet.amount));
    assert_eq!(staking::bonded(&chain.view(), &one.address()).unwrap().0, 0);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_premint_wallet_is_a_member_of_a_dao_and_decides_in_it() {
    let [insider, alice, bob] = [1, 2, 3].map(Key::new);
    let million = 1_000_000 * JMES;
    let genesis = short(Genesis::new(), 3)
        .with(insider.address(), &format!("{}ujmes", 10 * million))
        .premint(insider.address(), 10 * million)
        .with(alice.address(), "100000000ujmes")
        .with(bob.address(), "100000000ujmes");
    let chain = TestChain::new(&genesis);
    // A fifth of a coin is unlocked in each block.
    chain.blocks(10);
    let by = |who: &Key, draft: Draft| -> TxOutcome {
        chain.deliver(&chain.sign(&draft.fee(0).gas(900_000), &[who]))
    };
    for (who, name) in [(&insider, "insider"), (&alice, "alice"), (&bob, "bob")] {
        let msg = MsgRegisterUser { creator: who.address().to_string(), name: name.into() };
        done(&by(who, Draft::new().and(&msg)));
    }
    let member = |(who, power): (&Key, u64)| Member { address: who.address().to_string(), power };
    let register = MsgRegisterDao {
        creator: alice.address().to_string(),
        name: "artbasel".into(),
        members: [(&insider, 2), (&alice, 1), (&bob, 1)].map(member).to_vec(),
        threshold: 3,
        voting_period: None,
    };
    done(&by(&alice, Draft::new().and(&register)));
    let dao = address_of(1);
    done(&by(&alice, Draft::send(alice.address(), dao, "5000000ujmes")));
    let submit = MsgSubmitProposal {
        proposer: alice.address().to_string(),
        dao: dao.to_string(),
        title: "Pay Bob".into(),
        messages: Draft::send(dao, bob.address(), "4000000ujmes").body.messages,
        ..MsgSubmitProposal::default()
    };
    done(&by(&alice, Draft::new().and(&submit)));
    let before = chain.balance(bob.address());
    let vote = MsgVote {
        voter: insider.address().to_string(),
        proposal_id: 1,
        option: VoteOption::Yes.into(),
        execute: true,
    };
    done(&by(&insider, Draft::new().and(&vote)));
    assert_eq!(chain.balance(bob.address()), before + 4 * JMES);
    chain.chain().check_invariants().unwrap();
}

#[test]
fn a_premint_group_never_bonds() {
    let group = Group::new(2, &[10, 11, 12]);
    let chain = with_premint(&[group.address()], 200 * JMES);
    chain.blocks(250);
    assert_eq!(premint::locked(&chain.view(), &group.address()).unwrap().0, 0, "emission has ended");
    let number = chain.account(group.address()).number;
    let delegate = |nils| {
        Draft::new().fee(0).gas(900_000).and(&MsgDelegate {
            delegator_address: group.address().to_string(),
            validator_address: Validator::new(0).address().operator(),
            amount: coin(nils),
        })
    };
    for (sequence, (members, nils)) in (0..).zip([([0, 1], 1), ([1, 2], 200 * JMES), ([0, 2], JMES)]) {
        let signer = Signer::group(&group, &members, number, sequence);
        refused(&chain.deliver(&delegate(nils).sign(chain.id(), &[signer])), "premint", 2);
    }
    assert_eq!(chain.balance(group.address()), 200 * JMES);
}

/// Why a chain can't begin so.
fn refusal(genesis: &Genesis) -> Error {
    let other = TestChain::new(&Genesis::new());
    other.chain().init_chain(&genesis.origin(), &genesis.document()).err().expect("it is refused")
}

#[test]
fn genesis_with_a_bond_of_a_premint_wallet_is_refused_with_its_place() {
    let one = Validator::new(1).bonded(5 * JMES);
    let (owner, validators) = (one.address(), vec![Validator::new(0), one]);
    let error = refusal(&Genesis::new().validators(validators).premint(owner, JMES));
    assert_eq!((error.codespace, error.code), ("premint", 2), "{error}");
    assert!(error.message.starts_with("genesis: genutil.gen_txs[1]: "), "{error}");

    let alice = Key::new(0);
    let genesis = short(Genesis::new(), 5).with(alice.address(), "90000000ujmes");
    let chain = TestChain::new(&genesis);
    chain.blocks(1);
    done(&chain.deliver(&chain.sign(&bond(alice.address(), &Validator::new(0), JMES), &[&alice])));
    let exported = chain.export();
    assert!(exported.app_state["staking"]["delegations"].to_string().contains(&alice.address().to_string()));
    let error = refusal(&exported.premint(alice.address(), JMES));
    assert_eq!((error.codespace, error.code), ("premint", 2), "{error}");
    assert!(error.message.starts_with("genesis: premint: wallets[0]: "), "{error}");
}
