//! sysmon: a thread without a P that watches the others.
//!
//! It takes the P of an M that blocks, if there is work, after 20 us in a bracketed call and half a
//! millisecond in any other; asks long runners to give way and takes the P of those that do not (after
//! 10 ms); invites a thief for a goroutine that waits in `run_next` beside a busy one; polls the network if no M has
//! for 10 ms; gives stack memory back, prints the schedtrace, and confirms deadlocks. It sleeps 20 us between rounds,
//! after 50 rounds without anything to do twice as long each time up to 10 ms; 10 ms at once while all Ps are idle,
//! and without end once that has been so for a while. As in Go, a slice that ends does not count as something to do:
//! rounds are short only while a goroutine is being asked, or has refused to be paused. One that is interrupted calls
//! sysmon, if it is needed.

use super::{deadlock, pause, quit, retake, shrink};
use crate::g::seedbed;
use crate::sched::report::schedtrace;
use crate::sched::state::p::FreeP;
use crate::sched::state::sched::SCHED;
use crate::sched::state::slice::{self, SLICE};
use crate::sched::state::{godebug, slots, trim};
use crate::sched::turn::{poll, refused, sleep};
use crate::sched::wake::{asleep, idle, procs};
use crate::stack;
use crate::sys::{clock::nanotime, thread};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

const MS: i64 = 1_000_000;
const LEAST_DELAY: u64 = 20;
const MOST_DELAY: u64 = 10_000;
/// After this many rounds without anything to do the delays grow.
const QUIET: u32 = 50;
/// The turn of one in line has ended: does the next block? It is a hog, so most likely it computes. (Each round takes the
/// CPU from one that does.)
const BLOCK_DELAY: u64 = slice::LOOK as u64 / 1_000;
/// How long a free chunk of stacks is kept.
const RECLAIM_AFTER: i64 = 1_000 * MS;

/// All Ps have been idle for so long that the stacks of the last burst are back, and those of the goroutines that
/// have waited since then have been looked at, which happens every second.
const STACKS_ARE_BACK: i64 = 2 * RECLAIM_AFTER + 300 * MS;

/// The kernel's number of its thread.
static TID: AtomicI32 = AtomicI32::new(0);
/// Sets its clock; at boot.
pub(crate) fn prepare() {
    SCHED.clock_shows(nanotime());
}

/// Starts the thread; on the template thread.
pub(crate) fn start() -> std::io::Result<()> {
    crate::sys::inject::fault("clone_sysmon")?;
    std::thread::Builder::new()
        .name("sysmon".into())
        .stack_size(256 << 10)
        .spawn(|| Sysmon::new().run())
        .map(drop)
}

/// Has it not done a round for a while, because it sleeps where it should not? For the template
/// thread's watch, while goroutines are paused and rounds are frequent.
pub(crate) fn is_stuck() -> bool {
    let late = nanotime() - SCHED.coarse_now();
    late > 3 * SLICE && thread::is_blocked(TID.load(Ordering::Relaxed))
}

struct Sysmon {
    retaker: retake::Retaker,
    /// The alarm's note, from before the round.
    note: u32,
    pauser: pause::Pauser,
    quiet_rounds: u32,
    /// A goroutine's turn has ended just now.
    turn_ended: bool,
    idle_since: i64,
    delay: u64,
    trace_every: i64,
    last_trace: i64,
    last_reclaim: i64,
    last_trim: i64,
    /// There are more stacks to be trimmed from outside.
    shrinks: bool,
    /// There may be more seeds whose pages go back.
    more_seeds: bool,
    /// When the default of GOMAXPROCS was last looked at.
    last_procs: i64,
    started: i64,
}

impl Sysmon {
    fn new() -> Self {
        let now = nanotime();
        Sysmon {
            retaker: retake::Retaker::new(),
            note: SCHED.alarm.note(),
            pauser: pause::Pauser::new(),
            quiet_rounds: 0,
            turn_ended: false,
            idle_since: now,
            delay: LEAST_DELAY,
            trace_every: godebug::number("schedtrace").unwrap_or(0) * MS,
            last_trace: now,
            last_reclaim: now,
            last_trim: now,
            shrinks: false,
            more_seeds: false,
            last_procs: now,
            started: now,
        }
    }

    fn run(mut self) {
        TID.store(thread::id(), Ordering::Relaxed);
        loop {
            self.sleep();
            // The next sleep hears every call from here on.
            self.note = SCHED.alarm.note();
            let now = nanotime();
            SCHED.clock_shows(now);
            quit::check();
            refused::retry(now);
            let was_close = self.looks_closely();
            self.pauser.step(now);
            let took = self.retaker.round(now, &mut self.pauser);
            pause::give_idle_ps();
            self.poll(now);
            self.quiet_rounds = if took {
                0
            } else {
                self.quiet_rounds.saturating_add(1)
            };
            if was_close && !self.looks_closely() && self.quiet_rounds > QUIET {
                self.delay = BLOCK_DELAY;
                self.turn_ended = true;
            }
            if self.delay == LEAST_DELAY || self.quiet_rounds.is_multiple_of(16) {
                deadlock::confirm();
            }
            if self.trace_every > 0 && now - self.last_trace >= self.trace_every {
                self.last_trace = now;
                schedtrace::print(
                    (now - self.started) / MS,
                    godebug::number("scheddetail") == Some(1),
                );
            }
            if now - self.last_procs >= 1_000 * MS {
                self.last_procs = now;
                if procs::follows_default() {
                    procs::update();
                }
            }
            if self.more_seeds {
                self.more_seeds = seedbed::reclaim(now - RECLAIM_AFTER);
            }
            if now - self.last_reclaim > 100 * MS {
                self.last_reclaim = now;
                stack::reclaim(now - RECLAIM_AFTER);
                self.more_seeds = true;
                if now - self.last_trim > RECLAIM_AFTER {
                    self.last_trim = now;
                    trim::look_for_deep_stacks();
                } else if trim::end_of_trimming() || self.shrinks {
                    self.shrinks = shrink::waiting(now - RECLAIM_AFTER);
                }
            }
        }
    }

    /// Is a goroutine being asked to give way, or being paused?
    fn looks_closely(&self) -> bool {
        self.retaker.soon || !self.pauser.is_empty()
    }

    fn sleep(&mut self) {
        if self.quiet_rounds == 0 {
            self.delay = LEAST_DELAY;
        } else if self.quiet_rounds > QUIET && !self.turn_ended {
            self.delay = (self.delay * 2).min(MOST_DELAY);
        }
        self.turn_ended = false;
        let mut delay = self.next_delay();
        let was_slow = delay > LEAST_DELAY;
        if was_slow {
            // What came just before that, without calling us?
            SCHED.alarm.announces_long_sleep();
            if self.pauser.is_urgent() || self.retaker.misses_a_call() {
                delay = LEAST_DELAY;
            }
        }
        let slow = delay > LEAST_DELAY;
        let note = self.note;
        if self.may_sleep_deeply() {
            SCHED.alarm.sleep_deeply(note, slow, || SCHED.all_idle())
        } else {
            let looks = self.retaker.look_at.min(self.pauser.look_at());
            let until = unwatched_timer().min(self.retaker.slice_ends).min(looks);
            let until = until.saturating_sub(nanotime()).max(0) as u64;
            let after = |delay| Duration::from_micros((until / 1_000).clamp(LEAST_DELAY, delay));
            if !slow && !self.looks_closely() && SCHED.all_idle() {
                // There is nothing to watch: a server that rests, except for a timer now and then, would spend
                // most of its CPU time here.
                SCHED
                    .alarm
                    .sleep_idle(note, after(delay), after(MOST_DELAY), || SCHED.all_idle())
            } else {
                SCHED.alarm.sleep(note, slow, after(delay))
            }
        };
        if SCHED.alarm.was_hurried() && was_slow {
            // An M has called us: look closely for a while. (Else a handler has.)
            self.quiet_rounds = 0;
            self.delay = LEAST_DELAY;
        }
    }

    fn next_delay(&self) -> u64 {
        if self.retaker.soon || self.pauser.is_urgent() {
            return LEAST_DELAY;
        }
        // A handler calls us, if we are needed.
        if !self.pauser.is_empty() && self.quiet_rounds > QUIET {
            BLOCK_DELAY
        } else {
            self.delay
        }
    }

    /// All Ps have been idle for long enough that the stacks of the last burst are back.
    fn may_sleep_deeply(&mut self) -> bool {
        let now = nanotime();
        if !SCHED.all_idle() {
            self.idle_since = now;
            return false;
        }
        if self.trace_every > 0
            || asleep::suspected()
            || refused::is_refused()
            || unwatched_timer() != i64::MAX
            || self.shrinks
            || self.more_seeds
            || now - self.idle_since < STACKS_ARE_BACK
        {
            if now - self.idle_since > 100 * MS {
                flush_idle_ps();
            }
            return false;
        }
        // The last M may have gone to sleep while we had its P in hand, and so not have asked.
        asleep::check();
        !asleep::suspected()
    }

    /// No M has polled the network for 10 ms.
    fn poll(&mut self, now: i64) {
        if unwatched_timer() <= now {
            idle::wakep();
        }
        let last = SCHED.poll.last();
        if last == 0 || last + SLICE > now || crate::netpoll::waiters() == 0 {
            return;
        }
        if SCHED.poll.touch(last, now) {
            poll::poll_now(None);
        }
    }
}

/// When the first timer is due that an idle P could see to, if no M blocks in the poller until then: a
/// goroutine armed it on a P that has been busy ever since.
fn unwatched_timer() -> i64 {
    if SCHED.idle.ps() == 0 {
        return i64::MAX;
    }
    let first = SCHED.first_timer();
    let until = SCHED.poll.until();
    let watched = until != 0 && until <= first;
    if watched { i64::MAX } else { first }
}

/// Stacks cached by idle Ps, and by threads without one, go back to the central lists.
fn flush_idle_ps() {
    slots::flush_shared_cache();
    let Some(still) = idle::hold_still() else {
        return;
    };
    let mut flushed: Option<FreeP> = None;
    loop {
        let Some(p) = SCHED.lock().take_idle_p() else {
            break;
        };
        // The P is ours: no M can use it meanwhile.
        p.own().flush_caches();
        p.push_to(&mut flushed);
    }
    while let Some(p) = FreeP::pop_from(&mut flushed) {
        SCHED.lock().put_idle_p(p);
    }
    drop(still);
    // A publisher of work saw no idle P meanwhile.
    if sleep::work_in_sight() {
        idle::wakep();
    }
}
