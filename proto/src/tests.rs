//! What the rest of the node relies on in the descriptor set.

use std::collections::BTreeSet;

use prost::Name;
use prost_reflect::Kind;

use super::{cosmos, jmes, pool};

#[test]
fn every_package_clients_use_is_in_the_set() {
    for name in [
        cosmos::auth::v1beta1::BaseAccount::full_name(),
        cosmos::authz::v1beta1::MsgGrant::full_name(),
        cosmos::bank::v1beta1::MsgSend::full_name(),
        cosmos::base::abci::v1beta1::TxResponse::full_name(),
        cosmos::base::node::v1beta1::ConfigRequest::full_name(),
        cosmos::base::tendermint::v1beta1::GetNodeInfoResponse::full_name(),
        cosmos::consensus::v1::QueryParamsResponse::full_name(),
        cosmos::crypto::ed25519::PubKey::full_name(),
        cosmos::crypto::multisig::LegacyAminoPubKey::full_name(),
        cosmos::crypto::secp256k1::PubKey::full_name(),
        cosmos::distribution::v1beta1::MsgWithdrawDelegatorReward::full_name(),
        cosmos::evidence::v1beta1::Equivocation::full_name(),
        cosmos::feegrant::v1beta1::Grant::full_name(),
        cosmos::gov::v1::MsgVote::full_name(),
        cosmos::gov::v1beta1::MsgVote::full_name(),
        cosmos::mint::v1beta1::Params::full_name(),
        cosmos::nft::v1beta1::Nft::full_name().replace("Nft", "NFT"),
        cosmos::params::v1beta1::QueryParamsRequest::full_name(),
        cosmos::slashing::v1beta1::MsgUnjail::full_name(),
        cosmos::staking::v1beta1::MsgCreateValidator::full_name(),
        cosmos::tx::v1beta1::TxRaw::full_name(),
        cosmos::upgrade::v1beta1::Plan::full_name(),
        jmes::auth::v1::Params::full_name(),
        jmes::rewards::v1::QueryIncomeRequest::full_name(),
    ] {
        assert!(pool().get_message_by_name(&name).is_some(), "{name} is missing");
    }
}

/// JSON, amino and strict decoding leave these kinds out because nothing uses them; a package that does must add them there.
#[test]
fn no_message_of_the_api_has_maps_floats_or_groups() {
    for message in pool().all_messages().filter(|message| message.package_name() != "google.protobuf") {
        for field in message.fields() {
            let is_float = matches!(field.kind(), Kind::Double | Kind::Float);
            assert!(!is_float && !field.is_map() && !field.is_group(), "{}", field.full_name());
        }
    }
}

/// Of the well-known types, only those with a JSON form here may be used.
#[test]
fn no_field_has_a_well_known_type_without_a_json_form() {
    let known = ["Any", "Timestamp", "Duration", "Empty"];
    for message in pool().all_messages().filter(|message| message.package_name() != "google.protobuf") {
        for field in message.fields() {
            if let Kind::Message(kind) = field.kind() {
                let is_known = kind.package_name() != "google.protobuf" || known.contains(&kind.name());
                assert!(is_known, "{}", field.full_name());
            }
        }
    }
}

#[test]
fn our_methods_all_have_a_rest_path_below_their_module() {
    let http = pool().get_extension_by_name("google.api.http").unwrap();
    let mut paths = BTreeSet::new();
    for service in pool().services().filter(|service| service.package_name().starts_with("jmes.")) {
        let prefix = format!("/{}/", service.package_name().replace('.', "/"));
        for method in service.methods().filter(|_| service.name() == "Query") {
            let options = method.options();
            let rule = options.get_extension(&http);
            let rule = rule.as_message().unwrap().clone();
            let path = rule.get_field_by_name("get").unwrap().as_str().unwrap().to_owned();
            assert!(path.starts_with(&prefix), "{}: {path}", method.full_name());
            assert!(paths.insert(path), "{} has the path of another method", method.full_name());
        }
    }
    assert!(!paths.is_empty());
}

#[test]
fn our_messages_name_their_signer_and_have_an_amino_name_a_ledger_can_show() {
    let signer = pool().get_extension_by_name("cosmos.msg.v1.signer").unwrap();
    let amino_name = pool().get_extension_by_name("amino.name").unwrap();
    for service in pool().services().filter(|service| service.package_name().starts_with("jmes.")) {
        for method in service.methods().filter(|_| service.name() == "Msg") {
            let message = method.input();
            let options = message.options();
            assert!(options.has_extension(&signer), "{} has no signer", message.full_name());
            let name = options.get_extension(&amino_name).as_str().unwrap().to_owned();
            assert!(name.starts_with("jmes/Msg") && name.len() <= 39, "{}: {name}", message.full_name());
        }
    }
}
