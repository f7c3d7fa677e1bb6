//! `testing::leak`: after the programs of Go's `goroutineleakprofile_test.go` (each leak is found, and
//! nothing else) and of uber's goleak.

use goroutines::chan::Chan;
use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex};
use goroutines::testing::leak;
use goroutines::time;
use goroutines::{recover, runtime, spawn};
use std::sync::Arc;

/// What is told of the leaks of `f`; empty if there are none.
fn leaks(f: impl FnOnce() + Send + 'static) -> String {
    runtime::run(|| {
        let result = recover(|| {
            let _no_leaks = leak::check();
            f();
        });
        result.map_or_else(|p| p.message(), |()| String::new())
    })
}

#[test]
fn nothing_left_is_no_leak() {
    let text = leaks(|| {
        let wg = WaitGroup::new();
        for _ in 0..50 {
            wg.go(|| time::sleep(time::MICROSECOND));
        }
        wg.wait();
        spawn(|| ()).join().unwrap();
        scope(|s| s.go(|| ()));
    });
    assert_eq!(text, "");
}

/// Who is about to end may: nobody waits for these.
#[test]
fn the_last_steps_are_waited_for() {
    let text = leaks(|| {
        for _ in 0..100 {
            go!({ runtime::gosched() });
        }
    });
    assert_eq!(text, "");
}

/// So may who computes, for longer than those have that wait.
#[test]
fn who_computes_is_waited_for() {
    let text = leaks(|| go!(tests::spin_for(1_500 * time::MILLISECOND)));
    assert_eq!(text, "");
}

#[test]
fn each_way_of_waiting_for_ever_is_told() {
    type Leak = fn();
    let cases: [(&str, Leak); 9] = [
        ("chan receive (nil chan)", || {
            go!({ Chan::<u8>::nil().recv() })
        }),
        ("chan send (nil chan)", || {
            go!({ Chan::<u8>::nil().send(1) })
        }),
        ("select (no cases)", || {
            go!({
                select! {}
            })
        }),
        ("chan receive", || {
            let ch = make!(chan u8);
            go!({ ch.recv() });
        }),
        ("chan send", || {
            let ch = make!(chan u8);
            go!({ ch.send(1) });
        }),
        ("select", || {
            let (a, b) = (make!(chan u8), make!(chan u8));
            go!({
                select! {
                    <-a => {}
                    <-b => {}
                }
            });
        }),
        ("sync.WaitGroup.Wait", || {
            let wg = WaitGroup::new();
            wg.add(1);
            go!({ wg.wait() });
        }),
        ("sync.Mutex.Lock", || {
            let lock = Arc::new(Mutex::new(()));
            std::mem::forget(lock.lock());
            go!({ drop(lock.lock()) });
        }),
        ("sync.Cond.Wait", || {
            let pair = Arc::new((Mutex::new(()), Cond::new()));
            go!({ pair.1.wait(&mut pair.0.lock()) });
        }),
    ];
    // All at once: each takes its second to be sure.
    std::thread::scope(|s| {
        for (reason, leak) in cases {
            s.spawn(move || {
                let text = leaks(leak);
                assert!(
                    text.starts_with("1 goroutine outlived the test:\n\ngoroutine "),
                    "{text}"
                );
                assert!(
                    text.contains(&format!(" [{reason}]:\n")),
                    "{reason}: {text}"
                );
                assert!(text.contains("created by goroutine "), "{text}");
                assert!(text.contains("conformance/leak.rs:"), "{text}");
            });
        }
    });
}

/// Go's release notes of 1.26: the early return.
#[test]
fn descendants_count_also_when_their_parent_has_ended() {
    fn early_return(fail: bool) -> Result<u32, u32> {
        let results = make!(chan u32);
        for i in 0..3 {
            go!([results], go!([results], results.send(i)));
        }
        let first = results.recv().unwrap();
        if fail {
            Err(first)
        } else {
            Ok(first + results.recv().unwrap() + results.recv().unwrap())
        }
    }
    assert_eq!(leaks(|| assert_eq!(early_return(false), Ok(3))), "");
    let text = leaks(|| assert!(early_return(true).is_err()));
    assert!(
        text.starts_with("2 goroutines outlived the test:"),
        "{text}"
    );
    assert_eq!(text.matches("[chan send]").count(), 2, "{text}");
}

/// Tests run side by side: each sees its own goroutines, and no others.
#[test]
fn others_are_not_mine() {
    let ch = make!(chan u8);
    go!([rx = ch.receiver()], rx.recv());
    assert_eq!(leaks(|| ()), "");
    let _elsewhere = leak::check();
    go!([rx = ch.receiver()], rx.recv());
    assert_eq!(leaks(|| ()), "", "of another check, and an outer one");
    assert_eq!(
        _elsewhere.left().len(),
        1,
        "a plain thread's goroutines count too"
    );
    ch.close();
    assert!(_elsewhere.left().is_empty());
}

#[test]
fn checks_nest() {
    let outer = leak::check();
    {
        let inner = leak::check();
        let ch = make!(chan u8);
        go!([rx = ch.receiver()], rx.recv());
        assert_eq!((inner.left().len(), outer.left().len()), (1, 1));
        ch.close();
    }
    let h = spawn(|| ());
    h.join().unwrap();
    assert!(outer.left().is_empty());
}

/// A panic of the test is not replaced.
#[test]
fn a_failing_test_fails_with_its_own_panic() {
    let text = leaks(|| {
        go!({
            select! {}
        });
        panic!("the reason");
    });
    assert_eq!(text, "the reason");
}

/// In a bubble nothing outlives the test anyway; a check in it is about a part of it.
#[test]
fn a_check_in_a_bubble() {
    goroutines::testing::synctest::test(|| {
        let ch = make!(chan u8);
        let check = leak::check();
        go!([rx = ch.receiver()], rx.recv());
        let left = check.left();
        assert!(
            left[0].contains("[chan receive (durable), synctest bubble "),
            "{left:?}"
        );
        ch.close();
        drop(check);
    });
}
