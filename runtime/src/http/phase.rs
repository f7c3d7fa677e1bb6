//! What the goroutine of a connection does, as far as the end of its server must know it.
//!
//! The goroutine says what it does in one word, which it alone writes; for a head it takes the lock too, since there is a
//! time to say. Who ends the server first says so, and then passes [`barrier::heavy`], once; then it looks at that word,
//! with the lock. It gives an idle connection a read deadline that has passed, and notes that.
//!
//! Between what the goroutine says and its look at whether the server ends lies [`barrier::light`]. So
//!
//! * a wait that begins is found, or the goroutine sees the end and does not wait;
//! * a wait that is over is not found any more, or the goroutine sees the end. Then it takes the lock: what the ender does
//!   with what it has found is done by then, and so the deadline is not set over a later one.
//!
//! (`tests/models/loom` compiles this file.)

use crate::sync::Mutex;
use crate::sys::atomic::{AtomicU8, Ordering};
use crate::sys::barrier;

/// Reads or answers a request.
const BUSY: u8 = 0;
/// Waits for the first byte of a request; the server may end that.
const IDLE: u8 = 1;
/// Waits for the rest of a request's head; the server may make that shorter.
const HEAD: u8 = 2;

pub(super) struct Phase {
    /// Relaxed: the barriers order it, or the lock.
    is: AtomicU8,
    ends: Mutex<Ends>,
}

/// What the goroutine and who ends the server tell each other.
#[derive(Default)]
struct Ends {
    /// Until when the goroutine waits for a head.
    due: Option<i64>,
    /// An idle connection is to end.
    idle: bool,
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
            ends: Mutex::new(Ends::default()),
        }
    }

    /// An idle wait begins, the deadline of which is set. The goroutine looks next whether the server is ending.
    pub(super) fn idle(&self) {
        self.is.store(IDLE, Ordering::Relaxed);
        barrier::light();
    }

    /// An idle wait is over. `true`: the server, which is `ending`, has ended it, and a deadline that has passed is set.
    pub(super) fn was_ended(&self, ending: impl FnOnce() -> bool) -> bool {
        self.is.store(BUSY, Ordering::Relaxed);
        barrier::light();
        ending() && self.take_end()
    }

    #[cold]
    fn take_end(&self) -> bool {
        std::mem::take(&mut self.ends.lock().idle)
    }

    /// Waits with `wait` for a head until `due`; `begin` sets that deadline, before which no ender comes.
    pub(super) fn head<R>(
        &self,
        due: Option<i64>,
        begin: impl FnOnce(),
        wait: impl FnOnce() -> R,
    ) -> R {
        {
            let mut ends = self.ends.lock();
            ends.due = due;
            self.is.store(HEAD, Ordering::Relaxed);
            begin();
        }
        let result = wait();
        let _enders = self.ends.lock();
        self.is.store(BUSY, Ordering::Relaxed);
        result
    }

    /// The server ends, which was said before [`barrier::heavy`]: `shorten` sets the deadline of what is found, if that
    /// is a wait that may be ended.
    pub(super) fn end(&self, shorten: impl FnOnce(Found)) {
        let mut ends = self.ends.lock();
        match self.is.load(Ordering::Relaxed) {
            IDLE if !ends.idle => {
                ends.idle = true;
                shorten(Found::Idle);
            }
            HEAD => shorten(Found::Head(ends.due)),
            _ => {}
        }
    }
}
