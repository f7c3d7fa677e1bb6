//! Goroutines themselves: what they may be given, how they end, what their stacks do.

use goroutines::prelude::*;
use goroutines::runtime::Goexit;
use goroutines::{Builder, Panic};
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// A closure that owns `N` bytes arrives whole.
fn carries<const N: usize>() {
    let bytes: [u8; N] = std::array::from_fn(|i| i as u8);
    // The block keeps the big array off this frame once it has moved.
    let h = spawn(move || bytes.iter().map(|&b| u64::from(b)).sum::<u64>());
    let expected: u64 = (0..N).map(|i| u64::from(i as u8)).sum();
    assert_eq!(h.join().unwrap(), expected, "{N} bytes");
}

#[goroutine(stack = "32MiB")]
#[test]
fn closures_of_all_sizes() {
    carries::<0>();
    carries::<1>();
    carries::<1025>();
    carries::<{ 64 << 10 }>();
    carries::<{ 1 << 20 }>();
}

#[goroutine]
#[test]
fn closures_of_all_alignments() {
    #[repr(align(64))]
    struct A64([u8; 64]);
    #[repr(align(8192))]
    struct A8192(#[allow(dead_code)] u8);
    let a = A64([7; 64]);
    let at = spawn(move || {
        assert_eq!(a.0[63], 7);
        std::ptr::from_ref(&a) as usize
    });
    assert_eq!(at.join().unwrap() % 64, 0);
    let a = A8192(1);
    let at = spawn(move || std::ptr::from_ref(&a) as usize);
    assert_eq!(at.join().unwrap() % 8192, 0);
}

/// What a goroutine captured, made and returned is dropped exactly once.
#[test]
fn nothing_is_leaked_or_dropped_twice() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    for _ in 0..100 {
        let drops = Arc::new(AtomicUsize::new(0));
        let (a, b, c) = (
            Counted(drops.clone()),
            Counted(drops.clone()),
            Counted(drops.clone()),
        );
        let returned = spawn(move || a);
        let panicked = spawn(move || {
            let _b = b;
            std::panic::resume_unwind(Box::new(1));
        });
        let ended = spawn(move || {
            let _c = c;
            runtime::goexit();
        });
        drop(returned.join().unwrap());
        assert!(panicked.join().unwrap_err().is::<i32>());
        assert!(ended.join().unwrap_err().is::<Goexit>());
        assert_eq!(drops.load(SeqCst), 3);
    }
}

#[test]
fn many_generations_reuse_their_stacks() {
    let rounds = 200;
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..rounds {
        let wg = WaitGroup::new();
        wg.add(500);
        for _ in 0..500 {
            go!([wg, ran], {
                ran.fetch_add(1, SeqCst);
                wg.done();
            });
        }
        wg.wait();
    }
    assert_eq!(ran.load(SeqCst), rounds * 500);
}

#[goroutine]
#[test]
fn a_name_and_a_size() {
    let h = Builder::new().name("parser").stack_size(3 << 20).spawn(|| {
        let big = [1u8; 2 << 20];
        std::hint::black_box(&big)
            .iter()
            .map(|&b| b as usize)
            .sum::<usize>()
    });
    assert_eq!(h.join().unwrap(), 2 << 20);
}

#[test]
#[should_panic(expected = "stack size too large")]
fn no_stack_is_larger_than_half_a_gibibyte() {
    let _ = Builder::new().stack_size((512 << 20) + 1).spawn(|| ());
}

#[goroutine]
#[test]
fn pinned_goroutines_keep_their_thread() {
    let workers: Vec<_> = (0..4)
        .map(|_| {
            Builder::new().pinned().spawn(|| {
                let before = std::thread::current().id();
                for _ in 0..100 {
                    runtime::gosched();
                }
                before == std::thread::current().id()
            })
        })
        .collect();
    for w in workers {
        assert!(w.join().unwrap());
    }
}

#[test]
fn scope_waits_and_passes_a_panic_on() {
    let done = AtomicUsize::new(0);
    let r = recover(|| {
        scope(|s| {
            s.go(|| panic!("in the scope"));
            for _ in 0..10 {
                s.go(|| {
                    runtime::gosched();
                    done.fetch_add(1, SeqCst);
                });
            }
        })
    });
    assert_eq!(r.unwrap_err().message(), "in the scope");
    assert_eq!(done.load(SeqCst), 10, "all were waited for");
}

#[test]
fn scope_waits_when_its_own_body_panics() {
    let done = AtomicUsize::new(0);
    let r = recover(|| {
        scope(|s| {
            s.go(|| {
                for _ in 0..50 {
                    runtime::gosched();
                }
                done.fetch_add(1, SeqCst);
            });
            panic!("body");
        })
    });
    assert_eq!(r.unwrap_err().message(), "body");
    assert_eq!(done.load(SeqCst), 1);
}

/// defer_test: deferred calls run last in first out, also when the goroutine panics or exits.
#[goroutine]
#[test]
fn deferred_code_runs_however_the_goroutine_ends() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let run = |how: &'static str| {
        let l = log.clone();
        let _ = spawn(move || {
            defer!(l.lock().unwrap().push((how, 1)));
            defer!(l.lock().unwrap().push((how, 2)));
            match how {
                "panic" => std::panic::resume_unwind(Box::new(())),
                "goexit" => runtime::goexit(),
                _ => (),
            }
        })
        .join();
    };
    run("return");
    run("panic");
    run("goexit");
    let expected: Vec<_> = ["return", "panic", "goexit"]
        .into_iter()
        .flat_map(|h| [(h, 2), (h, 1)])
        .collect();
    assert_eq!(*log.lock().unwrap(), expected);
}

/// defer_test AbortedPanic: a panic in deferred code replaces the one that is unwinding.
#[goroutine]
#[test]
fn a_panic_in_deferred_code_replaces_the_first() {
    let r = recover(|| {
        defer!(std::panic::resume_unwind(Box::new("second")));
        std::panic::resume_unwind(Box::new("first"));
    });
    assert_eq!(r.unwrap_err().message(), "second");
    // And the next one is judged by itself.
    let r = recover(|| std::panic::resume_unwind(Box::new("third")));
    assert_eq!(r.unwrap_err().message(), "third");
}

/// RecoveredPanicAfterGoexit: recovering a panic raised while exiting does not stop the exit.
#[test]
fn goexit_cannot_be_recovered() {
    let after = Arc::new(AtomicUsize::new(0));
    let h = spawn({
        let after = after.clone();
        move || {
            let _: Result<(), Panic> = recover(|| {
                defer!(drop(recover(|| std::panic::resume_unwind(Box::new(
                    "inner"
                )))));
                runtime::goexit();
            });
            after.fetch_add(1, SeqCst);
        }
    });
    assert!(h.join().unwrap_err().is::<Goexit>());
    assert_eq!(after.load(SeqCst), 0);
}

/// An ending goroutine that swallows the unwind is unwound again at its next suspending call.
#[test]
fn swallowing_a_goexit_does_not_help() {
    let passed = Arc::new(AtomicUsize::new(0));
    let h = spawn({
        let passed = passed.clone();
        move || {
            let _ = std::panic::catch_unwind(|| runtime::goexit());
            passed.fetch_add(1, SeqCst);
            runtime::gosched();
            passed.fetch_add(1, SeqCst);
        }
    });
    assert!(h.join().unwrap_err().is::<Goexit>());
    assert_eq!(passed.load(SeqCst), 1);
}

/// Suspending in a destructor while panicking: `panicking()` stays true for this goroutine and false
/// for the others.
#[test]
fn a_panicking_goroutine_may_suspend() {
    struct Suspends(Receiver<()>);
    impl Drop for Suspends {
        fn drop(&mut self) {
            assert!(std::thread::panicking());
            self.0.recv();
            for _ in 0..20 {
                runtime::gosched();
                assert!(std::thread::panicking());
            }
        }
    }
    for _ in 0..50 {
        let gate = make!(chan());
        let panics: Vec<_> = (0..4)
            .map(|_| {
                let rx = gate.receiver();
                spawn(move || {
                    let _s = Suspends(rx);
                    std::panic::resume_unwind(Box::new(5));
                })
            })
            .collect();
        let others: Vec<_> = (0..4)
            .map(|_| {
                spawn(|| {
                    for _ in 0..50 {
                        runtime::gosched();
                        assert!(!std::thread::panicking());
                    }
                })
            })
            .collect();
        for o in others {
            o.join().unwrap();
        }
        gate.close();
        for p in panics {
            assert!(p.join().unwrap_err().is::<i32>());
        }
    }
}

#[goroutine]
fn depth(n: u64, log: &mut Vec<u64>) -> u64 {
    struct Leaves<'a>(u64, &'a mut Vec<u64>);
    impl Drop for Leaves<'_> {
        fn drop(&mut self) {
            if self.0 < 3 {
                self.1.push(self.0);
            }
        }
    }
    let l = Leaves(n, log);
    if n == 0 { 0 } else { 1 + depth(n - 1, l.1) }
}

/// StackGrowth: a million frames (in release) in a goroutine that began with a small stack; locals are dropped in
/// order on the way back; a panic comes through.
#[test]
fn stacks_grow() {
    // Frames of a debug build are large, and 1,000,000,000 bytes are the limit.
    let n = if cfg!(debug_assertions) {
        300_000
    } else {
        1_000_000
    };
    let h = Builder::new().stack_size(64 << 10).spawn(move || {
        let mut log = Vec::new();
        (depth(n, &mut log), log)
    });
    assert_eq!(h.join().unwrap(), (n, vec![0, 1, 2]));

    #[goroutine]
    fn bottom(n: u64) -> u64 {
        if n == 0 {
            std::panic::resume_unwind(Box::new("at the bottom"));
        }
        bottom(n - 1) + 1
    }
    let r = spawn(|| recover(|| bottom(100_000)).unwrap_err().message());
    assert_eq!(r.join().unwrap(), "at the bottom");
}

/// Suspending deep inside a grown stack, and going on elsewhere.
#[test]
fn a_grown_stack_suspends_and_moves() {
    #[goroutine]
    fn deep(n: u64, ch: &Chan<u64>) -> u64 {
        if n == 0 {
            for _ in 0..100 {
                runtime::gosched();
            }
            return ch.recv().unwrap();
        }
        deep(n - 1, ch) + 1
    }
    let ch = make!(chan u64);
    let hs: Vec<_> = (0..20)
        .map(|_| {
            let ch = ch.clone();
            spawn(move || deep(20_000, &ch))
        })
        .collect();
    for i in 0..20 {
        ch.send(i);
    }
    let sum: u64 = hs.into_iter().map(|h| h.join().unwrap()).sum();
    assert_eq!(sum, 20 * 20_000 + (0..20).sum::<u64>());
}

/// Through trait objects and closures as well, and with a big frame.
#[goroutine]
#[test]
fn growth_through_dynamic_calls_and_big_frames() {
    trait Down {
        fn down(&self, n: u64) -> u64;
    }
    struct D;
    impl Down for D {
        #[goroutine]
        fn down(&self, n: u64) -> u64 {
            let next: &dyn Down = &D;
            if n == 0 { 0 } else { next.down(n - 1) + 1 }
        }
    }
    assert_eq!((&D as &dyn Down).down(100_000), 100_000);

    #[goroutine(stack = "128KiB")]
    fn big_frame(n: usize) -> usize {
        let a = [n as u8; 100_000];
        std::hint::black_box(&a);
        if n == 0 {
            0
        } else {
            big_frame(n - 1) + 1 + usize::from(a[99_999] == 255)
        }
    }
    assert_eq!(big_frame(100), 100);
}

/// The place that a dump shows is the `go!`, not something inside the crate.
#[goroutine]
#[test]
fn a_dump_knows_where_a_goroutine_was_made() {
    let (gate, line) = (make!(chan()), Location::caller().line() + 1);
    go!([gate], {
        gate.recv();
    });
    runtime::gosched();
    let dump = runtime::stack_all();
    gate.close();
    assert!(dump.contains(&format!("spawn.rs:{line}")), "{dump}");
}

#[goroutine]
#[test]
fn locals_belong_to_their_goroutine_and_are_dropped_with_it() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    struct Local(u64);
    impl Drop for Local {
        fn drop(&mut self) {
            assert_eq!(self.0, runtime::goid());
            DROPS.fetch_add(1, SeqCst);
        }
    }
    goroutines::goroutine_local! { static ME: Local = Local(runtime::goid()) }
    let hs: Vec<_> = (0..50)
        .map(|_| {
            spawn(|| {
                for _ in 0..10 {
                    assert_eq!(ME.with(|m| m.0), runtime::goid());
                    runtime::gosched();
                }
            })
        })
        .collect();
    for h in hs {
        h.join().unwrap();
    }
    // A goroutine has ended for its joiner before its variables are dropped.
    tests::eventually("all are dropped", || DROPS.load(SeqCst) == 50);
}
