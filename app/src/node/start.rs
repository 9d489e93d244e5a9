//! `jmesd start`: the application, its doors and the engine, started in the order in which each needs the
//! other and stopped in the reverse one.

use super::settings::NodeSettings;
use super::{genesis, genesis_file, open_store, upgrade};
use crate::abci::{Limits, Server, Shutdown};
use crate::api::{self, ApiHandle, ApiOptions};
use crate::chain::{Chain, Settings, SnapshotSettings};
use crate::engine::{self, Engine};
use crate::snapshots::Folder;
use anyhow::{anyhow, bail, Context, Result};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;
use std::time::Duration;

/// How long the engine may take to stop before it is killed.
const ENGINE_GRACE: Duration = Duration::from_secs(20);
/// How long after a connection the engine itself may end for its end to be the cause.
const ENGINE_END: Duration = Duration::from_secs(5);
/// The largest ABCI request: genesis comes in one, and its accounts may be millions.
const LARGEST_REQUEST: usize = 2 << 30;

/// What a start needs besides the home's settings.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// The home directory.
    pub home: PathBuf,
    /// The application's settings, with what the command line changes.
    pub settings: NodeSettings,
    /// Whether the operator runs the engine (`--engine external`).
    pub external_engine: bool,
    /// The engine's binary, if it is not found by itself.
    pub engine_binary: Option<PathBuf>,
    /// The engine's log level; the settings' when `None`.
    pub engine_log_level: Option<String>,
}

/// Why the node stops.
enum Stop {
    Signal(&'static str),
    Halt,
    Abci(Result<(), crate::abci::Error>),
    Engine(Box<engine::Exit>),
}

/// Runs the node until it is told to stop (`Ok`) or something fails (`Err` with what happened and what to do).
pub fn run(options: StartOptions) -> Result<()> {
    let StartOptions { home, settings, .. } = &options;
    let store = open_store(home, settings)?;
    if store.committed().is_none() {
        // Before the engine sees it: it keeps the first genesis that it can read.
        let path = genesis_file(home);
        genesis::load(&path)
            .and_then(|document| genesis::validate(&document))
            .with_context(|| format!("the genesis file {} can't be used", path.display()))?;
    }
    let height = store.committed().map_or(0, |committed| committed.height);
    if let Some(binary) = upgrade::next_binary(home, height)? {
        drop(store);
        return upgrade::run(&binary);
    }
    let shutdown = Shutdown::new();
    let chain = Chain::new(
        store,
        Settings {
            minimum_gas_price: settings.minimum_gas_prices,
            halt_height: settings.halt_height,
            min_retain_blocks: settings.min_retain_blocks,
            upgrade_info: Some(upgrade::info_path(home)),
            snapshots: Some(SnapshotSettings {
                folder: Folder::of(home),
                interval: settings.snapshot_interval,
                keep_recent: settings.snapshot_keep_recent,
            }),
        },
        shutdown.clone(),
    );
    let (sender, stops) = channel();
    watch_signals(sender.clone())?;
    let halted = sender.clone();
    shutdown.on_trigger(move || drop(halted.send(Stop::Halt)));
    let socket = engine::app_socket(home)?;
    let limits = Limits { request_bytes: LARGEST_REQUEST };
    let server = Server::bind(&socket, chain.clone(), limits)
        .with_context(|| format!("can't listen for the engine on {}", socket.display()))?;
    let (token, served) = (shutdown.clone(), sender.clone());
    let abci = thread::Builder::new()
        .name("abci".into())
        .spawn(move || drop(served.send(Stop::Abci(server.run(&token)))))?;
    let doors = serve(&chain, &options)?;
    let engine = match options.external_engine {
        true => {
            tracing::info!(socket = %socket.display(), "waiting for the engine");
            None
        }
        false => Some(start_engine(&options, &socket, sender)?),
    };
    let mut stop = stops.recv().context("nothing is left that could stop the node")?;
    if engine.is_some() {
        stop = prefer_engine(stop, &stops);
    }
    let outcome = describe(stop);
    if let Some(engine) = engine {
        engine.stop(ENGINE_GRACE);
    }
    shutdown.trigger();
    doors.stop();
    abci.join().map_err(|_| anyhow!("the ABCI server's thread panicked"))?;
    chain.await_snapshot();
    let Some(stopped) = chain.stopped().cloned() else { return outcome };
    let height = chain.height();
    drop(chain);
    match upgrade::next_binary(home, height) {
        Ok(Some(binary)) => upgrade::run(&binary),
        Ok(None) => bail!(stopped),
        Err(missing) => Err(missing.context(stopped)),
    }
}

/// A lost connection is how the engine's end shows first, and what the engine says of its end is worth more.
fn prefer_engine(stop: Stop, stops: &Receiver<Stop>) -> Stop {
    let Stop::Abci(result) = stop else { return stop };
    match stops.recv_timeout(ENGINE_END) {
        Ok(end @ Stop::Engine(_)) => {
            if let Err(error) = result {
                tracing::error!("{error}");
            }
            end
        }
        _ => Stop::Abci(result),
    }
}

fn describe(stop: Stop) -> Result<()> {
    match stop {
        Stop::Signal(name) => {
            tracing::info!(signal = name, "stopping");
            Ok(())
        }
        Stop::Halt => {
            tracing::info!("the halt height is reached, stopping");
            Ok(())
        }
        Stop::Abci(result) => Ok(result.context("the connection to the consensus engine ended")?),
        Stop::Engine(exit) => bail!(exit.explain()),
    }
}

fn serve(chain: &Chain, options: &StartOptions) -> Result<ApiHandle> {
    let settings = &options.settings;
    let engine_rpc = engine::rpc_url(&options.home)?;
    Ok(api::serve(
        chain.clone(),
        ApiOptions {
            rest: settings.api_enable.then_some(settings.api_address),
            grpc: settings.grpc_enable.then_some(settings.grpc_address),
            cors: settings.api_cors,
            ..ApiOptions::new(engine_rpc)
        },
    )?)
}

fn start_engine(options: &StartOptions, socket: &Path, sender: Sender<Stop>) -> Result<Engine> {
    let engine = Engine::spawn(engine::Options {
        binary: engine::find_binary(options.engine_binary.as_deref())?,
        home: options.home.clone(),
        application: format!("unix://{}", socket.display()),
        log_level: options.engine_log_level.clone(),
    })?;
    let waiting = engine.clone();
    thread::Builder::new()
        .name("engine-exit".into())
        .spawn(move || drop(sender.send(Stop::Engine(Box::new(waiting.wait())))))?;
    Ok(engine)
}

fn watch_signals(sender: Sender<Stop>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt, mut terminate) = {
        use tokio::signal::unix::{signal, SignalKind};
        let _entered = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    thread::Builder::new().name("signals".into()).spawn(move || {
        let name = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => "interrupt",
                _ = terminate.recv() => "terminate",
            }
        });
        drop(sender.send(Stop::Signal(name)));
    })?;
    Ok(())
}
