//! The command line as people and scripts use it: every command is run in this process, with its streams captured.

mod command_tree;
mod damaged;
mod daos;
mod economy;
mod governance;
mod keys;
mod local;
mod names;
mod node;
mod overview;
mod queries;
mod redeeming;
mod signing;
mod staking;
mod tables;
mod transactions;

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use clap::Parser;

use super::*;

/// A published mnemonic and its address on coin type 6280, see the tests of keys.
const ABANDON: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const ABANDON_ADDRESS: &str = "jmes1fvmeedzkv4y4t2ku9xkm4m4qkgfekmdg7cs7r8";
/// Another.
const SPECIAL: &str = "special sign fit simple patrol salute grocery chicken wheat radar tonight ceiling";
const SPECIAL_ADDRESS: &str = "jmes193zzf858nc8359yc5xn8jpewus9wr9w59qnlc9";

/// A stream that can be read after the run.
#[derive(Clone, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a run did.
struct Ran {
    /// What would follow `Error: `.
    error: Option<String>,
    out: String,
    err: String,
}

impl Ran {
    /// Standard output of a run that succeeded.
    #[track_caller]
    fn out(self) -> String {
        assert!(self.error.is_none(), "{:?}\n{}", self.error, self.err);
        self.out
    }

    /// The same as JSON.
    #[track_caller]
    fn json(self) -> serde_json::Value {
        let out = self.out();
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}"))
    }

    /// The sentence of a run that failed.
    #[track_caller]
    fn error(self) -> String {
        self.error.unwrap_or_else(|| panic!("it succeeded: {}", self.out))
    }
}

/// Runs a command line with `input` as standard input.
fn run(home: &Path, input: &str, arguments: &[&str]) -> Ran {
    let (out, err) = (Captured::default(), Captured::default());
    let home = ["--home", home.to_str().unwrap()];
    let words = ["jmesd"].iter().chain(arguments).chain(&home);
    let result = match Cli::try_parse_from(words) {
        Err(usage) => Err(usage.render().to_string()),
        Ok(cli) => {
            open_session(&cli.globals, |format| Console::for_tests(input, out.clone(), err.clone(), format))
                .and_then(|mut session| cli.command.run(&mut session))
                .map_err(|error| format!("{error:#}"))
        }
    };
    Ran { error: result.err(), out: out.text(), err: err.text() }
}

/// A home with the keys `one` and `two` in its test keyring.
fn home_with_keys() -> tempfile::TempDir {
    let home = tempfile::TempDir::new().unwrap();
    for (name, mnemonic) in [("one", ABANDON), ("two", SPECIAL)] {
        run(home.path(), mnemonic, &["keys", "add", name, "--recover", "--keyring-backend", "test"]).out();
    }
    home
}
