//! Home threads: Ms that run only goroutines which stay with them (`Builder::stay`).
//!
//! A goroutine that stays is given a home at its birth ([`homes`](super::homes)), and `locked_m` names it ever
//! after. An M that finds it runnable elsewhere [posts](Home::post) it here. The M takes what was posted, in
//! order; with nothing to do it rests, and is woken, with a P, by the next post.
//!
//! A home that has used up a slice, or has lost its P to a call that blocked, waits in line for another.
//!
//! ```text
//!                post: Start                 rest
//!   NoThread ----------------> Awake ----------------> Asleep(only)
//!       ^                     |     <-----------------
//!       |  refused            |        post: Wake
//!       +---------------------+
//! ```

use super::runnable::Runnable;
use crate::g::GRef;
use crate::sys::spin::SpinMutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What an M has as a home. See the [module](self).
pub(crate) struct Home {
    /// It is one, for good.
    on: AtomicBool,
    /// How many goroutines live here.
    living: AtomicUsize,
    inner: SpinMutex<Inner>,
}

/// Linked by `Cold::posted_link`, so that posting allocates nothing.
struct Inner {
    head: Option<GRef>,
    tail: Option<GRef>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    NoThread,
    Awake,
    /// Sleeps until something is posted; if it is locked to one goroutine, until that one is.
    Asleep(Option<GRef>),
}

/// What the poster does next.
pub(crate) enum Posted {
    /// Nothing: the M is awake.
    Queued,
    /// Wakes the M, with a P.
    Wake,
    /// Has a thread made for it, with a P.
    Start,
}

impl Home {
    pub(super) const fn new() -> Home {
        Home {
            on: AtomicBool::new(false),
            living: AtomicUsize::new(0),
            inner: SpinMutex::new(Inner {
                head: None,
                tail: None,
                state: State::NoThread,
            }),
        }
    }

    /// Is the M a home? Never changes once another thread may ask.
    #[inline(always)]
    pub(crate) fn is_one(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// It is one from now on. Called before another thread may ask.
    pub(super) fn open(&self) {
        self.on.store(true, Ordering::Relaxed);
    }

    /// The same, for an M whose thread is there already, and about to look.
    pub(super) fn open_awake(&self) {
        self.inner.lock().state = State::Awake;
        self.open();
    }

    /// How many goroutines live here.
    pub(super) fn living(&self) -> usize {
        self.living.load(Ordering::Relaxed)
    }

    /// One more lives here.
    pub(super) fn moves_in(&self) {
        self.living.fetch_add(1, Ordering::Relaxed);
    }

    /// One has ended.
    pub(super) fn moves_out(&self) {
        self.living.fetch_sub(1, Ordering::Relaxed);
    }

    /// Queues a goroutine that lives here.
    pub(crate) fn post(&self, g: Runnable) -> Posted {
        let mut inner = self.inner.lock();
        let for_whom = g.g();
        inner.push(g);
        match inner.state {
            State::Awake => Posted::Queued,
            State::Asleep(Some(only)) if only != for_whom => Posted::Queued,
            State::Asleep(_) => {
                inner.state = State::Awake;
                Posted::Wake
            }
            State::NoThread => {
                inner.state = State::Awake;
                Posted::Start
            }
        }
    }

    /// The next to run: the first, or the one that the M is locked to. For the M itself.
    pub(crate) fn take(&self, only: Option<GRef>) -> Option<Runnable> {
        self.inner.lock().take(only)
    }

    /// The M has no P: if it has no goroutine to run it is asleep from now on, until the next post. For the M itself.
    pub(crate) fn rest(&self, only: Option<GRef>) -> bool {
        let mut inner = self.inner.lock();
        let (_, g) = inner.find(only);
        if g.is_none() {
            inner.state = State::Asleep(only);
        }
        g.is_none()
    }

    /// No thread could be made: takes what was posted, one after the other; after the last, the next post tries again.
    pub(crate) fn take_refused(&self) -> Option<Runnable> {
        let mut inner = self.inner.lock();
        let g = inner.take(None);
        if g.is_none() {
            inner.state = State::NoThread;
        }
        g
    }
}

impl Inner {
    fn push(&mut self, g: Runnable) {
        let g = g.g();
        set_after(g, None);
        match self.tail {
            None => self.head = Some(g),
            Some(last) => set_after(last, Some(g)),
        }
        self.tail = Some(g);
    }

    /// The first goroutine that may run, and the one before it.
    fn find(&self, only: Option<GRef>) -> (Option<GRef>, Option<GRef>) {
        let (mut before, mut at) = (None, self.head);
        while let Some(only) = only
            && let Some(g) = at
            && g != only
        {
            before = at;
            at = after(g);
        }
        (before, at)
    }

    fn take(&mut self, only: Option<GRef>) -> Option<Runnable> {
        let (before, at) = self.find(only);
        let g = at?;
        match before {
            None => self.head = after(g),
            Some(before) => set_after(before, after(g)),
        }
        if self.tail == at {
            self.tail = before;
        }
        // SAFETY: it was posted as one, and has been taken out of the list just now.
        Some(unsafe { Runnable::new(g) })
    }
}

/// The goroutine that was posted after `g`, which is in a list.
fn after(g: GRef) -> Option<GRef> {
    g.cold().posted_link.load(Ordering::Relaxed)
}

fn set_after(g: GRef, next: Option<GRef>) {
    g.cold().posted_link.store(next, Ordering::Relaxed);
}
