//! Panics: recovered, not recovered, nested, raised again; and Go's own panics of channels and locks.

use crate::{Command, Loud};
use goroutines::prelude::*;
use goroutines::sync;
use std::error::Error;
use std::panic::panic_any;

pub(crate) const COMMANDS: &[Command] = &[
    ("display_panics", || {
        panic_any(boxed(|| panic!("first\nsecond")))
    }),
    ("display_panics_with_a_number", || {
        panic_any(boxed(|| panic_any(7_u8)))
    }),
    ("display_panics_with_an_error", || {
        panic_any(boxed(|| panic_any(boxed(|| panic!("never asked")))))
    }),
    ("display_panics_in_a_defer", || {
        panic_any(boxed(|| {
            defer!(panic!("from the body"));
            panic!("replaced");
        }))
    }),
    ("display_panics_recovered", display_panics_recovered),
    ("display_recovers", || panic_any(boxed(display_recovers))),
    ("display_panics_after_recover", || {
        let _held = recover(|| -> () { panic_any(boxed(|| panic!("in Display"))) });
        panic!("second");
    }),
    ("repanicked_middle", repanicked_middle),
    ("local_s_destructor_panics", || {
        go!(LOCAL.with(|_| ()));
        Chan::<()>::nil().recv();
    }),
    ("closure_s_destructor_panics", || {
        let bomb = Bomb;
        go!({
            let _bomb = bomb;
        });
        Chan::<()>::nil().recv();
    }),
    ("result_s_destructor_panics", || {
        drop(spawn(|| Bomb));
        Chan::<()>::nil().recv();
    }),
    ("swallowed_then_another", || {
        let _ = std::panic::catch_unwind(|| {
            defer!(panic!("b"));
            panic!("a");
        });
        panic!("c");
    }),
    ("in_main", || panic!("test")),
    ("in_goroutine", || in_goroutine(|| panic!("boom"))),
    ("formatted", || in_goroutine(|| panic!("value {}", 42))),
    ("two_lines", || {
        in_goroutine(|| panic!("first line\nsecond line"))
    }),
    ("error", || {
        in_goroutine(|| panic_any(Box::<dyn Error + Send + Sync>::from("an error")))
    }),
    ("integer", || in_goroutine(|| panic_any(42_i32))),
    ("other_type", || in_goroutine(|| panic_any(Loud("payload")))),
    ("destructors_run", destructors_run),
    ("handle_dropped", handle_dropped),
    ("handle_joined", handle_joined),
    ("in_defer", in_defer),
    ("in_defer_recovered", in_defer_recovered),
    ("three_deep", three_deep),
    ("repanicked", repanicked),
    ("recovered_then_another", recovered_then_another),
    ("recovered_and_dropped", recovered_and_dropped),
    ("after_catch_unwind", after_catch_unwind),
    ("recovered_in_defer", recovered_in_defer),
    ("held_elsewhere", held_elsewhere),
    (
        "handle_dropped_while_panicking",
        handle_dropped_while_panicking,
    ),
    ("recover_forms", recover_forms),
    ("after_goexit", after_goexit),
    ("in_scope", in_scope),
    ("send_on_closed", || {
        let c = make!(chan i32, 1);
        c.close();
        c.send(1);
    }),
    ("parked_sender_meets_close", || {
        let c = make!(chan i32);
        go!([c], c.send(1));
        time::sleep(20 * time::MILLISECOND);
        c.close();
        Chan::<()>::nil().recv();
    }),
    ("select_send_on_closed", || {
        let c = make!(chan i32);
        c.close();
        select! {
            c <- 1 => println!("sent"),
            <-time::after(time::HOUR) => println!("timed out"),
        }
    }),
    ("close_of_closed", || {
        let c = make!(chan i32);
        c.close();
        c.close();
    }),
    ("close_of_nil", || Chan::<i32>::nil().close()),
    ("makechan", || drop(make!(chan i64, usize::MAX))),
    ("without_receivers", || {
        let (tx, rx) = chan::channel(0);
        drop(rx);
        tx.send(1);
    }),
    ("negative_wait_group", || WaitGroup::new().done()),
    ("ticker_zero", || {
        drop(time::Ticker::new(time::Duration::ZERO))
    }),
    ("unlock_of_unlocked", unlock_of_unlocked),
    ("rwmutex_unlock", || sync::RawRWMutex::new().unlock()),
    ("rwmutex_runlock", || sync::RawRWMutex::new().runlock()),
    ("own_hook", || {
        std::panic::set_hook(Box::new(|info| {
            println!("hook: {}", info.payload().downcast_ref::<&str>().unwrap());
        }));
        in_goroutine(|| panic!("boom"));
    }),
    ("in_named_goroutine", || {
        let named = goroutines::Builder::new().name("parser\nof 7");
        drop(named.spawn(|| panic!("boom")));
        Chan::<()>::nil().recv();
    }),
    ("named_in_a_hook", || {
        std::panic::set_hook(Box::new(|_| {
            println!("hook: {:?}", runtime::goroutine_name());
        }));
        let named = goroutines::Builder::new().name("parser");
        let _ = named.spawn(|| panic!("boom")).join();
        let _ = spawn(|| panic!("boom")).join();
    }),
    ("others_wait", || {
        go!({
            time::sleep(time::HOUR);
        });
        while !runtime::stack_all().contains(" [sleep]:") {
            runtime::gosched();
        }
        panic!("boom");
    }),
    ("wait_group_go", || {
        let wg = WaitGroup::new();
        wg.go(|| panic!("in WaitGroup::go"));
        wg.wait();
        println!("wait returned");
    }),
];

fn in_goroutine(f: fn()) {
    go!(f());
    Chan::<()>::nil().recv();
}

/// Only the panicking goroutine's own.
fn destructors_run() {
    let _other = Loud("by main");
    go!({
        let _loud = Loud("by the panicking goroutine");
        panic!("boom");
    });
    Chan::<()>::nil().recv();
}

fn handle_dropped() {
    drop(spawn(|| panic!("nobody joins")));
    Chan::<()>::nil().recv();
}

fn handle_joined() {
    let result = spawn(|| -> i32 { panic!("joined") }).join();
    println!("{}", goroutines::Panic::from(result.unwrap_err()).message());
}

fn in_defer() {
    defer!(panic!("second"));
    panic!("first");
}

fn in_defer_recovered() {
    let caught = recover(|| {
        defer!(panic!("second"));
        panic!("first");
    });
    println!("recovered: {}", caught.unwrap_err().message());
}

fn three_deep() {
    defer!(panic!("third"));
    defer!(panic!("second"));
    panic!("first");
}

fn repanicked() {
    let caught = recover(|| panic!("message"));
    caught.unwrap_err().resume();
}

/// A new panic while the recovered one is still in hand, as in Go's deferred function.
fn recovered_then_another() {
    let _caught = recover(|| panic!("first"));
    panic!("second");
}

/// The recovered one is forgotten: the new one stands alone.
fn recovered_and_dropped() {
    drop(recover(|| panic!("first")));
    panic!("second");
}

/// What a library has caught with `catch_unwind` is nobody's business any more.
fn after_catch_unwind() {
    for i in 0..100 {
        let _ = std::panic::catch_unwind(|| panic!("swallowed {i}"));
    }
    defer!({
        let _ = std::panic::catch_unwind(|| panic!("swallowed in a defer"));
    });
    panic!("real");
}

/// A panic that a deferred body raises and recovers has nothing to do with the first.
fn recovered_in_defer() {
    defer!({
        let inner = recover(|| panic!("inner")).unwrap_err();
        println!("recovered: {inner}");
    });
    defer!(panic!("second"));
    panic!("first");
}

/// A recovered panic that has gone to another goroutine is not told again.
fn held_elsewhere() {
    let (errors, gone) = (make!(chan goroutines::Panic, 1), make!(chan()));
    errors.send(recover(|| panic!("recovered")).unwrap_err());
    go!([errors, gone], {
        drop(errors.recv());
        gone.send(());
    });
    gone.recv();
    panic!("real");
}

/// The panic that nobody joined is the one that ends the process.
fn handle_dropped_while_panicking() {
    let h = spawn(|| panic!("nobody joins"));
    while !h.is_finished() {
        runtime::gosched();
    }
    let _held = recover(|| panic!("held"));
    drop(h);
}

fn recover_forms() {
    println!("value: {:?}", recover(|| 7).ok());
    println!(
        "text: {}",
        recover(|| panic!("a text")).unwrap_err().message()
    );
    println!(
        "number: {:?}",
        recover(|| panic_any(7_u8))
            .unwrap_err()
            .downcast::<u8>()
            .ok()
    );
    let nested = recover(|| {
        let inner = recover(|| panic!("inner"));
        panic!("outer after {}", inner.unwrap_err().message());
    });
    println!("nested: {}", nested.unwrap_err().message());
    let c = make!(chan i32);
    c.close();
    println!("channel: {}", recover(|| c.send(1)).unwrap_err().message());
    let handle = spawn(|| {
        recover(|| panic!("elsewhere"))
            .unwrap_err()
            .message()
            .to_string()
    });
    println!("goroutine: {}", handle.join().unwrap());
}

/// A panic raised by a destructor that `goexit` runs is a panic like any other.
fn after_goexit() {
    go!({
        defer!(panic!("hello"));
        runtime::goexit();
    });
    Chan::<()>::nil().recv();
}

fn in_scope() {
    let caught = recover(|| scope(|s| s.go(|| panic!("in a scope"))));
    println!("recovered: {}", caught.unwrap_err().message());
}

/// Fatal, not a panic: nothing recovers it, and no destructor runs.
fn unlock_of_unlocked() {
    let _loud = Loud("in spite of a fatal error");
    let _ = recover(|| sync::RawMutex::new().unlock());
    println!("recovered");
}

/// An error whose text is whatever `f` does.
fn boxed(f: impl Fn() + Send + Sync + 'static) -> Box<dyn Error + Send + Sync> {
    struct Acts<F>(F);
    impl<F> std::fmt::Debug for Acts<F> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Acts")
        }
    }
    impl<F: Fn()> std::fmt::Display for Acts<F> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            (self.0)();
            f.write_str("acted")
        }
    }
    impl<F: Fn()> Error for Acts<F> {}
    Box::new(Acts(f))
}

fn display_panics_recovered() {
    let panic = recover(|| -> () { panic_any(boxed(|| panic!("in Display"))) }).unwrap_err();
    let message = recover(|| panic.message()).unwrap_err();
    println!("recovered: {}", message.message());
}

/// Forty panics, recovered and held at once, while the payload is asked for its text.
fn display_recovers() {
    let held: Vec<_> = (0..40)
        .map(|_| recover(|| -> () { panic!("inner") }))
        .collect();
    drop(held);
}

fn repanicked_middle() {
    let middle = recover(|| {
        let _held = recover(|| -> () { panic!("inner") }).unwrap_err();
        panic!("middle");
    });
    let middle: Result<(), _> = middle;
    middle.unwrap_err().resume();
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb");
    }
}

goroutines::goroutine_local! { static LOCAL: Bomb = Bomb }
