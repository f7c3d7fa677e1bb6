//! How much stack an operation on a large value takes, below the function that makes it: counted in copies of
//! the value, by painting the stack before and looking afterwards how far the paint is gone. With
//! optimisation the operation is a part of that function, whose frame is counted too.

use goroutines::Builder;
use goroutines::prelude::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

const SIZE: usize = 64 << 10;
/// Copies in a build without optimisation and in one with.
const COPIES: usize = if cfg!(debug_assertions) { 3 } else { 1 };
/// What an operation on a small value may take.
const SMALL: usize = 24 << 10;
type Large = [u8; SIZE];

const PAINT: u8 = 0xA7;
/// Painted below the caller's frame.
const PAINTED: usize = 12 * SIZE;

fn large() -> Large {
    [1; SIZE]
}

/// An address in this frame.
#[inline(never)]
fn here() -> usize {
    let byte = 0_u8;
    black_box(&raw const byte) as usize
}

/// Where the painted part ends, below the caller.
static TOP: AtomicUsize = AtomicUsize::new(0);

/// Paints the stack below.
#[inline(never)]
fn paint() {
    let top = (here() & !15) - 4096;
    TOP.store(top, SeqCst);
    let mut at = top;
    while at > top - PAINTED {
        at -= 1;
        // SAFETY: below all frames, within the stack of `on_a_stack`.
        unsafe { (at as *mut u8).write_volatile(PAINT) };
    }
}

/// Paints if this is the place for it: in the function that makes the operation, or before it is called.
#[inline(always)]
fn paint_in(inside: bool) {
    if inside == cfg!(debug_assertions) {
        paint();
    }
}

/// Paint was given back to the system: a goroutine that parks may give back what lies far below it, on a
/// stack that has been deep.
static TRIMMED: AtomicBool = AtomicBool::new(false);

/// How many painted bytes, from the top, have been written over since.
#[inline(never)]
fn used() -> usize {
    let top = TOP.load(SeqCst);
    // SAFETY: as in `paint`.
    let byte = |at: usize| unsafe { (at as *const u8).read_volatile() };
    if byte(top - PAINTED) == 0 {
        TRIMMED.store(true, SeqCst);
        return 0;
    }
    let untouched = (top - PAINTED..top)
        .take_while(|&at| byte(at) == PAINT)
        .count();
    assert!(untouched > 4096, "all the paint is gone");
    PAINTED - untouched
}

/// Runs one test at a time, on a stack that has room for the paint, and again if paint was given back.
fn on_a_stack<T: Send + 'static>(f: impl Fn() -> T + Clone + Send + 'static) -> T {
    static ONE: goroutines::sync::Mutex<()> = goroutines::sync::Mutex::new(());
    let _one = ONE.lock();
    loop {
        let builder = Builder::new().stack_size(4 << 20);
        let result = builder.spawn(f.clone()).join().unwrap();
        if !TRIMMED.swap(false, SeqCst) {
            return result;
        }
    }
}

/// The other side of an operation.
fn beside(f: impl FnOnce() + Send + 'static) {
    drop(Builder::new().stack_size(4 << 20).spawn(f));
}

#[track_caller]
fn check(used: usize, copies: usize) {
    let most = copies * SIZE + SMALL;
    assert!(used <= most, "{used} bytes, allowed {most}");
}

#[inline(never)]
fn send(tx: &Sender<Large>, value: Large) {
    paint_in(true);
    tx.send(value);
}

#[inline(never)]
fn recv(rx: &Receiver<Large>) -> Option<Large> {
    paint_in(true);
    rx.recv()
}

#[expect(clippy::result_large_err, reason = "it is what is measured")]
#[inline(never)]
fn send_timeout(
    tx: &Sender<Large>,
    value: Large,
    d: Duration,
) -> Result<(), chan::SendTimeoutError<Large>> {
    paint_in(true);
    tx.send_timeout(value, d)
}

#[inline(never)]
fn recv_timeout(rx: &Receiver<Large>, d: Duration) -> Result<Large, chan::RecvTimeoutError> {
    paint_in(true);
    rx.recv_timeout(d)
}

#[inline(never)]
fn join(handle: goroutines::JoinHandle<Large>) -> Result<Large, goroutines::JoinError> {
    paint_in(true);
    handle.join()
}

#[goroutine]
#[test]
fn send_and_recv() {
    for cap in [0, 1] {
        let (s, r) = on_a_stack(move || {
            let (tx, rx) = chan::channel(cap);
            let other = rx.clone();
            beside(move || {
                black_box(other.recv());
            });
            let value = large();
            paint_in(false);
            send(&tx, value);
            let s = used();
            beside(move || tx.send(large()));
            paint_in(false);
            black_box(recv(&rx));
            (s, used())
        });
        check(s, COPIES);
        check(r, COPIES);
    }
}

#[goroutine]
#[test]
fn with_a_timeout() {
    let all = on_a_stack(move || {
        let mut all = Vec::new();
        let (tx, rx) = chan::channel(0);
        let short = Duration::from_micros(1);
        let far = Duration::from_secs(3600);
        let value = large();
        paint_in(false);
        assert!(send_timeout(&tx, value, short).is_err());
        all.push(used());
        paint_in(false);
        assert!(recv_timeout(&rx, short).is_err());
        all.push(used());
        let other = rx.clone();
        beside(move || {
            black_box(other.recv());
        });
        let value = large();
        paint_in(false);
        assert!(send_timeout(&tx, value, far).is_ok());
        all.push(used());
        let other = tx.clone();
        beside(move || other.send(large()));
        paint_in(false);
        assert!(recv_timeout(&rx, far).is_ok());
        all.push(used());
        drop(rx);
        let value = large();
        paint_in(false);
        assert!(send_timeout(&tx, value, far).is_err());
        all.push(used());
        all
    });
    all.into_iter().for_each(|used| check(used, COPIES));
}

#[goroutine]
#[test]
fn a_join() {
    let joined = on_a_stack(|| {
        let handle = Builder::new().stack_size(2 << 20).spawn(large);
        paint_in(false);
        black_box(join(handle).unwrap());
        used()
    });
    check(joined, COPIES);
}

/// As a user writes it: all in one frame, which is counted.
#[inline(never)]
fn selected(rx: &Receiver<Large>, never: &Receiver<()>) -> Option<Large> {
    select! { v = <-rx => v, <-never => None }
}

#[inline(never)]
fn select_sends(tx: &Sender<Large>, value: Large, never: &Receiver<()>) {
    select! { tx <- value => {}, <-never => {} }
}

#[goroutine]
#[test]
fn a_select() {
    let (received, sent) = on_a_stack(|| {
        let (tx, rx) = chan::channel(0);
        // Its sender stays: it is not closed.
        let (_open, never) = chan::channel(0);
        let other = tx.clone();
        beside(move || other.send(large()));
        paint();
        assert!(black_box(selected(&rx, &never)).is_some());
        let received = used();
        beside(move || {
            black_box(rx.recv());
        });
        let value = large();
        paint();
        select_sends(&tx, value, &never);
        (received, used())
    });
    check(received, COPIES);
    check(sent, COPIES);
}
