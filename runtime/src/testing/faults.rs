//! What the system may refuse, refused on purpose (`sys::inject`), one call at a time: each time there is
//! a clear error, or the work is done later; nothing is lost and nothing hangs.

use crate::net::{TcpListener, TcpStream};
use crate::sched::M;
use crate::sys::inject::{EAGAIN, EMFILE, ENOMEM, arm, in_child};
use crate::{chan, context, recover, runtime, scope, spawn, time};
use std::io::{Read, Write};
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

const ALWAYS: usize = usize::MAX;

/// The child's test has passed.
#[track_caller]
fn well(child: Option<Output>) {
    if let Some(out) = child {
        assert!(out.status.success(), "{}", text(&out));
    }
}

/// The child has died with code 2 and these words.
#[track_caller]
fn dies(child: Option<Output>, words: &[&str]) {
    if let Some(out) = child {
        assert_eq!(out.status.code(), Some(2), "{}", text(&out));
        for w in words {
            assert!(text(&out).contains(w), "no {w:?} in {}", text(&out));
        }
    }
}

fn text(out: &Output) -> String {
    let [err, said] = [&out.stderr, &out.stdout].map(|b| String::from_utf8_lossy(b).into_owned());
    format!("{}\n{err}\n{said}", out.status)
}

const NEWOSPROC: &[&str] = &[
    "runtime: failed to create new OS thread (have ",
    " already; errno=11)\nruntime: may need to increase max user processes (ulimit -u)\n",
    "fatal error: newosproc\n",
];

#[test]
fn the_poller_is_opened_when_it_can_be() {
    let child = in_child(
        "testing::faults::the_poller_is_opened_when_it_can_be",
        "",
        |_| {
            for call in ["open", "epoll_create", "eventfd", "epoll_ctl"] {
                arm(call, EMFILE, 1);
                // Sleeping needs no poller.
                runtime::run(|| time::sleep(time::MILLISECOND));
                let refused = TcpListener::bind("127.0.0.1:0").unwrap_err();
                assert_eq!(refused.raw_os_error(), Some(EMFILE), "{call}");
            }
            runtime::run(|| {
                // An M sleeps where there is no poller yet, and must hear of it.
                let sleeper = spawn(|| time::sleep(10 * time::MILLISECOND));
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let addr = listener.local_addr().unwrap();
                let client = spawn(move || {
                    let mut c = TcpStream::connect(addr).unwrap();
                    c.write_all(b"hi").unwrap();
                });
                let mut got = String::new();
                let mut conn = listener.accept().unwrap().0;
                conn.read_to_string(&mut got).unwrap();
                assert_eq!(got, "hi");
                client.join().unwrap();
                sleeper.join().unwrap();
                arm("epoll_ctl", ENOMEM, 1);
                let refused = TcpListener::bind("127.0.0.1:0").unwrap_err();
                assert_eq!(refused.raw_os_error(), Some(ENOMEM));
            });
        },
    );
    well(child);
}

/// `n` goroutines that block their threads, until all of them do: so `n + 1` threads are needed.
fn block_threads(n: usize) {
    runtime::run(move || {
        let blocked = AtomicUsize::new(0);
        let blocked = &blocked;
        scope(|s| {
            let mut wake = Vec::new();
            for _ in 0..n {
                let (tx, rx) = mpsc::channel();
                wake.push(tx);
                s.go(move || {
                    runtime::blocking(|| {
                        blocked.fetch_add(1, Ordering::SeqCst);
                        rx.recv().unwrap();
                    });
                });
            }
            while blocked.load(Ordering::SeqCst) < n {
                runtime::gosched();
            }
            wake.iter().for_each(|tx| tx.send(()).unwrap());
        });
    });
}

#[test]
fn a_thread_that_was_refused_comes_later() {
    let child = in_child(
        "testing::faults::a_thread_that_was_refused_comes_later",
        "",
        |_| {
            block_threads(1);
            arm("clone", EAGAIN, 5);
            block_threads(6);
            // Its stack for signals.
            arm("mmap", ENOMEM, 3);
            block_threads(12);
        },
    );
    well(child);
}

#[test]
fn a_thread_that_blocks_is_noticed_without_descriptors() {
    let name = "testing::faults::a_thread_that_blocks_is_noticed_without_descriptors";
    let child = in_child(name, "", |_| {
        runtime::gomaxprocs(1);
        arm("stat", EMFILE, ALWAYS);
        runtime::run(|| {
            let (tx, rx) = mpsc::channel();
            spawn(move || tx.send(()).unwrap());
            // Not bracketed: nothing says that this blocks.
            rx.recv().unwrap();
        });
    });
    well(child);
}

#[test]
fn a_process_is_waited_for_by_a_thread_if_need_be() {
    let name = "testing::faults::a_process_is_waited_for_by_a_thread_if_need_be";
    let child = in_child(name, "", |_| {
        runtime::run(|| {
            let run = || crate::process::Command::new("true").status().unwrap();
            assert!(run().success());
            for call in ["pidfd_open", "epoll_ctl"] {
                arm(call, EMFILE, 1);
                assert!(run().success());
            }
            let ctx = context::background();
            arm("pidfd_open", EMFILE, 1);
            let refused = crate::process::Command::new("true").context(&ctx).spawn();
            assert_eq!(refused.unwrap_err().raw_os_error(), Some(EMFILE));
        });
    });
    well(child);
}

#[test]
fn signals_are_waited_for_when_they_can_be() {
    let child = in_child(
        "testing::faults::signals_are_waited_for_when_they_can_be",
        "",
        |_| {
            use crate::signal::{SIGUSR1, notify, raise};
            arm("epoll_ctl", EMFILE, 1);
            let refused = runtime::run(|| recover(|| notify(&[SIGUSR1])).map(drop));
            let message = refused.unwrap_err().message();
            assert!(
                message.starts_with("cannot wait for signals: "),
                "{message}"
            );
            let signals = notify(&[SIGUSR1]);
            raise(SIGUSR1).unwrap();
            assert_eq!(signals.recv(), Some(SIGUSR1));
        },
    );
    well(child);
}

#[test]
fn without_any_thread_the_process_says_so() {
    const NAME: &str = "testing::faults::without_any_thread_the_process_says_so";
    for call in ["clone_template", "clone_sysmon", "clone"] {
        let child = in_child(NAME, call, |call| {
            arm(call, EAGAIN, ALWAYS);
            runtime::run(|| ());
        });
        dies(child, NEWOSPROC);
    }
}

#[test]
fn a_thread_that_never_comes_is_not_waited_for_for_ever() {
    const NAME: &str = "testing::faults::a_thread_that_never_comes_is_not_waited_for_for_ever";
    let child = in_child(NAME, "", |_| {
        block_threads(1);
        arm("clone", EAGAIN, ALWAYS);
        block_threads(20);
    });
    dies(child, NEWOSPROC);
}

#[test]
fn less_address_space_will_do() {
    let child = in_child("testing::faults::less_address_space_will_do", "", |_| {
        arm("mmap", ENOMEM, 4);
        block_threads(2);
    });
    well(child);
}

#[test]
fn no_address_space() {
    let child = in_child("testing::faults::no_address_space", "", |_| {
        arm("mmap", ENOMEM, ALWAYS);
        runtime::run(|| ());
    });
    let words = "fatal error: cannot reserve address space for goroutine stacks: ";
    dies(child, &[words]);
}

#[test]
fn no_memory_for_stacks() {
    let child = in_child("testing::faults::no_memory_for_stacks", "", |_| {
        runtime::gomaxprocs(2);
        // Two kinds of roomy slots, and the dense ones: smaller ones are tried with many chunks, and with one.
        arm("mprotect", ENOMEM, 5);
        runtime::run(|| ());
    });
    let words = "fatal error: cannot make another goroutine stack: ";
    dies(child, &[words]);
}

#[test]
fn less_room_will_do() {
    let child = in_child("testing::faults::less_room_will_do", "", |_| {
        arm("mprotect", ENOMEM, 2);
        runtime::run(|| ());
    });
    well(child);
}

#[test]
fn guards_are_made_another_way() {
    let child = in_child("testing::faults::guards_are_made_another_way", "", |_| {
        arm("pidfd_open", EMFILE, 1);
        arm("madvise", ENOMEM, 2);
        let (tx, rx) = chan::channel::<()>(0);
        let all: Vec<_> = (0..1000)
            .map(|_| {
                let rx = rx.clone();
                spawn(move || rx.recv())
            })
            .collect();
        drop((rx, tx));
        for g in all {
            assert_eq!(g.join().unwrap(), None);
        }
    });
    well(child);
}

#[test]
fn a_program_that_closes_the_poller_dies() {
    let child = in_child(
        "testing::faults::a_program_that_closes_the_poller_dies",
        "",
        |_| {
            runtime::run(|| {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                crate::netpoll::close_for_test();
                let _ = listener.accept();
            });
        },
    );
    let words = [
        "runtime: epollwait on fd ",
        " failed with 9\n",
        "fatal error: runtime: netpoll failed\n",
    ];
    dies(child, &words);
}

/// What a thread had serves the next one.
#[test]
fn threads_that_end_leave_no_m_behind() {
    let child = in_child(
        "testing::faults::threads_that_end_leave_no_m_behind",
        "",
        |_| {
            for _ in 0..500 {
                let locked = spawn(runtime::lock_os_thread);
                locked.join().unwrap();
            }
            assert!(M::made() < 100, "{}", M::made());
        },
    );
    well(child);
}
