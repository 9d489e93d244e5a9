//! `jmesd testnet`: homes for several validators on this machine, with funded test keys (API.md, "The
//! devnet's outside shape").

use super::genesis::{self, Network};
use super::genesis_file;
use super::gentx::{self, GenesisValidator};
use super::init::{now, write_settings};
use crate::cli;
use crate::engine::{self, testnet as layout, Preset};
use crate::keys::{Backend, HdPath, Keyring, Mnemonic, Passphrase, Passphrases, SecretKey};
use anyhow::{bail, Context, Result};
use cosmos_sdk_proto::cosmos::staking::v1beta1::Description;
use jmes_modules::auth::PublicKey;
use jmes_modules::kernel::{Address, Amount};
use serde_json::{json, Value};
use std::path::Path;
use std::time::Duration;

/// The test keys of a devnet besides its operators; each gets [`TEST_FUNDS`].
const TEST_KEYS: [&str; 3] = ["me", "alice", "bob"];
/// Nils of each test key: 1,000,000 JMES.
const TEST_FUNDS: u128 = 1_000_000_000_000;
/// Nils of each validator's operator, what it bonds included: 100,000 JMES.
const OPERATOR_FUNDS: u128 = 100_000_000_000;
/// What an operator bonds to its validator at genesis, in Nils: 10,000 JMES.
const BOND: Amount = Amount(10_000_000_000);

/// What a network is made from.
#[derive(Clone, Debug)]
pub struct TestnetOptions<'a> {
    /// The directory that gets `node0`, `node1` ….
    pub home: &'a Path,
    /// Number of nodes, all validators.
    pub validators: u16,
    /// The chain's id; `jmes-devnet-1` when `None`.
    pub chain_id: Option<&'a str>,
    /// Average time between blocks.
    pub block_time: Duration,
    /// Whose parameters the genesis gets.
    pub network: Network,
    /// First port of node 0; the usual ports when `None`.
    pub port_base: Option<u16>,
    /// More wallets with Nils.
    pub fund: Vec<(Address, u128)>,
    /// The engine's binary, if it is not found by itself.
    pub engine_binary: Option<&'a Path>,
}

/// Makes the homes, and `testnet.json` beside them with endpoints and keys; gives its content.
pub fn run(options: &TestnetOptions<'_>) -> Result<Value> {
    let summary = options.home.join("testnet.json");
    if summary.exists() {
        bail!(
            "{} exists already: remove {} or choose another --home",
            summary.display(),
            options.home.display()
        );
    }
    let is_new = !options.home.join("node0").exists();
    make(options, &summary).inspect_err(|_| {
        if is_new {
            // What is left would only stand in the way of the next attempt; the error is the first one's.
            (0..options.validators)
                .for_each(|node| drop(std::fs::remove_dir_all(options.home.join(format!("node{node}")))));
        }
    })
}

fn make(options: &TestnetOptions<'_>, summary: &Path) -> Result<Value> {
    let binary = engine::find_binary(options.engine_binary)?;
    let nodes = layout::lay_out(&layout::Layout {
        binary: &binary,
        dir: options.home,
        nodes: options.validators,
        preset: Preset::BlockTime(options.block_time),
        port_base: options.port_base,
    })?;
    let mut keyring = Keyring::new(Backend::Test, &options.home.join("node0"));
    let mut keys =
        TEST_KEYS.iter().map(|name| TestKey::make(name, &mut keyring)).collect::<Result<Vec<_>>>()?;
    let mut wallets: Vec<(String, u128)> = keys.iter().map(|key| (key.address(), TEST_FUNDS)).collect();
    let operators = nodes.iter().map(|node| operator(node, &mut keyring)).collect::<Result<Vec<_>>>()?;
    wallets.extend(operators.iter().map(|key| (key.address(), OPERATOR_FUNDS)));
    let mut document = options.network.template();
    if let Some(chain_id) = options.chain_id {
        document["chain_id"] = json!(chain_id);
    }
    document["genesis_time"] = json!(now());
    // The schedule of rewards is paced by the time that blocks are meant to take.
    let target = document.pointer_mut("/app_state/emission/params/target_block_time");
    if let Some(target) = target.filter(|_| options.network == Network::Devnet) {
        *target = json!(format!("{}s", options.block_time.as_secs_f64()));
    }
    wallets.extend(options.fund.iter().map(|(address, amount)| (address.to_string(), *amount)));
    genesis::add_accounts(&mut document, &wallets)?;
    let chain_id = document["chain_id"].as_str().unwrap_or_default().to_owned();
    let txs = nodes.iter().zip(&operators).map(|(node, operator)| gen_tx(node, operator, &chain_id));
    gentx::set(&mut document, txs.collect::<Result<_>>()?);
    genesis::validate(&document)?;
    for node in &nodes {
        genesis::save(&genesis_file(&node.home), &document)?;
        let client = cli::Settings {
            chain_id: chain_id.clone(),
            keyring_backend: Backend::Test,
            node: format!("tcp://127.0.0.1:{}", node.ports.rpc),
            ..Default::default()
        };
        write_settings(&node.home, node.ports, &client)?;
    }
    let endpoints: Vec<Value> = nodes
        .iter()
        .map(|node| {
            let url = |port| format!("http://127.0.0.1:{port}");
            json!({"rpc": url(node.ports.rpc), "rest": url(node.ports.rest), "grpc": format!("127.0.0.1:{}", node.ports.grpc)})
        })
        .collect();
    keys.extend(operators);
    let content = json!({"chain_id": chain_id, "nodes": endpoints, "keys": keys.iter().map(TestKey::show).collect::<Vec<_>>()});
    std::fs::write(summary, serde_json::to_vec_pretty(&content)?)
        .with_context(|| format!("can't write {}", summary.display()))?;
    Ok(content)
}

/// The key of a node's operator, in the keyring of the first node and in the node's own.
fn operator(node: &layout::Node, keyring: &mut Keyring) -> Result<TestKey> {
    let name = node.moniker.replace("node", "validator");
    let key = TestKey::make(&name, keyring)?;
    let mut own = Keyring::new(Backend::Test, &node.home);
    if !own.contains(&name) {
        own.add_secret(&name, &key.secret, &mut NoPassphrase)?;
    }
    Ok(key)
}

fn gen_tx(node: &layout::Node, operator: &TestKey, chain_id: &str) -> Result<Value> {
    let validator = GenesisValidator {
        chain_id,
        consensus_key: &node.validator,
        description: Description { moniker: node.moniker.clone(), ..Description::default() },
        commission: gentx::default_commission(),
        min_self_delegation: Amount(1),
        bond: BOND,
        peer: "",
    };
    validator.sign(&operator.secret)
}

/// A funded test key: public knowledge.
struct TestKey {
    name: String,
    mnemonic: Mnemonic,
    secret: SecretKey,
}

impl TestKey {
    fn make(name: &str, keyring: &mut Keyring) -> Result<Self> {
        let mnemonic = Mnemonic::generate()?;
        let secret = SecretKey::derive(&mnemonic, &HdPath::default())?;
        keyring.add_secret(name, &secret, &mut NoPassphrase)?;
        Ok(Self { name: name.to_owned(), mnemonic, secret })
    }

    fn address(&self) -> String {
        PublicKey::Secp256k1(self.secret.public_key()).address().to_string()
    }

    fn show(&self) -> Value {
        json!({"name": self.name, "address": self.address(), "mnemonic": self.mnemonic.words().as_str()})
    }
}

/// A test keyring asks for no passphrase.
struct NoPassphrase;

impl Passphrases for NoPassphrase {
    fn existing(&mut self, _: u32) -> Result<Option<Passphrase>> {
        Ok(None)
    }
    fn new_keyring(&mut self) -> Result<Passphrase> {
        bail!("a test keyring has no passphrase")
    }
}

/// Reads wallets to fund: `ADDRESS=AMOUNTujmes` arguments, and a file with `address amount` lines.
pub fn parse_funds(arguments: &[String], file: Option<&Path>) -> Result<Vec<(Address, u128)>> {
    let nils = |text: &str| text.strip_suffix("ujmes").unwrap_or(text).parse::<u128>();
    let one = |address: &str, amount: &str, from: &str| -> Result<(Address, u128)> {
        let address = Address::parse(address.trim()).with_context(|| format!("in {from}"))?;
        let amount = nils(amount.trim())
            .with_context(|| format!("in {from}: \"{amount}\" is not an amount of ujmes"))?;
        Ok((address, amount))
    };
    let mut wallets = Vec::new();
    for argument in arguments {
        let (address, amount) = argument
            .split_once('=')
            .with_context(|| format!("--fund takes ADDRESS=AMOUNTujmes, got \"{argument}\""))?;
        wallets.push(one(address, amount, &format!("--fund {argument}"))?);
    }
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let from = format!("line {} of {}", index + 1, path.display());
            let (address, amount) = line
                .trim()
                .split_once(char::is_whitespace)
                .with_context(|| format!("in {from}: expected an address and an amount, got \"{line}\""))?;
            wallets.push(one(address, amount, &from)?);
        }
    }
    Ok(wallets)
}
