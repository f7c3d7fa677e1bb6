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
    (
        "print_after_main_panics_in_group",
        main_returns_during_panic_of_group,
    ),
    ("busy", busy),
    ("busy_a_little", busy_a_little),
    ("all_wait", all_wait),
    ("main_is_bound", main_is_bound),
    ("parks_in_a_bracket", parks_in_a_bracket),
    ("grandchild_panics", || child_starts_a_child()),
    ("child_outlives_parent", child_outlives_parent),
    ("hogs_do_not_keep_main", hogs_do_not_keep_main),
    ("abandoned_sender", abandoned_sender),
    ("plain_thread_panics", plain_thread_panics),
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

/// The text of a panic that is on its way is not lost because main returns meanwhile.
fn main_returns_during_panic() {
    let unwinding = make!(chan());
    go!([unwinding], {
        defer!(unwinding.send(()));
        panic!("the last words");
    });
    unwinding.recv();
}

/// The same where it is caught on the way, and raised again.
fn main_returns_during_panic_of_group() {
    let unwinding = make!(chan());
    let theirs = unwinding.clone();
    WaitGroup::new().go(move || {
        defer!(theirs.send(()));
        panic!("the last words");
    });
    unwinding.recv();
}

/// Never ends by itself; for signals.
fn busy() {
    println!("ready");
    loop {
        time::sleep(time::MILLISECOND);
    }
}

/// With one goroutine that is bound to its thread. For so many milliseconds as `BUSY` says.
fn busy_a_little() {
    go!({
        runtime::lock_os_thread();
        time::sleep(time::HOUR);
    });
    let busy = std::env::var("BUSY").unwrap().parse().unwrap();
    time::sleep(time::Duration::from_millis(busy));
}

/// Goroutines that wait, one that runs, one that blocks its thread; for SIGQUIT.
fn all_wait() {
    let c = make!(chan());
    go!(wait_here(&c));
    go!(runtime::blocking(|| std::thread::sleep(time::HOUR)));
    go!({
        let states = ["goroutine 1 [sleep]", "[chan receive]", "[syscall]"];
        while !states.iter().all(|s| runtime::stack_all().contains(s)) {
            runtime::gosched();
        }
        println!("ready");
        computes_here();
    });
    time::sleep(time::HOUR);
}

#[inline(never)]
fn computes_here() {
    loop {
        std::hint::spin_loop();
    }
}

#[inline(never)]
fn wait_here(c: &Chan<()>) {
    c.recv();
    println!("not reached");
}

/// A goroutine has no parent, whatever some texts say: only main's end ends the others.
fn child_outlives_parent() {
    let (done, end) = chan::channel(0);
    let parent = spawn(|| {
        go!({
            time::sleep(20 * time::MILLISECOND);
            done.send("the child is alive");
        });
    });
    parent.join().unwrap();
    println!("the parent has ended");
    println!("{}", end.recv().unwrap());
}

fn hogs_do_not_keep_main() {
    for _ in 0..4 {
        go!(spin());
    }
    time::sleep(30 * time::MILLISECOND);
}

fn spin() {
    loop {
        std::hint::spin_loop();
    }
}

fn abandoned_sender() {
    let (tx, rx) = chan::channel(0);
    let sender = spawn(move || {
        let _loud = Loud("by the abandoned sender");
        tx.send(1);
        println!("sent to nobody");
    });
    drop(rx);
    println!(
        "goexit: {}",
        sender.join().unwrap_err().is::<runtime::Goexit>()
    );
}

/// Threads that are not the runtime's keep Rust's rules.
fn plain_thread_panics() {
    let result = std::thread::spawn(|| panic!("on a plain thread")).join();
    println!("joined: {}", result.is_err());
}

/// A goroutine's goroutine panics.
fn child_starts_a_child() {
    go!({
        go!({
            panic!("the grandchild");
        });
        time::sleep(time::HOUR);
    });
    time::sleep(time::HOUR);
}

/// Bound, `main` is on the process's first thread, whose number is the process's; again after it was not.
fn main_is_bound() {
    #[cfg(target_os = "linux")]
    let first = || {
        let thread = rustix::thread::gettid().as_raw_nonzero();
        thread == rustix::process::getpid().as_raw_nonzero()
    };
    // SAFETY: takes nothing, and only asks.
    #[cfg(not(target_os = "linux"))]
    let first = || unsafe { libc::pthread_main_np() } != 0;
    for _ in 0..3 {
        runtime::lock_os_thread();
        assert!(first());
        time::sleep(time::MILLISECOND);
        assert!(first());
        runtime::unlock_os_thread();
        runtime::gosched();
        time::sleep(time::MILLISECOND);
    }
}

/// Where nobody watches goroutines: what parks in a bracketed call leaves the bracket for that time.
fn parks_in_a_bracket() {
    let (tx, rx) = chan::channel(0);
    let inside = spawn(move || runtime::blocking(|| rx.recv().map(|n: i32| n + 1)));
    tx.send(1);
    assert_eq!(inside.join().unwrap(), Some(2));
    runtime::blocking(runtime::gosched);
}
