//! Standard streams whose reader is slow, or gone.

use super::Command;
use goroutines::net::{TcpListener, TcpStream, UnixStream};
use goroutines::prelude::*;
use goroutines::{os, signal};
use std::io::{IoSlice, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

pub(crate) const COMMANDS: &[Command] = &[
    ("writes_to_nobody", writes_to_nobody),
    ("prints_to_nobody", prints_to_nobody),
    ("complains_to_nobody", complains_to_nobody),
    (
        "writes_to_nobody_and_wants_to_know",
        writes_to_nobody_and_wants_to_know,
    ),
    (
        "prints_to_nobody_and_does_not_care",
        prints_to_nobody_and_does_not_care,
    ),
    ("other_pipes_without_readers", other_pipes_without_readers),
    ("sockets_without_readers", sockets_without_readers),
    ("a_thousand_printers", a_thousand_printers),
];

/// More than a pipe holds.
const MUCH: usize = 100_000;

fn writes_to_nobody() {
    for i in 0..MUCH {
        if let Err(e) = writeln!(os::stdout(), "{i}") {
            eprintln!("an error: {e}");
            return;
        }
    }
}

fn prints_to_nobody() {
    let printing = spawn(|| {
        let _end = super::Loud("by one that is cut off");
        (0..MUCH).for_each(|i| println!("{i}"));
    });
    eprintln!("joined: {:?}", printing.join().is_ok());
}

fn complains_to_nobody() {
    (0..MUCH).for_each(|i| eprintln!("{i}"));
    println!("nothing happened");
}

fn writes_to_nobody_and_wants_to_know() {
    let signals = signal::notify(&[signal::SIGPIPE]);
    let error = (0..MUCH).find_map(|i| writeln!(os::stdout(), "{i}").err());
    eprintln!("{:?}", error.expect("nobody reads").kind());
    eprintln!("{:?}", signals.recv());
    signal::stop(&signals);
}

fn prints_to_nobody_and_does_not_care() {
    signal::ignore(&[signal::SIGPIPE]);
    let panicked = recover(|| (0..MUCH).for_each(|i| println!("{i}"))).unwrap_err();
    assert!(panicked.message().contains("Broken pipe"));
    signal::reset(&[signal::SIGPIPE]);
    eprintln!("recovered");
}

fn other_pipes_without_readers() {
    let (r, mut w) = os::pipe().unwrap();
    drop(r);
    println!("{:?}", w.write(b"x").unwrap_err().kind());
    let (r, mut w) = std::io::pipe().unwrap();
    drop(r);
    println!("{:?}", w.write(b"x").unwrap_err().kind());
}

/// In a process that SIGPIPE would end, as many a command line tool has it.
fn sockets_without_readers() {
    // SAFETY: no function of ours is called by the signal.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let pieces = [IoSlice::new(b"a"), IoSlice::new(b"b")];
    let (mut unix, _) = UnixStream::pair().unwrap();
    println!("{:?}", unix.write(b"x").unwrap_err().kind());
    println!("{:?}", unix.write_vectored(&pieces).unwrap_err().kind());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    tcp.shutdown(Shutdown::Write).unwrap();
    println!("{:?}", tcp.write(b"x").unwrap_err().kind());
    println!("{:?}", tcp.write_vectored(&pieces).unwrap_err().kind());
    // More pieces than the kernel takes at once.
    let (mut unix, mut peer) = UnixStream::pair().unwrap();
    println!(
        "{}",
        unix.write_vectored(&[IoSlice::new(b"x"); 2000]).unwrap()
    );
    println!("{}", peer.read(&mut [0; 3000]).unwrap());
}

fn a_thousand_printers() {
    const PRINTERS: usize = 1000;
    let done = Arc::new(AtomicUsize::new(0));
    let all = sync::WaitGroup::new();
    all.add(PRINTERS as i64);
    for i in 0..PRINTERS {
        go!([all, done], {
            defer!(all.done());
            for _ in 0..3 {
                // Longer than what a pipe takes in one piece.
                let text = format!("{:>1$}", i, 6000);
                writeln!(os::stdout(), "{text}").unwrap();
            }
            done.fetch_add(1, SeqCst);
        });
    }
    // The reader waits for what is said on standard error.
    loop {
        let stacks = runtime::stack_all();
        let waits = |l: &&str| l.contains("[IO wait") || l.contains("[sync.Mutex.Lock");
        if stacks.lines().filter(waits).count() + done.load(SeqCst) == PRINTERS {
            break;
        }
        runtime::gosched();
    }
    let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
    eprintln!("Threads: {threads}");
    all.wait();
}
