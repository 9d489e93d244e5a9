//! The messages of `cosmos.bank.v1beta1`.

use super::{bank_codes, credit, debit, params, transfer};
use crate::kernel::{codes, Address, Coins, Ctx, Error, Event, Msg, Result};
use cosmos_sdk_proto::cosmos::bank::v1beta1::{MsgMultiSend, MsgMultiSendResponse, MsgSend, MsgSendResponse};

impl Msg for MsgSend {
    type Response = MsgSendResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        Ok(vec![Address::parse(&self.from_address)?])
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgSendResponse> {
        let from =
            Address::parse(&self.from_address).map_err(|error| error.context("invalid from address"))?;
        let to = Address::parse(&self.to_address).map_err(|error| error.context("invalid to address"))?;
        let coins = positive(&self.amount)?;
        require_enabled(ctx, &coins)?;
        transfer(ctx, &from, &to, &coins)?;
        Ok(MsgSendResponse {})
    }
}

/// One input and any number of outputs that sum to it.
impl Msg for MsgMultiSend {
    type Response = MsgMultiSendResponse;

    fn signers(&self) -> Result<Vec<Address>> {
        let mut signers = Vec::new();
        for input in &self.inputs {
            let signer = Address::parse(&input.address)?;
            if !signers.contains(&signer) {
                signers.push(signer);
            }
        }
        Ok(signers)
    }

    fn execute(&self, ctx: &mut Ctx) -> Result<MsgMultiSendResponse> {
        let refuse = |code, why: &str| Err(Error::new(bank_codes::BANK, code, why));
        let input = match self.inputs.as_slice() {
            [] => return refuse(bank_codes::NO_INPUTS, "no inputs to send transaction"),
            [input] => input,
            _ => return refuse(bank_codes::MULTIPLE_SENDERS, "multiple senders not allowed"),
        };
        if self.outputs.is_empty() {
            return refuse(bank_codes::NO_OUTPUTS, "no outputs to send transaction");
        }
        let from = Address::parse(&input.address).map_err(|error| error.context("invalid input address"))?;
        let spent = positive(&input.coins)?;
        let mut received = Coins::default();
        let mut outputs = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            let to =
                Address::parse(&output.address).map_err(|error| error.context("invalid output address"))?;
            let coins = positive(&output.coins)?;
            for coin in coins.iter() {
                received.add(coin.clone())?;
            }
            outputs.push((to, coins));
        }
        if received != spent {
            let why = format!("sum inputs != sum outputs: {spent} against {received}");
            return Err(Error::new(bank_codes::BANK, bank_codes::INPUT_OUTPUT_MISMATCH, why));
        }
        require_enabled(ctx, &spent)?;
        debit(ctx, &from, &spent)?;
        ctx.emit(Event::new("message").with("sender", from));
        for (to, coins) in outputs {
            credit(ctx, &to, &coins)?;
            ctx.emit(Event::new("transfer").with("recipient", to).with("sender", from).with("amount", coins));
        }
        Ok(MsgMultiSendResponse {})
    }
}

fn positive(coins: &[cosmos_sdk_proto::cosmos::base::v1beta1::Coin]) -> Result<Coins> {
    let checked = Coins::from_proto(coins)?;
    if checked.is_empty() {
        return Err(Error::sdk(codes::INVALID_COINS, "no coins are given: invalid coins"));
    }
    Ok(checked)
}

fn require_enabled(ctx: &Ctx, coins: &Coins) -> Result<()> {
    if params(ctx)?.default_send_enabled {
        return Ok(());
    }
    let why = format!("transfers are disabled: {coins} can't be sent");
    Err(Error::new(bank_codes::BANK, bank_codes::SEND_DISABLED, why))
}
