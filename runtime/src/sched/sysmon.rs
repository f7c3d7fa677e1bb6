//! sysmon: a thread without a P that watches the others.
//!
//! It takes the P of an M that blocks, if there is work, after 20 us in a bracketed call and half a
//! millisecond in any other; asks long runners to give way and takes the P of those that do not (after
//! 10 ms); invites a thief for a goroutine that waits in `run_next` beside a busy one; polls the network
//! if nobody has for 10 ms; gives stack memory back, prints the schedtrace, and confirms deadlocks. It
//! sleeps 20 us between rounds, after 50 rounds without anything to do twice as long each time up to
//! 10 ms, and without end once everybody has been idle for a while.

use super::find;
use super::global::SCHED;
use super::m::M;
use super::p::P;
use super::section::{Examine, Examined, examine};
use super::{
    deadlock, dump, godebug, grow, idle, pause, preempt, procs, quit, spawn, template, timers,
    tracing,
};
use crate::stack::arena;
use crate::sys::{clock::nanotime, futex, thread};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

const MS: i64 = 1_000_000;
/// A goroutine may run this long while others wait (Go's forcePreemptNS).
const SLICE: i64 = 10 * MS;
/// Where many wait in line for their turn, slices are shorter, so that a round takes no longer than this
/// a P, ..
const ROUND: i64 = 160 * MS;
/// .. but not shorter than this: a turn costs about 20 us.
const LEAST_SLICE: i64 = 5 * MS / 2;
/// A thread that is inside the runtime for this long, and sleeps there, waits for a lock; if goroutines
/// are paused meanwhile one of them may hold it.
const STUCK: i64 = 5 * MS;
/// A P is on its way to a thread for this long: the thread waits for a lock before it can take it. (It may
/// also wait for a CPU, as all others do on a busy machine: so this is long.)
const UNDER_WAY: i64 = 1_000 * MS;
/// A goroutine in `run_next` waits for this much CPU time of the one before it, then a thief is invited.
const LONELY: i64 = 50_000;
/// A goroutine that is in the runtime whenever its P is to be taken is left alone for this long: each
/// try interrupts its thread.
const AGAIN: i64 = 200_000;
/// A thread that has not run for this long while others wait is looked at: if it blocks it loses its P.
const STILL: i64 = 500_000;
const LEAST_DELAY: u64 = 20;
const MOST_DELAY: u64 = 10_000;
/// How long a free chunk of stacks is kept.
const RECLAIM_AFTER: i64 = 1_000 * MS;

/// Bumped to end sysmon's sleep.
static NOTE: AtomicU32 = AtomicU32::new(0);
/// It sleeps for longer than the least delay.
static SLOW: AtomicBool = AtomicBool::new(false);
/// The kernel's number of its thread.
static TID: AtomicI32 = AtomicI32::new(0);
/// It sleeps without end.
static DEEP: AtomicBool = AtomicBool::new(false);

/// Sets its clock; at boot.
pub(crate) fn prepare() {
    SCHED.now.store(nanotime(), Ordering::Relaxed);
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

/// There may soon be something to watch closely.
#[inline(always)]
pub(crate) fn hurry() {
    if SLOW.load(Ordering::Relaxed) {
        wake();
    }
}

/// Not everybody is idle any more.
#[inline(always)]
pub(crate) fn work_began() {
    // Sequentially consistent, as are the change of `idle_ps` before it and both accesses in
    // `Sysmon::sleep`: either we see the mark, or sysmon sees that a P is not idle.
    if DEEP.load(Ordering::SeqCst) {
        wake();
    }
}

/// Ends its sleep.
#[cold]
#[inline(never)]
pub(crate) fn wake() {
    SLOW.store(false, Ordering::Relaxed);
    DEEP.store(false, Ordering::Relaxed);
    NOTE.fetch_add(1, Ordering::SeqCst);
    futex::wake(&raw const NOTE);
}

/// Has it not come round for a while, because it sleeps where it should not? For the template thread's
/// watch, while goroutines are paused and rounds are frequent.
pub(crate) fn is_stuck() -> bool {
    let late = nanotime() - SCHED.now.load(Ordering::Relaxed);
    late > 3 * SLICE && thread::is_blocked(TID.load(Ordering::Relaxed))
}

/// What it saw of a P in an earlier round.
#[derive(Clone, Copy, Default)]
struct Seen {
    sched_tick: u32,
    switches: u32,
    syscall_tick: u32,
    in_syscall: bool,
    /// When the slice and the goroutine were first seen.
    slice_since: i64,
    run_since: i64,
    /// The thread and its CPU time when the goroutine was first seen, and whether it was asked.
    tid: i32,
    cpu: i64,
    asked: bool,
    /// Its P could not be taken: not before this is it tried again.
    again: i64,
    /// When it was last looked whether the thread runs, and its CPU time then.
    looked: (i64, i64),
    /// Since when its M has been inside the runtime with the same goroutine, or it had no M.
    inside: Option<i64>,
    /// When a goroutine was first seen alone in `run_next`, and its thread's CPU time then.
    lonely: Option<(i64, i64)>,
}

struct Sysmon {
    seen: Vec<Seen>,
    pauser: pause::Pauser,
    /// When the first slice ends, of those that are running.
    slice_ends: i64,
    quiet_rounds: u32,
    idle_since: i64,
    delay: u64,
    trace_every: i64,
    last_trace: i64,
    last_reclaim: i64,
    last_trim: i64,
    /// When the default of GOMAXPROCS was last looked at.
    last_procs: i64,
    started: i64,
}

impl Sysmon {
    fn new() -> Self {
        let now = nanotime();
        Sysmon {
            seen: Vec::new(),
            pauser: pause::Pauser::new(),
            slice_ends: i64::MAX,
            quiet_rounds: 0,
            idle_since: now,
            delay: LEAST_DELAY,
            trace_every: godebug::number("schedtrace").unwrap_or(0) * MS,
            last_trace: now,
            last_reclaim: now,
            last_trim: now,
            last_procs: now,
            started: now,
        }
    }

    fn run(mut self) {
        TID.store(thread::id(), Ordering::Relaxed);
        loop {
            self.sleep();
            let now = nanotime();
            SCHED.now.store(now, Ordering::Relaxed);
            quit::check();
            template::retry(now);
            self.pauser.step(now);
            let took = self.retake(now);
            pause::give_idle_ps();
            self.poll(now);
            let busy = took || !self.pauser.is_empty();
            self.quiet_rounds = if busy { 0 } else { self.quiet_rounds + 1 };
            if self.delay == LEAST_DELAY || self.quiet_rounds.is_multiple_of(16) {
                deadlock::confirm();
            }
            if self.trace_every > 0 && now - self.last_trace >= self.trace_every {
                self.last_trace = now;
                dump::sched_trace(
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
            if now - self.last_reclaim > 100 * MS {
                self.last_reclaim = now;
                arena::reclaim(now - RECLAIM_AFTER);
                if now - self.last_trim > RECLAIM_AFTER {
                    self.last_trim = now;
                    grow::look_for_deep_stacks();
                } else {
                    grow::end_of_trimming();
                }
            }
        }
    }

    fn sleep(&mut self) {
        if self.quiet_rounds == 0 {
            self.delay = LEAST_DELAY;
        } else if self.quiet_rounds > 50 {
            self.delay = (self.delay * 2).min(MOST_DELAY);
        }
        let note = NOTE.load(Ordering::SeqCst);
        let slow = self.delay > LEAST_DELAY;
        SLOW.store(slow, Ordering::Relaxed);
        if self.may_sleep_deeply() {
            DEEP.store(true, Ordering::SeqCst);
            if all_idle() {
                futex::wait(&NOTE, note, None);
            }
            DEEP.store(false, Ordering::Relaxed);
        } else {
            let until = unwatched_timer().min(self.slice_ends);
            let until = until.saturating_sub(nanotime()).max(0) as u64;
            let delay = (until / 1_000).clamp(LEAST_DELAY, self.delay);
            futex::wait(&NOTE, note, Some(Duration::from_micros(delay)));
        }
        if slow && NOTE.load(Ordering::SeqCst) != note {
            // Somebody called: look closely for a while.
            self.quiet_rounds = 0;
            self.delay = LEAST_DELAY;
        }
    }

    /// Everybody has been idle for long enough that the stacks of the last burst are back.
    fn may_sleep_deeply(&mut self) -> bool {
        let now = nanotime();
        if !all_idle() {
            self.idle_since = now;
            return false;
        }
        if self.trace_every > 0
            || deadlock::suspected()
            || template::is_refused()
            || unwatched_timer() != i64::MAX
            || now - self.idle_since < RECLAIM_AFTER + 300 * MS
        {
            if now - self.idle_since > 100 * MS {
                flush_idle_ps();
            }
            return false;
        }
        // The last M may have gone to sleep while we had its P in hand, and so not have asked.
        deadlock::check();
        !deadlock::suspected()
    }

    /// Nobody has polled the network for 10 ms.
    fn poll(&mut self, now: i64) {
        if unwatched_timer() <= now {
            idle::wakep();
        }
        let last = SCHED.last_poll.load(Ordering::Relaxed);
        if last == 0 || last + SLICE > now || crate::netpoll::waiters() == 0 {
            return;
        }
        // Not if an M has begun to block there meanwhile: its mark must stay.
        let ours =
            SCHED
                .last_poll
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed);
        if ours.is_ok() {
            find::poll_now(None);
        }
    }

    /// Go's `retake`.
    fn retake(&mut self, now: i64) -> bool {
        let mut did = false;
        self.slice_ends = i64::MAX;
        for (i, p) in SCHED.ps().enumerate() {
            if self.seen.len() <= i {
                self.seen.push(Seen::default());
            }
            let seen = &mut self.seen[i];
            look_for_stuck(seen, p, now);
            let Some(m) = p.owner() else {
                seen.lonely = None;
                continue;
            };
            if m.pause.is_running() {
                did |= look_at(seen, p, m, now, &mut self.pauser);
                let end = seen.slice_since + slice(m);
                if end > now {
                    self.slice_ends = self.slice_ends.min(end);
                }
            }
        }
        did
    }
}

/// How long the goroutine on `m` may run while others wait.
fn slice(m: &M) -> i64 {
    let waiting = SCHED.line_len.load(Ordering::Relaxed) as i64;
    if waiting == 0 || !m.is_hog() {
        return SLICE;
    }
    let procs = SCHED.procs.load(Ordering::Relaxed) as i64;
    (ROUND * procs / (waiting + procs)).clamp(LEAST_SLICE, SLICE)
}

/// Goroutines are paused, and a P does not get on: its M sleeps inside the runtime, or none could be
/// made for it.
fn look_for_stuck(seen: &mut Seen, p: &'static P, now: i64) {
    if SCHED.line_len.load(Ordering::Relaxed) == 0 || p.retired.load(Ordering::Relaxed) {
        seen.inside = None;
        return;
    }
    let m = p.owner();
    let inside = m.is_none_or(|m| m.in_runtime.load(Ordering::Relaxed));
    let same = seen.switches == p.switches.load(Ordering::Relaxed);
    if !inside || !same {
        seen.inside = None;
        return;
    }
    let time = now - *seen.inside.get_or_insert(now);
    let stuck = m.map_or(time >= UNDER_WAY, |m| {
        time >= STUCK && thread::is_blocked(m.tid.load(Ordering::Relaxed))
    });
    if stuck {
        seen.inside = None;
        pause::relieve();
    }
}

/// When the first timer is due that an idle P could see to, if nobody blocks in the poller until then:
/// it was armed by a goroutine on a P that has been busy ever since.
fn unwatched_timer() -> i64 {
    if SCHED.idle_ps.load(Ordering::Relaxed) == 0 {
        return i64::MAX;
    }
    let first = timers::first();
    let until = SCHED.poll_until.load(Ordering::Relaxed);
    let watched = until != 0 && until <= first;
    if watched { i64::MAX } else { first }
}

/// Is every P idle?
pub(crate) fn all_idle() -> bool {
    SCHED.idle_ps.load(Ordering::SeqCst) as usize >= SCHED.procs.load(Ordering::SeqCst)
}

/// Stacks cached by idle Ps, and by threads without one, go back to the central lists.
fn flush_idle_ps() {
    spawn::flush_shared_cache();
    let Some(still) = procs::hold_still() else {
        return;
    };
    let mut flushed: Option<&'static P> = None;
    loop {
        let Some(p) = SCHED.lock().take_idle_p() else {
            break;
        };
        // The P is ours: nobody can use it meanwhile.
        p.flush_caches();
        p.idle_link.set(flushed);
        flushed = Some(p);
    }
    while let Some(p) = flushed {
        flushed = p.idle_link.take();
        SCHED.lock().put_idle_p(p);
    }
    drop(still);
    // Whoever published work meanwhile saw no idle P.
    if find::work_in_sight() {
        idle::wakep();
    }
}

/// Is there anything that `p` could do, if its M does not?
fn work_for(p: &P, now: i64) -> bool {
    p.has_next()
        || p.has_queued()
        || SCHED.has_global_work()
        || p.timers.first() <= now
        || p.retired.load(Ordering::Relaxed)
}

fn look_at(
    seen: &mut Seen,
    p: &'static P,
    m: &'static M,
    now: i64,
    pauser: &mut pause::Pauser,
) -> bool {
    let sched_tick = p.sched_tick.load(Ordering::Relaxed);
    let switches = p.switches.load(Ordering::Relaxed);
    let syscall_tick = p.syscall_tick.load(Ordering::Relaxed);
    let in_syscall = m.in_syscall.load(Ordering::Relaxed);
    let same_syscall = in_syscall && seen.in_syscall && seen.syscall_tick == syscall_tick;
    let same_run = seen.switches == switches && seen.tid == m.tid.load(Ordering::Relaxed);
    if seen.sched_tick != sched_tick || !same_run {
        if seen.sched_tick != sched_tick {
            seen.slice_since = now;
        }
        if !same_run {
            seen.run_since = now;
            seen.tid = m.tid.load(Ordering::Relaxed);
            seen.cpu = thread::cpu_time(seen.tid).unwrap_or(0);
            seen.asked = false;
            seen.again = 0;
            seen.looked = (now, seen.cpu);
        }
    }
    seen.sched_tick = sched_tick;
    seen.switches = switches;
    seen.syscall_tick = syscall_tick;
    seen.in_syscall = in_syscall;

    if same_syscall {
        // Seen in the same bracketed call before, so for 20 us at least.
        let nobody_else =
            SCHED.idle_ps.load(Ordering::Relaxed) + SCHED.spinning.load(Ordering::Relaxed) == 0;
        if work_for(p, now) || nobody_else || now - seen.run_since > SLICE {
            return take(p, m, false);
        }
        return false;
    }
    if in_syscall {
        return false;
    }
    if same_run && now - seen.looked.0 >= STILL && work_for(p, now) && stands_still(seen, now) {
        return take(p, m, false);
    }
    // A goroutine waits in `run_next` while this one runs on, and a P is idle: invite a thief.
    if p.has_next() && same_run && SCHED.idle_ps.load(Ordering::Relaxed) > 0 {
        let cpu = || thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
        match seen.lonely {
            None => seen.lonely = Some((now, cpu())),
            Some((since, then)) if runs_on(seen.tid, now - since, cpu() - then) => idle::wakep(),
            Some(_) => {}
        }
    } else {
        seen.lonely = None;
    }
    let slice = slice(m);
    if now - seen.slice_since < slice {
        return false;
    }
    ask(p, m);
    if !same_run || now - seen.run_since < slice || !work_for(p, now) || now < seen.again {
        return false;
    }
    let did = long_runner(seen, p, m, slice, pauser);
    if !did {
        seen.again = now + AGAIN;
    }
    did
}

/// Does the goroutine on this thread keep its `run_next` waiting? It has computed for a while, or it
/// blocks. A thread that only waits for a CPU does neither, and a thief would need that CPU too.
fn runs_on(tid: i32, waited: i64, ran: i64) -> bool {
    ran >= LONELY || (waited >= 10 * LONELY && thread::is_blocked(tid))
}

/// Does the thread block, in a call that nobody bracketed? One that only waits for a CPU does not.
fn stands_still(seen: &mut Seen, now: i64) -> bool {
    let cpu = thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
    let (_, before) = std::mem::replace(&mut seen.looked, (now, cpu));
    cpu - before < STILL / 10 && thread::may_be_blocked(seen.tid) && idle::threads_left()
}

/// Asks the goroutine on `p` to give way.
fn ask(p: &P, m: &M) {
    p.attention.store(true, Ordering::Relaxed);
    m.stackguard.store(usize::MAX, Ordering::Relaxed);
}

/// One goroutine has been on its P for a slice while others wait, and has not answered.
fn long_runner(
    seen: &mut Seen,
    p: &'static P,
    m: &'static M,
    slice: i64,
    pauser: &mut pause::Pauser,
) -> bool {
    let cpu = thread::cpu_time(seen.tid).unwrap_or(i64::MAX);
    let ran = cpu - seen.cpu;
    if ran < slice / 2 {
        // Starved by the system, or about to be seen standing still.
        return false;
    }
    if !seen.asked {
        // It has one round to answer.
        seen.asked = true;
        return true;
    }
    if thread::is_blocked(seen.tid) {
        // It has computed, but blocks now.
        return idle::threads_left() && take(p, m, false);
    }
    if pause::on() {
        if idle::threads_left() {
            pauser.begin(m, Some(p), nanotime());
        }
        return true;
    }
    let room = m.is_hog() || SCHED.hogs.load(Ordering::Relaxed) < preempt::loose_limit();
    (room || preempt::has_earned(ran)) && idle::threads_left() && take(p, m, true)
}

/// Takes the P from its M and runs it elsewhere.
fn take(p: &'static P, m: &'static M, hog: bool) -> bool {
    match examine(m, p, Examine::Take { hog }) {
        Examined::Took => {
            if tracing::on() {
                tracing::retaken(m, p.id, m.in_syscall.load(Ordering::Relaxed));
            }
            idle::handoffp(p);
            true
        }
        _ => false,
    }
}
