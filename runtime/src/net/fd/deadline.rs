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

use super::Desc;
use super::flags::Expired;
use crate::net::rt::{Clock, Direction, Looks, SpinMutex, TimerNode, disarm, nanotime};
use std::mem::offset_of;
use std::sync::atomic::{AtomicI64, Ordering};

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

    /// Gives calls in one direction `limit` from now.
    pub(super) fn set_limit(&'static self, dir: Direction, limit: i64) {
        self.move_deadline(dir, nanotime().saturating_add(limit), false);
    }

    fn move_deadline(&'static self, dir: Direction, due: i64, past: bool) {
        let d = self.deadline(dir);
        let mine = d.locked(|s| {
            s.due = due;
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
