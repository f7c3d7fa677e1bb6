//! [`Room`]: how many requests at once a server takes by a connection of HTTP/2; the feature `http2`.
//!
//! Only the goroutine that has hyper's connection can look. It does so whenever it runs, and once more when
//! the first answer has come: the server's settings come before that.

use crate::chan::{Receiver, Sender, channel};
use crate::sync::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Waker;

/// The side of the requests.
pub(super) struct Room {
    state: Arc<State>,
    /// Closed when it is known.
    known: Receiver<()>,
}

/// The side of hyper's connection.
pub(super) struct Watch {
    state: Arc<State>,
    /// Dropped when it is known.
    unknown: Mutex<Option<Sender<()>>>,
}

struct State {
    most: AtomicUsize,
    answered: AtomicBool,
    /// Has the connection looked at.
    waker: Mutex<Option<Waker>>,
}

impl Room {
    pub(super) fn new() -> (Room, Watch) {
        /// As long as the server has not said anything; hyper sends no more before that.
        const AT_FIRST: usize = 100;
        let state = Arc::new(State {
            most: AtomicUsize::new(AT_FIRST),
            answered: AtomicBool::new(false),
            waker: Mutex::default(),
        });
        let (unknown, known) = channel(0);
        let watch = Watch {
            state: state.clone(),
            unknown: Mutex::new(Some(unknown)),
        };
        (Room { state, known }, watch)
    }

    pub(super) fn most(&self) -> usize {
        // Relaxed: a number; nothing else depends on it.
        self.state.most.load(Ordering::Relaxed)
    }

    /// An answer has come. Waits until [`most`](Self::most) is what the server has said.
    pub(super) fn is_known(&self) {
        // SeqCst: pairs with `look`, which puts its waker there before it looks at this.
        if !self.state.answered.swap(true, Ordering::SeqCst) {
            let waker = self.state.waker.lock().take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        self.known.recv();
    }
}

impl Watch {
    /// Notes what the server takes; `waker` is woken when it is to be noted again.
    pub(super) fn look(&self, waker: &Waker, most: impl FnOnce() -> usize) {
        let known = self.unknown.lock().is_none();
        if !known {
            let old = self.state.waker.lock().replace(waker.clone());
            drop(old);
        }
        let answered = self.state.answered.load(Ordering::SeqCst);
        // After that: what came before the answer is seen.
        self.state.most.store(most(), Ordering::Relaxed);
        if answered && !known {
            let unknown = self.unknown.lock().take();
            drop(unknown);
        }
    }
}
