//! The keyring: keys by name, kept in a directory, with their secrets protected by one of three backends.

use std::fmt;
use std::path::Path;

use anyhow::{bail, ensure, Context, Result};
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::Address;

use super::os::SecretService;
use super::record::{check_name, Kind, Record};
use super::seal::{Cost, Sealed, WrongPassphrase};
use super::store::{Secret, Store};
use super::{Passphrase, SecretKey};

/// The shortest passphrase accepted, in characters.
const PASSPHRASE_MIN: usize = 8;

/// How often a passphrase is asked for before giving up.
const ATTEMPTS: u32 = 3;

/// What protects the secrets of a keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// The system's secret service, through the program `secret-tool`
    Os,
    /// Files encrypted with a passphrase
    File,
    /// Files without encryption, for development networks alone
    Test,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Os => "os",
            Self::File => "file",
            Self::Test => "test",
        })
    }
}

/// Who knows the passphrase of a `file` keyring. It is asked only when a secret is opened or stored.
pub trait Passphrases {
    /// The passphrase of an existing keyring; `attempt` counts from 1. `None` when there is no more to be read.
    ///
    /// # Errors
    /// It cannot be read.
    fn existing(&mut self, attempt: u32) -> Result<Option<Passphrase>>;

    /// A passphrase for a new keyring, confirmed.
    ///
    /// # Errors
    /// It cannot be read, is too short, or was not repeated alike.
    fn new_keyring(&mut self) -> Result<Passphrase>;
}

/// Keys by name.
#[derive(Debug)]
pub struct Keyring {
    store: Store,
    backend: Backend,
    service: SecretService,
    cost: Cost,
    passphrase: Option<Passphrase>,
}

impl Keyring {
    /// The keyring of `backend` under `base`: the directory `keyring-os`, `keyring-file` or `keyring-test`, which is
    /// made with the first key.
    pub fn new(backend: Backend, base: &Path) -> Self {
        let store = Store::new(base.join(format!("keyring-{backend}")));
        let service = SecretService::new("secret-tool");
        Self { store, backend, service, cost: Cost::STANDARD, passphrase: None }
    }

    /// What protects its secrets.
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.store.dir()
    }

    /// All keys by name.
    ///
    /// # Errors
    /// The directory or a file cannot be read.
    pub fn records(&self) -> Result<Vec<Record>> {
        self.store.names()?.iter().map(|name| Ok(self.store.load(name)?.0)).collect()
    }

    /// Whether there is a key of that name.
    pub fn contains(&self, name: &str) -> bool {
        check_name(name).is_ok() && self.store.has(name)
    }

    /// The key with that name or address.
    ///
    /// # Errors
    /// There is none; the message names the keys there are.
    pub fn find(&self, name_or_address: &str) -> Result<Record> {
        if let Ok(address) = Address::parse(name_or_address) {
            let found = self.records()?.into_iter().find(|record| record.address() == address);
            return found.with_context(|| self.unknown(&format!("key of {address}")));
        }
        if self.contains(name_or_address) {
            return Ok(self.store.load(name_or_address)?.0);
        }
        Err(anyhow::Error::msg(self.unknown(&format!("key named \"{name_or_address}\""))))
    }

    /// Stores a secret key under a new name.
    ///
    /// # Errors
    /// The name is malformed or taken, the keyring has the key already, the passphrase is not the keyring's, or the
    /// key cannot be stored.
    pub fn add_secret(
        &mut self,
        name: &str,
        secret: &SecretKey,
        passphrases: &mut dyn Passphrases,
    ) -> Result<Record> {
        let public = secret.public_key();
        let record =
            Record { name: name.into(), kind: Kind::Local, public_key: PublicKey::Secp256k1(public) };
        self.check_new(&record)?;
        let stored = match self.backend {
            Backend::Test => Secret::Plain(hex::encode(secret.expose())),
            Backend::File => {
                let passphrase = self.passphrase_for_adding(passphrases)?;
                Secret::Sealed(Sealed::seal(secret.expose(), &passphrase, &public, self.cost)?)
            }
            Backend::Os => {
                self.service.store(&record.address().to_string(), name, secret.expose())?;
                Secret::Os
            }
        };
        self.store.add(&record, Some(stored))?;
        Ok(record)
    }

    /// Stores a public key or a k-of-n key under a new name.
    ///
    /// # Errors
    /// The name is malformed or taken, the keyring has the key already, or the file cannot be written.
    pub fn add_public(&self, name: &str, public_key: PublicKey) -> Result<Record> {
        let kind = match public_key {
            PublicKey::Multisig(_) => Kind::Multi,
            PublicKey::Secp256k1(_) => Kind::Offline,
        };
        let record = Record { name: name.into(), kind, public_key };
        self.check_new(&record)?;
        self.store.add(&record, None)?;
        Ok(record)
    }

    /// The secret of the key `name`.
    ///
    /// # Errors
    /// There is no such key, it has no secret here, the passphrase is wrong, or the file is damaged.
    pub fn unlock(&mut self, name: &str, passphrases: &mut dyn Passphrases) -> Result<SecretKey> {
        let record = self.find(name)?;
        let (_, secret) = self.store.load(&record.name)?;
        let (Some(secret), PublicKey::Secp256k1(public)) = (secret, &record.public_key) else {
            let kind = match record.kind {
                Kind::Multi => "a multisig key: its members sign with `tx sign --multisig`",
                _ => "a public key alone",
            };
            bail!("the key \"{}\" cannot sign: it is {kind}", record.name);
        };
        let bytes = match secret {
            Secret::Plain(text) => hex::decode(text).map(Into::into).unwrap_or_default(),
            Secret::Os => self.service.lookup(&record.address().to_string())?,
            Secret::Sealed(sealed) => {
                let (opened, passphrase) = self.open(&sealed, public, passphrases)?;
                self.passphrase = Some(passphrase);
                opened
            }
        };
        let key = SecretKey::from_bytes(&bytes)
            .with_context(|| format!("the key \"{}\" is damaged in {}", record.name, self.dir().display()))?;
        ensure!(
            key.public_key() == *public,
            "the secret of \"{}\" belongs to another public key: its file in {} was altered",
            record.name,
            self.dir().display()
        );
        Ok(key)
    }

    /// Gives the key `from` another name.
    ///
    /// # Errors
    /// There is no such key, or the new name is malformed or taken.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        check_name(to)?;
        self.store.rename(&self.find(from)?.name, to)
    }

    /// Removes a key and its secret for good.
    ///
    /// # Errors
    /// There is no such key, or it cannot be removed.
    pub fn delete(&self, name: &str) -> Result<()> {
        let record = self.find(name)?;
        if let (_, Some(Secret::Os)) = self.store.load(&record.name)? {
            self.service.clear(&record.address().to_string())?;
        }
        self.store.remove(&record.name)
    }

    #[cfg(test)]
    pub(super) fn for_tests(backend: Backend, base: &Path, secret_tool: &Path) -> Self {
        let mut keyring = Self::new(backend, base);
        keyring.service = SecretService::new(secret_tool);
        keyring.cost = Cost { memory_kib: 8, passes: 1 };
        keyring
    }

    /// Checks that a new key has a good name and is not here yet under any.
    fn check_new(&self, record: &Record) -> Result<()> {
        check_name(&record.name)?;
        if self.store.has(&record.name) {
            bail!(
                "there is a key named \"{}\" already: delete it first, or choose another name",
                record.name
            );
        }
        if let Some(same) = self.records()?.iter().find(|have| have.public_key == record.public_key) {
            bail!("the keyring has this key already, named \"{}\" ({})", same.name, same.address());
        }
        Ok(())
    }

    /// The passphrase to seal a further key with: the one that the others are sealed with.
    fn passphrase_for_adding(&mut self, passphrases: &mut dyn Passphrases) -> Result<Passphrase> {
        if let Some(known) = &self.passphrase {
            return Ok(known.clone());
        }
        let mut passphrase = None;
        for name in self.store.names()? {
            if let (Record { public_key: PublicKey::Secp256k1(public), .. }, Some(Secret::Sealed(sealed))) =
                self.store.load(&name)?
            {
                passphrase = Some(self.open(&sealed, &public, passphrases)?.1);
                break;
            }
        }
        let passphrase = match passphrase {
            Some(proven) => proven,
            None => passphrases.new_keyring()?,
        };
        self.passphrase = Some(passphrase.clone());
        Ok(passphrase)
    }

    /// Opens a sealed secret with the passphrase known already or asked for; gives both.
    fn open(
        &self,
        sealed: &Sealed,
        public: &[u8],
        passphrases: &mut dyn Passphrases,
    ) -> Result<(zeroize::Zeroizing<Vec<u8>>, Passphrase)> {
        if let Some(known) = &self.passphrase {
            if let Ok(secret) = sealed.open(known, public) {
                return Ok((secret, known.clone()));
            }
        }
        for attempt in 1..=ATTEMPTS {
            let Some(passphrase) = passphrases.existing(attempt)? else {
                ensure!(
                    attempt > 1,
                    "the keyring {} needs its passphrase: give it as a line of input",
                    self.dir().display()
                );
                break;
            };
            match sealed.open(&passphrase, public) {
                Ok(secret) => return Ok((secret, passphrase)),
                Err(error) if error.is::<WrongPassphrase>() => {}
                Err(error) => return Err(error),
            }
        }
        bail!("wrong passphrase for the keyring {}", self.dir().display())
    }

    fn unknown(&self, what: &str) -> String {
        let names = self.store.names().unwrap_or_default();
        let have = match names.len() {
            0 => "it is empty; `jmesd keys add NAME` makes a key".to_owned(),
            1..=10 => format!("it has {}", names.join(", ")),
            count => format!("it has {count} keys, see `jmesd keys list`"),
        };
        let (backend, dir) = (self.backend, self.dir().display());
        format!("there is no {what} in the keyring {dir} (backend {backend}): {have}")
    }
}

/// Checks a passphrase that is to protect something new.
///
/// # Errors
/// It is shorter than 8 characters.
pub fn check_new_passphrase(passphrase: &str) -> Result<()> {
    let length = passphrase.chars().count();
    ensure!(
        length >= PASSPHRASE_MIN,
        "a passphrase needs at least {PASSPHRASE_MIN} characters, this one has {length}"
    );
    Ok(())
}
