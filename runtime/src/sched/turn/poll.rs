//! Looking at the network, and readying the goroutines that wait for it.

use super::{queues, steal};
use crate::g::Status;
use crate::g::waiter::Kind;
use crate::netpoll::{self, WakeBatch};
use crate::sched::state::level::Who;
use crate::sched::state::p::{OwnP, P};
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::{fatal, hooks, tracing};
use crate::sched::wake::idle;
use crate::sys::clock::nanotime;

/// Polls without waiting, if a goroutine waits for the network and no other M polls.
pub(super) fn look(p: &OwnP<'_>) -> Option<Runnable> {
    if netpoll::waiters() == 0 || SCHED.poll.is_marked() {
        return None;
    }
    if let Some(g) = steal::from_standing(p) {
        return Some(g);
    }
    // A goroutine of a bubble is readied by the bubble, which may have queued another one, here.
    poll_now(Some(p)).or_else(|| queues::local(p).map(|found| found.g))
}

/// While there is other work the network is looked at this often, in nanoseconds ..
const EVERY: i64 = 200_000;
/// .. and the clock after this many turns.
pub(super) const TURNS: u32 = 16;

/// Is it one of these turns?
#[inline(always)]
pub(super) fn is_turn(p: &P) -> bool {
    p.switches().is_multiple_of(TURNS)
}

/// [`look`] in passing, although there is other work: now and then. Else a goroutine that waits for the network would
/// wait until a P runs out of work, or until sysmon finds that no M has looked for 10 ms.
#[inline(always)]
pub(super) fn look_in_passing(p: &OwnP<'_>) -> Option<Runnable> {
    if is_turn(p) && netpoll::waiters() != 0 {
        look_if_late(p)
    } else {
        None
    }
}

#[inline(never)]
fn look_if_late(p: &OwnP<'_>) -> Option<Runnable> {
    let (last, now) = (SCHED.poll.last(), nanotime());
    if last == 0 || now - last < EVERY || !SCHED.poll.touch(last, now) {
        return None;
    }
    let stolen = steal::from_standing(p);
    let found = poll_now(Some(p));
    match (stolen, found) {
        (Some(stolen), Some(found)) => {
            p.put(found);
            idle::wakep();
            Some(stolen)
        }
        (stolen, found) => stolen.or(found),
    }
}

pub(super) fn poll(timeout: i64, batch: &mut WakeBatch) {
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
        Who::Current,
    );
}

/// Polls without waiting and readies what is found.
#[inline(never)]
pub(crate) fn poll_now(p: Option<&OwnP<'_>>) -> Option<Runnable> {
    let mut batch = WakeBatch::new();
    poll(0, &mut batch);
    inject(&mut batch, p)
}

/// Readies what the poller found. With a P the first goroutine is the caller's and the rest go into
/// its queue; without, all go into the global one.
pub(super) fn inject(batch: &mut WakeBatch, p: Option<&OwnP<'_>>) -> Option<Runnable> {
    let mut first = None;
    let mut queued = false;
    for parked in batch.drain() {
        match parked.into_waiter().kind() {
            Kind::Thread(t) => t.wake(),
            Kind::Task(_) => unreachable!("the poller has no futures"),
            Kind::G(g) => {
                // SAFETY: it was parked, and is ours to wake.
                let g = unsafe { Runnable::new(g) };
                let Some(g) = hooks::readied(g) else {
                    continue;
                };
                g.set_status(Status::Runnable);
                if tracing::on() {
                    tracing::readied(g.g(), false);
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
