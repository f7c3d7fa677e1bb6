//! The poller on pipes, with plain threads.

use super::*;
use crate::sched::{WaitReason, Waiter, park_owned};
use std::io::{Read, Write, pipe};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::AtomicBool;
use std::thread;

/// A thread that polls and readies, as the scheduler does, until dropped.
struct Driver {
    stop: &'static AtomicBool,
    thread: Option<thread::JoinHandle<()>>,
}

impl Driver {
    fn start() -> Self {
        let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
        let thread = thread::spawn(|| {
            let mut batch = WakeBatch::new();
            while !stop.load(Ordering::Acquire) {
                poll(10_000_000, &mut batch).unwrap();
                batch.drain().for_each(Parked::wake);
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Waits for an edge; `false` if something else ended the wait.
fn wait(pd: &'static PollDesc, dir: Direction) -> bool {
    if !pd.announce(dir) {
        return true;
    }
    let waiter = Waiter::current();
    // SAFETY: we are the waiter, and have announced ourselves.
    park_owned(WaitReason::IoWait, move || unsafe {
        pd.commit(dir, waiter)
    });
    pd.finish(dir)
}

fn open(fd: &impl AsRawFd) -> &'static PollDesc {
    let pd = Box::leak(Box::new(PollDesc::new()));
    pd.register(fd.as_raw_fd()).unwrap();
    pd
}

#[test]
fn an_edge_wakes_the_parked_reader() {
    let _driver = Driver::start();
    let (mut a, mut b) = UnixStream::pair().unwrap();
    a.set_nonblocking(true).unwrap();
    let pd = open(&a);
    for i in 0..200u8 {
        let writer = thread::spawn(move || {
            b.write_all(&[i]).unwrap();
            b
        });
        let mut byte = [0];
        loop {
            pd.take_edge(Direction::Read);
            match a.read(&mut byte) {
                Ok(n) => break assert_eq!((n, byte[0]), (1, i)),
                Err(e) => assert_eq!(e.kind(), std::io::ErrorKind::WouldBlock),
            }
            wait(pd, Direction::Read);
        }
        b = writer.join().unwrap();
    }
    pd.deregister(a.as_raw_fd());
}

#[test]
fn end_of_file_is_an_edge() {
    let _driver = Driver::start();
    let (rx, tx) = pipe().unwrap();
    let pd = open(&rx);
    let closer = thread::spawn(move || drop(tx));
    assert!(wait(pd, Direction::Read));
    closer.join().unwrap();
    pd.deregister(rx.as_raw_fd());
}

#[test]
fn unblock_without_an_edge_ends_the_wait() {
    let (rx, _tx) = pipe().unwrap();
    let pd = open(&rx);
    let waiter = thread::spawn(move || wait(pd, Direction::Read));
    // It may also be caught between announcing and parking: then there is no waiter to ready.
    while !waiter.is_finished() {
        if let Some(w) = pd.unblock(Direction::Read) {
            w.wake();
        }
        thread::yield_now();
    }
    assert!(!waiter.join().unwrap());
    pd.deregister(rx.as_raw_fd());
}

#[test]
fn events_of_an_older_life_are_dropped() {
    let (rx, mut tx) = pipe().unwrap();
    let pd = open(&rx);
    let token = pd.token();
    assert!(desc::lookup(token).is_some());
    pd.deregister(rx.as_raw_fd());
    assert!(desc::lookup(token).is_none());
    tx.write_all(b"x").unwrap();
}
