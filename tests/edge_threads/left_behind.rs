//! What a goroutine leaves on a thread that it has left.

use goroutines::http::{Handler, Request};
use goroutines::{chan, debug, runtime, spawn, time};

/// Threads shown as being in a bracketed call.
fn in_blocking_calls() -> usize {
    let page = debug::mux().serve_http(&Request::new("GET", "/"));
    let text = page.text().expect("text");
    text.matches("in a blocking call").count()
}

/// A bracket belongs to its goroutine: where that parks inside, its thread is not in a bracketed call,
/// and the one that it goes on upon is.
#[test]
fn a_bracket_follows_its_goroutine() {
    runtime::run(|| {
        let (tx, rx) = chan::channel(0);
        let inside = spawn(move || {
            runtime::blocking(|| {
                rx.recv();
                runtime::gosched();
                let inside = in_blocking_calls();
                rx.recv();
                inside
            })
        });
        while in_blocking_calls() != 0 || runtime::stack_all().matches("chan receive").count() != 1
        {
            time::sleep(time::MILLISECOND);
        }
        tx.send(());
        tx.send(());
        assert_eq!(inside.join().unwrap(), 1);
        assert_eq!(in_blocking_calls(), 0);
        // Nested, and left by a panic.
        let panics = goroutines::recover(|| {
            runtime::blocking(|| {
                runtime::blocking(runtime::gosched);
                assert_eq!(in_blocking_calls(), 1);
                panic!("inside");
            })
        });
        assert!(panics.is_err());
        assert_eq!(in_blocking_calls(), 0);
    });
}
