//! The parameters of accounts and transactions as an improvement sees them: those of `cosmos.auth.v1beta1` with the gas table
//! beside them under `gas`, as in genesis. Their hard bounds (§1).

use super::{gas_table, gas_table_to_proto, params, state};
use crate::kernel::{codes, message_from_json, message_to_json, Ctx, Error, Result, View};
use cosmos_sdk_proto::cosmos::auth::v1beta1::Params;
use jmes_proto::jmes::auth::v1::Params as GasParams;
use serde_json::Value;
use std::ops::RangeInclusive;

pub(super) fn to_json(view: &View) -> Result<Value> {
    let mut shown = message_to_json(&params(view)?)?;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("gas".into(), message_to_json(&gas_table_to_proto(&gas_table(view)?))?);
    }
    Ok(shown)
}

pub(super) fn set(ctx: &mut Ctx, given: &Value) -> Result<()> {
    let mut standard = given.clone();
    let gas = standard.as_object_mut().and_then(|fields| fields.remove("gas")).unwrap_or_default();
    let (params, gas): (Params, GasParams) = (message_from_json(&standard)?, message_from_json(&gas)?);
    check_params(&params, &gas)?;
    state::PARAMS.save(ctx, &params)?;
    state::GAS.save(ctx, &gas)
}

/// Checks the hard bounds (§1); the error names the parameter. `sdk/18`. Wallets of up to 7 keys stay usable. Prices are never
/// zero, so that the gas of a block bounds its work, and so low that the largest governance transaction fits into the
/// smallest block.
pub fn check_params(params: &Params, gas: &GasParams) -> Result<()> {
    let bounds: [(&str, u64, RangeInclusive<u64>); 12] = [
        ("max_memo_characters", params.max_memo_characters, 0..=10_000),
        ("tx_sig_limit", params.tx_sig_limit, 7..=100),
        ("tx_size_cost_per_byte", params.tx_size_cost_per_byte, 1..=100),
        ("sig_verify_cost_ed25519", params.sig_verify_cost_ed25519, 1..=10_000),
        ("sig_verify_cost_secp256k1", params.sig_verify_cost_secp256k1, 100..=10_000),
        ("gas.read_flat", gas.read_flat, 100..=10_000),
        ("gas.read_per_byte", gas.read_per_byte, 1..=30),
        ("gas.write_flat", gas.write_flat, 200..=20_000),
        ("gas.write_per_byte", gas.write_per_byte, 3..=300),
        ("gas.delete_flat", gas.delete_flat, 100..=10_000),
        ("gas.iterate_flat", gas.iterate_flat, 3..=300),
        ("gas.has_flat", gas.has_flat, 100..=10_000),
    ];
    for (name, value, range) in bounds {
        if !range.contains(&value) {
            let (low, high) = (range.start(), range.end());
            let why = format!("auth: {name} is {value}; it must be from {low} to {high}");
            return Err(Error::sdk(codes::INVALID_REQUEST, why));
        }
    }
    Ok(())
}
