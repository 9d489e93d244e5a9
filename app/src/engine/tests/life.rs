//! Starting and stopping the engine, and every way it can end.

use std::process::Command;

use super::super::settings::{set, File};
use super::*;

/// The home that the re-executed test of the parent's death works in.
const PARENT_HOME: &str = "JMES_TEST_ENGINE_PARENT_HOME";

fn kill(pid: u32, signal: i32) {
    // SAFETY: kill takes plain numbers; the process is a child of this test.
    assert_eq!(unsafe { libc::kill(pid.try_into().unwrap(), signal) }, 0);
}

fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

#[test]
fn an_engine_makes_blocks_stops_when_asked_and_goes_on_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let ports = free_ports();
    single_node(home.path(), ports);

    let engine = Engine::spawn(options(home.path())).unwrap();
    wait_for_height(ports.rpc, 3, LIMIT);
    assert!(engine.try_wait().is_none());
    let exit = engine.stop(Duration::from_secs(10));
    assert!(exit.requested && exit.status.success(), "{exit:?}");
    assert!(!Path::new(&format!("/proc/{}", engine.pid())).exists(), "the engine is reaped");
    assert!(engine.stop(Duration::ZERO).requested, "stopping twice does no harm");

    let engine = Stopped(Engine::spawn(options(home.path())).unwrap());
    wait_for_height(ports.rpc, 5, LIMIT);
    drop(engine);
}

#[test]
fn a_killed_engine_is_noticed_and_reported() {
    let home = tempfile::tempdir().unwrap();
    let ports = free_ports();
    single_node(home.path(), ports);
    let engine = Engine::spawn(options(home.path())).unwrap();
    wait_for_height(ports.rpc, 1, LIMIT);
    kill(engine.pid(), libc::SIGKILL);
    let exit = engine.wait();
    assert!(!exit.requested);
    assert!(exit.explain().contains("the consensus engine ended by itself (signal: 9"), "{}", exit.explain());
}

#[test]
fn an_engine_that_does_not_stop_in_time_is_killed() {
    let home = tempfile::tempdir().unwrap();
    let deaf = home.path().join("deaf");
    let script = format!("trap '' TERM\n: > {}\nwhile :; do sleep 0.05; done", deaf.display());
    let engine = Engine::spawn(scripted(home.path(), &script)).unwrap();
    until(LIMIT, "the script", || deaf.exists());
    let exit = engine.stop(Duration::from_millis(100));
    assert!(exit.requested);
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&exit.status), Some(libc::SIGKILL));
}

/// Not a test of its own: the parent that [`the_engine_dies_with_its_parent`] runs and kills.
#[test]
fn parent_of_an_engine() {
    let Some(home) = std::env::var_os(PARENT_HOME) else { return };
    let home = PathBuf::from(home);
    let engine = Engine::spawn(options(&home)).unwrap();
    fs::write(home.join("pid.new"), engine.pid().to_string()).unwrap();
    fs::rename(home.join("pid.new"), home.join("pid")).unwrap();
    engine.wait();
}

#[test]
fn the_engine_dies_with_its_parent() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), free_ports());
    let test = "engine::tests::life::parent_of_an_engine";
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--test-threads=1"])
        .env(PARENT_HOME, home.path())
        .spawn()
        .unwrap();
    until(LIMIT, "the engine", || home.path().join("pid").exists());
    let pid: u32 = fs::read_to_string(home.path().join("pid")).unwrap().parse().unwrap();
    assert!(runs(pid));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until(LIMIT, "the engine's death", || !runs(pid));
}

#[test]
fn a_taken_port_is_named_with_its_setting_before_the_start() {
    let home = tempfile::tempdir().unwrap();
    let ports = free_ports();
    single_node(home.path(), ports);
    let _taken = TcpListener::bind(("127.0.0.1", ports.rpc)).unwrap();
    let _also = TcpListener::bind(("127.0.0.1", ports.engine_metrics)).unwrap();
    let error = Engine::spawn(options(home.path())).unwrap_err().to_string();
    let rpc = format!("rpc.laddr = tcp://127.0.0.1:{0}: port {0} is already in use", ports.rpc);
    assert!(error.contains(&rpc), "{error}");
    assert!(error.contains("instrumentation.prometheus_listen_addr"), "{error}");
    assert!(!error.contains("p2p.laddr"), "{error}");
}

/// Starts an engine that must end by itself, and returns the report.
fn report_of(home: &Path) -> String {
    report_of_engine(options(home))
}

fn report_of_engine(options: Options) -> String {
    let exit = Engine::spawn(options).unwrap().wait();
    assert!(!exit.requested);
    assert!(!exit.status.success(), "{exit:?}");
    exit.explain()
}

#[test]
fn a_wrong_setting_is_explained() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), free_ports());
    set(home.path(), File::Config, "mempool.size", "-1").unwrap();
    let report = report_of(home.path());
    assert!(report.contains("config/config.toml is wrong"), "{report}");
    assert!(report.contains("negative"), "{report}");
}

#[test]
fn a_wrong_genesis_is_explained() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), free_ports());
    write_genesis(home.path(), &"too-long-a-chain-id".repeat(5), &[]);
    let report = report_of(home.path());
    assert!(report.contains("the genesis file is wrong"), "{report}");
}

#[test]
fn a_missing_genesis_is_reported_before_the_start() {
    let home = tempfile::tempdir().unwrap();
    single_node(home.path(), free_ports());
    fs::remove_file(home.path().join("config/genesis.json")).unwrap();
    let error = Engine::spawn(options(home.path())).unwrap_err().to_string();
    assert!(error.starts_with("cannot read the genesis file"), "{error}");
}

#[test]
fn a_genesis_changed_after_the_first_start_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let ports = free_ports();
    single_node(home.path(), ports);
    let engine = Stopped(Engine::spawn(options(home.path())).unwrap());
    wait_for_height(ports.rpc, 1, LIMIT);
    drop(engine);
    write_genesis(
        home.path(),
        "another-chain",
        &[super::super::keys::validator_pubkey(home.path()).unwrap()],
    );
    let error = Engine::spawn(options(home.path())).unwrap_err().to_string();
    assert!(error.contains("is not the one this node's data was made with"), "{error}");
}

#[test]
fn two_engines_on_one_home_are_explained() {
    let home = tempfile::tempdir().unwrap();
    let ports = free_ports();
    single_node(home.path(), ports);
    let _first = Stopped(Engine::spawn(options(home.path())).unwrap());
    wait_for_height(ports.rpc, 1, LIMIT);
    let others = free_ports();
    for (key, port) in [
        ("rpc.laddr", format!("tcp://127.0.0.1:{}", others.rpc)),
        ("p2p.laddr", format!("tcp://127.0.0.1:{}", others.p2p)),
        ("instrumentation.prometheus_listen_addr", format!("127.0.0.1:{}", others.engine_metrics)),
    ] {
        set(home.path(), File::Config, key, &port).unwrap();
    }
    let report = report_of(home.path());
    assert!(report.contains("Is another node running with the same home?"), "{report}");
}

#[test]
fn an_application_whose_state_differs_is_explained() {
    // The built-in application keeps its state in memory when it is named `kvstore`: after a restart it is replayed.
    // `noop` has another application hash.
    let home = tempfile::tempdir().unwrap();
    let ports = free_ports();
    single_node(home.path(), ports);
    let engine = Stopped(Engine::spawn(options(home.path())).unwrap());
    wait_for_height(ports.rpc, 3, LIMIT);
    drop(engine);
    let other = Options { application: "noop".into(), ..options(home.path()) };
    let exit = Engine::spawn(other).unwrap().wait();
    assert!(exit.explain().contains("is not the state the chain agreed on"), "{}", exit.explain());
}

/// Options with a shell script in place of the engine.
fn scripted(home: &Path, script: &str) -> Options {
    single_node(home, free_ports());
    let binary = home.join("engine.sh");
    fs::write(&binary, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&binary, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    Options { binary, ..options(home) }
}

#[test]
fn an_engine_whose_consensus_has_failed_is_ended_and_explained() {
    // The engine logs this and lives on; the disk is full in this case.
    let home = tempfile::tempdir().unwrap();
    let halted = r#"{"level":"error","module":"consensus","err":"write cs.wal: no space left on device","_msg":"CONSENSUS FAILURE!!!","stack":"goroutine 1"}"#;
    let script = format!("trap 'exit 0' TERM\necho '{halted}'\nwhile :; do sleep 0.05; done");
    let exit = Engine::spawn(scripted(home.path(), &script)).unwrap().wait();
    assert!(!exit.requested);
    let report = exit.explain();
    assert!(report.contains("the disk is full"), "{report}");
    assert!(report.contains("engine: CONSENSUS FAILURE!!! err=write cs.wal"), "{report}");
    assert!(!report.contains("goroutine"), "{report}");
}

#[test]
fn a_panic_is_reported_without_its_stack_traces() {
    let home = tempfile::tempdir().unwrap();
    let script = "printf 'panic: the reason\\n\\ngoroutine 1 [running]:\\nmain.main()\\n' >&2; exit 2";
    let report = report_of_engine(scripted(home.path(), script));
    assert!(report.ends_with("(exit status: 2)\n  engine: panic: the reason"), "{report}");
}

#[test]
fn a_binary_that_does_not_run_is_named() {
    let home = tempfile::tempdir().unwrap();
    let options = Options { binary: "/no/such/engine".into(), ..scripted(home.path(), "") };
    let error = Engine::spawn(options).unwrap_err().to_string();
    assert_eq!(error, "cannot run the consensus engine /no/such/engine");
}

#[test]
fn an_engine_of_another_version_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let options = scripted(home.path(), "echo 0.37.4");
    let error = find_binary(Some(&options.binary)).unwrap_err().to_string();
    assert!(error.ends_with("is CometBFT 0.37.4; this node needs 0.38.x"), "{error}");
}

/// The average time between `blocks` blocks of four local nodes, by their headers.
fn pace(preset: Preset, blocks: u32) -> Duration {
    /// The first blocks wait for the nodes to find each other.
    const SETTLED: u64 = 3;
    let dir = tempfile::tempdir().unwrap();
    let nodes = local_network(dir.path(), 4, preset, free_port_base(4));
    let _engines: Vec<_> =
        nodes.iter().map(|node| Stopped(Engine::spawn(options(&node.home)).unwrap())).collect();
    let rpc = nodes[0].ports.rpc;
    let last = SETTLED + u64::from(blocks);
    wait_for_height(rpc, last, LIMIT + 2 * blocks * preset.block_time());
    let time = |height: u64| -> tendermint::Time {
        let header = ask(rpc, &format!("header?height={height}")).unwrap();
        header["header"]["time"].as_str().unwrap().parse().unwrap()
    };
    time(last).duration_since(time(SETTLED)).unwrap() / blocks
}

#[test]
fn blocks_of_the_devnet_are_never_early() {
    // How late they are depends on what else this machine does; the bound only tells a wrong setting.
    let pace = pace(Preset::Devnet, 6);
    assert!((950..2_000).contains(&pace.as_millis()), "{pace:?}");
}

#[test]
fn blocks_on_mainnet_settings_are_5_seconds_apart_on_average() {
    if std::env::var_os("JMES_TEST_LONG").is_none() {
        return;
    }
    let pace = pace(Preset::Mainnet, 60);
    assert!((5_000..=5_100).contains(&pace.as_millis()), "{pace:?}");
}
