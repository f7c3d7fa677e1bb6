//! `find_runnable`: what to run next, in Go's order.
//!
//! Due timers; every 61st tick the global queue; `run_next`, which inherits the time slice; the local
//! queue; a batch of the global one; the network; other Ps' queues, timers and, last, `run_next`.
//! Then the M gives up its P, looks at everything once more and sleeps (README.md).

use super::global::SCHED;
use super::idle;
use super::m::M;
use super::p::P;
use super::section::{Examine, Examined, examine};
use super::{bubble, deadlock, dump, fatal, preempt, procs, sysmon, timers, tracing};
use crate::g::waiter::{Kind, Waiter};
use crate::g::{GRef, Status, header::flag};
use crate::netpoll::{self, WakeBatch};
use crate::sys::{barrier, clock::nanotime};
use std::sync::atomic::{Ordering, fence};

/// What to run, and whether it continues the current time slice.
pub(crate) type Found = (GRef, bool);

/// Finds something to run. The M has a P before and after (maybe another one).
#[inline]
pub(crate) fn find_runnable(m: &'static M) -> Found {
    loop {
        let found = find_any(m);
        if !keep_back(found.0) {
            return found;
        }
    }
}

fn find_any(m: &'static M) -> Found {
    loop {
        let p = m.p().expect("looks for work with a P");
        timers::check(p);
        if let Some(g) = m.given.take() {
            return (g, false);
        }
        let mut slice_over = false;
        if p.attention.load(Ordering::Relaxed) {
            if !attend(m, p) {
                continue;
            }
            slice_over = true;
        }
        if SCHED.line_len.load(Ordering::Relaxed) != 0
            && is_lines_turn(m, p, slice_over)
            && give_turn(m)
        {
            continue;
        }
        if is_global_turn(p)
            && let Some(g) = take_held_back()
        {
            return (g, false);
        }
        if let Some(found) = local(p) {
            return found;
        }
        if let Some(g) = take_held_back().or_else(|| take_global(p)) {
            return (g, false);
        }
        if let Some(g) = look_at_network(p) {
            return (g, false);
        }
        if may_spin(m)
            && let Some(g) = steal(m, p)
        {
            return (g, false);
        }
        if SCHED.line_len.load(Ordering::Relaxed) != 0 && give_turn(m) {
            continue;
        }
        if let Some(g) = rest(m, p) {
            return (g, false);
        }
    }
}

/// For so long goroutines that have just woken go before who waits in line, in nanoseconds: one slice.
const PATIENCE: i64 = 10_000_000;

/// There is somebody in line: before anything else? After a goroutine has yielded, once in each round of those
/// that do so (in Go they are all in one queue); else if the head has waited for a slice, after a slice that
/// was used up and now and then.
#[cold]
fn is_lines_turn(m: &M, p: &P, slice_over: bool) -> bool {
    if m.yielded.replace(false) {
        let round = SCHED.queue_len.load(Ordering::Relaxed).max(1) as u32;
        if p.sched_tick.load(Ordering::Relaxed).is_multiple_of(round) {
            return true;
        }
    }
    (slice_over || is_global_turn(p))
        && nanotime() - SCHED.line_since.load(Ordering::Relaxed) >= PATIENCE
}

/// Gives the P to the M at the head of the line, and sleeps until there is another one. `false`: nobody
/// is in line any more.
#[inline(never)]
fn give_turn(m: &'static M) -> bool {
    let Some(next) = SCHED.lock().take_from_line() else {
        return false;
    };
    reset_spinning(m);
    idle::start_locked(m, next);
    idle::stopm(m);
    true
}

/// Is `g` to wait, since it has not begun and there are as many young hogs as may be? Then others that
/// wait in line come to their ends first.
#[inline(always)]
fn keep_back(g: GRef) -> bool {
    SCHED.line_len.load(Ordering::Relaxed) != 0 && keep_back_slow(g)
}

#[cold]
#[inline(never)]
fn keep_back_slow(g: GRef) -> bool {
    let crowded = SCHED.young_hogs.load(Ordering::Relaxed) >= preempt::hog_limit();
    if crowded && g.is_fresh() {
        SCHED.hold_back(g);
        return true;
    }
    false
}

/// The first that was kept back, if it need not wait any more.
fn take_held_back() -> Option<GRef> {
    if SCHED.held_back_len.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let crowded = SCHED.young_hogs.load(Ordering::Relaxed) >= preempt::hog_limit();
    if crowded && SCHED.line_len.load(Ordering::Relaxed) != 0 {
        return None;
    }
    SCHED.take_held_back()
}

/// Every 61st tick what is common comes first.
#[inline(always)]
fn is_global_turn(p: &P) -> bool {
    p.sched_tick.load(Ordering::Relaxed).is_multiple_of(61)
}

/// `run_next`, the local queue and, every 61st tick, the global one first.
#[inline(always)]
fn local(p: &P) -> Option<Found> {
    if is_global_turn(p)
        && SCHED.queue_len.load(Ordering::Relaxed) != 0
        && let Some(g) = SCHED.take()
    {
        return Some((g, false));
    }
    if let Some(g) = p.take_next() {
        return Some((g, true));
    }
    p.pop().map(|g| (g, false))
}

fn take_global(p: &P) -> Option<GRef> {
    if SCHED.queue_len.load(Ordering::Relaxed) == 0 {
        return None;
    }
    SCHED.take_batch(p)
}

/// sysmon wants the slice to end, or the P is to retire. `false`: the M has another P now.
#[cold]
#[inline(never)]
fn attend(m: &'static M, p: &'static P) -> bool {
    // Acquire: pairs with `procs::set`, which marks the P as retired first.
    p.attention.swap(false, Ordering::Acquire);
    if p.retired.load(Ordering::Relaxed) {
        m.release_p();
        drop_spinning(m);
        procs::put_away(p);
        idle::stopm(m);
        return false;
    }
    // The pair that has used up its common slice goes behind everybody else.
    if let Some(g) = p.take_next() {
        p.put(g);
    }
    true
}

/// Polls without waiting, if somebody waits for the network and nobody else polls.
fn look_at_network(p: &P) -> Option<GRef> {
    if netpoll::waiters() == 0 || SCHED.last_poll.load(Ordering::Relaxed) == 0 {
        return None;
    }
    poll_now(Some(p))
}

fn poll(timeout: i64, batch: &mut WakeBatch) {
    if let Err((fd, e)) = netpoll::poll(timeout, batch) {
        poll_failed(fd, &e);
    }
}

/// The program has closed a descriptor that is not its own.
#[cold]
fn poll_failed(fd: i32, e: &std::io::Error) -> ! {
    let errno = e.raw_os_error().unwrap_or(0);
    let head = format!("runtime: epollwait on fd {fd} failed with {errno}\n");
    fatal::die(
        &(head + "fatal error: runtime: netpoll failed\n"),
        dump::Who::Current,
    );
}

/// Polls without waiting and readies what is found.
#[inline(never)]
pub(crate) fn poll_now(p: Option<&P>) -> Option<GRef> {
    let mut batch = WakeBatch::new();
    poll(0, &mut batch);
    inject(batch.as_slice(), p)
}

/// Readies what the poller found. With a P the first goroutine is the caller's and the rest go into
/// its queue; without, all go into the global one.
fn inject(waiters: &[Waiter], p: Option<&P>) -> Option<GRef> {
    let mut first = None;
    let mut queued = false;
    for w in waiters {
        match w.kind() {
            Kind::Thread(t) => t.wake(),
            Kind::G(g) if g.has(flag::FAMILY) && bubble::readied(g) => {}
            Kind::G(g) => {
                g.set_status(Status::Runnable);
                if tracing::on() {
                    tracing::readied(g, false);
                }
                match p {
                    Some(_) if first.is_none() => {
                        first = Some(g);
                        continue;
                    }
                    Some(p) => p.put(g),
                    None => SCHED.put(g),
                }
                queued = true;
            }
        }
    }
    if queued {
        idle::wakep();
    }
    first
}

/// At most half of the busy Ps' number of Ms look for work at once.
fn may_spin(m: &'static M) -> bool {
    if m.spinning.get() {
        return true;
    }
    let procs = SCHED.procs.load(Ordering::Relaxed) as u32;
    let busy = procs.saturating_sub(SCHED.idle_ps.load(Ordering::Relaxed));
    if 2 * SCHED.spinning.load(Ordering::Relaxed) >= busy {
        return false;
    }
    m.spinning.set(true);
    SCHED.spinning.fetch_add(1, Ordering::SeqCst);
    true
}

/// Four rounds over all Ps in a random order, timers and `run_next` only in the last; then a while
/// of waiting for a queue to fill, if that has paid lately.
fn steal(m: &'static M, p: &'static P) -> Option<GRef> {
    let n = SCHED.made_ps.load(Ordering::Acquire);
    if n < 2 {
        return None;
    }
    let start = m.random() as usize;
    let step = coprime(m.random() as usize, n);
    for round in 0..4 {
        let found = steal_round(p, n, (start, step), round == 3);
        if found.is_some() {
            return found;
        }
    }
    linger(m, p, n, (start, step))
}

/// A sleep and a wake-up cost several microseconds: while others run and have had work for us lately,
/// waiting about as long is cheaper. How long adapts: doubled by success, halved by failure.
fn linger(m: &'static M, p: &'static P, n: usize, order: (usize, usize)) -> Option<GRef> {
    const PAUSES: u32 = 32;
    const MOST: u32 = 16;
    let patience = m.patience.get();
    for _ in 0..patience {
        for _ in 0..PAUSES {
            std::hint::spin_loop();
        }
        if SCHED.queue_len.load(Ordering::Relaxed) != 0 {
            m.patience.set((2 * patience).min(MOST));
            return take_global(p);
        }
        let found = steal_round(p, n, order, false);
        if found.is_some() {
            m.patience.set((2 * patience).min(MOST));
            return found;
        }
        if SCHED.idle_ps.load(Ordering::Relaxed) as usize + 1 >= SCHED.procs.load(Ordering::Relaxed)
        {
            break;
        }
    }
    m.patience.set((patience / 2).max(1));
    None
}

/// One look at every other P.
fn steal_round(
    p: &'static P,
    n: usize,
    (start, step): (usize, usize),
    everything: bool,
) -> Option<GRef> {
    let mut at = start % n;
    for _ in 0..n {
        let q = SCHED.p(at);
        at = (at + step) % n;
        if std::ptr::eq(q, p) {
            continue;
        }
        if q.has_queued()
            && let Some(g) = p.steal_from(q)
        {
            note_steal(g, q);
            return Some(g);
        }
        if !everything {
            continue;
        }
        if timers::check(q)
            && let Some((g, _)) = local(p)
        {
            return Some(g);
        }
        if let Some(g) = steal_next(p, q) {
            note_steal(g, q);
            return Some(g);
        }
    }
    None
}

fn note_steal(g: GRef, victim: &P) {
    if tracing::on() {
        let kind = tracing::Kind::Stole { victim: victim.id };
        tracing::note(g.id.load(Ordering::Relaxed), kind);
    }
}

/// A step with which one visits all of `n` places.
fn coprime(r: usize, n: usize) -> usize {
    fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    (r % n..n).find(|&s| s > 0 && gcd(s, n) == 1).unwrap_or(1)
}

/// For so long a goroutine in `run_next` is left to its own P, in nanoseconds.
const PRIVATE: i64 = 10_000;

/// Takes a goroutine that has been waiting in `run_next` while its P's goroutine runs on. One that
/// was put there a moment ago is left: it will run there soon, with warm caches. If it gives way to
/// another meanwhile, it is in the queue, and had from there for less.
fn steal_next(p: &'static P, q: &'static P) -> Option<GRef> {
    let owner = q.owner()?;
    if !q.has_next() {
        return None;
    }
    let before = q.switches.load(Ordering::Relaxed);
    let since = nanotime();
    while nanotime() - since < PRIVATE {
        for _ in 0..16 {
            std::hint::spin_loop();
        }
        if !q.has_next() {
            return None;
        }
        if q.has_queued()
            && let Some(g) = p.steal_from(q)
        {
            return Some(g);
        }
    }
    if !q.has_next() || q.switches.load(Ordering::Relaxed) != before {
        return None;
    }
    match examine(owner, q, Examine::StealNext) {
        Examined::Stole(g) => g,
        _ => None,
    }
}

/// Nothing found: gives up the P, looks again, sleeps. Returns with a P.
#[inline(never)]
fn rest(m: &'static M, p: &'static P) -> Option<GRef> {
    let mut s = SCHED.lock();
    if SCHED.has_global_work() {
        return None;
    }
    if p.retired.load(Ordering::Relaxed) {
        drop(s);
        p.attention.store(true, Ordering::Relaxed);
        return None;
    }
    if !m.spinning.get() && SCHED.need_spinning.swap(false, Ordering::SeqCst) {
        drop(s);
        m.spinning.set(true);
        SCHED.spinning.fetch_add(1, Ordering::SeqCst);
        return None;
    }
    m.release_p();
    s.put_idle_p(p);
    drop(s);
    if drop_spinning(m) && last_look(m) {
        return None;
    }
    if let Some(g) = wait_for_network(m) {
        return g;
    }
    idle::stopm(m);
    None
}

/// The M has ceased to spin: whoever published work before may have relied on it. `true`: there was
/// something, and the M has a P and spins again.
fn last_look(m: &'static M) -> bool {
    if !work_in_sight() {
        return false;
    }
    let Some(p) = SCHED.lock().take_idle_p() else {
        SCHED.need_spinning.store(true, Ordering::SeqCst);
        return false;
    };
    sysmon::work_began();
    m.acquire_p(p);
    m.spinning.set(true);
    SCHED.spinning.fetch_add(1, Ordering::SeqCst);
    true
}

/// Is there anything that an idle P could do? For whoever has just made "nobody spins" or "a P is
/// idle" true, on which publishers of work may have relied to be false.
pub(crate) fn work_in_sight() -> bool {
    // Pairs with `barrier::light` in `wakep`: either we see the work, or its publisher sees what
    // was changed before this call.
    barrier::heavy();
    SCHED.has_global_work() || SCHED.ps().any(P::has_queued) || timers::first() <= nanotime()
}

/// Blocks in the poller, if there is anything to wait for there and nobody else does. `None`: it is
/// not our turn. `Some(..)`: came back with a P.
fn wait_for_network(m: &'static M) -> Option<Option<GRef>> {
    // Between a timer that was armed without waking anybody, because we would look, and the mark
    // of who blocks there; pairs with the fence below.
    fence(Ordering::SeqCst);
    if SCHED.last_poll.load(Ordering::SeqCst) == 0 {
        // Somebody blocks there already, maybe for longer than the next timer allows. While it has
        // not said for how long, it may have looked at the timers before ours was there.
        let until = SCHED.poll_until.load(Ordering::SeqCst);
        let first = timers::first();
        if first != i64::MAX && (until == 0 || first < until) {
            netpoll::wake();
        }
        return None;
    }
    if netpoll::waiters() == 0 && timers::first() == i64::MAX {
        return None;
    }
    if SCHED.last_poll.swap(0, Ordering::SeqCst) == 0 {
        return None;
    }
    // Between "somebody polls" and the look at the timers; pairs with the fence in
    // `timers::wake_poller`: a timer armed now is either seen below, or its owner wakes us.
    fence(Ordering::SeqCst);
    let first = timers::first();
    SCHED.poll_until.store(first.max(1), Ordering::SeqCst);
    let timeout = if first == i64::MAX {
        -1
    } else {
        (first - nanotime()).max(0)
    };
    let mut batch = WakeBatch::new();
    m.in_poll.store(true, Ordering::SeqCst);
    // What we were to wake for may be gone already, and with it the last hope.
    deadlock::check();
    poll(timeout, &mut batch);
    m.in_poll.store(false, Ordering::SeqCst);
    SCHED.poll_until.store(0, Ordering::SeqCst);
    SCHED.last_poll.store(nanotime().max(1), Ordering::SeqCst);
    let p = SCHED.lock().take_idle_p();
    match p {
        None => {
            inject(batch.as_slice(), None);
            idle::stopm(m);
            Some(None)
        }
        Some(p) => {
            sysmon::work_began();
            m.acquire_p(p);
            Some(inject(batch.as_slice(), Some(p)))
        }
    }
}

/// The M looks for work no more; returns whether it did.
fn drop_spinning(m: &'static M) -> bool {
    if !m.spinning.get() {
        return false;
    }
    m.spinning.set(false);
    SCHED.spinning.fetch_sub(1, Ordering::SeqCst);
    true
}

/// A spinning M found work: if it was the last one there may be more work for another.
pub(crate) fn reset_spinning(m: &'static M) {
    if drop_spinning(m) {
        idle::wakep();
    }
}
