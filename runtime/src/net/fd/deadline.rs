//! The deadline of one direction of a descriptor: a timer that is rarely touched.
//!
//! Servers move a deadline at every request, and it almost never fires. So moving it later only
//! stores the new time; the timer stays where it is, fires at the old time, sees that there is more
//! to wait for, and arms itself again. Clearing it stores "none". Only an *earlier* deadline takes
//! the timer out of its heap.
//!
//! Arming and disarming are runtime calls and may not happen under the spinlock, so they belong to
//! the thread that has made the timer `Busy`:
//!
//! | node | meaning |
//! | --- | --- |
//! | `Idle` | in no heap; the next to need it makes it `Busy` and arms it |
//! | `Armed(t)` | will fire at `t` or is about to; the firing makes it `Busy` and settles |
//! | `Busy` | a thread is arming or disarming, and looks at `due` again before leaving |
//! | `BusyFired` | as `Busy`, and it has fired meanwhile |
//!
//! So the busy thread sees everything that happens while the timer is `Busy`, a late firing is
//! never more than one look at `due`, and it may even arrive in the descriptor's next life.
//!
//! A long time from now, which servers set before every wait, is as long as the last one until the coarse clock has gone
//! on: mostly nothing is to be stored.

use super::Desc;
use super::flags::Expired;
use crate::net::rt::{
    Clock, Direction, Looks, NEAR, SpinMutex, TimerNode, coarse_nanotime, disarm, nanotime,
};
use std::mem::offset_of;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

/// No deadline.
const NONE: i64 = i64::MAX;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Idle,
    Armed(i64),
    Busy,
    BusyFired,
}

struct State {
    /// When calls begin to fail, on the clock of [`nanotime`].
    due: i64,
    node: Node,
}

/// See the file's head.
pub(super) struct Deadline {
    timer: TimerNode,
    state: SpinMutex<State>,
    /// `due` of the state, as it was set last. Written under the lock.
    due: AtomicI64,
    /// How long one call may block, in nanoseconds (std's `set_read_timeout`); 0 = as long as it
    /// takes.
    timeout: AtomicI64,
}

impl Deadline {
    pub(super) const fn new(dir: Direction) -> Self {
        Self {
            timer: TimerNode::new(match dir {
                Direction::Read => fire::<true>,
                Direction::Write => fire::<false>,
            }),
            state: SpinMutex::new(State {
                due: NONE,
                node: Node::Idle,
            }),
            due: AtomicI64::new(NONE),
            timeout: AtomicI64::new(0),
        }
    }

    /// Runs `f` on the state under the lock.
    fn locked<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.state.lock())
    }

    pub(super) fn timeout(&self) -> i64 {
        self.timeout.load(Ordering::Relaxed)
    }

    pub(super) fn set_timeout(&self, ns: i64) {
        self.timeout.store(ns, Ordering::Relaxed);
    }
}

impl Desc {
    /// Sets the deadline of one direction; `None` clears it. A time that is not in the future makes
    /// all calls fail, blocked ones too.
    pub(super) fn set_deadline(&'static self, dir: Direction, due: Option<i64>) {
        let due = due.unwrap_or(NONE);
        let past = due != NONE && due <= nanotime();
        self.move_deadline(dir, due, past);
    }

    /// Gives calls in one direction `limit` from now; if that is long, up to a twentieth of a second more.
    pub(super) fn set_limit(&'static self, dir: Direction, limit: i64) {
        /// So many nanoseconds are long.
        const LONG: i64 = 10_000_000_000;
        /// Long ones end at multiples of this.
        const GRAIN: i64 = 1 << 23;
        if limit < LONG {
            return self.move_deadline(dir, nanotime().saturating_add(limit), false);
        }
        let due = coarse_nanotime().saturating_add(limit.saturating_add(NEAR)) | (GRAIN - 1);
        // Relaxed: who has moved it elsewhere, and is not seen here, has done so after us.
        if due != self.deadline(dir).due.load(Ordering::Relaxed) {
            self.move_deadline(dir, due, false);
        }
    }

    fn move_deadline(&'static self, dir: Direction, due: i64, past: bool) {
        let d = self.deadline(dir);
        let mine = d.locked(|s| {
            s.due = due;
            d.due.store(due, Ordering::Relaxed);
            self.flags.set_expired(dir, Expired(past));
            let needed = !past
                && match s.node {
                    Node::Idle => due != NONE,
                    Node::Armed(t) => due < t,
                    Node::Busy | Node::BusyFired => false,
                };
            let old = s.node;
            if needed {
                s.node = Node::Busy;
            }
            needed.then_some(old)
        });
        match mine {
            Some(Node::Armed(t)) => self.disarm_and_settle(dir, t),
            Some(_) => self.settle(dir),
            None if past => self.wake(dir),
            None => {}
        }
    }

    /// Forgets the deadline, and takes the timer out of its heap if it is in one.
    pub(super) fn drop_deadline(&'static self, dir: Direction) {
        let d = self.deadline(dir);
        d.set_timeout(0);
        let armed = d.locked(|s| {
            s.due = NONE;
            d.due.store(NONE, Ordering::Relaxed);
            match s.node {
                Node::Armed(t) => {
                    s.node = Node::Busy;
                    Some(t)
                }
                _ => None,
            }
        });
        if let Some(t) = armed {
            self.disarm_and_settle(dir, t);
        }
    }

    /// The caller has made the timer busy, and it is in no heap: arms it for what is due, or ends
    /// the waits if that is now.
    #[cold]
    #[inline(never)]
    fn settle(&'static self, dir: Direction) {
        let d = self.deadline(dir);
        loop {
            let now = nanotime();
            let due = d.locked(|s| {
                let expired = s.due <= now;
                if expired {
                    self.flags.set_expired(dir, Expired(true));
                }
                s.node = if expired || s.due == NONE {
                    Node::Idle
                } else {
                    Node::Busy
                };
                s.due
            });
            if due <= now {
                return self.wake(dir);
            }
            if due == NONE {
                return;
            }
            // SAFETY: descriptors live for ever, and the node is in no heap: we are the busy one.
            unsafe { Clock::real().arm(&raw const d.timer, due, Looks::Nobody) };
            let done = d.locked(|s| match s.node {
                Node::BusyFired => Some(false),
                _ if s.due < due => None,
                _ => {
                    s.node = Node::Armed(due);
                    Some(true)
                }
            });
            match done {
                Some(true) => return,
                Some(false) => {}
                // Another thread has set an earlier deadline meanwhile and left it to us.
                None => return self.disarm_and_settle(dir, due),
            }
        }
    }

    /// The caller has made the timer busy, and it was armed for `t`.
    #[cold]
    #[inline(never)]
    fn disarm_and_settle(&'static self, dir: Direction, t: i64) {
        let d = self.deadline(dir);
        let out = disarm(&d.timer)
            || d.locked(|s| {
                let fired = s.node == Node::BusyFired;
                if !fired {
                    // It is about to fire, and settles then.
                    s.node = Node::Armed(t);
                }
                fired
            });
        if out {
            self.settle(dir);
        }
    }

    fn fired(&'static self, dir: Direction) {
        let mine = self.deadline(dir).locked(|s| {
            let mine = matches!(s.node, Node::Armed(_));
            s.node = if mine { Node::Busy } else { Node::BusyFired };
            mine
        });
        if mine {
            self.settle(dir);
        }
    }

    /// Wakes the waiter in this direction, without an edge: it looks at the flags.
    pub(super) fn wake(&self, dir: Direction) {
        if let Some(w) = self.poll.unblock(dir) {
            w.wake();
        }
    }
}

/// The timer of one direction has fired.
///
/// # Safety
/// The node is the timer of that direction of a descriptor.
unsafe fn fire<const READ: bool>(node: *const TimerNode, _due: i64) {
    let (at, dir) = if READ {
        (offset_of!(Desc, read_deadline), Direction::Read)
    } else {
        (offset_of!(Desc, write_deadline), Direction::Write)
    };
    // SAFETY: by the caller; descriptors live for ever.
    let desc: &'static Desc = unsafe { &*node.byte_sub(at + offset_of!(Deadline, timer)).cast() };
    desc.fired(dir);
}

/// See [`Fd::interrupter`](super::Fd::interrupter).
pub(crate) struct Interrupter(pub(super) &'static Desc);

impl Interrupter {
    /// Ends the writes.
    pub(crate) fn end_writes(&self) {
        self.0.set_deadline(Direction::Write, Some(nanotime()));
    }
}

/// A point in time on the clock of [`nanotime`]. Never later than the far future.
pub(super) fn on_our_clock(t: Instant) -> i64 {
    let now = Instant::now();
    let ahead = t.saturating_duration_since(now).as_nanos();
    nanotime().saturating_add(ahead.min(i64::MAX as u128 / 2) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever has been set meanwhile: a long time from now is that.
    #[test]
    fn a_long_limit_counts_again_after_an_end() {
        const LIMIT: i64 = 60_000_000_000;
        crate::runtime::run(|| {
            let desc = Desc::take();
            for dir in [Direction::Read, Direction::Write] {
                // Mostly all of it lies between two ticks.
                for _ in 0..10 {
                    let before = nanotime();
                    desc.set_limit(dir, LIMIT);
                    assert!(desc.flags.check(dir).is_ok());
                    let due = desc.deadline(dir).locked(|s| s.due);
                    assert!(
                        (LIMIT..LIMIT + LIMIT / 60).contains(&(due - before)),
                        "{due}"
                    );
                    desc.set_deadline(dir, Some(before));
                    assert!(desc.flags.check(dir).is_err());
                    desc.set_limit(dir, LIMIT);
                    assert!(desc.flags.check(dir).is_ok());
                    desc.set_deadline(dir, None);
                    assert!(desc.deadline(dir).locked(|s| s.due) == NONE);
                    desc.set_limit(dir, LIMIT);
                    assert!(desc.deadline(dir).locked(|s| s.due) != NONE);
                }
            }
            desc.recycle();
        });
    }
}
