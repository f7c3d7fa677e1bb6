//! How the end of a server meets a connection that waits: the very file `http/phase.rs`.
//!
//! Proves: a connection that begins to wait while the server ends either sees the end before it waits, or its wait gets a
//! deadline that has passed; and no such deadline comes over one that the connection sets when its wait is over.

use super::sys::{Part, barrier};
use super::{check, must_fail_without};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/http/phase.rs"]
mod file;
use file::{Found, Phase};

/// The read deadline: one far ahead, one that has passed, none.
const LIMIT: usize = 0;
const PAST: usize = 1;
const NONE: usize = 2;

struct Model {
    phase: Phase,
    ending: AtomicBool,
    deadline: AtomicUsize,
}

impl Model {
    fn new() -> Arc<Model> {
        Arc::new(Model {
            phase: Phase::new(),
            ending: AtomicBool::new(false),
            deadline: AtomicUsize::new(NONE),
        })
    }

    fn set(&self, deadline: usize) {
        self.deadline.store(deadline, Ordering::SeqCst);
    }

    fn get(&self) -> usize {
        self.deadline.load(Ordering::SeqCst)
    }

    /// `Server::shutdown`, for this connection.
    fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
        barrier::heavy();
        self.phase.end(|found| match found {
            Found::Idle | Found::Head(Some(_)) => self.set(PAST),
            Found::Head(None) => unreachable!("it was given a time"),
        });
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    fn was_ended(&self) -> bool {
        self.phase.was_ended(|| self.is_ending())
    }

    /// `Wire::wait_idle` up to the wait; says whether it begins.
    fn begin_idle(&self) -> bool {
        self.set(LIMIT);
        self.phase.idle();
        !self.is_ending()
    }
}

fn beside_the_end(of: fn(&Model), then: fn(&Model)) {
    let m = Model::new();
    let ender = {
        let m = m.clone();
        thread::spawn(move || m.end())
    };
    of(&m);
    ender.join().unwrap();
    then(&m);
}

/// A wait that begins is ended: nothing comes, and it would last.
fn an_idle_wait() {
    beside_the_end(
        |m| {
            if !m.begin_idle() {
                m.set(PAST); // it does not wait
            }
        },
        |m| assert_eq!(m.get(), PAST),
    );
}

/// A wait that is over, because something has come, and is followed by others without a deadline.
fn an_idle_wait_that_is_over() {
    beside_the_end(
        |m| {
            m.begin_idle();
            m.was_ended();
            m.set(NONE);
        },
        |m| assert_eq!(m.get(), NONE),
    );
}

/// The same for the rest of a head, during which the end may come at any time.
fn a_head() {
    beside_the_end(
        |m| {
            m.phase.head(Some(7), || m.set(LIMIT), || ());
            m.set(NONE);
        },
        |m| assert_eq!(m.get(), NONE),
    );
}

#[test]
fn a_wait_that_begins_is_ended() {
    check(3, an_idle_wait);
    must_fail_without(Part::Light, 3, an_idle_wait);
    must_fail_without(Part::Heavy, 3, an_idle_wait);
}

#[test]
fn the_end_comes_over_no_later_deadline() {
    check(3, an_idle_wait_that_is_over);
    check(3, a_head);
    must_fail_without(Part::Light, 3, an_idle_wait_that_is_over);
    must_fail_without(Part::Heavy, 3, an_idle_wait_that_is_over);
    must_fail_without(Part::Lock, 3, an_idle_wait_that_is_over);
    must_fail_without(Part::Lock, 3, a_head);
}

#[test]
fn who_ends_finds_what_waits() {
    check(0, || {
        let m = Model::new();
        m.end();
        assert_eq!(m.get(), NONE, "it is busy");
        m.phase.head(Some(7), || m.set(LIMIT), || m.end());
        assert_eq!(m.get(), PAST);
        m.set(LIMIT);
        m.phase.idle();
        m.end();
        assert_eq!(m.get(), PAST);
        m.set(LIMIT);
        m.end();
        assert_eq!(m.get(), LIMIT, "once");
        assert!(m.was_ended());
        m.phase.idle();
        assert!(!m.was_ended());
    });
}
