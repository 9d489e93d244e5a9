//! The listening socket: its file, accepting the engine's connections, and stopping them all.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io;
use std::iter;
use std::net;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, Builder, Scope};

use super::connection::Connection;
use super::{Error, Limits, Node, Shutdown};

/// An ABCI server listening on a unix socket.
pub struct Server<A> {
    app: A,
    listener: UnixListener,
    file: SocketFile,
    limits: Limits,
}

impl<A: Node> Server<A> {
    /// Listens on a new socket at `path` that only this user may connect to (mode 0600).
    ///
    /// A socket file left behind by a node that was killed is replaced. Two nodes that start on one path
    /// at the same moment are kept apart by the lock of the database, not by this.
    ///
    /// # Errors
    /// [`Error::InUse`] if a server answers at `path`, [`Error::NotASocket`] if something else is there,
    /// [`Error::Bind`] if the system refuses, as it does a path of 108 bytes or more.
    pub fn bind(path: impl AsRef<Path>, app: A, limits: Limits) -> Result<Self, Error> {
        let path = path.as_ref();
        let bind_error = |source| Error::Bind { path: path.to_owned(), source };
        remove_stale(path)?;
        let listener = UnixListener::bind(path).map_err(bind_error)?;
        let file = SocketFile(path.to_owned());
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(bind_error)?;
        tracing::debug!(path = %path.display(), "listening for the consensus engine");
        Ok(Self { app, listener, file, limits })
    }

    /// Serves the engine until `shutdown` is triggered, or a connection that was used ends.
    ///
    /// Either way no request is under way and no thread is left when this returns, the connections are
    /// closed and the socket file is gone. Requests being handled at that moment are finished first;
    /// their answers and everything not yet handled are dropped.
    ///
    /// # Errors
    /// How the first connection to end did so, if `shutdown` was not triggered before.
    ///
    /// # Panics
    /// If the application panicked, with the same payload, after all has been closed.
    pub fn run(self, shutdown: &Shutdown) -> Result<(), Error> {
        let Self { app, listener, file: _file, limits } = self;
        let (events, incoming) = mpsc::channel();
        let open = Connections::new(&listener).map_err(Error::Accept)?;
        let stop = events.clone();
        // Nobody listens any more if the server ended before: nothing to tell it then.
        shutdown.on_trigger(move || drop(stop.send(Event::Shutdown)));

        let first = thread::scope(|scope| {
            let acceptor = Acceptor { app, listener: &listener, limits, open: &open, events: events.clone() };
            let started = Builder::new()
                .name("abci-accept".into())
                .spawn_scoped(scope, move || acceptor.run(scope))
                .map_err(Error::Accept);
            let first = match started {
                Ok(_) => incoming.recv().expect("this function keeps a sender"),
                Err(error) => Event::Failed(error),
            };
            open.close();
            first
        });
        let mut outcome = Ok(());
        for (index, event) in iter::once(first).chain(incoming.try_iter()).enumerate() {
            match event {
                Event::Panicked(payload) => panic::resume_unwind(payload),
                Event::Failed(error) if index == 0 && !shutdown.is_triggered() => outcome = Err(error),
                // What follows the first is what closing the connections made of the others.
                Event::Failed(_) | Event::Shutdown => {}
            }
        }
        outcome
    }
}

/// What ends a running server.
enum Event {
    Shutdown,
    Failed(Error),
    Panicked(Box<dyn Any + Send>),
}

/// The thread that accepts connections.
struct Acceptor<'run, A> {
    app: A,
    listener: &'run UnixListener,
    limits: Limits,
    open: &'run Connections,
    events: Sender<Event>,
}

impl<'run, A: Node> Acceptor<'run, A> {
    /// Gives each connection its thread, until accepting fails or the server is closed.
    fn run<'scope>(self, scope: &'scope Scope<'scope, 'run>)
    where
        'run: 'scope,
    {
        for number in 1.. {
            let accepted = self.listener.accept().and_then(|(stream, _)| self.serve(scope, number, stream));
            if let Err(error) = accepted {
                let failed = Event::Failed(Error::Accept(error));
                return self.events.send(failed).expect("the server outlives its threads");
            }
        }
    }

    /// Starts the thread of one connection, unless the server is closed.
    fn serve<'scope>(
        &self,
        scope: &'scope Scope<'scope, 'run>,
        number: usize,
        stream: UnixStream,
    ) -> io::Result<()>
    where
        'run: 'scope,
    {
        let Some(stream) = self.open.add(number, stream) else { return Ok(()) };
        let (app, limits, open, events) = (self.app.clone(), self.limits, self.open, self.events.clone());
        Builder::new().name(format!("abci-{number}")).spawn_scoped(scope, move || {
            tracing::debug!(connection = number, "ABCI connection opened");
            let connection = Connection::new(number, app, &*stream, limits);
            // Not to recover: a thread that just died would leave the others waiting for ever.
            let ended = panic::catch_unwind(AssertUnwindSafe(|| connection.serve()));
            open.remove(number);
            let event = match ended {
                Ok(Ok(())) => return,
                Ok(Err(error)) => Event::Failed(error),
                Err(payload) => Event::Panicked(payload),
            };
            events.send(event).expect("the server outlives its threads");
        })?;
        Ok(())
    }
}

/// The open connections, so that they can be closed while their threads wait in a read.
struct Connections {
    /// The listening socket, in the only type of the standard library that can shut it down.
    listener: UnixStream,
    /// By number; `None` when the server is closed.
    streams: Mutex<Option<BTreeMap<usize, Arc<UnixStream>>>>,
}

impl Connections {
    fn new(listener: &UnixListener) -> io::Result<Self> {
        let listener = UnixStream::from(OwnedFd::from(listener.try_clone()?));
        Ok(Self { listener, streams: Mutex::new(Some(BTreeMap::new())) })
    }

    /// Takes note of a new connection; `None` if the server is closed.
    fn add(&self, number: usize, stream: UnixStream) -> Option<Arc<UnixStream>> {
        let stream = Arc::new(stream);
        self.streams().as_mut()?.insert(number, stream.clone());
        Some(stream)
    }

    fn remove(&self, number: usize) {
        if let Some(streams) = self.streams().as_mut() {
            streams.remove(&number);
        }
    }

    /// Ends all reads and writes of the connections, and `accept`, now and in future.
    fn close(&self) {
        // Errors mean that the other side was quicker.
        for stream in self.streams().take().into_iter().flat_map(BTreeMap::into_values) {
            let _ = stream.shutdown(net::Shutdown::Both);
        }
        // On Linux this makes a waiting `accept` fail.
        let _ = self.listener.shutdown(net::Shutdown::Both);
    }

    fn streams(&self) -> MutexGuard<'_, Option<BTreeMap<usize, Arc<UnixStream>>>> {
        self.streams.lock().expect("nothing panics under this lock")
    }
}

/// The socket's file, removed with the server.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "cannot remove the socket's file");
        }
    }
}

/// Removes the socket file of a server that is no more.
fn remove_stale(path: &Path) -> Result<(), Error> {
    let bind_error = |source| Error::Bind { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(bind_error(error)),
        Ok(metadata) if !metadata.file_type().is_socket() => return Err(Error::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(Error::InUse(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(bind_error)
        }
        Err(error) => Err(bind_error(error)),
    }
}
