//! Files and words that were right until something happened to them: each reader of the command line says what is wrong, or
//! what it read, and never panics.
//!
//! The seed is printed when a test fails, as is the input; `JMES_TEST_SEED` repeats a run.

use std::fs;
use std::panic::{catch_unwind, AssertUnwindSafe};

use super::node::{Chain, Node};
use super::*;

/// Keys and numbers that need no node.
const OFFLINE: [&str; 9] =
    ["--keyring-backend", "test", "--offline", "--chain-id", "jmes-test-1", "-a", "7", "-s", "3"];

/// A generator of its own, so that a seed says everything (xorshift64*).
struct Random(u64);

impl Random {
    fn new() -> Self {
        let now = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        let seed = std::env::var("JMES_TEST_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        println!("JMES_TEST_SEED={seed}");
        Self(seed | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8) as usize % bound.max(1)
    }

    /// `text` with one to three changes.
    fn damage(&mut self, text: &[u8]) -> Vec<u8> {
        const INSERTED: [&[u8]; 12] = [
            b"{",
            b"}",
            b"[",
            b"]",
            b"\"",
            b",",
            b":",
            b"-",
            b"null",
            b"\xff",
            b"99999999999999999999",
            b"\0",
        ];
        let mut text = text.to_vec();
        for _ in 0..=self.below(3) {
            let (from, other) = (self.below(text.len()), self.below(text.len()));
            let to = (from + self.below(30)).min(text.len());
            match self.below(5) {
                0 if !text.is_empty() => text[from] ^= 1 << self.below(8),
                1 => drop(text.drain(from..to)),
                2 => text.truncate(from),
                3 => {
                    let part = text[from..to].to_vec();
                    text.splice(other..other, part);
                }
                _ => drop(text.splice(from..from, INSERTED[self.below(INSERTED.len())].iter().copied())),
            }
        }
        text
    }
}

/// Gives damaged forms of `valid` to `attempt`, which must answer each with a result or a sentence, and refuse many.
fn damaged(what: &str, valid: &[u8], count: usize, mut attempt: impl FnMut(&[u8]) -> Ran) {
    attempt(valid).out();
    let mut random = Random::new();
    let mut refused = 0;
    for _ in 0..count {
        let input = random.damage(valid);
        let ran = catch_unwind(AssertUnwindSafe(|| attempt(&input)));
        let ran =
            ran.unwrap_or_else(|_| panic!("{what} panicked with {:?}", String::from_utf8_lossy(&input)));
        if let Some(error) = ran.error {
            assert!(!error.is_empty() && error.len() < 10_000, "{what}: {error}");
            refused += 1;
        }
    }
    assert!(refused > count / 4, "{what}: only {refused} of {count} were refused");
}

/// A home with keys and a transaction in it, unsigned and signed.
struct Desk {
    home: tempfile::TempDir,
    node: Node,
    unsigned: String,
    signed: String,
}

impl Desk {
    fn new() -> Self {
        let (home, node) = (home_with_keys(), Node::start(Chain::default()));
        let send =
            ["tx", "bank", "send", "one", SPECIAL_ADDRESS, "5JMES", "--generate-only", "--node", &node.url];
        let unsigned = run(home.path(), "", &[&send[..], &OFFLINE[..2]].concat()).out();
        let file = home.path().join("tx.json");
        fs::write(&file, &unsigned).unwrap();
        let sign = ["tx", "sign", file.to_str().unwrap(), "--from", "one"];
        let signed = run(home.path(), "", &[&sign[..], &OFFLINE].concat()).out();
        Self { home, node, unsigned, signed }
    }

    fn run(&self, words: &[&str]) -> Ran {
        run(self.home.path(), "", words)
    }

    /// Writes `text` to a file of that name and runs with it where `words` say `FILE`.
    fn run_with(&self, name: &str, text: &[u8], words: &[&str]) -> Ran {
        let path = self.home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let word = |word: &&str| {
            if *word == "FILE" {
                path.to_str().unwrap().to_owned()
            } else {
                (*word).to_owned()
            }
        };
        let words: Vec<String> = words.iter().map(word).collect();
        self.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[test]
fn damaged_transactions_are_never_a_panic() {
    let desk = Desk::new();
    let signed = desk.signed.as_bytes();
    damaged("encode", signed, 300, |text| desk.run_with("x.json", text, &["tx", "encode", "FILE"]));
    let broadcast = ["tx", "broadcast", "FILE", "--node", &desk.node.url];
    damaged("broadcast", signed, 200, |text| desk.run_with("x.json", text, &broadcast));
    let sign = [&["tx", "sign", "FILE", "--from", "one", "--overwrite"][..], &OFFLINE].concat();
    damaged("sign", signed, 100, |text| desk.run_with("x.json", text, &sign));
    let batch = [&["tx", "sign-batch", "FILE", "--from", "one"][..], &OFFLINE].concat();
    let two = [desk.unsigned.trim(), desk.unsigned.trim()].join("\n");
    damaged("sign-batch", two.as_bytes(), 100, |text| desk.run_with("x.json", text, &batch));
}

#[test]
fn damaged_bytes_of_transactions_are_never_a_panic() {
    use base64::prelude::{Engine as _, BASE64_STANDARD};
    let desk = Desk::new();
    let encoded = desk.run_with("x.json", desk.signed.as_bytes(), &["tx", "encode", "FILE"]).out();
    let bytes = BASE64_STANDARD.decode(encoded.trim()).unwrap();
    // What is no text can't be a word of a command line.
    let word = |text: &[u8]| String::from_utf8_lossy(text).replace('\0', "");
    damaged("decode", encoded.trim().as_bytes(), 200, |text| desk.run(&["tx", "decode", &word(text)]));
    damaged("decode, bytes", &bytes, 300, |bytes| {
        desk.run(&["tx", "decode", &BASE64_STANDARD.encode(bytes)])
    });
    let in_hex = hex::encode(&bytes);
    damaged("decode, hex", in_hex.as_bytes(), 100, |text| desk.run(&["tx", "decode", "-x", &word(text)]));
}

#[test]
fn damaged_signatures_of_members_are_never_a_panic() {
    let desk = Desk::new();
    let add = ["keys", "add", "both", "--multisig", "one,two", "--multisig-threshold", "1", "-o", "json"];
    let address =
        desk.run(&[&add[..], &OFFLINE[..2]].concat()).json()["address"].as_str().unwrap().to_owned();
    let tx = desk.unsigned.replace(ABANDON_ADDRESS, &address);
    let file = desk.home.path().join("of-both.json");
    fs::write(&file, &tx).unwrap();
    let file = file.to_str().unwrap();
    let sign = ["tx", "sign", file, "--from", "one", "--multisig", "both"];
    let signature = desk.run(&[&sign[..], &OFFLINE].concat()).out();
    let join = [&["tx", "multi-sign", file, "both", "FILE"][..], &OFFLINE].concat();
    damaged("multi-sign", signature.as_bytes(), 100, |text| desk.run_with("one.json", text, &join));
    let signature_file = desk.home.path().join("one.json");
    fs::write(&signature_file, &signature).unwrap();
    let join =
        [&["tx", "multi-sign", "FILE", "both", signature_file.to_str().unwrap()][..], &OFFLINE].concat();
    damaged("multi-sign, the transaction", tx.as_bytes(), 100, |text| desk.run_with("x.json", text, &join));
}

#[test]
fn damaged_proposals_of_daos_are_never_a_panic() {
    let desk = Desk::new();
    let tx = desk.unsigned.replace(ABANDON_ADDRESS, &names::dao_address());
    let submit = [
        &["tx", "dao", "submit", "FILE", "--title", "Rent", "--from", "one", "--generate-only"][..],
        &OFFLINE,
    ]
    .concat();
    damaged("dao submit", tx.as_bytes(), 200, |text| desk.run_with("x.json", text, &submit));
}

#[test]
fn damaged_genesis_files_are_never_a_panic_and_stay_as_they_are() {
    let home = local::home_with_genesis();
    let desk = Desk { home, ..Desk::new() };
    let genesis = crate::node::genesis_file(desk.home.path());
    let valid = fs::read(&genesis).unwrap();
    damaged("add-account", &valid, 100, |text| {
        fs::write(&genesis, text).unwrap();
        let ran = desk.run(&["genesis", "add-account", SPECIAL_ADDRESS, "5JMES"]);
        assert_eq!(
            ran.error.is_some(),
            fs::read(&genesis).unwrap() == text,
            "refused and unchanged, or neither"
        );
        ran
    });
    fs::write(&genesis, &valid).unwrap();
    desk.run(&[&["genesis", "gentx", "one"][..], &OFFLINE[..2]].concat()).out();
    let dir = crate::node::gentx::directory(desk.home.path());
    let gentx = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    let tx = fs::read(&gentx).unwrap();
    damaged("collect-gentxs", &tx, 100, |text| {
        fs::write(&genesis, &valid).unwrap();
        fs::write(&gentx, text).unwrap();
        desk.run(&["genesis", "collect-gentxs"])
    });
    fs::write(&gentx, &tx).unwrap();
    damaged("collect-gentxs, the genesis", &valid, 100, |text| {
        fs::write(&genesis, text).unwrap();
        desk.run(&["genesis", "collect-gentxs"])
    });
}

#[test]
fn damaged_exports_of_keys_are_never_a_panic() {
    let desk = Desk::new();
    let passphrase = "a passphrase that is long";
    let export = [&["keys", "export", "one"][..], &OFFLINE[..2]].concat();
    let armor = run(desk.home.path(), &format!("{passphrase}\n{passphrase}\n"), &export).out();
    let delete = |name| {
        desk.run(&["keys", "delete", name, "-y", OFFLINE[0], OFFLINE[1]]).out();
    };
    // A key is in a keyring once.
    delete("one");
    let path = desk.home.path().join("key.txt");
    let import = ["keys", "import", "again", path.to_str().unwrap(), OFFLINE[0], OFFLINE[1]];
    let attempt = |text: &[u8]| {
        fs::write(&path, text).unwrap();
        let ran = run(desk.home.path(), passphrase, &import);
        if ran.error.is_none() {
            delete("again");
        }
        ran
    };
    damaged("import", armor.as_bytes(), 60, attempt);
    let secret = hex::encode([7; 32]);
    damaged("import, hex", secret.as_bytes(), 60, attempt);
}
