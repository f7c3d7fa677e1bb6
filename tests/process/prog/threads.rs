//! What a thread inherits and leaves behind.

use crate::Command;
use goroutines::prelude::*;
use std::fs;

pub(crate) const COMMANDS: &[Command] = &[
    #[cfg(target_os = "linux")]
    ("locked_thread_state", linux::locked_thread_state),
    #[cfg(target_os = "linux")]
    ("locked_ends", linux::locked_ends),
    ("poller_refused", poller_refused),
    ("payload_destructor", payload_destructor),
];

/// What is looked at in `/proc`.
#[cfg(target_os = "linux")]
mod linux {
    use goroutines::prelude::*;
    use goroutines::runtime::lock_os_thread;
    use std::fs;

    unsafe extern "C" {
        safe fn unshare(flags: i32) -> i32;
    }
    const CLONE_FS: i32 = 0x200;

    fn cwd() -> String {
        let cwd = fs::read_link("/proc/thread-self/cwd").expect("/proc");
        cwd.display().to_string()
    }

    /// A goroutine gives its thread a working directory of its own, and it is the one that needs more
    /// threads. Nobody else sees it.
    pub(super) fn locked_thread_state() {
        lock_os_thread();
        std::env::set_current_dir("/").expect("it exists");
        let c = make!(chan String);
        go!([c], {
            lock_os_thread();
            unshare(CLONE_FS);
            std::env::set_current_dir("/tmp").expect("it exists");
            c.send(cwd());
            for _ in 0..3 {
                go!([c], {
                    // So the next one needs another thread.
                    lock_os_thread();
                    c.send(cwd());
                });
            }
            c.send(cwd());
        });
        let mut seen: Vec<_> = (0..5).map(|_| c.recv().expect("sent")).collect();
        seen.sort();
        println!("{}", seen.join(" "));
        for _ in 0..3 {
            go!([c], c.send(cwd()));
            println!("{} {}", c.recv().expect("sent"), cwd());
        }
    }

    /// Bytes of address space. (By the list of mappings: an emulator's holds the program's own, and the sum that the
    /// kernel keeps holds the emulator's, too.)
    fn size() -> usize {
        let maps = fs::read_to_string("/proc/self/maps").expect("/proc");
        let length = |line: &str| {
            let (low, high) = line.split_once(' ')?.0.split_once('-')?;
            let number = |hex| usize::from_str_radix(hex, 16).ok();
            Some(number(high)? - number(low)?)
        };
        maps.lines()
            .map(|line| length(line).expect("a range"))
            .sum()
    }

    /// Goroutines that end locked take their threads with them, whole.
    pub(super) fn locked_ends() {
        let ends = |n: usize| {
            for _ in 0..n {
                goroutines::spawn(lock_os_thread).join().expect("it ends");
            }
        };
        ends(200);
        let before = size();
        ends(2000);
        // The last ones may be on their way out still.
        tests::eventually("nothing is left behind", || {
            size().saturating_sub(before) / 2000 < 16 << 10
        });
        println!("nothing");
    }
}

struct Bomb;
impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("bomb")
    }
}

/// The payload of a panic that an exit replaces is dropped when nothing of the goroutine is left to unwind.
fn payload_destructor() {
    go!({
        defer!(runtime::goexit());
        std::panic::panic_any(Bomb)
    });
    Chan::<()>::nil().recv();
}

/// Descriptors run out before the network is first used.
fn poller_refused() {
    time::sleep(time::MILLISECOND);
    let mut all = Vec::new();
    while let Ok(f) = fs::File::open("/dev/null") {
        all.push(f);
    }
    time::sleep(time::MILLISECOND);
    let refused = goroutines::net::TcpListener::bind("127.0.0.1:0");
    println!("{:?}", refused.map(drop).map_err(|e| e.raw_os_error()));
    all.clear();
    let listener = goroutines::net::TcpListener::bind("127.0.0.1:0").expect("there is room");
    let addr = listener.local_addr().expect("bound");
    let accepts = goroutines::spawn(move || listener.accept().is_ok());
    let connects = std::thread::spawn(move || std::net::TcpStream::connect(addr).is_ok());
    println!(
        "{}",
        accepts.join().expect("ends") && connects.join().expect("ends")
    );
}
