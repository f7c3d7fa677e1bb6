//! Ordinary ends: main returns, `exit`, `goexit`, and the environment variables read at the start.

use crate::{Command, Loud};
use goroutines::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    ("main_returns", main_returns),
    ("exit_in_goroutine", exit_in_goroutine),
    ("goexit_in_goroutine", goexit_in_goroutine),
    ("recover_does_not_stop_goexit", recover_does_not_stop_goexit),
    ("gomaxprocs", gomaxprocs),
    (
        "print_after_main_panics_elsewhere",
        main_returns_during_panic,
    ),
    ("busy", busy),
    ("metrics_free_run", busy_a_little),
];

/// Others are cut off where they stand: neither their destructors nor their next line runs.
fn main_returns() {
    let started = make!(chan());
    go!([started], {
        let _loud = Loud("by a goroutine that was cut off");
        started.send(());
        loop {
            time::sleep(time::MILLISECOND);
        }
    });
    started.recv();
    defer!(println!("main's own defer"));
}

fn exit_in_goroutine() {
    go!({
        let _loud = Loud("in spite of exit");
        std::process::exit(3);
    });
    Chan::<()>::nil().recv();
}

fn goexit_in_goroutine() {
    let done = make!(chan());
    go!([done], {
        defer!(done.close());
        let _loud = Loud("by goexit");
        defer!(println!("deferred"));
        runtime::goexit();
    });
    done.recv();
}

fn recover_does_not_stop_goexit() {
    let done = make!(chan());
    go!([done], {
        defer!(done.close());
        let _ = recover(|| runtime::goexit());
        println!("goexit was recovered");
    });
    done.recv();
}

fn gomaxprocs() {
    println!("{} {}", runtime::gomaxprocs(0), runtime::num_cpu());
}

/// The text of a panic that is being printed is not lost because main returns meanwhile.
fn main_returns_during_panic() {
    go!(panic!("the last words"));
    time::sleep(time::MILLISECOND);
}

/// Never ends by itself; for signals.
fn busy() {
    println!("ready");
    loop {
        time::sleep(time::MILLISECOND);
    }
}

fn busy_a_little() {
    time::sleep(350 * time::MILLISECOND);
}
