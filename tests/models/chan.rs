//! Channels and select under the model checker: the runtime's files, with `rt.rs` replaced.
//!
//! Every schedule must end (a lost wake-up is a deadlock, which shuttle reports), wake each waiter
//! once, keep every value in one place, and leave no memory behind.

#![allow(dead_code, unreachable_pub, unused_imports)] // a library has more than its tests use

#[path = "../../runtime/src/chan/arm.rs"]
mod arm;
#[path = "../../runtime/src/chan/asynch.rs"]
mod asynch;
#[path = "../../runtime/src/chan/bell.rs"]
mod bell;
#[path = "../../runtime/src/chan/deadline.rs"]
mod deadline;
#[path = "../../runtime/src/chan/dir.rs"]
mod dir;
#[path = "../../runtime/src/chan/ends.rs"]
mod ends;
#[path = "../../runtime/src/chan/error.rs"]
mod error;
#[path = "../../runtime/src/chan/future.rs"]
mod future;
#[path = "chan/futures.rs"]
mod futures;
#[path = "../../runtime/src/chan/handle.rs"]
mod handle;
#[path = "../../runtime/src/chan/handles.rs"]
mod handles;
#[path = "../../runtime/src/chan/hchan.rs"]
mod hchan;
#[path = "../../runtime/src/chan/lent.rs"]
mod lent;
#[path = "../../runtime/src/chan/make.rs"]
mod make;
#[path = "../../runtime/src/chan/mixed.rs"]
mod mixed;
#[path = "../../runtime/src/chan/ops.rs"]
mod ops;
#[path = "../../runtime/src/chan/place.rs"]
mod place;
#[path = "../../runtime/src/chan/put_back.rs"]
mod put_back;
#[path = "../../runtime/src/chan/raw_arm.rs"]
mod raw_arm;
mod rt;
#[path = "../../runtime/src/chan/select.rs"]
mod select;
#[path = "../../runtime/src/chan/timed.rs"]
mod timed;
#[path = "../../runtime/src/chan/timer.rs"]
mod timer;
#[path = "../../runtime/src/chan/typed.rs"]
mod typed;
#[path = "../../runtime/src/chan/wait.rs"]
mod wait;
#[path = "../../runtime/src/chan/waitq.rs"]
mod waitq;
#[path = "../../runtime/src/chan/winner.rs"]
mod winner;

use arm::{recv_case, send_case};
use dir::{CanRecv, CanSend, Direction, RecvOnly};
use error::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError};
pub(crate) use handle::{Chan, Receiver, Sender, channel};
use select::{select, try_select};
use shuttle::thread;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// Waits for one of two channels.
pub(crate) fn first_of(a: &Chan<()>, b: &Receiver<()>) {
    let (mut a, mut b) = (recv_case(a).own(), recv_case(b).own());
    select([a.arm(), b.arm()]);
}
use timer::TimerChan;

/// Schedules tried by each of the two strategies: a random thread at each step, and long runs with
/// few, well spread switches (PCT), which finds what needs much to happen between two steps.
const SCHEDULES: usize = 600;

fn check(f: impl Fn() + Send + Sync + 'static) {
    let f = Arc::new(f);
    let again = f.clone();
    shuttle::check_random(move || f(), SCHEDULES);
    shuttle::check_pct(move || again(), SCHEDULES, 4);
}

fn spawn<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> thread::JoinHandle<R> {
    thread::spawn(f)
}

/// A value that counts how many of it are alive.
struct Counted(Arc<AtomicUsize>, usize);
impl Counted {
    fn new(alive: &Arc<AtomicUsize>, n: usize) -> Self {
        alive.fetch_add(1, SeqCst);
        Counted(alive.clone(), n)
    }
}
impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Receives from `a` or `b`, whichever comes.
fn recv_any<T>(a: &Chan<T>, b: &Chan<T>) -> Option<T> {
    let (mut ra, mut rb) = (recv_case(a).own(), recv_case(b).own());
    match select([ra.arm(), rb.arm()]) {
        0 => ra.take(),
        _ => rb.take(),
    }
}

/// Values 0, 1, .. through `cap`-buffered channels by plain senders to receivers that select: each
/// arrives once.
fn selecting_receivers(cap: usize) {
    check(move || {
        let alive = Arc::new(AtomicUsize::new(0));
        let (a, b) = (Chan::new(cap), Chan::new(cap));
        let senders: Vec<_> = (0..2)
            .map(|i| {
                let (ch, alive) = (if i == 0 { a.clone() } else { b.clone() }, alive.clone());
                spawn(move || (0..2).for_each(|n| ch.send(Counted::new(&alive, 2 * i + n))))
            })
            .collect();
        let receivers: Vec<_> = (0..2)
            .map(|_| {
                let (a, b) = (a.clone(), b.clone());
                spawn(move || [0; 2].map(|_| recv_any(&a, &b).unwrap().1))
            })
            .collect();
        let mut got: Vec<_> = receivers
            .into_iter()
            .flat_map(|r| r.join().unwrap())
            .collect();
        senders.into_iter().for_each(|s| s.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [0, 1, 2, 3]);
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn selecting_receivers_unbuffered() {
    selecting_receivers(0);
}

#[test]
fn selecting_receivers_buffered() {
    selecting_receivers(1);
}

/// Two selects that each offer on one channel and receive on the other, crosswise: exactly one of
/// the two exchanges takes place, and it ends both.
#[test]
fn crossing_selects_meet_once() {
    check(|| {
        let (a, b) = (Chan::new(0), Chan::new(0));
        let exchange = |out: Chan<u32>, input: Chan<u32>, v: u32| {
            let (mut s, mut r) = (send_case(&out).value(v), recv_case(&input).own());
            match select([s.arm(), r.arm()]) {
                0 => {
                    s.finish();
                    None
                }
                _ => r.take(),
            }
        };
        let (a2, b2) = (a.clone(), b.clone());
        let other = spawn(move || exchange(b2, a2, 2));
        let mine = exchange(a, b, 1);
        match (mine, other.join().unwrap()) {
            (None, Some(1)) | (Some(2), None) => {}
            ends => panic!("{ends:?}"),
        }
    });
}

/// Three selects on three channels, each channel in two of them, in different source orders: the
/// lock order keeps them from blocking one another for ever.
#[test]
fn no_deadlock_between_selects() {
    check(|| {
        let [a, b, c] = [(); 3].map(|()| Chan::new(0));
        let pairs = [(a.clone(), b.clone()), (b, c.clone()), (c, a)];
        let takers: Vec<_> = pairs
            .clone()
            .into_iter()
            .map(|(x, y)| spawn(move || recv_any(&y, &x).unwrap()))
            .collect();
        // Any two pairs share a channel, so every giver can serve every taker.
        let givers: Vec<_> = pairs
            .into_iter()
            .enumerate()
            .map(|(i, (x, y))| {
                spawn(move || {
                    let (mut sx, mut sy) = (send_case(&x).value(i), send_case(&y).value(i));
                    match select([sx.arm(), sy.arm()]) {
                        0 => sx.finish(),
                        _ => sy.finish(),
                    }
                })
            })
            .collect();
        let mut got: Vec<_> = takers.into_iter().map(|t| t.join().unwrap()).collect();
        givers.into_iter().for_each(|g| g.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [0, 1, 2]);
    });
}

/// A close meets a select that waits, a plain receiver and another select: all end with `None`.
#[test]
fn close_reaches_selects() {
    check(|| {
        let (a, b) = (Chan::<u8>::new(0), Chan::<u8>::new(0));
        let waiters: Vec<_> = (0..3)
            .map(|i| {
                let (a, b) = (a.clone(), b.clone());
                spawn(move || match i {
                    0 => a.recv(),
                    1 => recv_any(&a, &b),
                    _ => recv_any(&a, &a),
                })
            })
            .collect();
        a.close();
        for w in waiters {
            assert_eq!(w.join().unwrap(), None);
        }
    });
}

/// A close takes those who wait out in batches of two, and gives the lock back between. Meanwhile a
/// select, which may stand at a batch's edge, is decided elsewhere, and others come: nobody is left waiting.
#[test]
fn a_close_in_batches() {
    check(|| {
        let (a, b) = (Chan::<u8>::new(0), Chan::<u8>::new(0));
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let a = a.clone();
                spawn(move || a.recv())
            })
            .collect();
        let select = spawn({
            let (a, b) = (a.clone(), b.clone());
            move || recv_any(&a, &b)
        });
        let elsewhere = spawn({
            let b = b.sender();
            move || b.try_send(7).is_ok()
        });
        a.close();
        for w in waiters {
            assert_eq!(w.join().unwrap(), None);
        }
        let sent = elsewhere.join().unwrap();
        assert_eq!(select.join().unwrap(), sent.then_some(7));
    });
}

/// A close races with a send: the value is received, or the send fails with it; never both.
#[test]
fn close_against_send() {
    check(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        let ch = Chan::new(0);
        let (tx, value) = (ch.sender(), Counted::new(&alive, 0));
        let sender = spawn(move || tx.checked_send(value).is_ok());
        let closer = ch.sender();
        let closer = spawn(move || closer.close());
        let received = ch.recv().is_some();
        closer.join().unwrap();
        assert_eq!(sender.join().unwrap(), received);
        assert_eq!(alive.load(SeqCst), 0);
    });
}

/// The last receiver goes while sends wait, one of them in a select with a live arm.
#[test]
fn abandoned_senders_end() {
    check(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = channel(1);
        let (live_tx, live_rx) = channel(0);
        let plain: Vec<_> = (0..2)
            .map(|i| {
                let (tx, value) = (tx.clone(), Counted::new(&alive, i));
                spawn(move || drop(tx.checked_send(value)))
            })
            .collect();
        let value = Counted::new(&alive, 2);
        let selecting = spawn(move || {
            let (mut s, mut r) = (send_case(&tx).value(value), recv_case(&live_rx).own());
            match select([s.arm(), r.arm()]) {
                0 => s.finish(),
                _ => assert_eq!(r.take(), Some(7)),
            }
        });
        let dropper = spawn(move || drop(rx));
        let helper = spawn(move || {
            let _ = live_tx.checked_send(7);
        });
        plain.into_iter().for_each(|t| t.join().unwrap());
        for t in [selecting, dropper, helper] {
            t.join().unwrap();
        }
        assert_eq!(alive.load(SeqCst), 0);
    });
}

/// The last handles of both sides go at the same time: what is in the buffer is dropped once.
#[test]
fn the_channel_is_freed_once() {
    check(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = channel(2);
        tx.send(Counted::new(&alive, 0));
        let both = [spawn(move || drop(tx)), spawn(move || drop(rx))];
        both.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(alive.load(SeqCst), 0);
    });
}

/// The last sender goes while a receiver waits, or not yet.
#[test]
fn the_last_sender_closes() {
    check(|| {
        let (tx, rx) = channel::<u8>(0);
        let tx2 = tx.clone();
        let droppers = [spawn(move || drop(tx)), spawn(move || drop(tx2))];
        assert_eq!(rx.recv(), None);
        droppers.into_iter().for_each(|t| t.join().unwrap());
    });
}

/// Go's `TestNonblockSelectRace`: at every moment one of the two holds a value.
#[test]
fn default_only_if_nothing_was_ready() {
    check(|| {
        let (a, b) = (Chan::new(1), Chan::new(1));
        a.send(1);
        let (a2, b2) = (a.clone(), b.clone());
        let looker = spawn(move || {
            let (mut ra, mut rb) = (recv_case(&a2).own(), recv_case(&b2).own());
            try_select([rb.arm(), ra.arm()]).is_some()
        });
        b.send(2);
        let _ = a.try_recv();
        assert!(looker.join().unwrap(), "took default");
    });
}

/// The same for sends: at every moment one of the two has room.
#[test]
fn default_only_if_nothing_had_room() {
    check(|| {
        let (a, b) = (Chan::new(1), Chan::new(1));
        b.send(1);
        let (a2, b2) = (a.clone(), b.clone());
        let looker = spawn(move || {
            let (mut sa, mut sb) = (send_case(&a2).value(3), send_case(&b2).value(3));
            try_select([sb.arm(), sa.arm()]).is_some()
        });
        let _ = b.try_recv();
        let _ = a.try_send(2);
        assert!(looker.join().unwrap(), "took default");
    });
}

/// Go's `TestNonblockSelectRace2`: a close is not missed either.
#[test]
fn default_does_not_miss_a_close() {
    check(|| {
        let (a, b) = (Chan::new(1), Chan::<u8>::new(0));
        a.send(1);
        let (a2, b2) = (a.clone(), b.clone());
        let looker = spawn(move || {
            let (mut ra, mut rb) = (recv_case(&a2).own(), recv_case(&b2).own());
            try_select([rb.arm(), ra.arm()]).is_some()
        });
        b.close();
        let _ = a.try_recv();
        assert!(looker.join().unwrap(), "took default");
    });
}

/// Go's `TestNonblockRecvRace`: a receive with `default` sees the value or the close.
#[test]
fn one_arm_does_not_miss_a_close() {
    check(|| {
        let ch = Chan::new(1);
        ch.send(1);
        let rx = ch.receiver();
        let looker = spawn(move || rx.try_recv() != Err(TryRecvError::Empty));
        ch.close();
        let _ = ch.recv();
        assert!(looker.join().unwrap(), "took default");
    });
}

/// A buffer that is never full always takes a value, whatever passes through it meanwhile.
#[test]
fn room_is_not_overlooked() {
    check(|| {
        let ch = Chan::new(2);
        let tx = ch.sender();
        let looker = spawn(move || tx.try_send(9).is_ok());
        for i in 0..2 {
            ch.send(i);
            ch.recv();
        }
        assert!(looker.join().unwrap(), "called full");
    });
}

/// Two producers, two consumers, one slot: nothing lost, nothing doubled, each producer's order kept.
#[test]
fn many_to_many() {
    check(|| {
        let (tx, rx) = channel(1);
        let producers: Vec<_> = (0..2)
            .map(|i| {
                let tx = tx.clone();
                spawn(move || (0..2).for_each(|n| tx.send(10 * i + n)))
            })
            .collect();
        drop(tx);
        let consumers: Vec<_> = (0..2)
            .map(|_| {
                let rx = rx.clone();
                spawn(move || {
                    let mut got = Vec::new();
                    while let Some(v) = rx.recv() {
                        got.push(v);
                    }
                    got
                })
            })
            .collect();
        producers.into_iter().for_each(|p| p.join().unwrap());
        let mut got = Vec::new();
        for c in consumers {
            let some = c.join().unwrap();
            for i in 0..2 {
                assert!(some.iter().filter(|v| **v / 10 == i).is_sorted());
            }
            got.extend(some);
        }
        got.sort_unstable();
        assert_eq!(got, [0, 1, 10, 11]);
    });
}

const SOON: Duration = Duration::from_nanos(10);

/// A receive with a deadline against a sender: one of them gets its way, and they agree on which.
#[test]
fn deadline_against_send() {
    check(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = channel(0);
        let value = Counted::new(&alive, 0);
        let sender = spawn(move || tx.checked_send(value).is_ok());
        let received = rx.recv_timeout(SOON).is_ok();
        drop(rx);
        assert_eq!(sender.join().unwrap(), received);
        assert_eq!(alive.load(SeqCst), 0);
    });
}

/// Both sides have a deadline.
#[test]
fn deadline_against_deadline() {
    check(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = channel(0);
        let value = Counted::new(&alive, 0);
        let receiver = spawn(move || {
            let received = rx.recv_timeout(SOON);
            // The receiver stays, so that the sender ends by its deadline.
            (received.is_ok(), rx)
        });
        let sent = match tx.send_timeout(value, SOON) {
            Ok(()) => true,
            Err(SendTimeoutError::Timeout(_)) => false,
            Err(other) => panic!("{other:?}"),
        };
        let (received, _rx) = receiver.join().unwrap();
        assert_eq!(received, sent);
        assert_eq!(alive.load(SeqCst), 0);
    });
}

/// A deadline against a close: whichever comes first, and no trace in the queue.
#[test]
fn deadline_against_close() {
    check(|| {
        let ch = Chan::<u8>::new(0);
        let closer = ch.sender();
        let closer = spawn(move || closer.close());
        let _either = ch.recv_timeout(SOON).unwrap_err();
        closer.join().unwrap();
        assert_eq!(ch.recv_timeout(SOON), Err(RecvTimeoutError::Closed));
    });
}

/// An abandoned send with a deadline and a live arm beside it wakes in between.
#[test]
fn deadline_against_abandonment() {
    check(|| {
        let (tx, rx) = channel(0);
        let dropper = spawn(move || drop(rx));
        match tx.send_timeout(1, SOON) {
            Err(SendTimeoutError::Timeout(1) | SendTimeoutError::NoReceivers(1)) => {}
            other => panic!("{other:?}"),
        }
        dropper.join().unwrap();
    });
}

/// Two receivers wait for a timer that is set anew meanwhile: each time that it was set it is
/// received at most once, and the last one is received.
#[test]
fn a_timer_set_anew() {
    check(|| {
        let timer = TimerChan::start(SOON, 0);
        let stop = Chan::<()>::new(0);
        let receivers: Vec<_> = (0..2)
            .map(|_| {
                let (timer, stop) = (timer.clone(), stop.clone());
                spawn(move || {
                    let mut got = 0;
                    loop {
                        let (mut t, mut s) = (recv_case(&timer).own(), recv_case(&stop).own());
                        match select([t.arm(), s.arm()]) {
                            0 => got += t.take().map_or(0, |_| 1),
                            _ => return got,
                        }
                    }
                })
            })
            .collect();
        let mut starts = 1;
        for _ in 0..2 {
            // `true`: that start will not be received any more.
            if !TimerChan::of(&timer).unwrap().reset(SOON, 0) {
                starts += 1;
            }
        }
        if TimerChan::of(&timer).unwrap().stop() {
            starts -= 1;
        }
        stop.close();
        let got: usize = receivers.into_iter().map(|r| r.join().unwrap()).sum();
        assert_eq!(got, starts);
    });
}

/// A timer wakes a plain receiver, and is gone with the last handle though it may be just firing.
#[test]
fn a_timer_wakes_its_receiver() {
    check(|| {
        let timer = TimerChan::start(SOON, 5);
        let other = timer.clone();
        let ticks = spawn(move || (0..2).filter_map(|_| other.recv()).count());
        assert!(timer.recv().is_some());
        drop(timer);
        assert_eq!(ticks.join().unwrap(), 2);
    });
}
