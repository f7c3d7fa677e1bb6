//! What a goroutine gets of the variables around it: move, clone, a capture list, an `Arc`.
//!
//! Mirrors Go's `go func() { .. }()`, which shares every variable that it names. Here each form
//! says who owns what afterwards.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

struct Config {
    greeting: String,
}

#[goroutine]
fn main() {
    // ANCHOR: move
    // A block takes what it names. `name` is the goroutine's from here on.
    let name = String::from("Ann");
    let done = make!(chan());
    go!([done], {
        println!("moved: {name}");
        done.send(());
    });
    done.recv();
    // ANCHOR_END: move

    // ANCHOR: list
    // `[x]` clones x; `[x = expr]` evaluates expr now. The originals stay usable.
    let config = Config {
        greeting: String::from("hello"),
    };
    let names = vec!["Bob", "Cy"];
    go!([names, greeting = config.greeting.clone(), done], {
        println!("captured: {greeting} {names:?}");
        done.send(());
    });
    done.recv();
    println!("still here: {} {names:?}", config.greeting);
    // ANCHOR_END: list

    // ANCHOR: mut
    // `[mut x]` is a clone that the goroutine may change. Nobody else sees it.
    go!([mut names, done], {
        names.push("Di");
        println!("its own: {names:?}");
        done.send(());
    });
    done.recv();
    println!("unchanged: {names:?}");
    // ANCHOR_END: mut

    // ANCHOR: shared
    // One value for many goroutines: `Arc` shares it, `Mutex` lets one at a time change it.
    let total = Arc::new(Mutex::new(0));
    let wg = WaitGroup::new();
    for i in 1..=3 {
        wg.add(1);
        go!([total, wg], {
            *total.lock() += i;
            wg.done();
        });
    }
    wg.wait();
    println!("shared: {}", total.lock());
    // ANCHOR_END: shared
}
