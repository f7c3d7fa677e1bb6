#![doc = include_str!("README.md")]
//!
//! # The rooms, from the bottom up
//!
//! | room | what |
//! | --- | --- |
//! | [`state`] | what the scheduler knows: [`p`](state::p), [`m`](state::m), [`sched`](state::sched), and who may touch it: [`section`](state::section) |
//! | [`report`] | what is shown of goroutines |
//! | [`wake`] | waiting, waking and giving way: [`park`](wake::park), [`ticket`](wake::ticket), [`idle`](wake::idle), [`timers`](wake::timers), [`preempt`](wake::preempt) |
//! | [`life`] | a goroutine's life: [`spawn`](life::spawn), [`body`](life::body), [`grow`](life::grow), [`bury`](life::bury) |
//! | [`turn`] | what an M does between two goroutines: [`run`](turn::run), [`find`](turn::find), [`steal`](turn::steal), [`poll`](turn::poll), [`sleep`](turn::sleep) |
//! | [`watch`] | [`sysmon`](watch::sysmon) and the [`template`](watch::template) thread: [`retake`](watch::retake), [`pause`](watch::pause), [`deadlock`](watch::deadlock), [`quit`](watch::quit) |
//! | [`family`] | goroutines that a test watches |
//!
//! A room uses those above it in this table, never those below. This file is the only door for the layers above the
//! scheduler, and [`boot`] stands behind it: what a plain thread may call first boots the runtime.

pub(crate) mod boot;
mod clock;
pub(crate) mod family;
pub(crate) mod life;
pub(crate) mod report;
pub(crate) mod state;
pub(crate) mod turn;
pub(crate) mod wake;
pub(crate) mod watch;

pub(crate) use crate::g::WaitReason;
pub(crate) use crate::g::waiter::Waiter;
pub(crate) use clock::Clock;
#[cfg(feature = "http")]
pub(crate) use life::lent::on_lent_stack;
pub(crate) use life::spawn::Options;
pub(crate) use life::{grow, origin, root};
#[cfg(feature = "http")]
pub(crate) use report::view;
pub(crate) use report::{goroutines, schedtrace};
pub(crate) use state::fatal::throw;
pub(crate) use state::m::{M, current_g, me};
pub(crate) use state::sched::SCHED;
pub(crate) use state::{fatal, godebug, hog, lineage, sigpipe, tracing};
pub(crate) use wake::park::{park, park_owned, park_releasing, ready};
pub(crate) use wake::parked::{Parked, Parking};
pub(crate) use wake::preempt::back_edge;
pub(crate) use wake::syscall::blocking;
pub(crate) use wake::ticket::{Ticket, TicketedWait, ready_ticket};
pub(crate) use wake::timers::{Looks, TimerNode, disarm, instant_at, nanotime};
pub(crate) use wake::yield_now::{gosched, goyield};
pub(crate) use wake::{abandon, asleep, contend, os_thread, preempt, procs};
pub(crate) use watch::quit;

use crate::g::flag;
use std::panic::Location;

impl Waiter {
    /// The caller: the running goroutine, or the plain thread.
    #[inline]
    pub(crate) fn current() -> Waiter {
        match current_g() {
            Some(g) => Waiter::of_g(g),
            None => {
                boot::ensure();
                Waiter::of_this_thread()
            }
        }
    }
}

/// Opens a wait for the caller; every older ticket of the caller is dead from now on.
pub(crate) fn ticketed_wait() -> TicketedWait {
    boot::ensure();
    TicketedWait::new()
}

/// Starts a goroutine that runs `f`; it is the next to run on this P.
#[inline]
pub(crate) fn spawn<F: FnOnce() + 'static>(
    f: F,
    options: Options,
    at: &'static Location<'static>,
) -> u64 {
    boot::ensure();
    life::spawn::spawn(f, options, at)
}

/// [`spawn`] for the user's code: an implicit point, or a loop that starts goroutines would go on until
/// its P is taken by force.
#[inline]
pub(crate) fn spawn_here<F: FnOnce() + 'static>(
    f: F,
    options: Options,
    at: &'static Location<'static>,
) -> u64 {
    let id = spawn(f, options, at);
    back_edge();
    id
}

/// Starts a goroutine for the user's code and forgets it: what `go!` expands to.
#[track_caller]
#[inline]
pub(crate) fn go<F, R>(f: F)
where
    F: FnOnce() -> R + Send + 'static,
{
    spawn_here(move || drop(f()), Options::new(), Location::caller());
}

/// Starts a goroutine from the scheduler's own code, where there is no point to give way at: it belongs to the family
/// of the goroutine that runs here.
#[track_caller]
pub(crate) fn go_in_scheduler<F: FnOnce() + 'static>(f: F) {
    spawn(f, Options::new(), Location::caller());
}

/// Runs `f` in a goroutine of the runtime: not counted, not shown.
pub(crate) fn spawn_system<F: FnOnce() + 'static>(f: F) {
    let options = Options {
        flags: flag::SYSTEM,
        ..Options::new()
    };
    spawn(f, options, Location::caller());
}
