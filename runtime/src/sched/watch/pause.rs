//! Pausing: a goroutine that does not give way when asked is stopped on its thread, where it is.
//!
//! sysmon asks through the M's [pause word](crate::sched::state::pause_word) and interrupts the thread by a signal. The
//! handler, if the goroutine may be paused there, says so in the word and sleeps: no stack is
//! switched, nothing is unwound, and the code keeps whatever it holds. sysmon takes the P, puts the M in
//! [line](crate::sched::state::line) and runs the P elsewhere; the M that takes it from the head of the line gives it
//! its own P and wakes it, and the interrupted instruction goes on.
//!
//! If others are in line already, the M mostly does all of that itself, in its handler ([`line::change_places`]).
//!
//! The protocol and why it is right: README.md, "Pausing a thread".

use crate::g::Status;
use crate::sched::state::left::Left;
use crate::sched::state::m::M;
use crate::sched::state::p::{FreeP, P};
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::{self, Examine, Examined, examine};
use crate::sched::state::{freeze, godebug, slice, tracing};
use crate::sched::wake::{idle, line};
use crate::sys::{clock::nanotime, locks, sigurg, thread};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::Duration;

/// A thread that could not be paused where it was is interrupted again after this long, in nanoseconds..
const AGAIN: i64 = 50_000;
/// .. until this many tries have failed; then it loses its P all the same, and runs on without one until it
/// can be paused. (A try is counted where it fails, on the thread: one that only waits for a CPU fails none.)
const TRIES: u32 = 30;
/// How often a goroutine that runs without a P is interrupted, in nanoseconds.
const LOOSE_AGAIN: i64 = 1_000_000;
/// sysmon takes a paused thread at once. If it has not after this long, the thread goes on.
const RESCUE: Duration = Duration::from_millis(10);

static ON: AtomicBool = AtomicBool::new(false);
/// [`relieve`] has let goroutines go on without a P: they are to be paused again.
static RELIEVED: AtomicBool = AtomicBool::new(false);

/// Installs the handler, unless `GODEBUG=asyncpreemptoff=1` forbids it; at boot.
pub(crate) fn init() {
    if sigurg::POSSIBLE && godebug::number("asyncpreemptoff") != Some(1) {
        sigurg::install(interrupted);
        ON.store(true, Ordering::Relaxed);
    }
}

/// Does this process pause goroutines? Else they lose their P and run on without one.
pub(crate) fn on() -> bool {
    ON.load(Ordering::Relaxed)
}

// ---------------------------------------------------------------- on the interrupted thread

/// In the signal handler.
fn interrupted(at: &sigurg::Interrupted) -> bool {
    let Some(m) = M::current() else { return false };
    if freeze::wanted() && !m.is_frozen() {
        if may_pause(m, at) {
            m.stops_at(at.saved());
            freeze::stop(m);
        }
        return true;
    }
    if !m.pause.asked() {
        return false;
    }
    if !may_pause(m, at) {
        m.refuses();
        // SeqCst: pairs with the one in `announces_long_sleep`. Either we see that sysmon is slow, or it sees that we refused.
        fence(Ordering::SeqCst);
        SCHED.alarm.hurry_in_handler();
    } else {
        m.stops_at(at.saved());
        m.stands_here();
        if changes_places(m) {
            m.sleep();
            go_on(m);
        } else if m.pause.pause() {
            wait_for_turn(m);
        }
    }
    true
}

/// May the thread stop here? Not inside the runtime, nor holding one of its locks, nor in a bracketed
/// call; and not where it may hold a lock of the C library's.
fn may_pause(m: &M, at: &sigurg::Interrupted) -> bool {
    !m.is_inside()
        && !m.is_in_call()
        && m.curg().is_some()
        && !locks::any()
        && !at.in_c_library()
        && !at.in_handler()
}

/// The usual case, if others are in line: the P goes to the first of them, or to an idle M, from here, and this
/// thread is in line. (By way of sysmon the first would be woken from another CPU while this one became idle, and the kernel
/// moves a thread to an idle CPU some milliseconds late.)
fn changes_places(m: &'static M) -> bool {
    let (Some(g), Some(mut section)) = (m.curg(), section::enter()) else {
        return false;
    };
    line::change_places(&mut section, g, || m.pause.stand_in_line())
}

/// Sleeps until it is this thread's turn. Async-signal-safe: atomics and futex calls only.
fn wait_for_turn(m: &'static M) {
    SCHED.alarm.wake_in_handler();
    if m.sleep_patiently(RESCUE, || m.pause.give_up()) {
        go_on(m);
    }
}

/// It is this thread's turn.
fn go_on(m: &'static M) {
    // We have been taken from the line. What follows is a section like any other, but no examiner
    // can be looking at us: the P was taken from us, and we have no other yet.
    let mut section = section::enter();
    // `None`: see `relieve`.
    if let Some(section) = &mut section
        && let Some(p) = m.take_left_p()
    {
        section.acquire_p(p);
        if let Some(p) = section.p() {
            p.count_run(true);
        }
    }
    if let Some(g) = m.curg() {
        g.set_status(Status::Running);
    }
    if tracing::on() {
        tracing::run_begins(m);
    }
    m.pause.resumed();
    drop(section);
}

// ---------------------------------------------------------------- on sysmon

/// A thread that is being paused.
struct Pausing {
    m: &'static M,
    /// The P whose slice is over; `None`: it runs without a P already.
    p: Option<&'static P>,
    /// `p.switches()` when it began: if the number has changed, another goroutine runs.
    switches: u32,
    /// `m.refusals()` then.
    refusals: u32,
    /// When to interrupt it again.
    again: i64,
}

/// sysmon's list of the threads that are being paused.
pub(crate) struct Pauser {
    list: Vec<Pausing>,
    /// When to look again for goroutines that were relieved.
    collect_again: i64,
}

impl Pauser {
    pub(crate) fn new() -> Self {
        // sysmon must not allocate later on: the allocator may be what a paused thread holds.
        Pauser {
            list: Vec::with_capacity(256),
            collect_again: 0,
        }
    }

    /// Is no M being paused?
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Must one be looked at soon? Else those that have been interrupted are about to change places, or call sysmon.
    pub(crate) fn is_urgent(&self) -> bool {
        self.list.iter().any(Pausing::is_urgent)
    }

    /// When to look at those that run without a P.
    pub(crate) fn look_at(&self) -> i64 {
        let loose = self.list.iter().filter(|x| x.p.is_none());
        loose.map(|x| x.again).min().unwrap_or(i64::MAX)
    }

    /// Begins to pause the goroutine that runs on `m` with `p`, or without a P. `false`: it cannot now.
    pub(crate) fn begin(&mut self, m: &'static M, p: Option<&'static P>, now: i64) -> bool {
        if self.list.len() == self.list.capacity() || !m.pause.ask() {
            return false;
        }
        // Before the signal, which it may refuse at once.
        let refusals = m.refusals();
        sigurg::send(m.tid());
        self.list.push(Pausing {
            m,
            p,
            switches: p.map_or(0, |p| p.switches()),
            refusals,
            again: now + AGAIN,
        });
        true
    }

    /// One look at each.
    pub(crate) fn step(&mut self, now: i64) {
        self.list.retain_mut(|x| !x.step(now));
        if RELIEVED.load(Ordering::Relaxed) && now >= self.collect_again {
            self.collect_again = now + LOOSE_AGAIN;
            self.collect(now);
        }
    }

    /// Begins to pause all that run without a P.
    fn collect(&mut self, now: i64) {
        RELIEVED.store(false, Ordering::Relaxed);
        for m in M::all() {
            let runs = m.pause.is_running() && !m.is_inside();
            if runs && m.hog.is_hog() && m.p().is_none() && !m.is_in_call() {
                RELIEVED.store(true, Ordering::Relaxed);
                self.begin(m, None, now);
            }
        }
    }
}

impl Pausing {
    fn is_urgent(&self) -> bool {
        let refused = self.p.is_some() && self.m.refusals() != self.refusals;
        refused || self.m.pause.paused()
    }

    /// `true`: it is in line, or need not be paused any more.
    fn step(&mut self, now: i64) -> bool {
        if self.m.pause.paused() {
            return self.m.pause.take() && self.put_in_line();
        }
        if !self.still_wanted() {
            // If it has paused just now, it is taken at the next look.
            return self.m.pause.withdraw() || !self.m.pause.paused();
        }
        if now < self.again {
            return false;
        }
        self.again = now + AGAIN;
        if self.p.is_none() {
            self.again = now + LOOSE_AGAIN;
            if thread::is_blocked(self.m.tid()) {
                // A signal would only interrupt its call.
                self.again = now + 10 * LOOSE_AGAIN;
                return false;
            }
        } else if self.m.refusals().wrapping_sub(self.refusals) >= TRIES {
            self.again = now + LOOSE_AGAIN;
            if let Some(p) = self.p
                && idle::threads_left()
                && let Examined::Took(p) = examine(self.m, p, Examine::Take { hog: true })
            {
                self.p = None;
                if tracing::on() {
                    tracing::retaken(self.m, p.id, false);
                }
                hand_off(p);
            }
        }
        // It may have gone on by itself, if we were late.
        if !self.m.pause.paused() {
            self.m.pause.ask();
            sigurg::send(self.m.tid());
        }
        false
    }

    /// Is the goroutine still there that was to be paused?
    fn still_wanted(&self) -> bool {
        match self.p {
            Some(p) => {
                self.switches == p.switches()
                    && p.owner().is_some_and(|m| ptr::eq(m, self.m))
                    && !self.m.is_in_call()
            }
            None => self.m.hog.is_hog() && self.m.p().is_none() && !self.m.is_in_call(),
        }
    }

    /// The goroutine is ours, on a thread that stands still: takes its P away and puts it in line.
    fn put_in_line(&self) -> bool {
        let m = self.m;
        while let Some(p) = m.p() {
            // It is outside the runtime and stays there; only a thief may be examining it just now.
            if let Examined::Took(p) = examine(m, p, Examine::Take { hog: false }) {
                enter_line(m);
                hand_off(p);
                return true;
            }
            std::hint::spin_loop();
        }
        enter_line(m);
        idle::wakep();
        true
    }
}

/// Runs `p` elsewhere. The slice that was asked to end has ended: the next goroutine owes no other a turn.
fn hand_off(p: FreeP) {
    p.end_slice();
    idle::handoffp(p);
}

fn enter_line(m: &'static M) {
    let cpu = thread::cpu_time(m.tid()).unwrap_or(0);
    m.counts_turn(cpu, slice::in_line());
    m.hog.set_silent(true);
    if let Some(g) = m.curg() {
        g.set_status(Status::Runnable);
        if tracing::on() {
            tracing::run_ends(m, g);
        }
    }
    SCHED.put_in_line(m, nanotime());
}

/// A thread is stuck inside the runtime while others are paused: it may wait for what one of them
/// holds, an allocator's lock, say. All of them go on, without a P, and are paused
/// again later.
#[cold]
pub(crate) fn relieve() {
    RELIEVED.store(true, Ordering::Relaxed);
    // No more than there are now: a home that is woken without a P goes back into line.
    for _ in 0..SCHED.in_line() {
        let Some(m) = SCHED.lock().take_from_line(Left::UNKNOWN) else {
            return;
        };
        m.leave_no_p();
        m.wake();
    }
}

/// A P is idle and an M waits in line: no thread could be started to see to it.
pub(crate) fn give_idle_ps() {
    if !SCHED.has_line() || SCHED.idle.ps() == 0 {
        return;
    }
    let mut s = SCHED.lock();
    let Some(p) = s.take_idle_p() else { return };
    match s.take_from_line(Left::UNKNOWN) {
        Some(m) => {
            drop(s);
            m.wake_with(p);
            SCHED.alarm.work_began();
        }
        None => s.put_idle_p(p),
    }
}
