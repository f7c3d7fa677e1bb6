//! `NoSuspend` (debug builds): the panic comes before anything is locked or queued, so whatever it met
//! works as before.

#![cfg(debug_assertions)]

use goroutines::prelude::*;
use goroutines::runtime::NoSuspend;
use goroutines::sync::{Cond, Mutex, Once, RWMutex, Semaphore};
use std::time::Duration;

fn refused<R>(what: &str, f: impl FnOnce() -> R) {
    let result = recover(|| {
        let _scope = NoSuspend::new();
        f()
    });
    let panic = result
        .err()
        .unwrap_or_else(|| panic!("{what} was not refused"));
    assert_eq!(
        panic.message(),
        "suspended inside a NoSuspend scope",
        "{what}"
    );
}

#[goroutine]
#[test]
fn channels() {
    let ch = make!(chan i32);
    refused("send", || ch.send(1));
    refused("recv", || ch.recv());
    refused("recv_timeout", || ch.recv_timeout(time::SECOND));
    refused("select", || {
        select! {
            v = <-ch => v,
            ch <- 1 => None,
        }
    });
    go!([ch], ch.send(2));
    assert_eq!(ch.recv(), Some(2));
}

#[goroutine]
#[test]
fn locks() {
    let ctx = context::background();
    let (m, cond, once) = (Mutex::new(1), Cond::new(), Once::new());
    let (rw, sema, wg) = (RWMutex::new(1), Semaphore::new(1), WaitGroup::new());
    let mut guard = m.lock();
    refused("lock", || m.lock());
    refused("Cond::wait", || cond.wait(&mut guard));
    drop(guard);
    assert_eq!(*m.lock(), 1);
    once.do_(|| refused("Once::do_", || once.do_(|| ())));

    let guard = rw.write();
    refused("read", || rw.read());
    refused("write", || rw.write());
    drop(guard);
    let guard = rw.read();
    refused("write", || rw.write());
    drop(guard);
    assert_eq!(*rw.write(), 1);

    assert!(sema.try_acquire(1));
    refused("acquire", || sema.acquire(&ctx, 1));
    sema.release(1);
    assert!(sema.try_acquire(1), "no request was left behind");

    wg.add(1);
    refused("WaitGroup::wait", || wg.wait());
    wg.done();
    wg.wait();
}

#[goroutine]
#[test]
fn the_rest() {
    refused("sleep", || time::sleep(Duration::from_nanos(1)));
    refused("gosched", runtime::gosched);
    refused("blocking", || runtime::blocking(|| ()));
    refused("scope", || scope(|_| ()));
    refused("run", || runtime::run(|| ()));
    refused("block_on", || block_on(std::future::pending::<()>()));
    let h = spawn(|| time::sleep(time::MILLISECOND));
    refused("join", || h.join());

    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    refused("accept", || listener.accept());
    let addr = listener.local_addr().unwrap();
    go!({ net::TcpStream::connect(addr).map(drop) });
    listener.accept().unwrap();
}
