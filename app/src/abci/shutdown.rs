//! The token that tells every part of the node to stop.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// A token that is triggered once; its clones are the same token.
///
/// Not for signal handlers, as it takes a lock: a thread that waits for signals triggers it.
#[derive(Clone, Default)]
pub struct Shutdown(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    triggered: bool,
    hooks: Vec<Box<dyn FnOnce() + Send>>,
}

impl Shutdown {
    /// A token not yet triggered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells all who wait to stop. Only the first call does anything.
    pub fn trigger(&self) {
        let mut state = self.state();
        state.triggered = true;
        let hooks = std::mem::take(&mut state.hooks);
        drop(state);
        self.0.changed.notify_all();
        for hook in hooks {
            hook();
        }
    }

    /// Whether the token has been triggered.
    pub fn is_triggered(&self) -> bool {
        self.state().triggered
    }

    /// Blocks until the token is triggered.
    pub fn wait(&self) {
        let waited = self.0.changed.wait_while(self.state(), |state| !state.triggered);
        drop(waited.expect("nothing panics under this lock"));
    }

    /// Blocks until the token is triggered, at most for `timeout`; whether it has been triggered.
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        let waited = self.0.changed.wait_timeout_while(self.state(), timeout, |state| !state.triggered);
        waited.expect("nothing panics under this lock").0.triggered
    }

    /// Has `hook` called by the thread that triggers the token; at once if that has already happened.
    ///
    /// For waking what waits for something else than the token. The hook must not block, and is kept
    /// until the token is triggered or dropped.
    pub fn on_trigger(&self, hook: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        if state.triggered {
            drop(state);
            hook();
        } else {
            state.hooks.push(Box::new(hook));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nothing panics under this lock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn a_trigger_reaches_every_clone_and_every_waiter() {
        let token = Shutdown::new();
        assert!(!token.is_triggered());
        assert!(!token.wait_timeout(Duration::ZERO));
        thread::scope(|scope| {
            for token in [token.clone(), token.clone()] {
                scope.spawn(move || token.wait());
            }
            token.trigger();
        });
        assert!(token.clone().is_triggered());
        assert!(token.wait_timeout(Duration::ZERO));
    }

    #[test]
    fn a_hook_runs_once_at_the_trigger_or_at_once_after_it() {
        let token = Shutdown::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let count = || {
            let calls = calls.clone();
            move || {
                calls.fetch_add(1, Ordering::SeqCst);
            }
        };
        token.on_trigger(count());
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        token.trigger();
        token.trigger();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        token.on_trigger(count());
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }
}
