//! gRPC and REST: doors to the one route table of queries ([`Chain::query`]) and to the node's own services.
//!
//! Nobody writes an endpoint here. What is served is read from the descriptor set:
//! - `catalog`: every call and its REST routes; `template` and `routes` parse and find those; `fields` turns parameters
//!   into request messages.
//! - `grpc`: any unary call by its path, as raw bytes; `reflection`: the descriptors for tools.
//! - `rest`: the same calls as JSON, transcoded over the descriptors; `openapi`: the document that describes them.
//! - `node`: what needs the engine. `desk`: where both doors put their calls, with its limits.
//! - `listener`: connections, their limits and their end.
//!
//! Queries are short and run on the two threads that serve connections; calls that wait for the engine run on a bounded
//! number of threads of their own.

mod catalog;
mod desk;
mod fields;
mod grpc;
mod listener;
mod node;
mod openapi;
mod reflection;
mod rest;
mod routes;
mod status;
mod template;
#[cfg(test)]
pub(crate) mod tests;

pub use node::answer_node_query;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    task::JoinHandle,
};

use crate::{chain::Chain, rpc};
use desk::Desk;

/// Threads that serve connections.
const THREADS: usize = 2;

/// How long open requests may go on when the node stops.
const STOP_TIME: Duration = Duration::from_secs(3);

/// How long the threads may take to end after that; one that waits for the engine is left behind.
const THREADS_TIME: Duration = Duration::from_secs(1);

/// What is served, and where.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// Where REST listens; not at all if `None`.
    pub rest: Option<SocketAddr>,
    /// Where gRPC listens; not at all if `None`.
    pub grpc: Option<SocketAddr>,
    /// URL of the engine's RPC.
    pub engine_rpc: String,
    /// Whether browsers may let pages of any site read REST answers.
    pub cors: bool,
    /// Bounds on what callers can use.
    pub limits: Limits,
}

impl ApiOptions {
    /// The defaults: REST and gRPC on their usual ports, for this machine alone.
    pub fn new(engine_rpc: impl Into<String>) -> Self {
        Self {
            rest: Some(SocketAddr::from(([127, 0, 0, 1], 1317))),
            grpc: Some(SocketAddr::from(([127, 0, 0, 1], 9090))),
            engine_rpc: engine_rpc.into(),
            cors: false,
            limits: Limits::default(),
        }
    }
}

/// Bounds on what callers can use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections open at a time, at each door; others wait.
    pub connections: usize,
    /// Largest REST body, in bytes. The engine takes transactions up to 1 MiB, which are 1.4 MB in base64.
    pub body_bytes: usize,
    /// Longest query string, in bytes.
    pub query_bytes: usize,
    /// Largest gRPC request, in bytes.
    pub message_bytes: usize,
    /// Requests with a body that may be in memory at a time; others wait. With the largest bodies this bounds the memory
    /// that callers can take.
    pub bodies: usize,
    /// How long a request may take to arrive, to be answered, and how long a client may not take its answer.
    pub time: Duration,
    /// Calls that may wait for the engine at a time.
    pub engine_calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 500,
            body_bytes: 2 << 20,
            query_bytes: 8 << 10,
            message_bytes: 2 << 20,
            bodies: 128,
            time: Duration::from_secs(15),
            engine_calls: 16,
        }
    }
}

/// The doors while they are open. Dropping it closes them without waiting for open requests.
#[derive(Debug)]
pub struct ApiHandle {
    /// Where REST listens.
    pub rest: Option<SocketAddr>,
    /// Where gRPC listens.
    pub grpc: Option<SocketAddr>,
    runtime: Option<Runtime>,
    stop: watch::Sender<()>,
    doors: Vec<JoinHandle<()>>,
}

impl ApiHandle {
    /// Takes no more connections, lets open requests end for at most 3 s, and returns.
    pub fn stop(mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let _ = self.stop.send(());
        let doors = std::mem::take(&mut self.doors);
        runtime.block_on(async {
            let all = async {
                for door in doors {
                    let _ = door.await;
                }
            };
            if tokio::time::timeout(STOP_TIME, all).await.is_err() {
                tracing::warn!("closed API connections with requests that did not end in {STOP_TIME:?}");
            }
        });
        runtime.shutdown_timeout(THREADS_TIME);
    }
}

impl Drop for ApiHandle {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Opens the doors and returns while they are served on threads of their own.
///
/// # Errors
/// If an address can't be listened on (with the setting's name), the engine's URL is no URL, or threads can't be started;
/// nothing is served then.
pub fn serve(chain: Chain, options: ApiOptions) -> io::Result<ApiHandle> {
    let limits = options.limits;
    let engine = rpc::Client::with_timeout(&options.engine_rpc, limits.time)
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
    let rest = options.rest.map(|address| bind("REST", "api.address", address)).transpose()?;
    let grpc = options.grpc.map(|address| bind("gRPC", "grpc.address", address)).transpose()?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(limits.engine_calls + 1)
        .thread_name("api")
        .enable_all()
        .build()?;
    let (stop, stopped) = watch::channel(());
    let desk = Arc::new(Desk::new(chain, engine, limits));
    let mut handle = ApiHandle {
        rest: rest.as_ref().map(TcpListener::local_addr).transpose()?,
        grpc: grpc.as_ref().map(TcpListener::local_addr).transpose()?,
        runtime: None,
        stop,
        doors: Vec::new(),
    };
    {
        let _entered = runtime.enter();
        if let Some(socket) = rest {
            let socket = tokio::net::TcpListener::from_std(socket)?;
            let service = rest::Service::new(desk.clone(), options.cors);
            handle.doors.push(runtime.spawn(listener::serve_http1(socket, service, limits, stopped.clone())));
        }
        if let Some(socket) = grpc {
            let socket = tokio::net::TcpListener::from_std(socket)?;
            let service = grpc::Service::new(desk);
            handle.doors.push(runtime.spawn(listener::serve_http2(socket, service, limits, stopped)));
        }
    }
    handle.runtime = Some(runtime);
    Ok(handle)
}

fn bind(door: &str, setting: &str, address: SocketAddr) -> io::Result<TcpListener> {
    let listen = || {
        let socket = TcpListener::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    listen().map_err(|e: io::Error| {
        let reason = match e.kind() {
            io::ErrorKind::AddrInUse => format!("port {} is in use by another program", address.port()),
            _ => e.to_string(),
        };
        let advice = format!("set another `{setting}` in app.toml");
        io::Error::new(e.kind(), format!("{door} can't listen on {address}: {reason}; {advice}"))
    })
}
