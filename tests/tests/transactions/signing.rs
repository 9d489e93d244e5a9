//! Who signs, and how.

use super::{assert_done, assert_failed, refusal, tampered, with_auth_info, Fixture};
use jmes_modules::auth::PublicKey;
use jmes_proto::cosmos::crypto::multisig::v1beta1::{CompactBitArray, MultiSignature};
use jmes_proto::cosmos::tx::signing::v1beta1::SignMode;
use jmes_proto::cosmos::tx::v1beta1::mode_info::Sum;
use jmes_tests::{Draft, Group, Key, Signer};
use k256::ecdsa::Signature;
use prost::Message;

fn verification_failed(number: u64, sequence: u64) -> String {
    format!(
        "signature verification failed; please verify account number ({number}), sequence ({sequence}) and chain-id (jmes-test-1): unauthorized"
    )
}

#[test]
fn direct_and_amino_signatures_are_equally_good() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes").memo("<b> & \"quotes\" \u{2028} é\n");
    for signer in
        [chain.signer(&alice), Signer::key(&alice, 0, 1).amino(), Signer::key(&alice, 0, 2).without_key()]
    {
        assert_done(&chain.deliver(&draft.sign(chain.id(), &[signer])));
    }
    let account = chain.account(alice.address());
    assert_eq!((account.sequence, account.key), (3, Some(alice.public())));
    assert_eq!(chain.balance(bob.address()), 1_000_015);
}

#[test]
fn any_two_of_three_sign_for_the_group_in_both_modes() {
    let Fixture { chain, bob, group, .. } = Fixture::new();
    let number = chain.account(group.address()).number;
    let draft = Draft::send(group.address(), bob.address(), "5ujmes");
    let mut sequence = 0;
    for mode in [SignMode::LegacyAminoJson, SignMode::Direct] {
        for signing in [&[0, 1][..], &[0, 2], &[1, 2], &[0, 1, 2]] {
            let signer = Signer::group(&group, signing, number, sequence).mode(mode);
            assert_done(&chain.deliver(&draft.sign(chain.id(), &[signer])));
            sequence += 1;
        }
    }
    assert_eq!(chain.account(group.address()).key, Some(group.public()));
}

#[test]
fn a_group_needs_its_threshold_and_each_its_own_signature() {
    let Fixture { chain, bob, group, .. } = Fixture::new();
    let number = chain.account(group.address()).number;
    let draft = Draft::send(group.address(), bob.address(), "5ujmes");
    let sign = |signing: &[usize]| draft.sign(chain.id(), &[Signer::group(&group, signing, number, 0)]);
    let few = "1 of 3 keys signed with 1 signatures, 2 are needed: unauthorized";
    assert_failed(&chain.deliver(&sign(&[1])), "sdk", 4, few);
    let none = "0 of 3 keys signed with 0 signatures, 2 are needed: unauthorized";
    assert_failed(&chain.deliver(&sign(&[])), "sdk", 4, none);

    let change = |change: fn(&mut MultiSignature)| {
        tampered(&sign(&[0, 2]), |raw| {
            let mut multi = MultiSignature::decode(raw.signatures[0].as_slice()).unwrap();
            change(&mut multi);
            raw.signatures[0] = multi.encode_to_vec();
        })
    };
    let swapped = change(|multi| multi.signatures.swap(0, 1));
    assert_failed(&chain.deliver(&swapped), "sdk", 4, &verification_failed(number, 0));
    let one_twice = change(|multi| multi.signatures[1] = multi.signatures[0].clone());
    assert_failed(&chain.deliver(&one_twice), "sdk", 4, &verification_failed(number, 0));
    let one_more = change(|multi| multi.signatures.push(Vec::new()));
    let why = "2 of 3 keys signed with 3 signatures, 2 are needed: unauthorized";
    assert_failed(&chain.deliver(&one_more), "sdk", 4, why);
    let not_one = tampered(&sign(&[0, 2]), |raw| raw.signatures[0] = vec![0xff; 5]);
    assert_eq!(refusal(&chain.deliver(&not_one)).code, 4);
    assert_eq!(chain.account(group.address()).sequence, 0);
}

#[test]
fn a_multisignature_has_one_encoding() {
    let Fixture { chain, bob, group, .. } = Fixture::new();
    let number = chain.account(group.address()).number;
    let draft = Draft::send(group.address(), bob.address(), "5ujmes");
    let tx = draft.sign(chain.id(), &[Signer::group(&group, &[0, 1], number, 0)]);
    // An unknown field behind the signatures, which nobody has signed.
    let longer = tampered(&tx, |raw| raw.signatures[0].extend([0x78, 0x01]));
    assert_eq!(refusal(&chain.deliver(&longer)).code, 4);
    assert_done(&chain.deliver(&tx));
}

#[test]
fn the_bits_of_a_multisignature_are_as_many_as_the_keys() {
    let Fixture { chain, bob, group, .. } = Fixture::new();
    let number = chain.account(group.address()).number;
    let draft = Draft::send(group.address(), bob.address(), "5ujmes");
    let tx = draft.sign(chain.id(), &[Signer::group(&group, &[0, 1], number, 0)]);
    let with_bits = |bits: Option<CompactBitArray>| {
        with_auth_info(&tx, |auth| {
            let mode = auth.signer_infos[0].mode_info.as_mut().unwrap();
            let Some(Sum::Multi(multi)) = &mut mode.sum else { panic!("a group signs together") };
            multi.bitarray = bits;
        })
    };
    let bits =
        |extra_bits_stored, elems: &[u8]| Some(CompactBitArray { extra_bits_stored, elems: elems.to_vec() });
    let why = |size| format!("the bit array has {size} bits for 3 keys: unauthorized");
    assert_failed(
        &chain.deliver(&with_bits(None)),
        "sdk",
        4,
        "the multisignature has no bit array: unauthorized",
    );
    assert_failed(&chain.deliver(&with_bits(bits(0, &[]))), "sdk", 4, &why(0));
    assert_failed(&chain.deliver(&with_bits(bits(2, &[0xc0]))), "sdk", 4, &why(2));
    assert_failed(&chain.deliver(&with_bits(bits(0, &[0xc0]))), "sdk", 4, &why(8));
    assert_failed(&chain.deliver(&with_bits(bits(3, &[0xc0, 0]))), "sdk", 4, &why(11));
    assert_eq!(refusal(&chain.deliver(&with_bits(bits(u32::MAX, &[0xc0])))).code, 4);
    assert_done(&chain.deliver(&tx));
}

#[test]
fn single_keys_sign_singly_and_groups_together() {
    let Fixture { chain, alice, bob, group, .. } = Fixture::new();
    let single = chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes"), &[&alice]);
    let number = chain.account(group.address()).number;
    let draft = Draft::send(group.address(), bob.address(), "5ujmes");
    let multi = draft.sign(chain.id(), &[Signer::group(&group, &[0, 1], number, 0)]);
    let mode_of = |tx: &[u8]| {
        let raw = jmes_proto::cosmos::tx::v1beta1::TxRaw::decode(tx).unwrap();
        let auth = jmes_proto::cosmos::tx::v1beta1::AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
        auth.signer_infos[0].mode_info.clone()
    };
    let (of_single, of_multi) = (mode_of(&single), mode_of(&multi));
    let wrong = with_auth_info(&single, |auth| auth.signer_infos[0].mode_info = of_multi);
    assert_failed(
        &chain.deliver(&wrong),
        "sdk",
        4,
        "a single key signs with a single signature: unauthorized",
    );
    let wrong = with_auth_info(&multi, |auth| auth.signer_infos[0].mode_info = of_single);
    assert_failed(
        &chain.deliver(&wrong),
        "sdk",
        4,
        "a multisig key signs with a multisignature: unauthorized",
    );
    let wrong = with_auth_info(&single, |auth| auth.signer_infos[0].mode_info = None);
    assert_failed(&chain.deliver(&wrong), "sdk", 4, "the signing mode is missing: unauthorized");
}

#[test]
fn other_modes_are_refused_by_number() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes");
    for mode in [SignMode::Unspecified, SignMode::Textual, SignMode::DirectAux] {
        let tx = draft.sign(chain.id(), &[chain.signer(&alice).mode(mode)]);
        let why = format!(
            "sign mode {} is not supported; use SIGN_MODE_DIRECT or SIGN_MODE_LEGACY_AMINO_JSON: unauthorized",
            mode as i32
        );
        assert_failed(&chain.deliver(&tx), "sdk", 4, &why);
    }
}

#[test]
fn a_signature_holds_for_one_chain_account_sequence_and_content() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes");
    let signer = || chain.signer(&alice);
    let wrong = [
        draft.sign("jmes-test-2", &[signer()]),
        draft.sign("jmes-test-2", &[signer().amino()]),
        draft.sign(chain.id(), &[Signer::key(&alice, 1, 0)]),
        draft.sign(chain.id(), &[Signer::key(&alice, 1, 0).amino()]),
        tampered(&draft.sign(chain.id(), &[signer()]), |raw| {
            raw.body_bytes = draft.clone().memo("changed").body.encode_to_vec();
        }),
        tampered(&draft.sign(chain.id(), &[signer().amino()]), |raw| {
            raw.body_bytes = draft.clone().memo("changed").body.encode_to_vec();
        }),
        with_auth_info(&draft.sign(chain.id(), &[signer()]), |auth| {
            auth.fee.as_mut().unwrap().gas_limit += 1;
        }),
        with_auth_info(&draft.sign(chain.id(), &[signer().amino()]), |auth| {
            auth.fee.as_mut().unwrap().gas_limit += 1;
        }),
    ];
    for tx in wrong {
        assert_failed(&chain.deliver(&tx), "sdk", 4, &verification_failed(0, 0));
    }
    assert_eq!(chain.account(alice.address()).sequence, 0);
}

#[test]
fn the_higher_of_the_two_signatures_is_refused() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes"), &[&alice]);
    let high = tampered(&tx, |raw| {
        let low = Signature::from_slice(&raw.signatures[0]).unwrap();
        let (r, s) = low.split_scalars();
        raw.signatures[0] = Signature::from_scalars(r, -s).unwrap().to_vec();
    });
    assert_failed(&chain.deliver(&high), "sdk", 4, &verification_failed(0, 0));
    assert_done(&chain.deliver(&tx));
}

#[test]
fn bytes_that_are_no_signature_are_refused() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes"), &[&alice]);
    for bytes in [vec![], vec![0; 64], vec![0xff; 64], vec![1; 63], vec![1; 65], vec![1; 10_000]] {
        let wrong = tampered(&tx, |raw| raw.signatures[0] = bytes);
        assert_failed(&chain.deliver(&wrong), "sdk", 4, &verification_failed(0, 0));
    }
}

#[test]
fn another_ones_signature_or_key_is_refused() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes");
    let by_bob = draft.sign(chain.id(), &[Signer::key(&bob, 0, 0)]);
    let why = format!(
        "pubKey does not match signer address {} with signer index: 0: invalid pubkey",
        alice.address()
    );
    assert_failed(&chain.deliver(&by_bob), "sdk", 8, &why);
    let by_bob = draft.sign(chain.id(), &[Signer::key(&bob, 0, 0).without_key()]);
    let why = format!(
        "the public key of {} is not known and the transaction does not bring it: invalid pubkey",
        alice.address()
    );
    assert_failed(&chain.deliver(&by_bob), "sdk", 8, &why);
    assert_done(&chain.deliver(&chain.sign(&draft, &[&alice])));
    let by_bob = draft.sign(chain.id(), &[Signer::key(&bob, 0, 1)]);
    assert_failed(&chain.deliver(&by_bob), "sdk", 4, &verification_failed(0, 1));
}

#[test]
fn keys_of_other_kinds_are_refused() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let tx = chain.sign(&Draft::send(alice.address(), bob.address(), "5ujmes"), &[&alice]);
    let wrong = with_auth_info(&tx, |auth| {
        let key = jmes_proto::cosmos::crypto::ed25519::PubKey { key: vec![1; 32] };
        let type_url = "/cosmos.crypto.ed25519.PubKey".into();
        auth.signer_infos[0].public_key = Some(jmes_proto::Any { type_url, value: key.encode_to_vec() });
    });
    let why =
        "public keys of type \"/cosmos.crypto.ed25519.PubKey\" are not supported; use secp256k1 or multisig";
    assert_failed(&chain.deliver(&wrong), "sdk", 8, why);
}

#[test]
fn a_group_of_more_keys_than_allowed_cannot_sign() {
    let (alice, bob) = (Key::new(0), Key::new(1));
    let large = Group::new(1, &[20, 21, 22, 23, 24, 25, 26, 27]);
    let genesis =
        jmes_tests::Genesis::new().with(large.address(), "1000000ujmes").with(alice.address(), "1ujmes");
    let chain = jmes_tests::TestChain::new(&genesis);
    let draft = Draft::send(large.address(), bob.address(), "5ujmes");
    let tx = draft.sign(chain.id(), &[Signer::group(&large, &[0], 0, 0)]);
    let why = "signatures: 8, limit: 7: maximum number of signatures exceeded";
    assert_failed(&chain.deliver(&tx), "sdk", 14, why);
}

#[test]
fn all_signers_together_have_no_more_keys_than_allowed() {
    let Fixture { chain, alice, group, .. } = Fixture::new();
    let keys: Vec<Key> = (30..38).map(Key::new).collect();
    let addresses: Vec<_> = keys.iter().map(Key::address).collect();
    let outputs: Vec<_> = addresses.iter().map(|address| (*address, 1_000)).collect();
    assert_done(&chain.deliver(
        &chain.sign(&Draft::new().and_multi_send(alice.address(), &outputs).gas(1_000_000), &[&alice]),
    ));
    let all = |count: usize| {
        let draft = addresses[..count].iter().fold(Draft::new().gas(1_000_000), |draft, from| {
            draft.and_send(*from, group.address(), "1ujmes")
        });
        chain.sign(&draft, &keys[..count].iter().collect::<Vec<_>>())
    };
    let why = "signatures: 8, limit: 7: maximum number of signatures exceeded";
    assert_failed(&chain.deliver(&all(8)), "sdk", 14, why);
    assert_done(&chain.deliver(&all(7)));
}

#[test]
fn options_that_amino_cannot_show_need_the_direct_mode() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let mut draft = Draft::send(alice.address(), bob.address(), "5ujmes");
    let coin = jmes_proto::cosmos::base::v1beta1::Coin::default();
    let option =
        jmes_proto::Any { type_url: "/cosmos.base.v1beta1.Coin".into(), value: coin.encode_to_vec() };
    let plain = draft.sign(chain.id(), &[chain.signer(&alice).amino()]);
    draft.body.non_critical_extension_options.push(option);
    let amino = tampered(&plain, |raw| raw.body_bytes = draft.body.encode_to_vec());
    let why = "amino JSON signing: SIGN_MODE_LEGACY_AMINO_JSON does not support extension options";
    assert_failed(&chain.deliver(&amino), "sdk", 37, why);
    assert_done(&chain.deliver(&draft.sign(chain.id(), &[chain.signer(&alice)])));
}

#[test]
fn the_key_of_an_account_stays_what_it_was() {
    let Fixture { chain, alice, bob, .. } = Fixture::new();
    let draft = Draft::send(alice.address(), bob.address(), "5ujmes");
    assert_done(&chain.deliver(&chain.sign(&draft, &[&alice])));
    let tx = with_auth_info(&chain.sign(&draft, &[&alice]), |auth| {
        auth.signer_infos[0].public_key = Some(PublicKey::to_any(&bob.public()));
    });
    assert_failed(&chain.deliver(&tx), "sdk", 4, &verification_failed(0, 1));
    assert_eq!(chain.account(alice.address()).key, Some(alice.public()));
}
