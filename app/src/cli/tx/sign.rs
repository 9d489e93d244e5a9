//! `jmesd tx sign` and `sign-batch`.

use std::path::Path;

use anyhow::{bail, ensure, Context, Result};
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::signature_descriptor::{data, Data};
use cosmos_sdk_proto::cosmos::tx::signing::v1beta1::{SignatureDescriptor, SignatureDescriptors};
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::Address;

use super::files::{read, write};
use super::options::{SignMode, SignerState};
use super::signing::{check_signer, sign as put_signature, sign_bytes};
use super::transaction::Transaction;
use super::{SignArgs, SignBatchArgs, SignOutputArgs};
use crate::cli::options::parse_address;
use crate::cli::protobuf::to_json;
use crate::cli::Session;
use crate::keys::{Keyring, SecretKey};

pub(super) fn sign(session: &mut Session, args: &SignArgs) -> Result<()> {
    let tx = args.file.transaction(session)?;
    let mut signer = Signer::unlock(session, &args.how, &tx)?;
    ensure!(
        args.overwrite || !tx.has_signature_of(&signer.account),
        "{} has signed this transaction already: use --overwrite to replace the signature",
        signer.account
    );
    let signed = signer.sign(&args.how, tx)?;
    write(session, args.how.output_document.as_deref(), &signed)
}

pub(super) fn sign_batch(session: &mut Session, args: &SignBatchArgs) -> Result<()> {
    let mut txs = Vec::new();
    for file in &args.files {
        txs.extend(transactions(session, file)?);
    }
    let first = txs.first().context("there are no transactions in the files")?;
    let mut signer = Signer::unlock(session, &args.how, first)?;
    let signed: Vec<String> = txs.into_iter().map(|tx| signer.sign(&args.how, tx)).collect::<Result<_>>()?;
    write(session, args.how.output_document.as_deref(), &signed.join("\n"))
}

fn transactions(session: &mut Session, file: &Path) -> Result<Vec<Transaction>> {
    let text = read(session, file)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            Transaction::from_json(line.trim())
                .with_context(|| format!("line {} of {} is wrong", index + 1, file.display()))
        })
        .collect()
}

/// A key that is ready to sign for an account: its own, or a multisig account that it is a member of.
struct Signer {
    secret: SecretKey,
    account: Address,
    is_member: bool,
    /// What the next signature is bound to; each signature takes one sequence.
    state: SignerState,
}

impl Signer {
    fn unlock(session: &mut Session, how: &SignOutputArgs, tx: &Transaction) -> Result<Self> {
        let mut keyring = session.keyring(&how.keyring);
        let Some(from) = &how.signer.from else {
            let signers: Vec<String> = tx.signers()?.iter().map(ToString::to_string).collect();
            bail!(
                "name the key that signs with --from; the transaction needs the signature of {}",
                signers.join(", ")
            );
        };
        let record = keyring.find(from)?;
        let own = record.address();
        let account = match &how.multisig {
            Some(multisig) => multisig_account(&keyring, multisig, &record.public_key)?,
            None => own,
        };
        check_signer(&tx.signers()?, &account)?;
        let state = how.signer.state.resolve(session, &how.node, &account)?;
        let secret = keyring.unlock(&record.name, &mut session.console)?;
        Ok(Self { secret, account, is_member: how.multisig.is_some(), state })
    }

    /// The signed transaction or, if so asked for, the signature alone, as JSON.
    fn sign(&mut self, how: &SignOutputArgs, mut tx: Transaction) -> Result<String> {
        check_signer(&tx.signers()?, &self.account)?;
        let mode = how.signer.sign_mode;
        let json = if self.is_member {
            self.member_signature(mode, &tx)?
        } else {
            put_signature(&mut tx, &self.secret, mode, &self.state)?;
            if how.signature_only {
                self.own_signature(&tx)?
            } else {
                tx.to_json()?
            }
        };
        self.state.sequence += 1;
        Ok(json)
    }

    /// Members sign amino JSON: in direct mode each would have to know beforehand who else signs.
    fn member_signature(&self, mode: Option<SignMode>, tx: &Transaction) -> Result<String> {
        ensure!(
            mode != Some(SignMode::Direct),
            "members of a multisig key sign in amino-json mode: in direct mode they would have to know beforehand who \
             else signs"
        );
        let signature = self.secret.sign(&sign_bytes(tx, SignMode::AminoJson, &self.state)?);
        self.describe(SignMode::AminoJson, signature.to_vec())
    }

    fn own_signature(&self, tx: &Transaction) -> Result<String> {
        let (mode, signature) =
            tx.signature_of(&self.account).context("the signature is not in the transaction")?;
        self.describe(mode, signature)
    }

    fn describe(&self, mode: SignMode, signature: Vec<u8>) -> Result<String> {
        let key = PublicKey::Secp256k1(self.secret.public_key());
        let sum = data::Sum::Single(data::Single { mode: mode.number(), signature });
        let descriptor = SignatureDescriptor {
            public_key: Some(key.to_any()),
            data: Some(Data { sum: Some(sum) }),
            sequence: self.state.sequence,
        };
        to_json(&SignatureDescriptors { signatures: vec![descriptor] })
    }
}

fn multisig_account(keyring: &Keyring, multisig: &str, member: &PublicKey) -> Result<Address> {
    let record = match keyring.find(multisig) {
        Ok(record) => record,
        // Elsewhere the multisig key may be known by its address alone.
        Err(error) => return parse_address(multisig).map_err(|_| error),
    };
    let (PublicKey::Multisig(key), PublicKey::Secp256k1(member)) = (&record.public_key, member) else {
        bail!("\"{}\" is not a multisig key: sign without --multisig", record.name);
    };
    ensure!(key.keys.contains(member), "the key named with --from is no member of \"{}\"", record.name);
    Ok(record.address())
}
