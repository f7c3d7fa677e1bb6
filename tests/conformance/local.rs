//! `goroutine_local!`: when values are made and dropped.

use goroutines::prelude::*;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Sends when dropped.
struct Farewell(Option<Sender<u32>>);

impl Drop for Farewell {
    fn drop(&mut self) {
        if let Some(tx) = self.0.take() {
            tx.send(7);
        }
    }
}

goroutines::goroutine_local! {
    static FAREWELL: RefCell<Farewell> = RefCell::new(Farewell(None))
}

/// A destructor may block, however the goroutine has ended.
#[test]
fn destructors_may_block() {
    for exit in [false, true] {
        let ch = make!(chan u32);
        let tx = ch.sender();
        let h = spawn(move || {
            FAREWELL.with(|f| f.borrow_mut().0 = Some(tx));
            if exit {
                runtime::goexit();
            }
        });
        time::sleep(5 * time::MILLISECOND);
        assert_eq!(ch.recv(), Some(7));
        assert_eq!(h.join().is_err(), exit);
    }
}

static DROPS: AtomicUsize = AtomicUsize::new(0);

/// Makes another of its kind when dropped, a few times.
struct Phoenix(u32);

impl Drop for Phoenix {
    fn drop(&mut self) {
        DROPS.fetch_add(1, SeqCst);
        time::sleep(time::MILLISECOND);
        if self.0 > 0 {
            PHOENIX.with(|p| p.replace(Some(Phoenix(self.0 - 1))));
        }
    }
}

goroutines::goroutine_local! {
    static PHOENIX: RefCell<Option<Phoenix>> = RefCell::new(None)
}

/// What destructors make anew is dropped too, on the goroutine.
#[test]
fn destructors_may_use_goroutine_locals() {
    let ch = make!(chan());
    go!([ch], {
        PHOENIX.with(|p| p.replace(Some(Phoenix(3))));
        drop(ch);
    });
    while DROPS.load(SeqCst) < 4 {
        time::sleep(time::MILLISECOND);
    }
    drop(ch);
}

goroutines::goroutine_local! {
    static OUTER: u32 = INNER.with(|i| i.get()) + 1;
    static INNER: Cell<u32> = Cell::new(41)
}

#[test]
fn one_may_be_made_from_another() {
    assert_eq!(runtime::run(|| OUTER.with(|o| *o)), 42);
    assert_eq!(OUTER.with(|o| *o), 42, "a plain thread has its own");
}
