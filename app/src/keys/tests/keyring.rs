//! Keyrings of all backends: what they keep, what they refuse, and who can read it.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use jmes_modules::auth::{MultisigKey, PublicKey};
use tempfile::TempDir;

use super::super::*;
use super::{secret, ABANDON, ECONOMY, SPECIAL};

const PATH: &str = "m/44'/6280'/0'/0/0";

/// Passphrases in the order in which they are asked for.
#[derive(Default)]
struct Script {
    answers: VecDeque<&'static str>,
    asked: Vec<&'static str>,
}

impl Script {
    fn new(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().copied().collect(), asked: Vec::new() }
    }
}

impl Passphrases for Script {
    fn existing(&mut self, _: u32) -> Result<Option<Passphrase>> {
        self.asked.push("existing");
        Ok(self.answers.pop_front().map(|answer| answer.to_owned().into()))
    }

    fn new_keyring(&mut self) -> Result<Passphrase> {
        self.asked.push("new");
        Ok(self.answers.pop_front().expect("no passphrase is left").to_owned().into())
    }
}

/// A stand-in for the program of the secret service: it keeps a secret in a file named by its attributes.
fn secret_tool(dir: &Path) -> std::path::PathBuf {
    let program = dir.join("secret-tool");
    let script = format!(
        "#!/bin/sh\ncommand=$1; shift\ncase $1 in --label=*) shift ;; esac\nfile={}/$(echo \"$*\" | tr ' ' '_')\n\
         case $command in\nstore) cat > \"$file\" ;;\nlookup) [ -e \"$file\" ] && cat \"$file\" && echo ;;\n\
         clear) rm \"$file\" ;;\nesac\n",
        dir.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

fn keyring(backend: Backend, dir: &TempDir) -> Keyring {
    Keyring::for_tests(backend, dir.path(), &dir.path().join("secret-tool"))
}

fn error<T>(result: Result<T>) -> String {
    format!("{:#}", result.err().expect("it should be refused"))
}

#[test]
fn every_backend_gives_back_the_key_that_it_was_given() {
    for backend in [Backend::File, Backend::Os, Backend::Test] {
        let dir = TempDir::new().unwrap();
        secret_tool(dir.path());
        let key = secret(ABANDON, PATH);
        let added = keyring(backend, &dir).add_secret("me", &key, &mut Script::new(&["passphrase"])).unwrap();
        assert_eq!(added.address().to_string(), "jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8");
        let mut fresh = keyring(backend, &dir);
        for name in ["me", "jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8"] {
            assert_eq!(fresh.find(name).unwrap(), added);
            let unlocked = fresh.unlock(name, &mut Script::new(&["passphrase"])).unwrap();
            assert_eq!(unlocked.expose(), key.expose(), "{backend}");
        }
        assert_eq!(fresh.records().unwrap(), [added]);
    }
}

#[test]
fn files_are_readable_by_their_owner_alone() {
    for backend in [Backend::File, Backend::Test] {
        let dir = TempDir::new().unwrap();
        let mut keyring = keyring(backend, &dir);
        keyring.add_secret("me", &secret(ABANDON, PATH), &mut Script::new(&["passphrase"])).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(keyring.dir(), dir.path().join(format!("keyring-{backend}")));
        assert_eq!(mode(keyring.dir()), 0o700);
        assert_eq!(mode(&keyring.dir().join("me.json")), 0o600);
    }
}

#[test]
fn secrets_are_in_the_clear_in_the_test_keyring_alone() {
    for (backend, clear) in [(Backend::File, false), (Backend::Os, false), (Backend::Test, true)] {
        let dir = TempDir::new().unwrap();
        secret_tool(dir.path());
        let mut keyring = keyring(backend, &dir);
        let key = secret(ABANDON, PATH);
        keyring.add_secret("me", &key, &mut Script::new(&["passphrase"])).unwrap();
        let file = fs::read_to_string(keyring.dir().join("me.json")).unwrap();
        assert_eq!(file.contains(&hex::encode(key.expose())), clear, "{backend}: {file}");
    }
}

#[test]
fn a_wrong_passphrase_is_asked_for_again_twice() {
    let dir = TempDir::new().unwrap();
    keyring(Backend::File, &dir)
        .add_secret("me", &secret(ABANDON, PATH), &mut Script::new(&["passphrase"]))
        .unwrap();
    let mut third = Script::new(&["wrong one", "wrong two", "passphrase"]);
    keyring(Backend::File, &dir).unlock("me", &mut third).unwrap();
    let mut wrong = Script::new(&["wrong one", "wrong two", "wrong three", "passphrase"]);
    let refused = error(keyring(Backend::File, &dir).unlock("me", &mut wrong));
    assert!(refused.starts_with("wrong passphrase for the keyring"), "{refused}");
    assert_eq!(wrong.asked.len(), 3);
    let refused = error(keyring(Backend::File, &dir).unlock("me", &mut Script::new(&["wrong one"])));
    assert!(refused.starts_with("wrong passphrase for the keyring"), "{refused}");
    let refused = error(keyring(Backend::File, &dir).unlock("me", &mut Script::new(&[])));
    assert!(refused.contains("needs its passphrase: give it as a line of input"), "{refused}");
}

#[test]
fn all_keys_of_a_keyring_have_one_passphrase() {
    let dir = TempDir::new().unwrap();
    let mut first = Script::new(&["passphrase"]);
    keyring(Backend::File, &dir).add_secret("one", &secret(ABANDON, PATH), &mut first).unwrap();
    assert_eq!(first.asked, ["new"]);
    let mut second = Script::new(&["another passphrase", "passphrase"]);
    keyring(Backend::File, &dir).add_secret("two", &secret(SPECIAL, PATH), &mut second).unwrap();
    assert_eq!(second.asked, ["existing", "existing"]);
    let mut both = keyring(Backend::File, &dir);
    let mut once = Script::new(&["passphrase"]);
    both.unlock("one", &mut once).unwrap();
    both.unlock("two", &mut once).unwrap();
    assert_eq!(once.asked, ["existing"]);
}

#[test]
fn listing_renaming_and_deleting_take_no_passphrase() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::File, &dir);
    let key = secret(ABANDON, PATH);
    keys.add_secret("me", &key, &mut Script::new(&["passphrase"])).unwrap();
    keys.rename("me", "you").unwrap();
    assert!(error(keys.find("me")).contains("there is no key named \"me\""));
    assert_eq!(keys.unlock("you", &mut Script::default()).unwrap().expose(), key.expose());
    keys.delete("you").unwrap();
    assert!(keys.records().unwrap().is_empty());
}

#[test]
fn deleting_clears_the_secret_service() {
    let dir = TempDir::new().unwrap();
    secret_tool(dir.path());
    let mut keys = keyring(Backend::Os, &dir);
    let address = keys.add_secret("me", &secret(ABANDON, PATH), &mut Script::default()).unwrap().address();
    let entry = dir.path().join(format!("application_jmesd_address_{address}"));
    assert!(entry.exists());
    keys.delete("me").unwrap();
    assert!(!entry.exists());
}

#[test]
fn a_secret_missing_from_the_secret_service_is_said_so() {
    let dir = TempDir::new().unwrap();
    secret_tool(dir.path());
    let mut keys = keyring(Backend::Os, &dir);
    let address = keys.add_secret("me", &secret(ABANDON, PATH), &mut Script::default()).unwrap().address();
    fs::remove_file(dir.path().join(format!("application_jmesd_address_{address}"))).unwrap();
    let refused = error(keys.unlock("me", &mut Script::default()));
    assert!(refused.contains(&format!("the system's keyring has no key of {address}")), "{refused}");
}

#[test]
fn a_machine_without_secret_service_is_told_what_to_do() {
    let dir = TempDir::new().unwrap();
    let refused =
        error(keyring(Backend::Os, &dir).add_secret("me", &secret(ABANDON, PATH), &mut Script::default()));
    assert!(refused.contains("install libsecret-tools, or use --keyring-backend file"), "{refused}");
    assert!(keyring(Backend::Os, &dir).records().unwrap().is_empty());
}

#[test]
fn names_and_keys_are_there_once() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::Test, &dir);
    keys.add_secret("one", &secret(ABANDON, PATH), &mut Script::default()).unwrap();
    keys.add_secret("two", &secret(SPECIAL, PATH), &mut Script::default()).unwrap();
    let taken = error(keys.add_secret("one", &secret(ECONOMY, PATH), &mut Script::default()));
    assert_eq!(taken, "there is a key named \"one\" already: delete it first, or choose another name");
    let same = error(keys.add_secret("three", &secret(ABANDON, PATH), &mut Script::default()));
    assert!(same.starts_with("the keyring has this key already, named \"one\""), "{same}");
    assert!(error(keys.rename("one", "two")).starts_with("there is a key named \"two\" already"));
}

#[test]
fn names_can_not_lead_out_of_the_keyring() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::Test, &dir);
    let long = "x".repeat(65);
    for name in ["", ".", "..", "../me", "a/b", "a b", "-n", ".hidden", "é", &long] {
        let refused = error(keys.add_secret(name, &secret(ABANDON, PATH), &mut Script::default()));
        assert!(refused.contains("cannot be a key's name"), "{refused}");
        assert!(error(keys.find(name)).contains("there is no key named"));
    }
    let address = "jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8";
    let refused = error(keys.add_secret(address, &secret(SPECIAL, PATH), &mut Script::default()));
    assert!(refused.contains("is an address and cannot be a key's name"), "{refused}");
}

#[test]
fn public_and_multisig_keys_are_kept_and_can_not_sign() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::File, &dir);
    let [one, two] = [ABANDON, SPECIAL].map(|words| secret(words, PATH).public_key());
    let multisig = PublicKey::Multisig(MultisigKey::new(2, vec![one, two]).unwrap());
    assert_eq!(keys.add_public("both", multisig.clone()).unwrap().kind, Kind::Multi);
    assert_eq!(keys.add_public("one", PublicKey::Secp256k1(one)).unwrap().kind, Kind::Offline);
    assert_eq!(keyring(Backend::File, &dir).find("both").unwrap().public_key, multisig);
    let refused = error(keys.unlock("both", &mut Script::default()));
    assert!(refused.contains("a multisig key: its members sign"), "{refused}");
    let refused = error(keys.unlock("one", &mut Script::default()));
    assert!(refused.contains("a public key alone"), "{refused}");
}

#[test]
fn altered_and_damaged_files_are_refused() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::Test, &dir);
    keys.add_secret("one", &secret(ABANDON, PATH), &mut Script::default()).unwrap();
    keys.add_secret("two", &secret(SPECIAL, PATH), &mut Script::default()).unwrap();
    let [one, two] =
        ["one", "two"].map(|name| fs::read_to_string(keys.dir().join(format!("{name}.json"))).unwrap());
    let hex_of = |words| hex::encode(secret(words, PATH).expose());
    fs::write(keys.dir().join("one.json"), one.replace(&hex_of(ABANDON), &hex_of(SPECIAL))).unwrap();
    let refused = error(keys.unlock("one", &mut Script::default()));
    assert!(refused.contains("belongs to another public key: its file"), "{refused}");
    for damaged in
        ["", "{}", &two.replace("\"version\": 1", "\"version\": 2"), &two.replace("local", "offline")]
    {
        fs::write(keys.dir().join("two.json"), damaged).unwrap();
        assert!(error(keys.find("two")).contains("two.json"), "{damaged}");
    }
}

#[test]
fn a_key_of_an_encrypted_keyring_is_bound_to_its_public_key() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::File, &dir);
    keys.add_secret("one", &secret(ABANDON, PATH), &mut Script::new(&["passphrase"])).unwrap();
    let file = keys.dir().join("one.json");
    let key = |words| key_to_json(&PublicKey::Secp256k1(secret(words, PATH).public_key()));
    let text = fs::read_to_string(&file).unwrap();
    let altered = text.replace(key(ABANDON)["key"].as_str().unwrap(), key(SPECIAL)["key"].as_str().unwrap());
    assert_ne!(altered, text);
    fs::write(&file, altered).unwrap();
    let mut fresh = keyring(Backend::File, &dir);
    assert!(error(fresh.unlock("one", &mut Script::new(&["passphrase"]))).starts_with("wrong passphrase"));
}

#[test]
fn other_files_in_the_directory_are_left_alone() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::Test, &dir);
    keys.add_secret("one", &secret(ABANDON, PATH), &mut Script::default()).unwrap();
    for other in ["one.info", "keyhash", ".json", "bad name.json"] {
        fs::write(keys.dir().join(other), "x").unwrap();
    }
    assert_eq!(keys.records().unwrap().len(), 1);
}

#[test]
fn a_missing_key_names_the_keys_there_are() {
    let dir = TempDir::new().unwrap();
    let mut keys = keyring(Backend::Test, &dir);
    let shown = |text: String| text.replace(&dir.path().display().to_string(), "HOME");
    let empty = shown(error(keys.find("me")));
    keys.add_secret("one", &secret(ABANDON, PATH), &mut Script::default()).unwrap();
    let missing = shown(error(keys.find("me")));
    let address = shown(error(keys.find("jmes193zzf858nc8359yc5xn8jpewus9wr9w59qnlc9")));
    insta::assert_snapshot!("missing_keys", [empty, missing, address].join("\n"));
}

#[test]
fn new_passphrases_have_at_least_eight_characters() {
    assert!(check_new_passphrase("12345678").is_ok());
    assert!(check_new_passphrase("éééééééé").is_ok());
    assert_eq!(
        check_new_passphrase("1234567").unwrap_err().to_string(),
        "a passphrase needs at least 8 characters, this one has 7"
    );
}
