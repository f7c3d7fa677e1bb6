//! Deadlocks, and situations that only look like one.

use crate::Command;
use goroutines::prelude::*;
use goroutines::sync::{Mutex, RWMutex};
use goroutines::{process, signal};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;

pub(crate) const COMMANDS: &[Command] = &[
    ("deadlock", || {
        make!(chan i32).recv();
    }),
    ("deadlock_list", deadlock_list),
    ("bound_to_a_slow_thread", bound_to_a_slow_thread),
    ("burn", burn),
    ("deadlock_locked", || {
        runtime::lock_os_thread();
        select! {}
    }),
    ("deadlock_unused_timer", || {
        let _timer = time::Timer::new(time::HOUR);
        select! {}
    }),
    ("deadlock_stopped_after_func", || {
        let timer = time::after_func(time::HOUR, || {});
        timer.stop();
        select! {}
    }),
    ("deadlock_cannot_be_recovered", || {
        let _ = recover(|| select! {});
        println!("recovered");
    }),
    ("goexit_of_main", || runtime::goexit()),
    ("goexit_of_main_others_go_on", goexit_of_main_others_go_on),
    ("sleep_is_no_deadlock", || {
        time::after(200 * time::MILLISECOND).recv();
    }),
    ("after_func_is_no_deadlock", || {
        let c = make!(chan());
        let _timer = time::after_func(200 * time::MILLISECOND, {
            let c = c.clone();
            move || c.close()
        });
        c.recv();
    }),
    ("foreign_thread_is_no_deadlock", foreign_thread),
    ("foreign_thread_gone", foreign_thread_gone),
    ("waker_is_no_deadlock", waker),
    ("listener_is_no_deadlock", || {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let c = make!(chan());
        println!("{}", listener.local_addr().unwrap());
        go!([c], {
            drop(listener.accept());
            c.close();
        });
        c.recv();
    }),
    ("deadlock_after_net", || {
        drop(net::TcpListener::bind("127.0.0.1:0").unwrap());
        make!(chan i32).recv();
    }),
    ("signal_is_no_deadlock", || {
        let signals = signal::notify(&[signal::SIGUSR1]);
        println!("ready");
        println!("{:?}", signals.recv().map(|s| s == signal::SIGUSR1));
    }),
    ("child_process_is_no_deadlock", || {
        let status = process::Command::new("sleep").arg("0.3").status();
        println!("{}", status.unwrap().success());
    }),
    ("blocking_call_is_no_deadlock", || {
        let c = make!(chan());
        go!([c], {
            runtime::blocking(|| thread::sleep(200 * time::MILLISECOND));
            c.close();
        });
        c.recv();
    }),
    ("plain_blocking_call_is_no_deadlock", || {
        let c = make!(chan());
        go!([c], {
            thread::sleep(200 * time::MILLISECOND);
            c.close();
        });
        c.recv();
    }),
];

/// One goroutine for every kind of waiting; main waits for a channel.
fn deadlock_list() {
    let c = make!(chan i32);
    go!([c], c.send(1));
    c.recv();

    let nil = Chan::<i32>::nil();
    go!([nil], {
        nil.recv();
    });
    go!([nil], nil.send(1));
    let full = make!(chan i32, 1);
    full.send(0);
    go!([full], full.send(1));
    go!({
        select! {}
    });
    go!([a = make!(chan i32), b = make!(chan i32)], {
        select! { <-a => {}, <-b => {} }
    });
    let wg = WaitGroup::new();
    wg.add(1);
    go!([wg], wg.wait());
    let mutex = Arc::new(Mutex::new(()));
    let rw = Arc::new(RWMutex::new(()));
    let _held = (mutex.lock(), rw.write());
    go!([mutex], {
        drop(mutex.lock());
    });
    go!([rw], {
        drop(rw.read());
    });
    go!([rw], {
        drop(rw.write());
    });
    full.receiver().recv().map(|_| make!(chan i32).recv());
}

fn goexit_of_main_others_go_on() {
    go!({
        time::sleep(50 * time::MILLISECOND);
        println!("still here");
    });
    runtime::goexit();
}

/// A thread that the runtime knows nothing of holds the other end.
fn foreign_thread() {
    let c = make!(chan &'static str);
    let tx = c.clone();
    thread::spawn(move || {
        thread::sleep(300 * time::MILLISECOND);
        tx.send("from a thread");
    });
    println!("{}", c.recv().unwrap());
}

/// As long as the thread lives it could act; when it has ended nobody can.
fn foreign_thread_gone() {
    let c = make!(chan());
    let other = c.clone();
    thread::spawn(move || {
        thread::sleep(200 * time::MILLISECOND);
        println!("thread ends");
        drop(other);
    });
    c.recv();
}

/// A future that a foreign thread will wake.
fn waker() {
    let ready = Arc::new(AtomicBool::new(false));
    let mut started = false;
    block_on(poll_fn(|cx| {
        if ready.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        if !std::mem::replace(&mut started, true) {
            let (ready, waker) = (ready.clone(), cx.waker().clone());
            thread::spawn(move || {
                thread::sleep(300 * time::MILLISECOND);
                ready.store(true, Ordering::Release);
                waker.wake();
            });
        }
        Poll::Pending
    }));
    println!("woken");
}

/// A goroutine bound to a thread that the system runs last is about to run whenever GOMAXPROCS shrinks: its P
/// is one too many by then, and on no list.
fn bound_to_a_slow_thread() {
    let (c, d) = (make!(chan u32), make!(chan u32));
    go!([c, d], {
        runtime::lock_os_thread();
        // On Linux this is the thread's alone.
        rustix::process::setpriority_process(None, 19).expect("lower is always allowed");
        for v in &c {
            d.send(v);
        }
    });
    let begun = std::time::Instant::now();
    for i in 0..300 {
        // The slower the machine, the more likely each round.
        if begun.elapsed() > 20 * time::SECOND {
            break;
        }
        runtime::gomaxprocs(2);
        go!([c], c.send(i));
        for n in 0..20_000 {
            std::hint::black_box(n);
        }
        runtime::gomaxprocs(1);
        assert_eq!(d.recv(), Some(i));
    }
}

/// Uses a processor for as long as its parent lives and reads.
fn burn() {
    use std::io::Write;
    let mut out = std::io::stdout();
    loop {
        for n in 0..1_000_000 {
            std::hint::black_box(n);
        }
        if out.write_all(b".").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}
