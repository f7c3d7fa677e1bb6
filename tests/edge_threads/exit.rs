//! Everything of ours works in the destructor of a thread-local, while its thread ends: on a plain
//! thread and on one that ends with its locked goroutine.

use goroutines::prelude::*;
use goroutines::{block_on, goroutine_local, runtime, scope, testing};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use time::MILLISECOND;

/// Runs what it holds when it is dropped.
struct AtExit(Option<Box<dyn FnOnce()>>);

impl Drop for AtExit {
    fn drop(&mut self) {
        (self.0.take().expect("dropped once"))();
    }
}

thread_local!(static AT_EXIT: Cell<Option<AtExit>> = const { Cell::new(None) });

/// Runs `late` while a plain thread ends: before it has used anything of ours, after that, and while a
/// thread of the runtime ends.
fn while_threads_end(late: fn()) {
    for used_before in [false, true] {
        let ends = thread::spawn(move || {
            AT_EXIT.set(Some(AtExit(Some(Box::new(late)))));
            if used_before {
                time::sleep(MILLISECOND);
                LOCAL.with(|_| ());
                assert_eq!(channel_of(1).recv(), Some(1));
            }
        });
        ends.join().expect("the thread ends");
    }
    let (tx, rx) = mpsc::channel();
    go!(move || {
        runtime::lock_os_thread();
        let after = move || {
            late();
            tx.send(()).expect("the test waits");
        };
        AT_EXIT.set(Some(AtExit(Some(Box::new(after)))));
    });
    rx.recv().expect("the thread ends");
}

goroutine_local! {
    static LOCAL: Cell<i32> = Cell::new(1);
}

fn channel_of(n: i32) -> goroutines::chan::Receiver<i32> {
    let (tx, rx) = goroutines::chan::channel(0);
    go!(move || tx.send(n));
    rx
}

#[test]
fn sleeping() {
    while_threads_end(|| time::sleep(MILLISECOND));
}

#[test]
fn channels_and_select() {
    while_threads_end(|| {
        let rx = channel_of(7);
        assert_eq!(rx.recv(), Some(7));
        let (other, never) = (channel_of(8), make!(chan i32));
        let got = select! {
            v = <-other => v,
            v = <-never => v,
        };
        assert_eq!(got, Some(8));
        let timeout = time::after(MILLISECOND);
        assert!(timeout.recv().is_some());
    });
}

#[test]
fn locks_and_joins() {
    while_threads_end(|| {
        let m = std::sync::Arc::new(sync::Mutex::new(0));
        let holder = goroutines::spawn({
            let m = m.clone();
            move || {
                let mut guard = m.lock();
                time::sleep(MILLISECOND);
                *guard += 1;
            }
        });
        holder.join().expect("it ends");
        assert_eq!(*m.lock(), 1);
        let mut n = 0;
        scope(|s| s.go(|| n = 1));
        assert_eq!(n, 1);
        let wg = sync::WaitGroup::new();
        wg.go(|| time::sleep(MILLISECOND));
        wg.wait();
    });
}

#[test]
fn futures() {
    while_threads_end(|| {
        let (tx, rx) = async_channel::bounded(1);
        go!(move || {
            time::sleep(MILLISECOND);
            tx.try_send(3).expect("there is room");
        });
        assert_eq!(block_on(rx.recv()), Ok(3));
    });
}

#[test]
fn running_a_goroutine_and_a_bubble() {
    while_threads_end(|| {
        assert_eq!(runtime::run(|| LOCAL.with(Cell::get)), 1);
        testing::synctest::test(|| {
            let before = time::now();
            time::sleep(time::HOUR);
            assert_eq!(time::now() - before, time::HOUR);
        });
    });
}

/// An initial value that uses its own variable: the inner one stays, and the other's destructor may use
/// variables.
#[test]
fn a_variable_that_is_used_while_it_is_made() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Layer(usize);
    impl Drop for Layer {
        fn drop(&mut self) {
            MADE.with(|n| n.set(n.get() + 10));
            OTHER.with(|n| n.set(self.0));
            DROPPED.fetch_add(1, Ordering::SeqCst);
        }
    }
    goroutine_local! {
        static MADE: Cell<usize> = Cell::new(0);
        static OTHER: Cell<usize> = Cell::new(0);
        static LAYER: Layer = {
            let n = MADE.with(|n| n.replace(n.get() + 1));
            if n == 0 {
                assert_eq!(LAYER.with(|inner| inner.0), 1);
            }
            Layer(n)
        };
    }
    let layers = || {
        assert_eq!(LAYER.with(|layer| layer.0), 1);
        assert_eq!((MADE.with(Cell::get), OTHER.with(Cell::get)), (12, 0));
    };
    thread::spawn(layers).join().expect("it ends");
    assert_eq!(DROPPED.load(Ordering::SeqCst), 2);
    runtime::run(layers);
}

/// A value made while its thread ends is dropped like the others.
#[test]
fn goroutine_local_variables() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Counted;
    impl Drop for Counted {
        fn drop(&mut self) {
            LOCAL.with(|n| n.set(n.get() + 1));
            DROPPED.fetch_add(1, Ordering::SeqCst);
        }
    }
    goroutine_local! { static VALUE: Counted = Counted }
    thread::spawn(|| VALUE.with(|_| ()))
        .join()
        .expect("it ends");
    assert_eq!(DROPPED.swap(0, Ordering::SeqCst), 1);

    let use_at_exit = || drop(AT_EXIT.replace(Some(AtExit(Some(Box::new(|| VALUE.with(|_| ())))))));
    // Registered first, so dropped last: the value is made after the others have gone.
    let ends = thread::spawn(move || {
        use_at_exit();
        VALUE.with(|_| ());
    });
    ends.join().expect("it ends");
    assert_eq!(DROPPED.load(Ordering::SeqCst), 2);
}
