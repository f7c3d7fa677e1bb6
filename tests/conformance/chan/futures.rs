//! The asynchronous ends of channels and goroutines, with executors that know nothing of us.

use futures_core::Stream;
use futures_lite::{FutureExt, StreamExt, future};
use goroutines::chan::{SendError, TryRecvError, TrySendError};
use goroutines::prelude::*;
use goroutines::{JoinError, runtime::Goexit};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use tests::at_all_procs;

/// On threads of its own: a goroutine that runs an executor keeps its P.
fn on_tokio<F: Future<Output: Send>>(future: impl FnOnce() -> F + Send) -> F::Output {
    let run = || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(future())
    };
    runtime::blocking(|| std::thread::scope(|s| s.spawn(run).join().unwrap()))
}

/// A waker that counts.
#[derive(Default)]
struct Count(AtomicUsize);
impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Goroutines and tasks on both sides of one channel: every value arrives once.
#[test]
fn goroutines_and_tasks_on_both_sides() {
    const EACH: u64 = 2_000;
    at_all_procs(|| {
        for cap in [0, 1, 7] {
            let (tx, rx) = chan::channel(cap);
            let (sum, expected) = on_tokio(|| async {
                for _ in 0..2 {
                    go!([tx], move || (0..EACH).for_each(|i| tx.send(i)));
                    let tx = tx.clone();
                    tokio::spawn(async move {
                        for i in 0..EACH {
                            tx.send_async(i).await.unwrap();
                        }
                    });
                }
                drop(tx);
                let tasks = [rx.clone(), rx.clone()]
                    .map(|rx| tokio::spawn(rx.into_stream().fold(0, |sum, i: u64| sum + i)));
                let goroutines = [rx.clone(), rx].map(|rx| spawn(move || rx.iter().sum::<u64>()));
                let mut sum = 0;
                for task in tasks {
                    sum += task.await.unwrap();
                }
                for goroutine in goroutines {
                    sum += goroutine.await.unwrap();
                }
                (sum, 4 * (0..EACH).sum::<u64>())
            });
            assert_eq!(sum, expected, "cap {cap}");
        }
    });
}

/// Receives that are given up all the time, against goroutines that send: nothing is lost, and one receiver
/// sees the values of one sender in order.
#[test]
fn receives_given_up_lose_nothing() {
    const VALUES: usize = 5_000;
    at_all_procs(|| {
        for cap in [0, 1, 3] {
            let (tx, rx) = chan::channel(cap);
            go!(move || (0..VALUES).for_each(|i| tx.send(i)));
            let got = on_tokio(move || async move {
                let mut got = Vec::new();
                let receiving = async {
                    loop {
                        let nothing = async {
                            tokio::task::yield_now().await;
                            None
                        };
                        match async { Some(rx.recv_async().await) }.or(nothing).await {
                            Some(Some(v)) => got.push(v),
                            Some(None) => return,
                            None => {}
                        }
                    }
                };
                receiving.await;
                got
            });
            assert!(got.iter().copied().eq(0..VALUES), "cap {cap}");
        }
    });
}

/// As above, of several tasks; and the sends are given up as well.
#[test]
fn operations_given_up_on_both_sides() {
    at_all_procs(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        struct Alive(Arc<AtomicUsize>);
        impl Drop for Alive {
            fn drop(&mut self) {
                self.0.fetch_sub(1, SeqCst);
            }
        }
        let (sent, got) = on_tokio(|| async {
            let (tx, rx) = chan::channel(1);
            let senders: Vec<_> = (0..3)
                .map(|_| {
                    let (tx, alive) = (tx.clone(), alive.clone());
                    tokio::spawn(async move {
                        let mut sent = 0;
                        for _ in 0..1_000 {
                            alive.fetch_add(1, SeqCst);
                            let send = tx.send_async(Alive(alive.clone()));
                            let gives_up = async {
                                tokio::task::yield_now().await;
                                Ok(())
                            };
                            let done = AtomicUsize::new(0);
                            let send = async {
                                let result = send.await;
                                done.store(1, SeqCst);
                                result
                            };
                            assert!(send.or(gives_up).await.is_ok());
                            sent += done.into_inner();
                        }
                        sent
                    })
                })
                .collect();
            drop(tx);
            let receivers: Vec<_> = (0..3)
                .map(|_| {
                    let rx = rx.clone();
                    tokio::spawn(async move {
                        let mut got = 0;
                        loop {
                            let nothing = async {
                                tokio::task::yield_now().await;
                                Err(())
                            };
                            match async { Ok(rx.recv_async().await) }.or(nothing).await {
                                Ok(Some(_)) => got += 1,
                                Ok(None) => return got,
                                Err(()) => {}
                            }
                        }
                    })
                })
                .collect();
            let (mut sent, mut got) = (0, 0);
            for sender in senders {
                sent += sender.await.unwrap();
            }
            for receiver in receivers {
                got += receiver.await.unwrap();
            }
            // Put back after the others had been told of the end.
            while rx.try_recv().is_ok() {
                got += 1;
            }
            (sent, got)
        });
        // A send that was given up may have been carried out.
        assert!(got >= sent && sent > 0, "{got} of {sent}");
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn who_waits_as_a_future_counts_as_a_receiver() {
    let ch = Chan::new(0);
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    assert_eq!(ch.try_send(1), Err(TrySendError::Full(1)));
    let mut receive = ch.recv_async();
    assert!(poll(&mut receive, &waker).is_pending());
    assert_eq!(ch.try_send(2), Ok(()));
    assert_eq!(count.0.load(SeqCst), 1);
    // The next does not see it: it has been received.
    assert_eq!(ch.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(poll(&mut receive, &waker), Poll::Ready(Some(2)));
}

#[test]
fn what_was_received_for_one_that_is_gone_comes_first() {
    let waker = Waker::from(Arc::new(Count::default()));
    for cap in 0..4 {
        let ch = Chan::new(cap);
        let mut gone = ch.recv_async();
        assert!(poll(&mut gone, &waker).is_pending());
        assert_eq!(ch.try_send(0), Ok(()));
        (1..=cap).for_each(|i| ch.send(i));
        let mut last = ch.send_async(cap + 1);
        assert!(poll(&mut last, &waker).is_pending());
        drop(gone);
        assert_eq!(ch.len(), cap);
        let all: Vec<_> = ch.try_iter().collect();
        assert_eq!(all, (0..=cap + 1).collect::<Vec<_>>(), "cap {cap}");
        assert_eq!(poll(&mut last, &waker), Poll::Ready(Ok(())));
        assert_eq!(ch.len(), 0);
    }
}

/// It goes to a receiver that waits, of whatever kind.
#[goroutine]
#[test]
fn what_was_received_for_one_that_is_gone_goes_to_who_waits() {
    let waker = Waker::from(Arc::new(Count::default()));
    let ch = Chan::new(0);
    let mut gone = ch.recv_async();
    assert!(poll(&mut gone, &waker).is_pending());
    let (blocks, other) = (ch.receiver(), Chan::<()>::new(0));
    let waiting = spawn(move || {
        select! {
            v = <-blocks => v,
            _ = <-other => None,
        }
    });
    super::settle();
    ch.send(7);
    assert!(!waiting.is_finished());
    drop(gone);
    assert_eq!(waiting.join().unwrap(), Some(7));
}

#[test]
fn what_was_put_back_survives_the_close_and_dies_with_the_channel() {
    let waker = Waker::from(Arc::new(Count::default()));
    for cap in 0..2 {
        let value = Arc::new(());
        let give = |ch: &Chan<Arc<()>>| {
            let mut gone = ch.recv_async();
            assert!(poll(&mut gone, &waker).is_pending());
            assert!(ch.try_send(value.clone()).is_ok());
            (0..cap).for_each(|_| ch.send(value.clone()));
        };
        let ch = Chan::new(cap);
        give(&ch);
        ch.close();
        assert_eq!(ch.try_iter().count(), cap + 1);
        assert_eq!(ch.recv(), None);
        // Not received: dropped with the receivers, or with the channel.
        let ch = Chan::new(cap);
        give(&ch);
        drop(ch);
        assert_eq!(Arc::strong_count(&value), 1);
        let ch = Chan::new(cap);
        give(&ch);
        let tx = ch.sender();
        drop(ch);
        assert_eq!(Arc::strong_count(&value), 1);
        drop(tx);
    }
}

#[test]
fn the_ends_of_a_channel_end_futures() {
    let waker = Waker::from(Arc::new(Count::default()));
    // Before and after they wait.
    let (tx, rx) = chan::channel::<i32>(0);
    let mut receive = rx.recv_async();
    assert!(poll(&mut receive, &waker).is_pending());
    tx.close();
    assert_eq!(poll(&mut receive, &waker), Poll::Ready(None));
    assert_eq!(poll(&mut rx.recv_async(), &waker), Poll::Ready(None));
    let refused = Poll::Ready(Err(SendError::Closed(1)));
    assert_eq!(poll(&mut tx.send_async(1), &waker), refused);

    let (tx, rx) = chan::channel(1);
    tx.send(0);
    let mut send = tx.send_async(1);
    assert!(poll(&mut send, &waker).is_pending());
    drop(rx);
    let refused = Poll::Ready(Err(SendError::NoReceivers(1)));
    assert_eq!(poll(&mut send, &waker), refused);
    let refused = Poll::Ready(Err(SendError::NoReceivers(2)));
    assert_eq!(poll(&mut tx.send_async(2), &waker), refused);

    let closed = Chan::new(0);
    let mut send = pin!(closed.send_async(1));
    assert!(poll(&mut send, &waker).is_pending());
    closed.clone().close();
    let refused = Poll::Ready(Err(SendError::Closed(1)));
    assert_eq!(poll(&mut send, &waker), refused);
    let nil = Chan::<i32>::nil();
    assert!(poll(&mut nil.recv_async(), &waker).is_pending());
    assert!(poll(&mut nil.send_async(1), &waker).is_pending());
}

#[test]
fn a_stream_ends_and_stays_ended() {
    let (tx, rx) = chan::channel(3);
    (0..3).for_each(|i| tx.send(i));
    let stream = rx.into_stream();
    let waker = Waker::from(Arc::new(Count::default()));
    let mut stream = pin!(stream);
    let mut next = || stream.as_mut().poll_next(&mut Context::from_waker(&waker));
    for i in 0..3 {
        assert_eq!(next(), Poll::Ready(Some(i)));
    }
    assert_eq!(next(), Poll::Pending);
    drop(tx);
    assert_eq!(next(), Poll::Ready(None));
    assert_eq!(next(), Poll::Ready(None));
}

/// The receiver comes back out of a stream, with what the stream had been given.
#[test]
fn a_stream_is_a_receiver_again() {
    let (tx, rx) = chan::channel(0);
    let mut stream = rx.into_stream();
    let waker = Waker::from(Arc::new(Count::default()));
    let polled = Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    assert_eq!(tx.try_send(5), Ok(()));
    assert_eq!(stream.into_receiver().try_recv(), Ok(5));
}

/// A future that is polled by another task is woken for that one.
#[test]
fn the_last_waker_is_woken() {
    let ch = Chan::new(0);
    let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let mut receive = ch.recv_async();
    assert!(poll(&mut receive, &first.clone().into()).is_pending());
    assert!(poll(&mut receive, &second.clone().into()).is_pending());
    assert_eq!(Arc::strong_count(&first), 1);
    assert_eq!(ch.try_send(1), Ok(()));
    assert_eq!((first.0.load(SeqCst), second.0.load(SeqCst)), (0, 1));
}

/// What a waker does is its own affair: who sends has sent.
#[goroutine]
#[test]
fn a_waker_that_panics_or_ends_the_goroutine() {
    struct Bad(bool);
    impl Wake for Bad {
        fn wake(self: Arc<Self>) {
            if self.0 {
                panic!("a waker's panic");
            }
            runtime::goexit();
        }
    }
    let ch = Chan::new(0);
    for panics in [true, false] {
        let waker = Waker::from(Arc::new(Bad(panics)));
        let mut receive = ch.recv_async();
        assert!(poll(&mut receive, &waker).is_pending());
        let tx = ch.sender();
        let sends = spawn(move || {
            tx.send(String::from("value"));
            // Ends here, if it is to.
            time::sleep(Duration::from_millis(1));
        });
        let ended = sends.join();
        assert!(match ended {
            Ok(()) => panics,
            Err(e) => !panics && e.is::<Goexit>(),
        });
        let got = poll(&mut receive, &waker);
        assert_eq!(got, Poll::Ready(Some("value".to_owned())));
    }
}

#[test]
fn timers_are_awaited() {
    let begin = Instant::now();
    let ticks = on_tokio(|| async {
        let after = time::after(Duration::from_millis(20));
        let early = async {
            tokio::task::yield_now().await;
            None
        };
        // Given up, and awaited again.
        assert!(after.recv_async().or(early).await.is_none());
        assert!(after.recv_async().await.is_some());
        let ticker = time::Ticker::new(Duration::from_millis(1));
        let mut ticks = 0;
        while ticks < 3 {
            ticks += usize::from(ticker.c().recv_async().await.is_some());
        }
        ticks
    });
    assert_eq!(ticks, 3);
    assert!(begin.elapsed() >= Duration::from_millis(20));
}

/// A timer that has fired for a future that is gone is due, unless it was set anew.
#[test]
fn a_timer_that_fired_for_nobody_is_still_due() {
    /// A timer that fires while `f` has a future that waits for it: on a slow machine it may be due before.
    fn fires(
        f: impl FnOnce(&time::Timer, chan::RecvFuture<'_, Instant, chan::RecvOnly>),
    ) -> time::Timer {
        let mut soon = Duration::from_millis(1);
        loop {
            let timer = time::Timer::new(soon);
            let count = Arc::new(Count::default());
            let mut gone = timer.c().recv_async();
            if poll(&mut gone, &count.clone().into()).is_pending() {
                while count.0.load(SeqCst) == 0 {
                    std::thread::yield_now();
                }
                f(&timer, gone);
                return timer;
            }
            soon *= 2;
        }
    }
    let fired = || fires(|_, gone| drop(gone));
    assert!(fired().c().try_recv().is_ok());
    assert!(fired().stop());
    let reset = fired();
    assert!(reset.reset(time::HOUR));
    assert!(reset.c().try_recv().is_err());
    // Set anew before it was given up.
    let timer = fires(|timer, gone| {
        assert!(!timer.stop());
        drop(gone);
    });
    assert!(timer.c().try_recv().is_err());
}

#[test]
fn goroutines_are_joined_by_tasks() {
    at_all_procs(|| {
        let sum = on_tokio(|| async {
            let handles: Vec<_> = (0..100)
                .map(|i| {
                    spawn(move || {
                        runtime::gosched();
                        i
                    })
                })
                .collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 4_950);
    });
    let error: JoinError = on_tokio(|| async { spawn(|| panic!("boom")).await }).unwrap_err();
    assert_eq!(error.message(), "boom");
    let error = on_tokio(|| async { spawn(|| runtime::goexit()).await }).unwrap_err();
    assert!(error.is::<Goexit>());
}

/// Given up, the goroutine is on its own, and what it returns is dropped.
#[test]
fn a_join_that_is_given_up_detaches() {
    let (tx, rx) = chan::channel::<()>(0);
    let value = Arc::new(Mutex::new(()));
    let returned = value.clone();
    let handle = spawn(move || {
        rx.recv();
        returned
    });
    let waker = Waker::from(Arc::new(Count::default()));
    let mut joins = handle.into_future();
    assert!(poll(&mut joins, &waker).is_pending());
    drop(joins);
    drop(tx);
    while Arc::strong_count(&value) > 1 {
        std::thread::yield_now();
    }
}

/// `block_on` waits for our own futures, among others.
#[goroutine]
#[test]
fn block_on_waits_for_whichever_is_first() {
    let (a, b) = (Chan::new(0), Chan::<()>::new(0));
    go!([tx = a.sender()], move || tx.send(3));
    let first = block_on(future::or(a.recv_async(), async {
        b.recv_async().await;
        None
    }));
    assert_eq!(first, Some(3));
}

/// Receives that were served are dropped in any order; what they were handed comes in the order of sending.
#[goroutine]
#[test]
fn what_several_put_back_keeps_its_order() {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for cap in [0, 1, 2, 5] {
        for order in orders {
            let (tx, rx) = chan::channel(cap);
            let mut futures: Vec<_> = (0..3).map(|_| Some(rx.recv_async())).collect();
            for future in futures.iter_mut().flatten() {
                assert!(poll(future, Waker::noop()).is_pending());
            }
            (0..3).for_each(|i| tx.send(i));
            // More than fits, and with those that are put back.
            let rest = spawn(move || (3..9).for_each(|i| tx.send(i)));
            if cap > 0 {
                while rx.len() < cap {
                    runtime::gosched();
                }
            }
            order.into_iter().for_each(|at| futures[at] = None);
            assert!(rx.iter().eq(0..9), "cap {cap}, {order:?}");
            rest.join().unwrap();
        }
    }
}

/// A value that was handed to a future is not lost by a close, whoever looks first.
#[goroutine]
#[test]
fn a_close_does_not_hide_what_a_future_was_handed() {
    for dropped in [false, true] {
        let (tx, rx) = chan::channel(0);
        let mut future = rx.recv_async();
        assert!(poll(&mut future, Waker::noop()).is_pending());
        let waits = spawn({
            let rx = rx.clone();
            move || rx.recv()
        });
        while tx.try_send(1).is_err() {
            runtime::gosched();
        }
        drop(tx);
        if dropped {
            drop(future);
            assert_eq!(waits.join().unwrap().or(rx.try_recv().ok()), Some(1));
        } else {
            // It goes to one who would be told of the end.
            assert_eq!(waits.join().unwrap(), Some(1));
            assert_eq!(poll(&mut future, Waker::noop()), Poll::Ready(None));
        }
        assert_eq!(rx.recv(), None);
    }
}

/// A waker that cannot be cloned leaves the stream as it was.
#[goroutine]
#[test]
fn a_stream_survives_a_waker_that_panics() {
    const REFUSES: std::task::RawWakerVTable =
        std::task::RawWakerVTable::new(|_| panic!("no clone"), |_| {}, |_| {}, |_| {});
    let (tx, rx) = chan::channel(0);
    let mut stream = rx.into_stream();
    assert!(poll(&mut stream.next(), Waker::noop()).is_pending());
    // SAFETY: nothing is done with the data.
    let refuses = unsafe { Waker::new(std::ptr::null(), &REFUSES) };
    let panicked = recover(|| poll(&mut stream.next(), &refuses));
    assert_eq!(panicked.unwrap_err().message(), "no clone");
    // It still waits: it, and nobody else, is handed the value.
    assert_eq!(tx.try_send(1), Ok(()));
    let rx = stream.into_receiver();
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(tx.try_send(2).is_err());
}

/// Drops, when it is woken, what it was given; and counts.
#[derive(Default)]
struct Drops<T>(Mutex<Vec<T>>, AtomicUsize);
impl<T: Send + 'static> Wake for Drops<T> {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, SeqCst);
        let dropped = std::mem::take(&mut *self.0.lock().unwrap());
        drop(dropped);
    }
}

/// A close robs some futures for others, and those are dropped while it wakes them.
#[goroutine]
#[test]
fn a_future_is_dropped_while_a_close_wakes_others() {
    // Which of three are dropped when the last of them, which is woken first, is.
    for gone in [&[0, 2][..], &[1], &[0, 1, 2], &[2, 1, 0], &[0], &[2]] {
        let (tx, rx) = chan::channel(0);
        let stream = |waker: &Waker| {
            let mut stream = rx.clone().into_stream();
            assert!(poll(&mut stream.next(), waker).is_pending());
            stream
        };
        let robbed = [0; 3].map(|_| stream(Waker::noop()));
        let counts = [0; 2].map(|_| Arc::new(Count::default()));
        let last = Arc::new(Drops::default());
        let mut waiting = [
            Some(stream(&counts[0].clone().into())),
            Some(stream(&counts[1].clone().into())),
            Some(stream(&last.clone().into())),
        ];
        (0..3).for_each(|i| assert_eq!(tx.try_send(i), Ok(())));
        let dropped = gone.iter().map(|&i| waiting[i].take());
        last.0.lock().unwrap().extend(dropped);
        tx.close();
        let woken = [&counts[0].0, &counts[1].0, &last.1].map(|n| n.load(SeqCst));
        // Those that live are woken, each once; of the others nobody waits any more.
        assert_eq!(woken[2], 1);
        for i in 0..2 {
            assert!(
                woken[i] == 1 || waiting[i].is_none() && woken[i] == 0,
                "{gone:?} {woken:?}"
            );
        }
        // Each has what was sent to it in turn; what was put back is there in order.
        for (i, stream) in waiting.iter_mut().enumerate() {
            if let Some(stream) = stream {
                assert_eq!(
                    poll(&mut stream.next(), Waker::noop()),
                    Poll::Ready(Some(i))
                );
            }
        }
        let mut back = gone.to_vec();
        back.sort_unstable();
        assert_eq!(rx.try_iter().collect::<Vec<_>>(), back, "{gone:?}");
        drop((robbed, waiting));
        assert_eq!(rx.recv(), None);
    }
}
