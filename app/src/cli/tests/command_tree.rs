//! The names of commands and flags, which scripts rely on, and what is said about wrong ones.

use clap::{Command, CommandFactory};

use super::*;

#[test]
fn the_tree_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_and_flag_is_pinned() {
    let mut list = String::new();
    let mut root = Cli::command();
    root.build();
    describe("", &root, &mut list);
    insta::assert_snapshot!("command_tree", list);
}

/// A line for each command: its names, arguments and flags, without the global ones.
fn describe(path: &str, command: &Command, list: &mut String) {
    let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
    let mut words = vec![path.clone()];
    words.extend(command.get_visible_aliases().map(|alias| format!("(or {alias})")));
    for argument in command.get_positionals() {
        words.push(argument.to_string());
    }
    for flag in command.get_opts().chain(command.get_arguments().filter(|a| !a.get_action().takes_values())) {
        if flag.is_hide_set() || flag.is_global_set() || ["help", "version"].contains(&flag.get_id().as_str())
        {
            continue;
        }
        let short = flag.get_short().map(|short| format!("-{short}|")).unwrap_or_default();
        let long = flag.get_long_and_visible_aliases().unwrap_or_default().join("|--");
        words.push(format!("[{short}--{long}]"));
    }
    list.push_str(&format!("{}\n", words.join(" ")));
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        describe(&path, inner, list);
    }
}

#[test]
fn every_command_and_flag_has_a_description() {
    fn check(command: &Command) {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        }
        command.get_subcommands().for_each(check);
    }
    let mut root = Cli::command();
    root.build();
    check(&root);
}

#[test]
fn help_texts_are_pinned_where_people_look_most() {
    let help = |path: &[&str]| {
        let mut command = Cli::command().term_width(100);
        command.build();
        let found =
            path.iter().fold(&mut command, |command, name| command.find_subcommand_mut(name).unwrap());
        found.render_long_help().to_string()
    };
    insta::assert_snapshot!("help", help(&[]));
    insta::assert_snapshot!("help_keys_add", help(&["keys", "add"]));
    insta::assert_snapshot!("help_tx_bank_send", help(&["tx", "bank", "send"]));
    insta::assert_snapshot!("help_start", help(&["start"]));
    insta::assert_snapshot!("help_tx_staking", help(&["tx", "staking"]));
    insta::assert_snapshot!("help_tx_staking_join", help(&["tx", "staking", "join"]));
    insta::assert_snapshot!("help_query_emission", help(&["query", "emission"]));
}

#[test]
fn wrong_command_lines_say_what_is_wrong_and_exit_with_2() {
    let to = SPECIAL_ADDRESS;
    let wrong: [&[&str]; 13] = [
        &["qurey"],
        &["keys", "add"],
        &["tx", "bank", "send", "one", to],
        &["tx", "bank", "send", "one", to, "5"],
        &["tx", "bank", "send", "one", "cosmos1pkptre7fdkl6gfrzlesjjvhxhlc3r4gmmk8rs6", "5JMES"],
        &["tx", "bank", "send", "one", to, "5JMES", "--gas", "some"],
        &["tx", "bank", "send", "one", to, "5JMES", "--fees", "1JMES", "--gas-prices", "1ujmes"],
        &["query", "tx", "12"],
        &["keys", "list", "--keyring-backend", "kwallet"],
        &["tx", "staking", "delegate", to, "0JMES"],
        &["tx", "staking", "delegate", to, "5bujmes"],
        &["tx", "staking", "join", "--commission-rate", "101%"],
        &["query", "emission", "--chart", "--offline", "--node", "tcp://localhost:1"],
    ];
    let mut said = String::new();
    for words in wrong {
        let usage = Cli::try_parse_from(["jmesd"].iter().chain(words)).unwrap_err();
        assert_eq!(usage.exit_code(), 2, "{words:?}");
        let sentence = usage.render().to_string();
        let sentence = sentence.split("\n\nUsage").next().unwrap().trim_end();
        said.push_str(&format!("{}\n  {}\n", words.join(" "), sentence.replace('\n', "\n  ")));
    }
    insta::assert_snapshot!("usage_errors", said);
}

#[test]
fn completion_scripts_exist_for_the_common_shells() {
    let home = tempfile::TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(home.path(), "", &["completion", shell]).out();
        assert!(script.contains("jmesd") && script.contains("multi-send"), "{shell}");
    }
}

#[test]
fn the_version_is_one_word_and_the_long_one_is_json_on_request() {
    let home = tempfile::TempDir::new().unwrap();
    assert_eq!(run(home.path(), "", &["version"]).out().trim(), env!("CARGO_PKG_VERSION"));
    let long = run(home.path(), "", &["version", "--long", "-o", "json"]).json();
    assert_eq!(long["server_name"], "jmesd");
    assert_eq!(long["version"], env!("CARGO_PKG_VERSION"));
}
