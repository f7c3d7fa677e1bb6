//! Go's `internal/synctest/synctest_test.go` and `testing/synctest`. What is fatal there is tested in
//! `tests/process`.

use goroutines::chan::Chan;
use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex};
use goroutines::testing::synctest;
use goroutines::time::{self, Duration, HOUR, MILLISECOND, NANOSECOND, SECOND, SystemTime, Timer};
use goroutines::{runtime, scope, spawn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use tests::panic_text;

const Y2K: Duration = Duration::from_secs(946_684_800);

fn since_1970() -> Duration {
    time::system_now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
}

/// TestNow.
#[test]
fn the_clock_starts_at_2000_and_moves_by_sleeping() {
    synctest::test(|| {
        assert_eq!(since_1970(), Y2K);
        let start = time::now();
        let child = spawn(move || {
            assert_eq!(since_1970(), Y2K);
            assert_eq!(time::now(), start);
        });
        time::sleep(SECOND);
        assert_eq!(since_1970(), Y2K + SECOND);
        assert_eq!(time::since(start), SECOND);
        child.join().unwrap();
    });
    assert!(since_1970() > Y2K + HOUR, "outside it is today");
}

/// Each bubble's clock is its own, and starts alike.
#[test]
fn bubbles_run_side_by_side() {
    let starts: Vec<_> = (0..4u32)
        .map(|i| {
            std::thread::spawn(move || {
                synctest::test(move || {
                    let start = time::now();
                    for _ in 0..100 {
                        time::sleep(i * HOUR + SECOND);
                    }
                    assert_eq!(time::since(start), 100 * (i * HOUR + SECOND));
                    start
                })
            })
        })
        .map(|t| t.join().unwrap())
        .collect();
    assert!(starts.iter().all(|s| *s == starts[0]), "{starts:?}");
}

/// TestRunEmpty, and what Go's Run does not have: a result.
#[test]
fn the_test_returns_what_its_function_returns() {
    assert_eq!(synctest::test(|| 7), 7);
    runtime::run(|| assert_eq!(synctest::test(|| "from a goroutine"), "from a goroutine"));
}

/// TestSimpleWait, TestGoroutineWait.
#[test]
fn wait_returns_when_the_others_have_ended() {
    synctest::test(|| {
        synctest::wait();
        let ran = Arc::new(AtomicBool::new(false));
        go!([ran], { ran.store(true, SeqCst) });
        synctest::wait();
        assert!(ran.load(SeqCst));
    });
}

/// TestWait, TestMallocs.
#[test]
fn wait_follows_chains_of_goroutines() {
    fn link(ch: Chan<u32>, done: Arc<AtomicBool>) {
        let count = ch.recv().unwrap();
        if count == 0 {
            done.store(true, SeqCst);
        } else {
            go!(link(ch.clone(), done));
            ch.send(count - 1);
        }
    }
    for _ in 0..20 {
        synctest::test(|| {
            let done = Arc::new(AtomicBool::new(false));
            let ch = make!(chan u32);
            go!(link(ch.clone(), done.clone()));
            ch.send(100);
            synctest::wait();
            assert!(done.load(SeqCst));
        });
    }
}

/// `wait` sees who is blocked as well as who has ended.
#[test]
fn wait_returns_when_the_others_are_durably_blocked() {
    synctest::test(|| {
        let (tx, rx) = goroutines::chan::channel::<u32>(0);
        let got = Arc::new(AtomicU32::new(0));
        go!([got], {
            for v in rx {
                got.fetch_add(v, SeqCst);
            }
            got.fetch_add(100, SeqCst);
        });
        synctest::wait();
        assert_eq!(got.load(SeqCst), 0);
        tx.send(5);
        synctest::wait();
        assert_eq!(got.load(SeqCst), 5);
        drop(tx);
        synctest::wait();
        assert_eq!(got.load(SeqCst), 105);
    });
}

/// TestTimerReadBeforeDeadline, TestTimerReadAfterDeadline, TestTimerReset.
#[test]
fn timers_are_exact() {
    synctest::test(|| {
        let start = time::now();
        let timer = Timer::new(5 * SECOND);
        timer.c().recv();
        assert_eq!(time::since(start), 5 * SECOND);

        let due = time::now() + SECOND;
        let timer = Timer::new(SECOND);
        time::sleep(2 * SECOND);
        assert_eq!(timer.c().recv(), Some(due), "the due time, not the present");

        let start = time::now();
        let timer = Timer::new(SECOND);
        assert_eq!(timer.c().recv(), Some(start + SECOND));
        timer.reset(2 * SECOND);
        assert_eq!(timer.c().recv(), Some(start + 3 * SECOND));
        timer.reset(3 * SECOND);
        time::sleep(SECOND);
        timer.reset(3 * SECOND);
        assert_eq!(timer.c().recv(), Some(start + 7 * SECOND));
    });
}

#[test]
fn tickers_and_timeouts_go_by_the_clock() {
    synctest::test(|| {
        let start = time::now();
        let ticker = time::Ticker::new(HOUR);
        for i in 1..=3 {
            assert_eq!(ticker.c().recv(), Some(start + i * HOUR));
        }
        ticker.stop();
        let never = make!(chan u8);
        let start = time::now();
        assert!(never.recv_timeout(HOUR).is_err());
        assert_eq!(time::since(start), HOUR);
        let late = select! {
            <-never => false,
            <-time::after(HOUR) => true,
        };
        assert!(late);
        assert_eq!(time::since(start), 2 * HOUR);
    });
}

/// TestTimeAfter: what a timer's function starts is in the bubble too.
#[test]
fn functions_of_timers_run_in_the_bubble() {
    synctest::test(|| {
        let i = Arc::new(AtomicU32::new(0));
        let steps = i.clone();
        time::after_func(SECOND, move || {
            steps.fetch_add(1, SeqCst);
            go!([steps], {
                time::sleep(SECOND);
                steps.fetch_add(1, SeqCst);
            });
        });
        time::sleep(3 * SECOND);
        synctest::wait();
        assert_eq!(i.load(SeqCst), 2);
    });
}

/// TestTimerAfterBubbleExit; and what the function owned is let go.
#[test]
fn a_timer_does_not_fire_after_the_test_and_is_freed() {
    let ran = Arc::new(AtomicBool::new(false));
    let own = ran.clone();
    synctest::test(move || {
        time::after_func(SECOND, move || own.store(true, SeqCst));
    });
    assert!(!ran.load(SeqCst));
    tests::eventually("the function is dropped", || Arc::strong_count(&ran) == 1);
}

/// TestTimerFromOutsideBubble.
#[test]
fn a_timer_from_outside_goes_by_the_real_clock() {
    let timer = Timer::new(10 * MILLISECOND);
    let inside = timer.clone();
    synctest::test(move || {
        let start = time::now();
        inside.c().recv();
        assert_eq!(time::since(start), Duration::ZERO, "not durable");
    });
    assert!(!timer.stop(), "it was received");
}

/// TestTimerNondeterminism, TestSleepNondeterminism.
#[test]
fn who_is_due_at_the_same_moment_goes_in_any_order() {
    synctest::test(|| {
        let mut seen = [false; 2];
        for _ in 0..1000 {
            let (a, b) = (Timer::new(NANOSECOND), Timer::new(NANOSECOND));
            select! {
                <-a.c() => seen[0] = true,
                <-b.c() => seen[1] = true,
            }
            if seen == [true; 2] {
                break;
            }
            synctest::wait();
        }
        assert_eq!(seen, [true; 2], "timers");
        let mut seen = [false; 2];
        for _ in 0..1000 {
            let first = Arc::new(AtomicU32::new(0));
            for who in 1..=2 {
                go!([first], {
                    time::sleep(NANOSECOND);
                    let _ = first.compare_exchange(0, who, SeqCst, SeqCst);
                });
            }
            synctest::sleep(NANOSECOND);
            seen[first.load(SeqCst) as usize - 1] = true;
            if seen == [true; 2] {
                return;
            }
        }
        panic!("sleepers always in one order: {seen:?}");
    });
}

/// TestTimerRunsImmediately, TestTimerRanInPast, TestAfterFuncRunsImmediately.
#[test]
fn what_is_due_at_once_does_not_wait_for_anybody() {
    synctest::test(|| {
        let start = time::now();
        assert_eq!(Timer::new(Duration::ZERO).c().try_recv(), Ok(start));
        let timer = Timer::new(SECOND);
        time::sleep(2 * SECOND);
        assert_eq!(timer.c().try_recv(), Ok(start + SECOND));
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let timer = time::after_func(Duration::ZERO, move || flag.store(true, SeqCst));
        while !ran.swap(false, SeqCst) {
            runtime::gosched();
        }
        assert!(!timer.reset(Duration::ZERO));
        while !ran.load(SeqCst) {
            runtime::gosched();
        }
    });
}

/// TestChannelFromOutsideBubble: usable, and its waits are not durable.
#[test]
fn channels_from_outside_hold_the_clock() {
    type Side = fn(Chan<u32>);
    let other = make!(chan u32);
    let mixed = move |ch: Chan<u32>| {
        select! {
            <-ch => {}
            <-other => {}
        }
    };
    let cases: [(Side, Side); 4] = [
        (
            |ch| ch.close(),
            |ch| assert!(ch.recv().is_none_or(|v| v == 0)),
        ),
        (
            |ch| ch.send(0),
            |ch| assert!(ch.recv().is_none_or(|v| v == 0)),
        ),
        (
            |ch| assert!(ch.recv().is_none_or(|v| v == 0)),
            |ch| ch.send(0),
        ),
        (
            |ch| ch.close(),
            |ch| {
                let own = make!(chan u32);
                select! {
                    <-ch => {}
                    <-own => {}
                }
            },
        ),
    ];
    let check = |outside: Side, inside: Box<dyn FnOnce(Chan<u32>) + Send>| {
        let ch = make!(chan u32);
        let theirs = ch.clone();
        time::after_func(MILLISECOND, move || outside(theirs.clone()));
        synctest::test(move || {
            let start = time::now();
            // Would be next if the wait were durable.
            let timer = Timer::new(HOUR);
            inside(ch);
            assert_eq!(time::now(), start);
            timer.stop();
        });
    };
    for (outside, inside) in cases {
        check(outside, Box::new(inside));
    }
    check(|ch| ch.close(), Box::new(mixed));
}

/// TestDeadlockRoot, TestDeadlockChild, TestDeadlockTicker.
#[test]
fn deadlocks_are_reported() {
    let all = "deadlock: all goroutines in bubble are blocked";
    let rest = "deadlock: main bubble goroutine has exited but blocked goroutines remain";
    assert_eq!(panic_text(|| synctest::test(|| select! {})), all);
    let text = panic_text(|| {
        synctest::test(|| {
            let ch = make!(chan u32);
            go!([ch], ch.send(1));
            Chan::<u32>::nil().recv();
        })
    });
    assert_eq!(text, all);
    assert_eq!(
        panic_text(|| synctest::test(|| go!({
            select! {}
        }))),
        rest
    );
    let ran = Arc::new(AtomicBool::new(false));
    let ticked = ran.clone();
    let text = panic_text(move || {
        synctest::test(move || {
            go!({
                time::tick(SECOND).recv();
                ticked.store(true, SeqCst);
            });
        });
    });
    assert_eq!(text, rest);
    assert!(!ran.load(SeqCst), "time stands still");
}

#[test]
fn the_panic_of_the_test_is_the_callers() {
    assert_eq!(panic_text(|| synctest::test(|| panic!("mine"))), "mine");
    let text = panic_text(|| {
        synctest::test(|| {
            go!({
                select! {}
            });
            panic!("mine, though another one is blocked");
        })
    });
    assert_eq!(text, "mine, though another one is blocked");
    assert_eq!(
        panic_text(|| synctest::test(|| runtime::goexit())),
        "goroutine exited"
    );
}

#[test]
fn misuse_that_can_be_recovered() {
    assert_eq!(panic_text(synctest::wait), "goroutine is not in a bubble");
    let outside = spawn(|| panic_text(synctest::wait)).join().unwrap();
    assert_eq!(outside, "goroutine is not in a bubble");
    synctest::test(|| {
        assert_eq!(
            panic_text(|| synctest::test(|| ())),
            "synctest.Run called from within a synctest bubble"
        );
        let twice = || panic_text(synctest::wait);
        let texts = scope(|s| {
            let waiters = [
                s.spawn(|| goroutines::recover(twice)),
                s.spawn(|| goroutines::recover(twice)),
            ];
            waiters.map(|w| w.join().unwrap())
        });
        // One of them waits, sees no panic, and so panics by itself.
        let refused = texts.into_iter().filter_map(Result::ok).collect::<Vec<_>>();
        assert!(
            refused.iter().all(|t| t == "wait already in progress"),
            "{refused:?}"
        );
    });
}

/// TestCond.
#[test]
fn cond_is_durable() {
    synctest::test(|| {
        let pair = Arc::new((Mutex::new(()), Cond::new()));
        let start = time::now();
        let theirs = pair.clone();
        go!({
            time::sleep(MILLISECOND);
            let guard = theirs.0.lock();
            theirs.1.signal();
            drop(guard);
            time::sleep(MILLISECOND);
            let _guard = theirs.0.lock();
            theirs.1.broadcast();
        });
        let wait = |pair: &(Mutex<()>, Cond)| pair.1.wait(&mut pair.0.lock());
        wait(&pair);
        assert_eq!(time::since(start), MILLISECOND);
        let done = Arc::new(AtomicBool::new(false));
        let (other, their_done) = (pair.clone(), done.clone());
        go!({
            other.1.wait(&mut other.0.lock());
            their_done.store(true, SeqCst);
        });
        wait(&pair);
        synctest::wait();
        assert!(done.load(SeqCst));
        assert_eq!(time::since(start), 2 * MILLISECOND);
    });
}

/// TestWaitGroupInBubble, TestWaitGroupMovedBetweenBubblesWithZeroCount, .. AfterWait.
#[test]
fn a_wait_group_of_the_bubble_is_durable() {
    let wg = WaitGroup::new();
    for _ in 0..2 {
        let wg = wg.clone();
        synctest::test(move || {
            let start = time::now();
            wg.add(1);
            go!([wg], {
                time::sleep(SECOND);
                wg.done();
            });
            wg.wait();
            assert_eq!(time::since(start), SECOND);
            wg.go(|| time::sleep(SECOND));
            wg.wait();
            assert_eq!(time::since(start), 2 * SECOND);
        });
    }
    wg.add(1);
    wg.done();
    wg.wait();
}

/// TestWaitGroupOutOfBubble.
#[test]
fn a_wait_group_from_outside_is_not_durable() {
    let wg = WaitGroup::new();
    wg.add(1);
    let inside = wg.clone();
    let test = spawn(move || {
        synctest::test(move || {
            let start = time::now();
            let timer = Timer::new(HOUR);
            inside.wait();
            assert_eq!(time::now(), start, "the clock did not move");
            timer.stop();
        });
    });
    tests::eventually("it waits", || {
        runtime::stack_all().contains("[sync.WaitGroup.Wait, synctest bubble")
    });
    assert!(!test.is_finished());
    wg.done();
    test.join().unwrap();
}

/// A goroutine that waits for a lock may be let go by somebody outside; so the clock does not move.
#[test]
fn a_mutex_is_not_durable() {
    let lock = Arc::new(Mutex::new(()));
    let guard = lock.lock();
    let inside = lock.clone();
    let test = spawn(move || {
        synctest::test(move || {
            let start = time::now();
            let timer = Timer::new(HOUR);
            drop(inside.lock());
            assert_eq!(time::now(), start);
            timer.stop();
        });
    });
    tests::eventually("it waits", || {
        runtime::stack_all().contains("[sync.Mutex.Lock, synctest bubble")
    });
    drop(guard);
    test.join().unwrap();
}

/// Ours: results and scopes.
#[test]
fn joins_and_scopes_are_durable() {
    synctest::test(|| {
        let start = time::now();
        let h = spawn(|| time::sleep(SECOND));
        h.join().unwrap();
        scope(|s| {
            s.go(|| time::sleep(SECOND));
            s.go(|| time::sleep(2 * SECOND));
        });
        runtime::run(|| time::sleep(SECOND));
        assert_eq!(time::since(start), 4 * SECOND);
    });
}

/// TestHappensBefore.
#[test]
fn what_happened_before_the_wait_is_seen_after_it() {
    use std::cell::UnsafeCell;
    struct Plain(UnsafeCell<[u32; 2]>);
    // SAFETY: that the accesses do not overlap is what is tested.
    unsafe impl Sync for Plain {}
    impl Plain {
        fn bump(&self, i: usize) {
            // SAFETY: as above.
            unsafe { (*self.0.get())[i] += 1 };
        }
    }
    let v = Arc::new(Plain(UnsafeCell::new([0; 2])));
    let inside = v.clone();
    synctest::test(move || {
        let v = inside;
        let both = |f: fn(usize, Arc<Plain>, Receiver<()>), ch: &Chan<()>| {
            for i in 0..2 {
                go!(f(i, v.clone(), ch.receiver()));
            }
            synctest::wait();
            v.bump(0);
            v.bump(1);
        };
        let ch = make!(chan());
        both(|i, v, _| v.bump(i), &ch);
        both(
            |i, v, ch| {
                v.bump(i);
                ch.recv();
            },
            &ch,
        );
        ch.close();
        both(
            |i, v, _| {
                time::after_func(Duration::ZERO, move || v.bump(i));
            },
            &ch,
        );
    });
    // SAFETY: nobody else is left.
    assert_eq!(unsafe { *v.0.get() }, [6, 6]);
}

/// The examples of Go's package: Context.AfterFunc, Context.WithTimeout.
#[test]
fn contexts() {
    synctest::test(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let called = Arc::new(AtomicBool::new(false));
        let flag = called.clone();
        context::after_func(&ctx, move || flag.store(true, SeqCst));
        synctest::wait();
        assert!(!called.load(SeqCst));
        cancel();
        synctest::wait();
        assert!(called.load(SeqCst));

        let (ctx, _cancel) = context::with_timeout(&context::background(), 5 * SECOND);
        time::sleep(5 * SECOND - NANOSECOND);
        synctest::wait();
        assert!(ctx.err().is_none());
        synctest::sleep(NANOSECOND);
        assert_eq!(ctx.err(), Some(context::ContextError::DeadlineExceeded));
    });
}

/// A connection in memory, with deadlines on the bubble's clock.
#[test]
fn pipes_are_a_network() {
    use std::io::{Read, Write};
    synctest::test(|| {
        let (mut a, mut b) = goroutines::net::pipe();
        let start = time::now();
        go!({
            time::sleep(SECOND);
            a.write_all(b"ping").unwrap();
            time::sleep(HOUR);
        });
        let mut buf = [0; 4];
        b.read_exact(&mut buf).unwrap();
        assert_eq!((&buf, time::since(start)), (b"ping", SECOND));
        b.set_read_deadline(time::now() + SECOND).unwrap();
        let late = b.read(&mut buf).unwrap_err();
        assert_eq!(late.to_string(), "i/o timeout");
        assert_eq!(time::since(start), 2 * SECOND);
        time::sleep(HOUR); // the other end closes when it is dropped
    });
}

/// Go's traceback header.
#[test]
fn dumps_name_the_bubble() {
    synctest::test(|| {
        let ch = make!(chan u8);
        go!([rx = ch.receiver()], rx.recv());
        go!({ time::sleep(HOUR) });
        synctest::wait();
        let all = runtime::stack_all();
        assert!(
            all.contains("[chan receive (durable), synctest bubble "),
            "{all}"
        );
        assert!(all.contains("[sleep (durable), synctest bubble "), "{all}");
        time::sleep(HOUR);
    });
}

/// Many goroutines, many moments: nothing is lost, and every moment is right.
#[test]
fn a_busy_bubble() {
    synctest::test(|| {
        let start = time::now();
        let (tx, rx) = goroutines::chan::channel::<Duration>(8);
        for i in 0..200u64 {
            go!([tx], {
                for j in 0..10 {
                    let nap = Duration::from_millis((i * 7 + j) % 50 + 1);
                    let before = time::now();
                    time::sleep(nap);
                    assert_eq!(time::since(before), nap);
                    tx.send(nap);
                }
            });
        }
        drop(tx);
        assert_eq!(rx.iter().count(), 2000);
        assert!(time::since(start) <= 500 * MILLISECOND);
    });
}
