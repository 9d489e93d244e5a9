//! Genesis transactions: the validators that a new chain begins with. Each is a transaction of one
//! `MsgCreateValidator`, signed by the operator with account number 0 and sequence 0, as Cosmos tools make them.

use super::ante::Check;
use super::genesis::invalid;
use super::{Signatures, Tx};
use jmes_modules::auth::{self, PublicKey};
use jmes_modules::kernel::{codes, Ctx, Error, Result, Routes};
use jmes_modules::seats;
use jmes_proto::json::from_json;
use serde_json::Value;

/// The name of this part of genesis.
pub const NAME: &str = "genutil";

/// The only message of a genesis transaction.
const CREATE_VALIDATOR: &str = "/cosmos.staking.v1beta1.MsgCreateValidator";

/// Runs the genesis transactions and seats their validators, in order (§6).
pub fn run(ctx: &mut Ctx, genesis: &Value, routes: &Routes, signatures: &Signatures) -> Result<()> {
    for (index, tx) in list(genesis)?.iter().enumerate() {
        run_one(ctx, tx, routes, signatures)
            .map_err(|error| error.context(format!("genesis: genutil.gen_txs[{index}]")))?;
    }
    Ok(())
}

/// The genesis transactions in `genesis`, the part named [`NAME`]; none when there is no such part.
fn list(genesis: &Value) -> Result<&[Value]> {
    if genesis.is_null() {
        return Ok(&[]);
    }
    let Some(fields) = genesis.as_object() else { return Err(invalid("genutil: expected an object")) };
    if let Some(unknown) = fields.keys().find(|name| *name != "gen_txs") {
        return Err(invalid(&format!("genutil: unknown field \"{unknown}\"")));
    }
    match fields.get("gen_txs") {
        None | Some(Value::Null) => Ok(&[]),
        Some(list) => {
            list.as_array().map(Vec::as_slice).ok_or_else(|| invalid("genutil.gen_txs: expected a list"))
        }
    }
}

fn run_one(ctx: &mut Ctx, tx: &Value, routes: &Routes, signatures: &Signatures) -> Result<()> {
    let tx = Tx::decode(routes, &to_bytes(tx)?)?;
    let refused = |why: &str| Err(Error::sdk(codes::INVALID_REQUEST, why));
    let [msg] = tx.msgs.as_slice() else { return refused("a genesis transaction has one message") };
    if msg.type_url() != CREATE_VALIDATOR {
        return refused("a genesis transaction creates a validator: its message is a MsgCreateValidator");
    }
    let [operator] = tx.signers.as_slice() else {
        return refused("a genesis transaction is signed by the validator's operator alone");
    };
    if !tx.fee.is_zero() {
        return refused("a genesis transaction pays no fee");
    }
    let (Some(info), Some(signature)) = (tx.signer_infos.first(), tx.signatures.first()) else {
        return refused("a genesis transaction has one signature");
    };
    let Some(key) = info.public_key.as_ref().map(PublicKey::from_any).transpose()? else {
        return refused("the signer's key is missing");
    };
    if key.address() != *operator {
        return refused("the signer's key is not the operator's");
    }
    let mut account = auth::account_or_new(ctx, operator)?;
    if account.sequence != 0 || info.sequence != 0 {
        return refused("a genesis transaction is signed with sequence 0, and is its operator's first");
    }
    Check { signatures, tx: &tx, chain_id: &ctx.block().chain_id, number: 0, sequence: 0 }
        .signature(&key, info, signature)?;
    account.sequence = 1;
    account.key = Some(key);
    auth::save(ctx, operator, &account)?;
    msg.execute(ctx)?;
    seats::seat_at_genesis(ctx, operator)
}

/// The bytes of a transaction that is given as the JSON of Cosmos tools.
fn to_bytes(tx: &Value) -> Result<Vec<u8>> {
    let wrong = |why: String| Error::sdk(codes::TX_DECODE, why);
    let descriptor = jmes_proto::pool()
        .get_message_by_name("cosmos.tx.v1beta1.Tx")
        .ok_or_else(|| wrong("transactions are not in the descriptor set".into()))?;
    let text = serde_json::to_vec(tx).map_err(|error| wrong(error.to_string()))?;
    from_json(&descriptor, &text).map_err(|error| wrong(error.to_string()))
}
