//! Stacks have room: code that nobody has marked goes as deep in a goroutine as it does elsewhere.

use goroutines::prelude::*;
use std::hint::black_box;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use tests::{at_procs, eventually};

/// A plain function: nothing in it is ours. About 200 bytes a level.
fn deep(n: usize) -> usize {
    let room = black_box([n; 16]);
    if n == 0 {
        0
    } else {
        1 + deep(n - 1) + (room[3] - n)
    }
}

/// Deeper than a plain thread's 2 MiB would allow, on every P.
#[test]
fn plain_functions_recurse() {
    at_procs(&[1, 2, 4], || {
        let all: Vec<_> = (0..4).map(|_| spawn(|| deep(60_000))).collect();
        for one in all {
            assert_eq!(one.join().unwrap(), 60_000);
        }
    });
}

/// Many at once, each as deep as half a mebibyte; more than there are of the largest slots.
#[test]
fn many_at_once() {
    at_procs(&[2], || {
        let wg = sync::WaitGroup::new();
        let gate = Chan::<()>::new(0);
        for _ in 0..300 {
            let gate = gate.clone();
            wg.go(move || {
                assert_eq!(deep(2_000), 2_000);
                gate.recv();
                assert_eq!(deep(2_000), 2_000);
            });
        }
        gate.close();
        wg.wait();
    });
}

/// One frame of a mebibyte, in a plain function, and what a debug build makes of `Box::new([..])`.
#[test]
fn large_frames() {
    #[inline(never)]
    fn frame() -> u64 {
        let room = black_box([1u8; 1 << 20]);
        room.iter().map(|&b| u64::from(b)).sum()
    }
    at_procs(&[1, 2], || {
        assert_eq!(spawn(frame).join().unwrap(), 1 << 20);
        let boxed = spawn(|| Box::new(black_box([7u8; 1 << 20]))[99]);
        assert_eq!(boxed.join().unwrap(), 7);
    });
}

/// C functions, compiled with probes of large frames and without, find the room as well.
#[cfg(target_os = "linux")]
#[test]
fn c_functions_have_room() {
    unsafe extern "C" {
        safe fn large_probed(n: i32) -> i32;
        safe fn large_unprobed(n: i32) -> i32;
        safe fn deep_probed(n: i32) -> i32;
        safe fn deep_unprobed(n: i32) -> i32;
    }
    at_procs(&[1, 2, 4], || {
        let all: Vec<_> = (0..20)
            .map(|n| {
                spawn(move || {
                    assert_eq!((large_probed(n), large_unprobed(n)), (n + 1, n + 1));
                    runtime::gosched();
                    // Twenty mebibytes.
                    assert_eq!((deep_probed(1_000), deep_unprobed(1_000)), (1_000, 1_000));
                })
            })
            .collect();
        for one in all {
            one.join().unwrap();
        }
    });
}

/// The kernel writes into a buffer on the stack that nothing has touched yet, far below everything.
#[test]
fn the_kernel_writes_where_nobody_was() {
    #[inline(never)]
    fn read(pipe: &mut impl Read) -> usize {
        let mut room = [const { MaybeUninit::<u8>::uninit() }; 600 << 10];
        let low = &mut room[..1000];
        // SAFETY: the bytes are only written to, by the kernel.
        let low = unsafe { &mut *(std::ptr::from_mut(low) as *mut [u8]) };
        let n = pipe.read(low).expect("a pipe");
        black_box(&room);
        n
    }
    at_procs(&[1], || {
        let (mut reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"hello").unwrap();
        assert_eq!(spawn(move || read(&mut reader)).join().unwrap(), 5);
    });
}

/// What a goroutine needed when it was deep is given back when it ends, also if its stack serves again.
/// (A sanitizer keeps memory of its own for what is freed.)
#[cfg(all(target_os = "linux", not(goroutines_asan)))]
#[test]
fn memory_comes_back() {
    at_procs(&[1], || {
        let deep_one = || spawn(|| deep(100_000)).join().unwrap();
        deep_one();
        let before = resident();
        // Each needs more than 10 MiB. Were it kept, ten at once would hold more than 100.
        for _ in 0..3 {
            let all: Vec<_> = (0..10).map(|_| spawn(|| deep(100_000))).collect();
            all.into_iter().for_each(|g| {
                g.join().unwrap();
            });
        }
        let after = resident();
        assert!(after < before + (50 << 20), "{before} -> {after}");
    });
}

/// What a goroutine needed when it was deep is given back while it waits, however long it does.
#[cfg(not(goroutines_asan))]
#[test]
fn who_waits_gives_back_what_it_needed() {
    at_procs(&[1], || {
        let (ready, gate) = (Chan::<()>::new(0), Chan::<()>::new(0));
        let wg = sync::WaitGroup::new();
        let before = resident();
        for _ in 0..10 {
            let (ready, gate) = (ready.clone(), gate.clone());
            wg.go(move || {
                // Not deep itself, so that little of it is near.
                let kept = black_box([1u8; 100]);
                assert_eq!(deep(100_000), 100_000);
                ready.send(());
                gate.recv();
                assert_eq!(kept, [1u8; 100]);
                assert_eq!(deep(100_000), 100_000);
            });
        }
        (0..10).for_each(|_| {
            ready.recv();
        });
        // Each needed more than 10 MiB. Those that have not given it back in parking do not go on.
        eventually("most of it is back", || resident() < before + (50 << 20));
        gate.close();
        wg.wait();
    });
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// A lower limit means less room for those that start later.
#[test]
fn the_limit_holds_for_later_goroutines() {
    at_procs(&[1], || {
        let old = goroutines::debug::set_max_stack(4 << 20);
        // A mebibyte is there all the same.
        assert_eq!(spawn(|| deep(2_000)).join().unwrap(), 2_000);
        goroutines::debug::set_max_stack(old);
        assert_eq!(spawn(|| deep(60_000)).join().unwrap(), 60_000);
    });
}

/// More goroutines than there are roomy slots: the later ones have dense slots, where marked functions grow
/// as ever, and all of them work.
#[test]
fn later_ones_are_dense() {
    #[goroutine]
    fn marked(n: usize) -> usize {
        let room = black_box([n; 16]);
        if n == 0 {
            0
        } else {
            1 + marked(n - 1) + (room[3] - n)
        }
    }
    at_procs(&[2], || {
        let gate = Chan::<()>::new(0);
        let wg = sync::WaitGroup::new();
        for _ in 0..6_000 {
            let gate = gate.clone();
            wg.go(move || assert_eq!(gate.recv(), None));
        }
        let all: Vec<_> = (0..4).map(|_| spawn(|| marked(20_000))).collect();
        for one in all {
            assert_eq!(one.join().unwrap(), 20_000);
        }
        gate.close();
        wg.wait();
    });
}

/// More is there where it is asked for: at once, again and again, inside itself, over a wait, and by a panic.
#[test]
fn with_stack_gives_what_was_asked_for() {
    use goroutines::{Builder, with_stack};
    at_procs(&[1, 2], || {
        let small = || Builder::new().stack_size(64 << 10);
        let one = small().spawn(|| {
            for _ in 0..3 {
                assert_eq!(with_stack(8 << 20, || deep(10_000)), 10_000);
            }
            let inner = with_stack(1 << 20, || {
                runtime::gosched();
                with_stack(16 << 20, || deep(30_000))
            });
            let panic = recover(|| with_stack(4 << 20, || -> () { panic!("{}", deep(5_000)) }));
            (inner, panic.unwrap_err().message().to_string())
        });
        assert_eq!(one.join().unwrap(), (30_000, "5000".to_string()));
        // A plain thread has its own.
        assert_eq!(
            std::thread::spawn(|| with_stack(1 << 20, || 7))
                .join()
                .unwrap(),
            7
        );
    });
}

/// A handler of an HTTP server has room as well.
#[test]
fn http_handlers_have_room() {
    use goroutines::http::{Request, Server};
    at_procs(&[1, 2], || {
        let server = Server::new("127.0.0.1:0", |_: &Request| deep(20_000).to_string());
        let address = server.local_addr().unwrap();
        let serving = server.clone();
        let served = spawn(move || serving.serve());
        let mut stream = goroutines::net::TcpStream::connect(address).unwrap();
        let ask = "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("\r\n\r\n20000"), "{answer}");
        server.close().unwrap();
        let _ = served.join().unwrap();
    });
}

/// Code that asks how much stack its thread has left must not be told that there is none: on no thread that
/// runs goroutines are their stacks below the thread's own.
// (A sanitizer keeps variables elsewhere than on the stack.)
#[cfg(all(target_os = "linux", not(goroutines_asan)))]
#[test]
fn the_threads_own_stack_is_below() {
    at_procs(&[1, 2, 4], || {
        let all: Vec<_> = (0..50)
            .map(|_| {
                spawn(|| {
                    let here = 0u8;
                    runtime::gosched();
                    (std::ptr::from_ref(&here) as usize, own_stack())
                })
            })
            .collect();
        for one in all {
            let (here, (low, _)) = one.join().unwrap();
            assert!(
                low < here,
                "a thread's stack at {low:#x}, a goroutine's at {here:#x}"
            );
        }
    });
}

/// The stack of the calling thread, by the kernel's list: the mapping that its thread-local block is near to,
/// or, where no goroutine runs, simply where we are.
#[cfg(all(target_os = "linux", not(goroutines_asan)))]
fn own_stack() -> (usize, usize) {
    std::thread_local! { static NEAR: u8 = const { 0 }; }
    // The C library puts a thread's block at the top of the mapping of its stack.
    let near = NEAR.with(|n| std::ptr::from_ref(n) as usize);
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let range = |line: &str| {
        let (low, rest) = line.split_once('-').unwrap();
        let high = rest.split(' ').next().unwrap();
        let number = |s| usize::from_str_radix(s, 16).unwrap();
        (number(low), number(high))
    };
    let mut all = maps.lines().map(range);
    all.find(|&(low, high)| (low..high).contains(&near))
        .unwrap()
}
