//! What the goroutine of a connection does, as far as the end of its server must know it.
//!
//! The goroutine says what it does in one word; for a head it takes the lock too, since there is a time to say. Who
//! ends the server has the lock all the while, and changes one thing only: an idle connection is *ending* then, and
//! gets a read deadline that has passed. A goroutine that finds itself ending waits for that lock once, so that the
//! deadline is set by then, and is not set over a later one.
//!
//! (`tests/models/loom` compiles this file.)

use crate::sync::Mutex;
use crate::sys::atomic::{AtomicU8, Ordering};

/// Reads or answers a request.
const BUSY: u8 = 0;
/// Waits for the first byte of a request; the server may end that.
const IDLE: u8 = 1;
/// Waits for the rest of a request's head; the server may make that shorter.
const HEAD: u8 = 2;
/// The server wants an idle connection to end.
const ENDING: u8 = 3;

pub(super) struct Phase {
    is: AtomicU8,
    /// Until when it waits for a head.
    due: Mutex<Option<i64>>,
}

/// What the end of the server finds.
pub(super) enum Found {
    /// It was idle, and is ending.
    Idle,
    /// It waits for a head until then.
    Head(Option<i64>),
}

impl Phase {
    /// That of a connection which has just come.
    pub(super) fn new() -> Phase {
        Phase {
            is: AtomicU8::new(BUSY),
            due: Mutex::new(None),
        }
    }

    /// An idle wait begins, the deadline of which is set. SeqCst: either who ends the server, having said so, sees
    /// this, or the goroutine sees the end when it looks next.
    pub(super) fn idle(&self) {
        self.is.store(IDLE, Ordering::SeqCst);
    }

    /// An idle wait is over. `true`: the server has ended it, and a deadline that has passed is set.
    pub(super) fn was_ended(&self) -> bool {
        // Acquire is for nothing: what the ender did is seen by its lock.
        let ended = self.is.swap(BUSY, Ordering::Relaxed) == ENDING;
        if ended {
            drop(self.due.lock());
        }
        ended
    }

    /// Waits with `wait` for a head until `due`; `begin` sets that deadline, before which no ender comes.
    pub(super) fn head<R>(
        &self,
        due: Option<i64>,
        begin: impl FnOnce(),
        wait: impl FnOnce() -> R,
    ) -> R {
        {
            let mut until = self.due.lock();
            *until = due;
            self.is.store(HEAD, Ordering::Relaxed);
            begin();
        }
        let result = wait();
        let _enders = self.due.lock();
        self.is.store(BUSY, Ordering::Relaxed);
        result
    }

    /// The server ends: `shorten` sets the deadline of what is found, if that is a wait that may be ended.
    pub(super) fn end(&self, shorten: impl FnOnce(Found)) {
        let due = self.due.lock();
        // SeqCst: see `idle`.
        let was = self
            .is
            .compare_exchange(IDLE, ENDING, Ordering::SeqCst, Ordering::SeqCst);
        match was {
            Ok(_) => shorten(Found::Idle),
            Err(HEAD) => shorten(Found::Head(*due)),
            Err(_) => {}
        }
    }
}
