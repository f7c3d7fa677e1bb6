//! Goroutines that end otherwise than by returning.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, recover, runtime, scope, spawn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ThreadId;

/// Panics that are recovered, and panics that are joined; values are dropped on the way.
pub(crate) fn recover_and_join(cx: &Cx) {
    quietly();
    let live = Arc::new(());
    let handles: Vec<_> = (0..cx.times(300))
        .map(|i| {
            let live = live.clone();
            spawn(move || {
                let caught = recover(|| {
                    let _held = live.clone();
                    runtime::gosched();
                    if i % 3 == 0 {
                        panic!("inner {i}");
                    }
                    i
                });
                assert_eq!(caught.is_err(), i % 3 == 0);
                drop(caught);
                if i % 5 == 0 {
                    panic!("outer {i}");
                }
                i
            })
        })
        .collect();
    for (i, h) in handles.into_iter().enumerate() {
        match h.join() {
            Ok(v) => assert!(v == i && i % 5 != 0),
            Err(p) => {
                assert_eq!(p.message(), format!("outer {i}"));
                assert!(i % 5 == 0);
            }
        }
    }
    assert_eq!(Arc::strong_count(&live), 1);
}

/// `goexit` from any depth, with deferred code that suspends.
pub(crate) fn goexit(cx: &Cx) {
    struct Bye(Arc<AtomicUsize>);
    impl Drop for Bye {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let byes = Arc::new(AtomicUsize::new(0));
    let n = cx.times(300);
    let handles: Vec<_> = (0..n)
        .map(|i| {
            let byes = byes.clone();
            spawn(move || {
                let _bye = Bye(byes.clone());
                goroutines::defer!({
                    let c = Chan::<u8>::new(1);
                    c.send(1);
                    runtime::gosched();
                    assert_eq!(c.recv(), Some(1));
                });
                let r = recover(|| {
                    if i % 2 == 0 {
                        runtime::goexit();
                    }
                });
                assert!(r.is_ok() && i % 2 == 1);
            })
        })
        .collect();
    for (i, h) in handles.into_iter().enumerate() {
        match h.join() {
            Ok(()) => assert!(i % 2 == 1),
            Err(p) => assert!(i % 2 == 0 && p.is::<runtime::Goexit>()),
        }
    }
    assert_eq!(byes.load(Ordering::Relaxed), n);
}

/// Destructors that block while their goroutine panics: it stays on its thread, or std's count of
/// panics would be another thread's.
pub(crate) fn while_panicking(cx: &Cx) {
    struct Blocks {
        c: Chan<usize>,
        moved: Arc<AtomicUsize>,
    }
    impl Drop for Blocks {
        fn drop(&mut self) {
            let before: ThreadId = std::thread::current().id();
            assert!(std::thread::panicking());
            for _ in 0..3 {
                assert!(self.c.recv().is_some());
                runtime::gosched();
            }
            assert!(std::thread::panicking());
            if std::thread::current().id() != before {
                self.moved.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    quietly();
    let moved = Arc::new(AtomicUsize::new(0));
    let wg = WaitGroup::new();
    for i in 0..cx.times(60) {
        let c = Chan::<usize>::new(0);
        let blocks = Blocks {
            c: c.clone(),
            moved: moved.clone(),
        };
        wg.go(move || {
            let r = recover(move || {
                let _b = blocks;
                panic!("{i}");
            });
            assert_eq!(r.unwrap_err().message(), i.to_string());
            assert!(!std::thread::panicking());
        });
        wg.go(move || {
            for v in 0..3 {
                assert!(!std::thread::panicking());
                c.send(v);
            }
        });
    }
    wg.wait();
    assert_eq!(moved.load(Ordering::Relaxed), 0);
}

/// Scopes that borrow, within scopes.
pub(crate) fn scopes(cx: &Cx) {
    quietly();
    for round in 0..cx.times(20) {
        let mut cells = vec![0usize; 64];
        scope(|s| {
            for (i, part) in cells.chunks_mut(8).enumerate() {
                s.go(move || {
                    scope(|s| {
                        for (k, cell) in part.iter_mut().enumerate() {
                            s.go(move || {
                                runtime::gosched();
                                *cell = i * 8 + k;
                            });
                        }
                    });
                });
            }
        });
        assert!(cells.iter().enumerate().all(|(i, &c)| i == c));
        let finished = AtomicUsize::new(0);
        let caught = recover(|| {
            scope(|s| {
                for i in 0..8 {
                    let finished = &finished;
                    s.go(move || {
                        runtime::gosched();
                        finished.fetch_add(1, Ordering::Relaxed);
                        assert!(i != round % 8, "number {i}");
                    });
                }
            });
        });
        assert!(caught.unwrap_err().message().contains("number"));
        assert_eq!(finished.into_inner(), 8);
    }
}

/// These panics are expected: nothing is printed for them.
fn quietly() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // Of a failed assertion the place is printed.
            let payload = info.payload();
            let formatted = payload.downcast_ref::<String>().map(String::as_str);
            let text = formatted.or(payload.downcast_ref().copied()).unwrap_or("");
            let expected = ["inner", "outer", "number"]
                .iter()
                .any(|w| text.starts_with(w));
            if !expected && text.parse::<usize>().is_err() {
                previous(info);
            }
        }));
    });
}
