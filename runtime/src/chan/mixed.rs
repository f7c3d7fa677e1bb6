//! A select with arms that wait for futures.
//!
//! Such a select tries its arms one by one, in a random order (`biased`: in source order): a channel's
//! operation under its lock, a future by polling it. The first that is ready is chosen, so each of the ready
//! ones is equally likely. If none is, it waits on its channels as any other select; what the futures know of
//! it is a [`Bell`], which decides it as the alarm of a deadline does. Then it looks again.

use super::bell::Bell;
use super::raw_arm::Arm;
use super::rt::{
    about_to_wait, away, before_block, bubbles_exist, give_way_if_asked, point, random,
};
use super::select::{check_bubbles, number, try_arm, wait_for_bell};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Which of the arms was chosen: its number among its kind.
pub enum Ready {
    /// A channel's.
    Channel(usize),
    /// A future's.
    Future(usize),
}

/// The arm `await future`, pinned before it is used.
pub trait AwaitCase {
    /// What the future yields.
    type Output;
    /// The arm without its type, for one select.
    fn arm(self: Pin<&mut Self>) -> FutureArm<'_>;
    /// What this arm, having been chosen, yielded.
    fn take(self: Pin<&mut Self>) -> Self::Output;
}

/// Begins the arm `await f`. (Opaque, so that an operand that is no future gives one error.)
#[inline]
pub fn await_case<F: IntoFuture>(f: F) -> impl AwaitCase<Output = F::Output> {
    AwaitArm {
        future: f.into_future(),
        output: None,
    }
}

struct AwaitArm<F: Future> {
    future: F,
    /// There from the poll that chose this arm until it is taken.
    output: Option<F::Output>,
}

impl<F: Future> AwaitCase for AwaitArm<F> {
    type Output = F::Output;

    fn arm(self: Pin<&mut Self>) -> FutureArm<'_> {
        FutureArm(self)
    }

    fn take(self: Pin<&mut Self>) -> F::Output {
        // SAFETY: the output is not pinned; the future stays where it is.
        let this = unsafe { self.get_unchecked_mut() };
        this.output.take().expect("chosen once")
    }
}

/// A type-erased arm, for the time of one select.
pub struct FutureArm<'a>(Pin<&'a mut (dyn Polls + 'a)>);

trait Polls {
    /// `true`: ready.
    fn poll_once(self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool;
}

impl<F: Future> Polls for AwaitArm<F> {
    fn poll_once(self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        // SAFETY: the future is pinned with the arm, and only polled; the output is not pinned.
        let (future, output) = unsafe {
            let this = self.get_unchecked_mut();
            (Pin::new_unchecked(&mut this.future), &mut this.output)
        };
        match future.poll(cx) {
            Poll::Ready(value) => {
                *output = Some(value);
                true
            }
            Poll::Pending => false,
        }
    }
}

/// Waits until one of the arms is ready. `kinds` says of each arm, in source order, whether it is a future's.
#[inline]
pub fn select_await<const C: usize, const F: usize>(
    mut channels: [Arm<'_>; C],
    mut futures: [FutureArm<'_>; F],
    kinds: &[bool],
) -> Ready {
    wait_for_any(&mut channels, &mut futures, kinds, false)
}

/// [`select_await`] that prefers the first of the ready arms.
#[inline]
pub fn select_await_biased<const C: usize, const F: usize>(
    mut channels: [Arm<'_>; C],
    mut futures: [FutureArm<'_>; F],
    kinds: &[bool],
) -> Ready {
    wait_for_any(&mut channels, &mut futures, kinds, true)
}

/// Chooses one of the arms if one is ready; `None` is the `default` arm.
#[inline]
pub fn try_select_await<const C: usize, const F: usize>(
    mut channels: [Arm<'_>; C],
    mut futures: [FutureArm<'_>; F],
    kinds: &[bool],
) -> Option<Ready> {
    try_any(&mut channels, &mut futures, kinds, false)
}

/// [`try_select_await`] that prefers the first of the ready arms.
#[inline]
pub fn try_select_await_biased<const C: usize, const F: usize>(
    mut channels: [Arm<'_>; C],
    mut futures: [FutureArm<'_>; F],
    kinds: &[bool],
) -> Option<Ready> {
    try_any(&mut channels, &mut futures, kinds, true)
}

fn try_any(
    channels: &mut [Arm<'_>],
    futures: &mut [FutureArm<'_>],
    kinds: &[bool],
    biased: bool,
) -> Option<Ready> {
    // As every operation does that does not wait: a loop around it has no other point.
    give_way_if_asked();
    if bubbles_exist() {
        check_bubbles(channels);
    }
    let channels = number(channels);
    // It is not awaited: there is no task to wake.
    let mut cx = Context::from_waker(Waker::noop());
    look(channels, futures, &order(kinds, biased), &mut cx)
}

#[inline(never)]
fn wait_for_any(
    channels: &mut [Arm<'_>],
    futures: &mut [FutureArm<'_>],
    kinds: &[bool],
    biased: bool,
) -> Ready {
    give_way_if_asked();
    if bubbles_exist() {
        check_bubbles(channels);
        point();
    }
    let channels = number(channels);
    let order = order(kinds, biased);
    let bell = Arc::new(Bell::new());
    let waker = Waker::from(bell.clone());
    loop {
        bell.hush();
        if let Some(ready) = look(channels, futures, &order, &mut Context::from_waker(&waker)) {
            return ready;
        }
        // With nothing locked: this may end the goroutine, or boot the runtime.
        before_block();
        about_to_wait();
        let _away = away();
        if let Some(chosen) = wait_for_bell(channels, biased, &bell) {
            return Ready::Channel(chosen);
        }
    }
}

/// In which order the arms are tried: (is it a future's, its number among its kind).
fn order(kinds: &[bool], biased: bool) -> Vec<(bool, usize)> {
    let mut seen = [0, 0];
    let mut order: Vec<_> = kinds
        .iter()
        .map(|&future| {
            let number = &mut seen[usize::from(future)];
            *number += 1;
            (future, *number - 1)
        })
        .collect();
    if !biased {
        for i in 1..order.len() {
            let j = (u64::from(random()) * (i as u64 + 1)) >> 32;
            order.swap(i, j as usize);
        }
    }
    order
}

/// Tries the arms, each once.
fn look(
    channels: &mut [Arm<'_>],
    futures: &mut [FutureArm<'_>],
    order: &[(bool, usize)],
    cx: &mut Context<'_>,
) -> Option<Ready> {
    for &(future, number) in order {
        if future {
            if futures[number].0.as_mut().poll_once(cx) {
                return Some(Ready::Future(number));
            }
        } else if try_arm(channels, number) {
            return Some(Ready::Channel(number));
        }
    }
    None
}
