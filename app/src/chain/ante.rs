//! What every transaction passes before its messages run: limits, fee, signatures, sequences (§4). Its
//! writes stay even when a message fails.

use super::execute::Mode;
use super::free::{self, Free, Kind};
use super::{Chain, GasPrice, Signatures, Tx};
use base64::prelude::{Engine, BASE64_STANDARD};
use cosmos_sdk_proto::cosmos::auth::v1beta1::Params;
use cosmos_sdk_proto::cosmos::crypto::multisig::v1beta1::MultiSignature;
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::SignMode;
use cosmos_sdk_proto::cosmos::tx::v1beta1::mode_info::{Multi, Single, Sum};
use cosmos_sdk_proto::cosmos::tx::v1beta1::{ModeInfo, SignerInfo};
use jmes_modules::auth::{self, Account, MultisigKey, PublicKey, Secp256k1Key};
use jmes_modules::kernel::{codes, Address, Amount, Coin, Ctx, Error, Event, Result, View};
use jmes_modules::{bank, consensus, rewards, BASE_DENOM};
use prost::Message;

/// What a transaction that passed is, besides its messages.
pub struct Passed {
    /// Set if it is a free one (§4).
    pub free: Option<Free>,
    /// The signer's key if the signer has no account yet: it comes into being when the messages succeed.
    pub newcomer: Option<PublicKey>,
}

/// Runs the checks and takes fee and sequences.
pub fn run(chain: &Chain, ctx: &mut Ctx, tx: &Tx, mode: Mode) -> Result<Passed> {
    let params = auth::params(ctx)?;
    check_limits(ctx, tx, &params, mode)?;
    ctx.gas().consume(params.tx_size_cost_per_byte.saturating_mul(tx.length), "txSize")?;
    if let Some(signer) = joining_without_account(ctx, tx)? {
        return newcomer(chain, ctx, tx, &signer, &params, mode);
    }
    let free = match free::check(ctx, tx) {
        // Wallets simulate without a fee whatever they will pay.
        Err(_) if mode == Mode::Simulate => None,
        checked => checked?,
    };
    if mode == Mode::Check && free.is_none() {
        check_gas_price(chain.0.settings.minimum_gas_price, tx)?;
    }
    charge_fee(ctx, tx, mode)?;
    let mut keys = 0;
    for (index, signer) in tx.signers.iter().enumerate() {
        let known = auth::require(ctx, signer)?;
        // Coins may have made the account after its join was signed for none: with number 0 (§4).
        let is_newcomers = matches!(free, Some(Kind::Join { .. })) && known.is_unused();
        let account = signer_account(tx, index, known)?;
        keys += charge_signature(ctx, account.key.as_ref(), &params)?;
        check_key_count(keys, &params)?;
        let checked = check_signer(chain, ctx, tx, index, &account, mode);
        if let Some(refusal) = checked.err() {
            let unnumbered = Account { number: 0, ..account.clone() };
            if !is_newcomers || check_signer(chain, ctx, tx, index, &unnumbered, mode).is_err() {
                return Err(refusal);
            }
        }
        take_sequence(ctx, tx, index, signer, account)?;
    }
    let free = tx.signers.first().zip(free).map(|(signer, kind)| Free { kind, signer: *signer });
    Ok(Passed { free, newcomer: None })
}

/// Who signs a join without a fee, if there is no such account.
fn joining_without_account(ctx: &Ctx, tx: &Tx) -> Result<Option<Address>> {
    match tx.signers.as_slice() {
        [signer] if free::is_join(tx) && auth::account(ctx, signer)?.is_none() => Ok(Some(*signer)),
        _ => Ok(None),
    }
}

/// The checks of one who has no account: number and sequence are 0, and nothing is written (§4).
fn newcomer(
    chain: &Chain,
    ctx: &mut Ctx,
    tx: &Tx,
    signer: &Address,
    params: &Params,
    mode: Mode,
) -> Result<Passed> {
    let Some(kind) = free::check(ctx, tx)? else { return Err(unknown_payer(signer)) };
    let account = signer_account(tx, 0, Account::new(0))?;
    check_key_count(charge_signature(ctx, account.key.as_ref(), params)?, params)?;
    check_signer(chain, ctx, tx, 0, &account, mode)?;
    let Some(key) = account.key else {
        let why = format!(
            "the public key of {signer} is not known and the transaction does not bring it: invalid pubkey"
        );
        return Err(Error::sdk(codes::INVALID_PUBKEY, why));
    };
    emit_fee(ctx, tx);
    emit_signature(ctx, tx, 0, signer, 0);
    Ok(Passed { free: Some(Free { kind, signer: *signer }), newcomer: Some(key) })
}

fn check_limits(ctx: &Ctx, tx: &Tx, params: &Params, mode: Mode) -> Result<()> {
    let (height, timeout) = (ctx.block().height, tx.body.timeout_height);
    if timeout != 0 && height > timeout {
        let why = format!("block height: {height}, timeout height: {timeout}: tx timeout height");
        return Err(Error::sdk(codes::TX_TIMEOUT_HEIGHT, why));
    }
    let (most, length) = (params.max_memo_characters, tx.body.memo.chars().count() as u64);
    if length > most {
        let why = format!(
            "maximum number of characters is {most} but received {length} characters: memo too large"
        );
        return Err(Error::sdk(codes::MEMO_TOO_LARGE, why));
    }
    match consensus::block_gas_limit(ctx)? {
        Some(limit) if tx.gas_limit > limit && mode != Mode::Simulate => {
            let why =
                format!("tx gas limit {} exceeds block max gas {limit}: invalid gas limit", tx.gas_limit);
            Err(Error::sdk(codes::INVALID_GAS_LIMIT, why))
        }
        _ => Ok(()),
    }
}

fn check_gas_price(minimum: GasPrice, tx: &Tx) -> Result<()> {
    let required = minimum.fee(tx.gas_limit);
    if tx.fee.0 >= required {
        return Ok(());
    }
    let got = tx.fee;
    let why = format!(
        "insufficient fees; got: {got}{BASE_DENOM} required: {required}{BASE_DENOM}: insufficient fee"
    );
    Err(Error::sdk(codes::INSUFFICIENT_FEE, why))
}

fn charge_fee(ctx: &mut Ctx, tx: &Tx, mode: Mode) -> Result<()> {
    let payer = &tx.fee_payer;
    if auth::account(ctx, payer)?.is_none() {
        return Err(unknown_payer(payer));
    }
    if !tx.fee.is_zero() {
        rewards::charge_fee(ctx, payer, tx.fee)?;
    } else if mode == Mode::Simulate && !bank::balance(ctx, payer, BASE_DENOM)?.is_zero() {
        // Wallets simulate without a fee: what its writes cost must be in the answer all the same, while every
        // coin stays there to be spent.
        let before = ctx.checkpoint();
        rewards::charge_fee(ctx, payer, Amount(1))?;
        ctx.revert(before);
        ctx.take_events();
    }
    emit_fee(ctx, tx);
    Ok(())
}

fn emit_fee(ctx: &mut Ctx, tx: &Tx) {
    ctx.emit_with(|| {
        let fee = if tx.fee.is_zero() { String::new() } else { Coin::new(BASE_DENOM, tx.fee).to_string() };
        Event::new("tx").with("fee", fee).with("fee_payer", tx.fee_payer)
    });
}

fn unknown_payer(payer: &Address) -> Error {
    let why = format!("fee payer address: {payer} does not exist: unknown address");
    Error::sdk(codes::UNKNOWN_ADDRESS, why)
}

/// The account of signer `index`, with the key that the transaction brings if none is known yet.
fn signer_account(tx: &Tx, index: usize, mut account: Account) -> Result<Account> {
    let (Some(signer), Some(info)) = (tx.signers.get(index), tx.signer_infos.get(index)) else {
        return Err(Error::sdk(codes::UNAUTHORIZED, format!("signer {index} is missing")));
    };
    let sent_key = info.public_key.as_ref().map(PublicKey::from_any).transpose()?;
    if let Some(key) = sent_key.filter(|_| account.key.is_none()) {
        if key.address() != *signer {
            let why = format!(
                "pubKey does not match signer address {signer} with signer index: {index}: invalid pubkey"
            );
            return Err(Error::sdk(codes::INVALID_PUBKEY, why));
        }
        account.key = Some(key);
    }
    Ok(account)
}

/// Charges for the keys of one signer; gives their number.
fn charge_signature(ctx: &Ctx, key: Option<&PublicKey>, params: &Params) -> Result<u64> {
    let count = match key {
        Some(PublicKey::Multisig(multisig)) => multisig.keys.len() as u64,
        _ => 1,
    };
    ctx.gas().consume(params.sig_verify_cost_secp256k1.saturating_mul(count), "ante verify: secp256k1")?;
    Ok(count)
}

/// The limit is for the keys of all signers together.
fn check_key_count(keys: u64, params: &Params) -> Result<()> {
    if keys > params.tx_sig_limit {
        let why = format!(
            "signatures: {keys}, limit: {}: maximum number of signatures exceeded",
            params.tx_sig_limit
        );
        return Err(Error::sdk(codes::TOO_MANY_SIGNATURES, why));
    }
    Ok(())
}

/// Checks sequence and signature of signer `index`.
fn check_signer(
    chain: &Chain,
    ctx: &Ctx,
    tx: &Tx,
    index: usize,
    account: &Account,
    mode: Mode,
) -> Result<()> {
    let (Some(signer), Some(info), Some(signature)) =
        (tx.signers.get(index), tx.signer_infos.get(index), tx.signatures.get(index))
    else {
        return Err(Error::sdk(codes::UNAUTHORIZED, format!("signer {index} is missing")));
    };
    if info.sequence != account.sequence {
        let (expected, got) = (account.sequence, info.sequence);
        let why =
            format!("account sequence mismatch, expected {expected}, got {got}: incorrect account sequence");
        return Err(Error::sdk(codes::WRONG_SEQUENCE, why));
    }
    if mode.checks_signatures() {
        let Some(key) = &account.key else {
            let why = format!("the public key of {signer} is not known and the transaction does not bring it: invalid pubkey");
            return Err(Error::sdk(codes::INVALID_PUBKEY, why));
        };
        let check = Check {
            signatures: &chain.0.signatures,
            tx,
            chain_id: &ctx.block().chain_id,
            number: account.number,
            sequence: account.sequence,
        };
        check.signature(key, info, signature)?;
    }
    Ok(())
}

fn take_sequence(ctx: &mut Ctx, tx: &Tx, index: usize, signer: &Address, mut account: Account) -> Result<()> {
    let sequence = account.sequence;
    account.sequence = sequence
        .checked_add(1)
        .ok_or_else(|| Error::sdk(codes::WRONG_SEQUENCE, format!("the sequences of {signer} are used up")))?;
    auth::save(ctx, signer, &account)?;
    emit_signature(ctx, tx, index, signer, sequence);
    Ok(())
}

fn emit_signature(ctx: &mut Ctx, tx: &Tx, index: usize, signer: &Address, sequence: u64) {
    ctx.emit_with(|| Event::new("tx").with("acc_seq", format!("{signer}/{sequence}")));
    ctx.emit_with(|| {
        let signature = tx.signatures.get(index).map(|bytes| BASE64_STANDARD.encode(bytes));
        Event::new("tx").with("signature", signature.unwrap_or_default())
    });
}

/// Transactions with more signers than this are refused by default parameters; they get no work in advance.
const LOOK_AHEAD_SIGNERS: usize = 7;

/// Verifies every signature of `tx` that the state of `view` lets one verify, so that later checks find
/// them remembered. Says nothing of the transaction.
pub fn look_ahead(chain: &Chain, tx: &Tx, view: &View) {
    if tx.signers.len() > LOOK_AHEAD_SIGNERS {
        return;
    }
    let chain_id = view.block().chain_id.as_str();
    for ((signer, info), signature) in tx.signers.iter().zip(&tx.signer_infos).zip(&tx.signatures) {
        let account = match auth::account(view, signer) {
            Ok(Some(account)) => account,
            // Only a join comes from an account that does not exist.
            Ok(None) if free::is_join(tx) => Account::new(0),
            _ => continue,
        };
        let sent = || info.public_key.as_ref().and_then(|any| PublicKey::from_any(any).ok());
        let Some(key) = account.key.clone().or_else(sent) else { continue };
        if matches!(&key, PublicKey::Multisig(multisig) if multisig.keys.len() > LOOK_AHEAD_SIGNERS) {
            continue;
        }
        let signatures = &chain.0.signatures;
        let check = Check { signatures, tx, chain_id, number: account.number, sequence: info.sequence };
        // Refusals are found again, and reported, when the transaction is checked.
        let _ = check.signature(&key, info, signature);
    }
}

/// The check of one signer's signature.
pub(super) struct Check<'a> {
    pub signatures: &'a Signatures,
    pub tx: &'a Tx,
    pub chain_id: &'a str,
    pub number: u64,
    pub sequence: u64,
}

impl Check<'_> {
    pub fn signature(&self, key: &PublicKey, info: &SignerInfo, signature: &[u8]) -> Result<()> {
        let mode = info.mode_info.as_ref().and_then(|mode| mode.sum.as_ref());
        match (key, mode) {
            (PublicKey::Secp256k1(key), Some(Sum::Single(single))) => self.single(key, single, signature),
            (PublicKey::Multisig(key), Some(Sum::Multi(multi))) => self.multi(key, multi, signature),
            (_, None) => Err(self.refusal("the signing mode is missing")),
            (PublicKey::Secp256k1(_), _) => Err(self.refusal("a single key signs with a single signature")),
            (PublicKey::Multisig(_), _) => Err(self.refusal("a multisig key signs with a multisignature")),
        }
    }

    fn single(&self, key: &Secp256k1Key, mode: &Single, signature: &[u8]) -> Result<()> {
        let sign_bytes = self.sign_bytes(mode.mode)?;
        if self.signatures.verify(key, &sign_bytes, signature) {
            return Ok(());
        }
        let Self { number, sequence, chain_id, .. } = self;
        Err(self.refusal(&format!(
            "signature verification failed; please verify account number ({number}), sequence ({sequence}) and chain-id ({chain_id})"
        )))
    }

    /// Signatures stand in the order of the keys whose bits are set.
    fn multi(&self, key: &MultisigKey, multi: &Multi, signature: &[u8]) -> Result<()> {
        let decoded = MultiSignature::decode(signature)
            .map_err(|error| self.refusal(&format!("the multisignature can't be decoded: {error}")))?;
        // Nobody signs these bytes: another encoding would be the same transaction under another hash.
        if decoded.encode_to_vec() != signature {
            return Err(self.refusal("the multisignature is not encoded canonically"));
        }
        let signatures = decoded.signatures;
        let bits =
            multi.bitarray.as_ref().ok_or_else(|| self.refusal("the multisignature has no bit array"))?;
        let size = (bits.elems.len() * 8).saturating_sub(match bits.extra_bits_stored {
            0 => 0,
            extra => 8usize.saturating_sub(extra as usize),
        });
        if size != key.keys.len() {
            return Err(self.refusal(&format!("the bit array has {size} bits for {} keys", key.keys.len())));
        }
        let is_set =
            |index: &usize| bits.elems.get(index / 8).is_some_and(|byte| byte & (1 << (7 - index % 8)) != 0);
        let set: Vec<usize> = (0..size).filter(is_set).collect();
        let count = set.len();
        if count < usize::from(key.threshold) || signatures.len() != count || multi.mode_infos.len() != count
        {
            return Err(self.refusal(&format!(
                "{count} of {} keys signed with {} signatures, {} are needed",
                key.keys.len(),
                signatures.len(),
                key.threshold
            )));
        }
        for ((index, signature), mode) in set.iter().zip(&signatures).zip(&multi.mode_infos) {
            match (key.keys.get(*index), mode) {
                (Some(key), ModeInfo { sum: Some(Sum::Single(single)) }) => {
                    self.single(key, single, signature)?
                }
                _ => return Err(self.refusal("a member of a multisig key signs with a single signature")),
            }
        }
        Ok(())
    }

    fn sign_bytes(&self, mode: i32) -> Result<Vec<u8>> {
        match SignMode::try_from(mode) {
            Ok(SignMode::Direct) => Ok(self.tx.direct_sign_bytes(self.chain_id, self.number)),
            Ok(SignMode::LegacyAminoJson) => {
                self.tx.amino_sign_bytes(self.chain_id, self.number, self.sequence)
            }
            _ => Err(self.refusal(&format!(
                "sign mode {mode} is not supported; use SIGN_MODE_DIRECT or SIGN_MODE_LEGACY_AMINO_JSON"
            ))),
        }
    }

    fn refusal(&self, why: &str) -> Error {
        Error::sdk(codes::UNAUTHORIZED, format!("{why}: unauthorized"))
    }
}
