//! What belongs to a thread stays there when its goroutine goes on elsewhere; two ways to keep it.
//!
//! Mirrors nothing of Go, where hardly anything belongs to a thread.

use goroutines::Builder;
use goroutines::goroutine_local;
use goroutines::prelude::*;
use std::cell::Cell;

thread_local! {
    static OF_THE_THREAD: Cell<u32> = const { Cell::new(0) };
}

goroutine_local! {
    static OF_THE_GOROUTINE: Cell<u32> = Cell::new(0);
}

/// A call of its own: in line, an optimised build may know the address from before the wait.
#[inline(never)]
fn of_the_thread() -> u32 {
    OF_THE_THREAD.get()
}

/// Writes both, waits, and reads them again.
fn write_and_wait(gate: Receiver<()>) -> (u32, u32) {
    OF_THE_THREAD.set(7);
    OF_THE_GOROUTINE.with(|n| n.set(7));
    gate.recv();
    (of_the_thread(), OF_THE_GOROUTINE.with(Cell::get))
}

/// Has the goroutine that `builder` starts wait while another one takes the thread away from it.
fn take_its_thread(builder: Builder) -> (u32, u32) {
    let (open, gate) = chan::channel::<()>(0);
    let waits = builder.spawn({
        let gate = gate.clone();
        move || write_and_wait(gate)
    });
    runtime::gosched(); // it runs, and waits
    let (keeps, kept) = chan::channel::<()>(0);
    go!({
        runtime::lock_os_thread(); // from now on the thread is this one's alone
        keeps.send(());
        gate.recv();
    });
    kept.recv();
    open.close(); // both go on
    waits.join().unwrap()
}

#[goroutine]
fn main() {
    runtime::gomaxprocs(1); // one goroutine after the other, on one thread
    // It nearly always moves at the first try.
    let mut moved = (0..100).map(|_| take_its_thread(Builder::new()));
    println!("moved: {:?}", moved.find(|n| n.0 != 7).unwrap());
    println!("stayed: {:?}", take_its_thread(Builder::new().stay()));
}
