//! Operations whose waiter is a future, which may be dropped at any moment.

use super::arm::recv_case;
use super::mixed::{AwaitCase, Ready, await_case, select_await};
use super::timer::TimerChan;
use super::{Chan, Counted, Receiver, SOON, Sender, channel, check, spawn};
use shuttle::rand::RngCore;
use shuttle::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use shuttle::thread;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// Unparks a thread, and counts.
struct Unpark(thread::Thread, AtomicUsize);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, SeqCst);
        self.0.unpark();
    }
}

fn waker() -> Waker {
    Arc::new(Unpark(thread::current(), AtomicUsize::new(0))).into()
}

/// Polls with a new waker each time, as a future that is moved from task to task would be.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let waker = waker();
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
        // A future that is just being served has itself polled again: a loop that must let others on.
        thread::yield_now();
    }
}

/// Begins to wait, and gives up after a while.
fn give_up<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let waker = waker();
    for _ in 0..2 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        thread::yield_now();
    }
    None
}

fn alive() -> Arc<std::sync::atomic::AtomicUsize> {
    Arc::default()
}

/// Values sent by those that block and those that do not, received likewise: each arrives once.
fn mixed(cap: usize) {
    check(move || {
        let alive = alive();
        let (tx, rx) = channel(cap);
        let blocking = spawn({
            let (tx, alive) = (tx.clone(), alive.clone());
            move || (0..2).for_each(|i| tx.send(Counted::new(&alive, i)))
        });
        let waiting = spawn({
            let alive = alive.clone();
            move || {
                for i in 2..4 {
                    assert!(block_on(tx.send_async(Counted::new(&alive, i))).is_ok());
                }
            }
        });
        let other = rx.clone();
        let half = spawn(move || std::iter::from_fn(|| other.recv()).map(|v| 1 << v.1).sum());
        let mut sum: i32 = 0;
        while let Some(v) = block_on(rx.recv_async()) {
            sum += 1 << v.1;
        }
        let half: i32 = half.join().unwrap();
        assert_eq!(sum + half, 0b1111);
        blocking.join().unwrap();
        waiting.join().unwrap();
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn mixed_unbuffered() {
    mixed(0);
}

#[test]
fn mixed_buffered() {
    mixed(1);
}

/// Receivers give up while values are on their way to them: none is lost, and their order stays.
fn received_and_put_back(cap: usize) {
    check(move || {
        const VALUES: usize = 4;
        let alive = alive();
        let (tx, rx) = channel(cap);
        let gives_up = |rx: Receiver<Counted>| {
            spawn(move || {
                give_up(rx.recv_async())
                    .flatten()
                    .map_or(0, |v| 1usize << v.1)
            })
        };
        let fickle = [gives_up(rx.clone()), gives_up(rx.clone())];
        let sends = spawn({
            let alive = alive.clone();
            move || (0..VALUES).for_each(|i| tx.send(Counted::new(&alive, i)))
        });
        let mut seen = 0;
        let mut see = |v: Counted| {
            assert_eq!(seen & (1 << v.1), 0, "twice");
            seen |= 1 << v.1;
        };
        while let Some(v) = rx.recv() {
            see(v);
        }
        let taken: usize = fickle.into_iter().map(|f| f.join().unwrap()).sum();
        assert!(
            rx.try_recv().is_err(),
            "put back after the end had been told"
        );
        assert_eq!(seen + taken, (1 << VALUES) - 1);
        sends.join().unwrap();
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn received_and_put_back_unbuffered() {
    received_and_put_back(0);
}

#[test]
fn received_and_put_back_buffered() {
    received_and_put_back(1);
    received_and_put_back(2);
}

/// One receiver gives up, and then receives as it should: what was sent first comes first.
#[test]
fn what_was_put_back_is_first() {
    check(|| {
        for cap in 0..3 {
            let (tx, rx) = channel(cap);
            let sends = spawn(move || (0..4).for_each(|i| tx.send(i)));
            let mut next = 0;
            while next < 4 {
                let got = give_up(rx.recv_async()).unwrap_or_else(|| rx.recv());
                assert_eq!(got, Some(next));
                next += 1;
            }
            sends.join().unwrap();
        }
    });
}

/// Several futures of one task, dropped in any order while values are on their way to them: those that are put
/// back come in the order in which they were sent.
#[test]
fn what_several_put_back_keeps_its_order() {
    check(|| {
        for cap in 0..3 {
            let (tx, rx) = channel(cap);
            let waker = waker();
            let mut cx = Context::from_waker(&waker);
            let mut futures: Vec<_> = (0..3).map(|_| rx.recv_async()).collect();
            for future in &mut futures {
                assert!(pin!(future).poll(&mut cx).is_pending());
            }
            let sends = spawn(move || (0..5).for_each(|i| tx.send(i)));
            // Not so that one of them hands its value to another: it would be dropped with that one, later.
            while futures.len() > 1 {
                thread::yield_now();
                let at = shuttle::rand::thread_rng().next_u32() as usize % futures.len();
                drop(futures.swap_remove(at));
            }
            drop(futures);
            let got: Vec<_> = std::iter::from_fn(|| rx.recv()).collect();
            assert_eq!(got, [0, 1, 2, 3, 4]);
            sends.join().unwrap();
        }
    });
}

/// A receiver waits behind a future that is served; then the senders end, and the future is dropped or polled.
#[test]
fn a_close_finds_what_a_future_was_handed() {
    check(|| {
        let (tx, rx) = channel(0);
        let waker = waker();
        let mut future = Box::pin(rx.recv_async());
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        let waits = spawn({
            let rx = rx.clone();
            move || rx.recv()
        });
        tx.send(1);
        let ends = spawn(move || drop(tx));
        let late = if shuttle::rand::thread_rng().next_u32() & 1 == 0 {
            drop(future);
            None
        } else {
            block_on(future)
        };
        let waited = waits.join().unwrap();
        assert!(matches!((waited, late), (Some(1), None) | (None, Some(1))));
        ends.join().unwrap();
    });
}

/// The value of a send that is given up arrives, or is dropped; never both.
#[test]
fn sends_given_up() {
    check(|| {
        for cap in 0..2 {
            let alive = alive();
            let (tx, rx) = channel(cap);
            let receives = spawn(move || rx.recv().map_or(0, |v: Counted| v.1));
            let sent = give_up(tx.send_async(Counted::new(&alive, 1))).is_some();
            drop(tx);
            assert!(receives.join().unwrap() == 1 || !sent);
            assert_eq!(alive.load(SeqCst), 0);
        }
    });
}

/// A close, or the end of the senders, while a receiver gives up.
#[test]
fn a_close_does_not_lose_what_was_put_back() {
    check(|| {
        for cap in 0..2 {
            let alive = alive();
            let (tx, rx) = channel(cap);
            let fickle = spawn({
                let rx = rx.clone();
                move || usize::from(give_up(rx.recv_async()).flatten().is_some())
            });
            let sends = spawn({
                let alive = alive.clone();
                move || {
                    tx.send(Counted::new(&alive, 0));
                    tx.close();
                }
            });
            let got = usize::from(rx.recv().is_some()) + fickle.join().unwrap();
            sends.join().unwrap();
            assert_eq!(got, 1);
            assert!(rx.try_recv().is_err());
            assert_eq!(alive.load(SeqCst), 0);
        }
    });
}

/// The receivers end while one of them gives up: what cannot be put back is dropped.
#[test]
fn the_last_receiver_gives_up() {
    check(|| {
        for cap in 0..2 {
            let alive = alive();
            let (tx, rx): (Sender<Counted>, _) = channel(cap);
            let fickle = spawn(move || drop(give_up(rx.recv_async())));
            for i in 0..3 {
                drop(give_up(tx.send_async(Counted::new(&alive, i))));
            }
            fickle.join().unwrap();
            drop(tx);
            assert_eq!(alive.load(SeqCst), 0);
        }
    });
}

/// Two futures of one task, and of one channel.
#[test]
fn both_ends_in_one_thread() {
    check(|| {
        let ch = Chan::new(0);
        let watches = spawn({
            let ch = ch.clone();
            move || assert!(ch.is_empty())
        });
        let waker = waker();
        let mut cx = Context::from_waker(&waker);
        let (mut receive, mut send) = (pin!(ch.recv_async()), pin!(ch.send_async(7)));
        assert!(receive.as_mut().poll(&mut cx).is_pending());
        assert!(send.as_mut().poll(&mut cx).is_ready());
        assert_eq!(receive.as_mut().poll(&mut cx), Poll::Ready(Some(7)));
        watches.join().unwrap();
    });
}

/// A timer that fires for a future that is gone fires again; one that was stopped does not.
#[test]
fn a_timer_s_value_is_put_back() {
    check(|| {
        let timer = TimerChan::start(SOON, 0);
        let mut got = usize::from(give_up(timer.recv_async()).is_some());
        if got == 0 {
            got = usize::from(block_on(timer.recv_async()).is_some());
        }
        assert_eq!(got, 1);
        TimerChan::of(&timer).unwrap().reset(SOON, 0);
        let got = give_up(timer.recv_async()).is_some();
        let stopped = TimerChan::of(&timer).unwrap().stop();
        assert!(got != stopped || !got);
        assert!(timer.try_recv().is_err());
    });
}

/// A select that waits for a channel and a future, of which one or both come.
#[test]
fn a_select_with_a_future() {
    check(|| {
        let (values, stop) = (Chan::new(0), Chan::new(1));
        let sends = spawn({
            let values = values.clone();
            move || values.send(1)
        });
        let stops = spawn({
            let stop = stop.clone();
            move || stop.send(2)
        });
        let (mut seen, mut stopped) = (0, false);
        while seen != 3 {
            let mut value = recv_case(&values).own();
            let mut asked = pin!(await_case(stop.recv_async()));
            let arms = ([value.arm()], [asked.as_mut().arm()]);
            match select_await(arms.0, arms.1, &[false, true]) {
                Ready::Channel(_) => seen += value.take().unwrap(),
                Ready::Future(_) => {
                    seen += asked.as_mut().take().unwrap();
                    assert!(!stopped);
                    stopped = true;
                }
            }
        }
        sends.join().unwrap();
        stops.join().unwrap();
    });
}

/// The waker is called by somebody who has it from an earlier select, at any time.
#[test]
fn a_bell_rings_late_and_often() {
    use shuttle::sync::Mutex;
    check(|| {
        let kept: Arc<Mutex<Option<Waker>>> = Arc::default();
        let rings = spawn({
            let kept = kept.clone();
            move || {
                for _ in 0..3 {
                    let waker = kept.lock().unwrap().clone();
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                }
            }
        });
        let ch = Chan::new(0);
        let sends = spawn({
            let ch = ch.clone();
            move || (0..2).for_each(|i| ch.send(i))
        });
        for i in 0..2 {
            let mut value = recv_case(&ch).own();
            let never = std::future::poll_fn(|cx| {
                *kept.lock().unwrap() = Some(cx.waker().clone());
                Poll::<()>::Pending
            });
            let mut never = pin!(await_case(never));
            let arms = ([value.arm()], [never.as_mut().arm()]);
            assert!(matches!(
                select_await(arms.0, arms.1, &[false, true]),
                Ready::Channel(0)
            ));
            assert_eq!(value.take(), Some(i));
        }
        rings.join().unwrap();
        sends.join().unwrap();
    });
}
