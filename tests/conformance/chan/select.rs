//! After `test/chan/select*.go`, `doubleselect.go` and `fixedbugs/issue8336.go`.

use super::{at_all_procs, settle};
use goroutines::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// `select.go`: arms are struck out by making their channel nil; in the end none is left.
#[test]
fn striking_out_arms() {
    at_all_procs(|| {
        let (c1, c2) = (make!(chan u32, 1), make!(chan u32, 1));
        let sum = Arc::new(AtomicUsize::new(0));
        let done = make!(chan());
        go!([c1, c2, sum, done], {
            let (mut a, mut b) = (Some(c1), Some(c2));
            while a.is_some() || b.is_some() {
                let (v, from_a) = select! { v = <-a => (v, true), v = <-b => (v, false) };
                match v {
                    Some(v) => drop(sum.fetch_add(v as usize, SeqCst)),
                    None if from_a => a = None,
                    None => b = None,
                }
            }
            done.close();
        });
        // Ten values, each to whichever takes it.
        for v in 1..=10 {
            let second = (v % 2 == 0).then_some(&c2);
            select! { c1 <- v => {}, second <- v => {} }
        }
        c1.close();
        c2.close();
        done.recv();
        assert_eq!(sum.load(SeqCst), 55);
    });
}

/// `select3.go`: which operations block for ever, which never do, which panic.
#[test]
fn blocks_or_not() {
    const BLOCKS: bool = true;
    const GOES_ON: bool = false;
    /// Runs `f` as a goroutine, which must have the given fate.
    #[track_caller]
    fn test(blocks: bool, what: &str, f: impl FnOnce() + Send + 'static) {
        let ended = Arc::new(AtomicBool::new(false));
        let done = make!(chan());
        go!([ended, done], {
            f();
            ended.store(true, SeqCst);
            done.close();
        });
        if blocks {
            settle();
            assert!(!ended.load(SeqCst), "{what} does not block");
        } else {
            done.recv();
        }
    }
    #[track_caller]
    fn panics(text: &str, f: impl FnOnce()) {
        assert_eq!(recover(f).unwrap_err().message(), text);
    }
    at_all_procs(|| {
        let nil = Chan::<i32>::nil();
        let closed = make!(chan i32);
        closed.close();
        let full = make!(chan i32, 1);
        full.send(0);
        let empty = make!(chan i32, 1);

        // Nil channels: for ever, in every form without `default`.
        let n = nil.clone();
        test(BLOCKS, "send to nil", move || n.send(7));
        let n = nil.clone();
        test(BLOCKS, "receive from nil", move || {
            n.recv();
        });
        let n = nil.clone();
        test(
            BLOCKS,
            "select of nil arms",
            move || select! { n <- 7 => {}, <-n => {} },
        );
        let n = nil.clone();
        test(
            BLOCKS,
            "select of one nil arm",
            move || select! { <-n => {} },
        );
        test(BLOCKS, "empty select", || select! {});
        let n = nil.clone();
        test(GOES_ON, "default beside nil arms", move || {
            select! { n <- 7 => unreachable!(), default => {} }
            select! { <-n => unreachable!(), default => {} }
            select! { n <- 7 => unreachable!(), <-n => unreachable!(), default => {} }
        });

        // Closed channels: never, and sends panic.
        let c = closed.clone();
        test(GOES_ON, "receive from closed", move || {
            assert_eq!(c.recv(), None);
            select! { v = <-c => assert_eq!(v, None), default => unreachable!() }
            let n = Chan::<i32>::nil();
            select! { v = <-c => assert_eq!(v, None), <-n => unreachable!() }
        });
        panics("send on closed channel", || closed.send(7));
        panics(
            "send on closed channel",
            || select! { closed <- 7 => {}, default => {} },
        );
        panics("send on closed channel", || select! { closed <- 7 => {} });
        panics("close of closed channel", || closed.close());
        panics("close of nil channel", || nil.close());

        // Full and empty buffers.
        let c = full.clone();
        test(BLOCKS, "send to full", move || c.send(7));
        let c = full.clone();
        test(
            BLOCKS,
            "select send to full",
            move || select! { c <- 7 => {} },
        );
        select! { full <- 7 => unreachable!(), default => {} }
        let c = empty.clone();
        test(BLOCKS, "receive from empty", move || {
            c.recv();
        });
        let (c, d) = (empty.clone(), full.clone());
        test(
            BLOCKS,
            "select of blocked arms",
            move || select! { <-c => {}, d <- 7 => {} },
        );
        select! { <-empty => unreachable!(), default => {} }

        // Buffers with something to do.
        test(GOES_ON, "send with room", || make!(chan i32, 1).send(7));
        let c = make!(chan i32, 10);
        c.send(1);
        test(GOES_ON, "select with room", move || {
            select! { c <- 7 => {}, default => unreachable!() }
            select! { <-c => {}, default => unreachable!() }
            select! { c <- 7 => {}, <-c => {} }
        });

        // Those that block are let go, so that the test leaves nobody behind (but for nil channels).
        full.recv();
        full.recv();
        full.recv();
        empty.send(1);
        select! { empty <- 1 => {}, default => {} }
    });
}

/// `select5.go`, for the forms that `select!` has: all operands are evaluated once, in source order,
/// chosen or not; of a receive, what stands left of the arrow only when it is chosen.
#[test]
fn order_of_evaluation() {
    at_all_procs(|| {
        let log = RefCell::new(Vec::new());
        let note = |what: &'static str| log.borrow_mut().push(what);
        let a = make!(chan i32, 1);
        let b = make!(chan i32, 1);
        let (ca, cb) = (
            |c| {
                note(c);
                &a
            },
            |c| {
                note(c);
                &b
            },
        );
        let value = |c| {
            note(c);
            1
        };
        b.send(5);
        // Only the receive from `b` can go on.
        a.send(0);
        let got = select! {
            ca("1 chan") <- value("2 value") => unreachable!(),
            v = <-cb("3 chan") => {
                note("6 chosen");
                v
            },
            ca("4 chan") <- value("5 value") => unreachable!(),
        };
        assert_eq!(got, Some(5));
        let expected = [
            "1 chan", "2 value", "3 chan", "4 chan", "5 value", "6 chosen",
        ];
        assert_eq!(*log.borrow(), expected);

        // With `default`, and with a send chosen.
        log.borrow_mut().clear();
        select! {
            _ = <-cb("1 chan") => unreachable!(),
            ca("2 chan") <- value("3 value") => unreachable!(),
            default => note("4 default"),
        }
        select! {
            _ = <-cb("5 chan") => unreachable!(),
            cb("6 chan") <- value("7 value") => note("8 sent"),
        }
        let expected = [
            "1 chan",
            "2 chan",
            "3 value",
            "4 default",
            "5 chan",
            "6 chan",
            "7 value",
            "8 sent",
        ];
        assert_eq!(*log.borrow(), expected);
    });
}

/// `issue8336.go`: a panic in the first operand keeps the others from being evaluated.
#[test]
fn a_panic_in_an_operand() {
    at_all_procs(|| {
        let evaluated = RefCell::new(String::new());
        let operand = |name: char, panics: bool| {
            evaluated.borrow_mut().push(name);
            assert!(!panics, "operand {name}");
            Chan::<i32>::nil()
        };
        let panic = recover(|| {
            select! {
                _ = <-operand('a', false) => {},
                _ = <-operand('b', true) => {},
                _ = <-operand('c', false) => {},
            }
        });
        assert_eq!(panic.unwrap_err().message(), "operand b");
        assert_eq!(*evaluated.borrow(), "ab");
    });
}

/// `select6.go` (issue 2075): a select whose arm waits behind a plain receiver and which is served by
/// another channel must not break the queue.
#[test]
fn a_queue_with_a_hole() {
    at_all_procs(|| {
        let (c1, c2) = (make!(chan bool), make!(chan bool));
        let (c3, c4) = (make!(chan bool), make!(chan bool));
        go!([c1], {
            c1.recv();
        });
        go!([c1, c2, c3, c4], {
            select! {
                _ = <-c1 => panic!("dummy"),
                _ = <-c2 => c3.send(true),
            }
            c1.recv();
            c4.send(true);
        });
        settle();
        c2.send(true);
        c3.recv();
        c1.send(true);
        c1.send(true);
        c4.recv();
    });
}

/// `select7.go`: every way of sending against every way of receiving, the value discarded.
#[test]
fn every_way_meets_every_other() {
    type Way = (&'static str, fn(&Chan<i32>));
    const SENDS: [Way; 3] = [
        ("send", |c| c.send(1)),
        ("select of a send", |c| select! { c <- 1 => {} }),
        ("select of two", |c| {
            let dummy = make!(chan i32);
            select! { c <- 1 => {}, dummy <- 1 => unreachable!() }
        }),
    ];
    const RECVS: [Way; 3] = [
        ("recv", |c| {
            c.recv();
        }),
        ("select of a receive", |c| select! { _ = <-c => {} }),
        ("select of two", |c| {
            let dummy = make!(chan i32);
            select! { <-c => {}, <-dummy => unreachable!() }
        }),
    ];
    at_all_procs(|| {
        for (_, send) in SENDS {
            for (_, recv) in RECVS {
                for receiver_first in [true, false] {
                    let c = make!(chan i32);
                    let (first, second) = if receiver_first {
                        (recv, send)
                    } else {
                        (send, recv)
                    };
                    go!([c], first(&c));
                    settle();
                    second(&c);
                }
            }
        }
    });
}

/// `doubleselect.go` (issue 1250): one sender with two identical arms for each of two channels; the
/// sequence arrives whole, nothing twice.
#[test]
fn double_select() {
    const N: usize = 20_000;
    at_all_procs(|| {
        let chans: [Chan<usize>; 4] = std::array::from_fn(|_| make!(chan usize));
        let merged = make!(chan usize);
        let done = make!(chan());
        go!([chans], {
            let [c1, c2, c3, c4] = chans;
            for i in 0..N {
                select! { c1 <- i => {}, c2 <- i => {}, c3 <- i => {}, c4 <- i => {} }
            }
            for c in [c1, c2, c3, c4] {
                c.close();
            }
        });
        let wg = WaitGroup::new();
        for c in &chans {
            wg.add(1);
            go!([wg, c, merged], {
                for v in &c {
                    merged.send(v);
                }
                wg.done();
            });
        }
        go!([wg, merged], {
            wg.wait();
            merged.close();
        });
        go!([merged, done], {
            let mut seen = vec![false; N];
            for v in &merged {
                assert!(!std::mem::replace(&mut seen[v], true), "got {v} twice");
            }
            assert!(seen.iter().all(|s| *s));
            done.close();
        });
        done.recv();
    });
}

/// Arms without number: more than any small array, of both kinds, and the dynamic form.
#[test]
fn a_hundred_arms() {
    use goroutines::chan::Select;
    at_all_procs(|| {
        let chans: Vec<Chan<usize>> = (0..100).map(|_| make!(chan usize)).collect();
        go!([chans], {
            for (i, c) in chans.iter().enumerate().rev() {
                c.send(i);
            }
        });
        let mut sel = Select::new();
        let arms: Vec<_> = chans.iter().map(|c| sel.recv(c)).collect();
        for expected in (0..100).rev() {
            let chosen = sel.wait();
            assert_eq!(chosen, expected);
            assert_eq!(sel.take(arms[chosen]), Some(expected));
        }
        assert_eq!(sel.try_wait(), None);
        assert_eq!(sel.wait_timeout(time::MILLISECOND), None);
    });
}

/// `biased;` tries the arms in source order.
#[test]
fn biased() {
    at_all_procs(|| {
        let (a, b) = (make!(chan i32, 100), make!(chan i32, 100));
        for i in 0..100 {
            a.send(i);
            b.send(i);
        }
        for i in 0..100 {
            let first = select! { biased; v = <-a => v, _ = <-b => None };
            assert_eq!(first, Some(i));
        }
        let then = select! { biased; <-a => None, v = <-b => v, default => None };
        assert_eq!(then, Some(0));
    });
}

/// Whoever is left by all receivers ends, in a select as in a plain send; a live arm keeps the select
/// going. (Beyond Go, where these leak.)
#[test]
fn abandoned_goroutines_end() {
    struct OnEnd(Sender<&'static str>, &'static str);
    impl Drop for OnEnd {
        fn drop(&mut self) {
            self.0.send(self.1);
        }
    }
    at_all_procs(|| {
        let (ended_tx, ended) = chan::channel(4);
        let (tx, rx) = chan::channel(0);
        let (tx2, rx2) = chan::channel(0);
        let (live_tx, live_rx) = chan::channel::<i32>(0);
        go!([tx, e = ended_tx.clone()], {
            let _end = OnEnd(e, "send");
            tx.send(1);
            unreachable!();
        });
        go!([tx, tx2, e = ended_tx.clone()], {
            let _end = OnEnd(e, "select");
            select! { tx <- 1 => {}, tx2 <- 2 => {} }
            unreachable!();
        });
        go!([tx, e = ended_tx], {
            let _end = OnEnd(e, "live");
            let got = select! { tx <- 1 => None, v = <-live_rx => v };
            assert_eq!(got, Some(3));
        });
        settle();
        drop(rx);
        assert_eq!(ended.recv(), Some("send"));
        settle();
        assert_eq!(ended.try_recv(), Err(chan::TryRecvError::Empty));
        drop(rx2);
        assert_eq!(ended.recv(), Some("select"));
        live_tx.send(3);
        assert_eq!(ended.recv(), Some("live"));
    });
}

/// What `select!` makes of `ch <- move slot`, used twice: the value goes once.
#[test]
fn a_slot_is_sent_once() {
    use goroutines::__private::{send_case, try_select};
    at_all_procs(|| {
        let ch = make!(chan String, 2);
        let mut slot = Some(String::from("x"));
        let mut place = std::mem::MaybeUninit::uninit();
        let mut arm = send_case(&ch).slot_in(&mut slot, &mut place);
        assert_eq!(try_select([arm.arm()]), Some(0));
        assert_eq!(try_select([arm.arm()]), None);
        drop(arm);
        assert_eq!((slot, ch.try_recv(), ch.len()), (None, Ok("x".into()), 0));
    });
}
