//! What is bound to a thread and held over a suspension.

use crate::Command;
use goroutines::Builder;
use goroutines::prelude::*;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;

pub(crate) const COMMANDS: &[Command] = &[
    ("holds_a_borrow", holds_a_borrow),
    ("holds_an_rc", holds_an_rc),
    ("holds_a_context", holds_a_context),
    ("holds_stdout", holds_stdout),
    ("holds_an_epoch", holds_an_epoch),
    ("holds_nothing", holds_nothing),
];

thread_local! {
    static NAMES: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static GENERATOR: Rc<Cell<u64>> = Rc::new(Cell::new(1));
}

#[inline(never)]
fn borrows_and_waits() {
    NAMES.with(|names| {
        let names = names.borrow();
        time::sleep(time::MICROSECOND);
        assert!(names.is_empty());
    });
}

/// Many times: it is told once.
fn holds_a_borrow() {
    spawn(|| (0..5).for_each(|_| borrows_and_waits()))
        .join()
        .unwrap();
}

/// Held for as long as `wait` takes, as `rand::rng()` would be.
#[inline(never)]
fn draws_and_waits() -> u64 {
    let generator = GENERATOR.with(Rc::clone);
    generator.set(generator.get().wrapping_mul(6_364_136_223_846_793_005));
    time::sleep(time::MICROSECOND);
    generator.get()
}

fn holds_an_rc() {
    spawn(draws_and_waits).join().unwrap();
}

#[inline(never)]
fn enters_and_waits() {
    let tokio = goroutines::tokio::block_on(async { tokio::runtime::Handle::current() });
    let entered = tokio.enter();
    time::sleep(time::MICROSECOND);
    // On whatever thread this is now, it need not be the one that was entered; to leave it there panics.
    std::mem::forget(entered);
}

fn holds_a_context() {
    spawn(enters_and_waits).join().unwrap();
}

#[inline(never)]
fn locks_and_waits() {
    let mut out = std::io::stdout().lock();
    time::sleep(time::MICROSECOND);
    out.flush().unwrap();
}

/// Told of while it is held, not afterwards.
fn holds_stdout() {
    spawn(locks_and_waits).join().unwrap();
    println!("nobody holds it");
    spawn(|| time::sleep(time::MICROSECOND)).join().unwrap();
}

#[inline(never)]
fn pins_and_waits() {
    let _pinned = crossbeam_epoch::pin();
    time::sleep(time::MICROSECOND);
}

fn holds_an_epoch() {
    spawn(pins_and_waits).join().unwrap();
}

/// What cannot leave its thread may hold what it likes.
fn holds_nothing() {
    let all = [Builder::new().pinned(), Builder::new().stay()];
    for builder in all {
        builder.spawn(borrows_and_waits).join().unwrap();
    }
}
