//! A scope, a group, a pool waits for exactly its goroutines, however they end.

use goroutines::sync::WaitGroup;
use goroutines::{Panic, chan, defer, recover, runtime, scope, spawn};

struct Exits;
impl Drop for Exits {
    fn drop(&mut self) {
        runtime::goexit();
    }
}

struct Panics;
impl Drop for Panics {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[test]
fn a_scope_ends_although_a_result_ends_its_goroutine() {
    runtime::run(|| {
        scope(|s| {
            // Its result is left to the goroutine: whose handle is dropped later drops the result itself.
            let (left, is_left) = chan::channel::<()>(0);
            drop(s.spawn(move || {
                is_left.recv();
                Exits
            }));
            drop(left);
        });
        scope(|s| s.go(|| Exits));
    });
}

#[test]
fn a_scope_reports_the_panic_of_a_results_destructor() {
    runtime::run(|| {
        for spawned in [false, true] {
            let panic = recover(|| {
                scope(|s| match spawned {
                    true => drop(s.spawn(|| Panics)),
                    false => s.go(|| Panics),
                });
            });
            assert_eq!(panic.unwrap_err().message(), "dropped");
        }
    });
}

/// The destructor of a payload that was replaced panics: that is the panic that the other end gets.
#[test]
fn a_joiner_is_told_whatever_payloads_do_when_they_are_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("bomb");
        }
    }
    fn explodes() {
        defer!(runtime::goexit());
        std::panic::panic_any(Bomb);
    }
    runtime::run(|| {
        let joined = spawn(explodes).join();
        assert_eq!(Panic::from(joined.unwrap_err()).message(), "bomb");
        let scoped = recover(|| scope(|s| s.go(explodes)));
        assert_eq!(scoped.unwrap_err().message(), "bomb");
    });
    let run = recover(|| runtime::run(explodes));
    assert_eq!(run.unwrap_err().message(), "bomb");
}

#[test]
fn a_joined_goroutine_may_end_in_a_destructor_of_its_own() {
    runtime::run(|| {
        let ended = spawn(|| {
            let _exits = Exits;
            1
        });
        assert!(ended.join().unwrap_err().is::<runtime::Goexit>());
        let wg = WaitGroup::new();
        wg.go(|| drop(Exits));
        wg.wait();
    });
}
