//! What `select!` runs (Go's `runtime/select.go`).
//!
//! An arm's bookkeeping, its sudog included, lies in the arm itself, in the caller's frame: no
//! function here needs an array of its own, so any number of arms works without allocating. The
//! array of [`Arm`]s that it is passed is rearranged at will; each arm knows its number.
//!
//! A blocking select goes through three stages, each of which can end it:
//!
//! 1. **Look** at the arms, by plain loads; lock the channel of one that looks ready and try it. It is
//!    any of those, with equal probability (`biased`: the first in source order, and then the others
//!    are not looked at). If it was not ready any more: look again.
//! 2. **Lock all** channels in the order of their addresses (each once), look again, and choose at
//!    random among the ready arms. This is the first moment at which all arms are seen at once.
//! 3. **Wait**: still under all locks, queue one sudog for each arm, park, and unlock. A goroutine
//!    that can serve one of them claims the [`Winner`] word by one CAS, moves the value and wakes us.
//!    Then the other sudogs are taken out of their queues, one lock at a time.
//!
//! A select with `default` does 1 and, if that fails, 2 without waiting. Usually it needs no lock to
//! say "nothing is ready": if no arm looked ready in one pass of loads, and a second pass finds that
//! nothing has happened since that could have changed that (`RawChan::unchanged`), then there was a
//! moment between the passes at which no arm was ready.
//!
//! A select never serves itself: its sudogs are queued only after every arm was found not ready, and
//! it does not look again until it has been woken.
//!
//! A select with a deadline sets an alarm before stage 2: one more that can claim the word.
//!
//! Abandoned sends (the last receiver is gone) wake a waiting select with the outcome
//! `NoReceivers`. It ends only if all its arms are such sends; else it goes back to stage 2.

use super::bell::Bell;
use super::deadline::Alarm;
use super::hchan::{Guard, Op, RawChan};
use super::raw_arm::{Arm, LockedArm};
use super::rt::{
    Clock, WaitReason, about_to_wait, away, before_block, bubbles_exist, park, point, random,
};
use super::wait::block_forever as block;
use super::waitq::Outcome;
use super::winner::{EarlyWinner, Winner};
use std::time::Duration;
use std::{mem, ptr};

/// Waits until one of the arms has been carried out and returns its number.
#[inline]
pub fn select<const N: usize>(mut arms: [Arm<'_>; N]) -> usize {
    wait_for_any(&mut arms, false)
}

/// [`select`] that prefers the first of the ready arms.
#[inline]
pub fn select_biased<const N: usize>(mut arms: [Arm<'_>; N]) -> usize {
    wait_for_any(&mut arms, true)
}

/// Carries out one of the arms if one is ready; `None` is the `default` arm.
#[inline]
pub fn try_select<const N: usize>(mut arms: [Arm<'_>; N]) -> Option<usize> {
    if nothing_ready(&arms) {
        None
    } else {
        try_any(&mut arms, false)
    }
}

/// [`try_select`] that prefers the first of the ready arms.
#[inline]
pub fn try_select_biased<const N: usize>(mut arms: [Arm<'_>; N]) -> Option<usize> {
    if nothing_ready(&arms) {
        None
    } else {
        try_any(&mut arms, true)
    }
}

/// A select without arms. Go: `select {}`.
pub fn block_forever() -> ! {
    block(WaitReason::SelectNoCases)
}

/// [`none_ready`], in line where that is shorter than calling it.
#[inline]
fn nothing_ready<const N: usize>(arms: &[Arm<'_>; N]) -> bool {
    #[inline(never)]
    fn of_many(arms: &[Arm<'_>]) -> bool {
        none_ready(arms)
    }
    if N <= 2 {
        none_ready(arms)
    } else {
        of_many(arms)
    }
}

/// Without locks: was there a moment at which no arm was ready? (See the top of this file.)
#[inline]
pub(super) fn none_ready(arms: &[Arm<'_>]) -> bool {
    arms.iter().all(|arm| !arm.peek())
        && (arms.len() == 1 || arms.iter().all(|arm| arm.unchanged()))
}

#[inline(never)]
pub(super) fn wait_for_any(arms: &mut [Arm<'_>], biased: bool) -> usize {
    if bubbles_exist() {
        check_bubbles(arms);
        point();
    }
    let reason = reason(arms);
    let arms = number(arms);
    if let Some(chosen) = look(arms, biased) {
        return chosen;
    }
    if arms.is_empty() {
        block(reason);
    }
    // With nothing locked: this may end the goroutine, or boot the runtime.
    before_block();
    about_to_wait();
    let _away = away();
    loop {
        let winner = Winner::new();
        let locked = match lock_all(arms).choose(biased) {
            Ok(chosen) => return chosen,
            Err(locked) => locked,
        };
        if let Some(chosen) = wait(locked, &winner, reason, Until::Channel) {
            return chosen;
        }
    }
}

/// [`wait_for_any`], but at most for `timeout`: then `None`.
#[inline(never)]
pub(super) fn wait_for(arms: &mut [Arm<'_>], biased: bool, timeout: Duration) -> Option<usize> {
    if bubbles_exist() {
        check_bubbles(arms);
        point();
    }
    let reason = reason(arms);
    let arms = number(arms);
    if let Some(chosen) = look(arms, biased) {
        return Some(chosen);
    }
    let clock = Clock::current();
    let when = clock.due_in(timeout);
    before_block();
    about_to_wait();
    let _away = away();
    loop {
        let winner = EarlyWinner::new();
        let mut alarm = Alarm::new(&winner);
        // Set before anything is locked.
        let chosen = alarm.around(&clock, when, || {
            let choice = lock_all(arms).choose(biased);
            choice.map_or_else(|locked| wait(locked, &winner, reason, Until::Channel), Some)
        });
        if chosen.is_some() || winner.is_timed_out() {
            return chosen;
        }
    }
}

/// Stages 2 and 3 of a select that is also decided by a bell: then `None`, and look again.
#[inline(never)]
pub(super) fn wait_for_bell(arms: &mut [Arm<'_>], biased: bool, bell: &Bell) -> Option<usize> {
    let winner = EarlyWinner::new();
    let why = WaitReason::Select;
    bell.around(&winner, || {
        let choice = lock_all(arms).choose(biased);
        choice.map_or_else(
            |locked| wait(locked, &winner, why, Until::BellOrChannel),
            Some,
        )
    })
}

/// All channels of a bubble must be the caller's bubble's.
#[cold]
#[inline(never)]
pub(super) fn check_bubbles(arms: &[Arm<'_>]) {
    for chan in arms.iter().filter_map(Arm::chan) {
        chan.check("select on synctest channel from outside bubble");
    }
}

/// What a dump says: a select of one arm is a plain operation, as in Go.
fn reason(arms: &[Arm<'_>]) -> WaitReason {
    match arms {
        [] => WaitReason::SelectNoCases,
        [only] => match (only.op(), only.chan()) {
            (Op::Send, Some(_)) => WaitReason::ChanSend,
            (Op::Recv, Some(_)) => WaitReason::ChanReceive,
            (Op::Send, None) => WaitReason::ChanSendNil,
            (Op::Recv, None) => WaitReason::ChanReceiveNil,
        },
        _ => WaitReason::Select,
    }
}

/// Carries out one of the arms, of which one looked ready, if it still is.
#[inline(never)]
pub(super) fn try_any(arms: &mut [Arm<'_>], biased: bool) -> Option<usize> {
    if bubbles_exist() {
        check_bubbles(arms);
    }
    let arms = number(arms);
    look(arms, biased).or_else(|| lock_all(arms).choose(biased).ok())
}

/// Gives every arm its number and returns those that have a channel, in source order.
pub(super) fn number<'s, 'a>(arms: &'s mut [Arm<'a>]) -> &'s mut [Arm<'a>] {
    let mut live = 0;
    assert!(arms.len() <= u32::MAX as usize, "too many arms");
    for i in 0..arms.len() {
        arms[i].begin(i as u32);
        if arms[i].chan().is_some() {
            arms.swap(live, i);
            live += 1;
        }
    }
    &mut arms[..live]
}

/// Carries out arm number `index`, of those that [`number`] returned, if it is ready.
pub(super) fn try_arm(arms: &[Arm<'_>], index: usize) -> bool {
    let Some(arm) = arms.iter().find(|arm| arm.index() == index) else {
        return false;
    };
    arm.peek() && arm.try_alone().is_some()
}

/// Stage 1: tries one of the arms that look ready.
fn look(arms: &[Arm<'_>], biased: bool) -> Option<usize> {
    // Who is late each time is served by stage 2.
    for _ in 0..arms.len() {
        let (mut ready, mut last) = (0, None);
        for arm in arms {
            if arm.look() {
                (ready, last) = (ready + 1, Some(arm));
                if biased {
                    break;
                }
            }
        }
        let arm = match ready {
            0 | 1 => last?,
            n => arms
                .iter()
                .filter(|arm| arm.looked_ready())
                .nth(random_below(n))?,
        };
        if let Some(chosen) = arm.try_alone() {
            return Some(chosen);
        }
    }
    None
}

/// Stage 2 begins: locks all channels.
fn lock_all<'s, 'a>(arms: &'s mut [Arm<'a>]) -> LockedArms<'s, 'a> {
    arms.sort_unstable_by_key(|arm| arm.chan().map_or(0, |chan| ptr::from_ref(chan).addr()));
    let mut previous = ptr::null();
    for arm in arms.iter() {
        if let Some(chan) = arm.chan().filter(|&chan| !ptr::eq(chan, previous)) {
            mem::forget(chan.lock());
            previous = chan;
        }
    }
    LockedArms(arms)
}

/// The arms of a select in lock order, with all their channels locked, until this is dropped.
#[must_use]
struct LockedArms<'s, 'a>(&'s [Arm<'a>]);

impl<'s, 'a> LockedArms<'s, 'a> {
    /// Those that have a channel.
    fn each(&self) -> impl Iterator<Item = LockedArm<'_, 'a>> {
        // SAFETY: locked, for as long as this is borrowed.
        self.0
            .iter()
            .filter_map(|arm| unsafe { LockedArm::new(arm) })
    }

    /// Carries out one of the ready arms, if there is one. `Err`: there is none.
    fn choose(self, biased: bool) -> Result<usize, Self> {
        loop {
            let Some(ready) = self.pick(biased) else {
                return Err(self);
            };
            // Not ready: only decided selects were waiting there. The attempt has thrown them out, so
            // this arm does not look ready any more.
            if let Some(tried) = ready.attempt() {
                drop(self);
                return Ok(tried.complete());
            }
        }
    }

    /// The first in source order, or any with equal probability, of the ready arms.
    fn pick(&self, biased: bool) -> Option<LockedArm<'_, 'a>> {
        let ready = || self.each().filter(|arm| arm.seems_ready());
        if biased {
            return ready().min_by_key(|arm| arm.index());
        }
        match ready().count() {
            0 => None,
            1 => ready().next(),
            n => {
                // Not the n-th in lock order: where a seed decides, addresses must not.
                let nth = random_below(n);
                let before =
                    |arm: &LockedArm<'_, '_>| ready().filter(|a| a.index() < arm.index()).count();
                ready().find(|arm| before(arm) == nth)
            }
        }
    }
}

impl Drop for LockedArms<'_, '_> {
    /// Releases the locks.
    ///
    /// When this runs in the commit of a `park`, the select may be woken, and its arms may be on their
    /// way out, as soon as the last channel is unlocked; so the next arm is read before each unlock. Up to
    /// then it cannot get further than the first still locked channel, where it has a sudog to take out
    /// (or cannot have been woken from).
    fn drop(&mut self) {
        let mut rest = self.0.iter().filter_map(Arm::chan);
        let mut current = rest.next();
        while let Some(chan) = current {
            current = rest.find(|&next| !ptr::eq(next, chan));
            // SAFETY: `lock_all` has locked it, once.
            drop(unsafe { Guard::again(chan) });
        }
    }
}

/// What can end a wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// A channel, or the end of its time.
    Channel,
    /// Or a future, which any thread may wake.
    BellOrChannel,
}

/// Stage 3, under all locks: waits to be chosen. `None`: the time is over, or look again; no lock is
/// held.
fn wait(
    locked: LockedArms<'_, '_>,
    winner: &Winner,
    reason: WaitReason,
    until: Until,
) -> Option<usize> {
    let arms = locked.0;
    let only_channels = until == Until::Channel;
    if only_channels && let Some(first) = first_abandoned(arms) {
        drop(locked);
        first.set_outcome(Outcome::NoReceivers);
        return Some(first.index());
    }
    let durable = only_channels && bubbles_exist() && are_all_bubbled(arms);
    let reason = if durable { reason.durable() } else { reason };
    // SAFETY: what is queued here is taken out by `leave`, once the caller, who made the winner and is its waiter, has been
    // woken. The commit releases the locks held here, and touches this frame only before the last one.
    unsafe {
        enqueue(&locked, winner);
        park(reason, move || {
            let open = winner.open();
            drop(locked);
            open
        });
        leave(arms, winner)
    }
}

/// If all arms are abandoned sends: the first in source order. (Not in line, like those below: what [`wait`] keeps on the
/// stack is what a parked goroutine costs.)
#[inline(never)]
fn first_abandoned<'s, 'a>(arms: &'s [Arm<'a>]) -> Option<&'s Arm<'a>> {
    let all = arms.iter().all(Arm::is_abandoned);
    all.then(|| arms.iter().min_by_key(|arm| arm.index()))?
}

/// Queues a sudog for each arm.
///
/// # Safety
/// They [`leave`] before the arms and the winner go.
#[inline(never)]
unsafe fn enqueue(locked: &LockedArms<'_, '_>, winner: &Winner) {
    for arm in locked.each() {
        // SAFETY: the arm is borrowed, so it stays where it is; its sudog is in no queue.
        unsafe { arm.enqueue(winner) };
    }
}

/// Can only the bubble of the channels end the wait?
#[inline(never)]
fn are_all_bubbled(arms: &[Arm<'_>]) -> bool {
    let bubbled = |arm: &Arm<'_>| arm.chan().is_some_and(RawChan::is_bubbled);
    arms.iter().all(bubbled)
}

/// After the wait: takes all sudogs out of their queues and notes the outcome of the arm that was chosen.
///
/// # Safety
/// They were queued, and the select was woken since; no lock is held.
#[inline(never)]
unsafe fn leave(arms: &[Arm<'_>], winner: &Winner) -> Option<usize> {
    let chosen = winner.chosen();
    let mut outcome = Outcome::Pending;
    for arm in arms {
        // SAFETY: forwarded.
        if let Some(came) = unsafe { arm.leave(Some(arm.index()) == chosen) } {
            outcome = came;
            arm.set_outcome(outcome);
        }
    }
    // An abandoned send was chosen, but there are other arms.
    if outcome == Outcome::NoReceivers {
        None
    } else {
        chosen
    }
}

/// A random number below `n`, which is not 0. Uniform up to `n` parts in 2^32.
#[inline]
fn random_below(n: usize) -> usize {
    ((u64::from(random()) * n as u64) >> 32) as usize
}
