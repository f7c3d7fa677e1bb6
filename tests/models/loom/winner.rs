//! A select with a deadline: the very file `chan/winner.rs`.
//!
//! Proves: of the alarm and those who serve an arm one wins; the one that wins over a parked select sees
//! all that the select did before it left its stack, and may resume it; an alarm that rings before the park
//! makes the park fail, and is done with the select's frame when that sees it.

use super::{check, must_fail};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicUsize as Count, Ordering as Order};
use loom::sync::{Arc, Mutex};
use loom::thread;

/// What the file asks of the layers below it.
mod rt {
    pub(super) use loom::sync::atomic::{AtomicUsize, Ordering};

    /// There is one.
    #[derive(Clone, Copy)]
    pub(super) struct Waiter;

    impl Waiter {
        pub(super) fn current() -> Self {
            Waiter
        }
    }

    /// The right to wake it.
    pub(super) struct Parked;

    impl Parked {
        pub(super) unsafe fn new(_: Waiter) -> Self {
            Parked
        }
    }
}

#[allow(dead_code, unreachable_pub, clippy::new_without_default)]
#[path = "../../../runtime/src/chan/winner.rs"]
mod word;
use word::{Alarmed, EarlyWinner};

struct Select {
    word: EarlyWinner,
    /// The lock of its one channel: it is released after the select has left its stack.
    queued: Mutex<bool>,
    /// The frame, saved registers included: a plain cell that loom watches.
    frame: UnsafeCell<usize>,
    resumed: Count,
}

// SAFETY: the words are there to be shared; there is no waiter that it would be about.
unsafe impl Send for Select {}
// SAFETY: as above.
unsafe impl Sync for Select {}

impl Select {
    fn new() -> Arc<Select> {
        Arc::new(Select {
            word: EarlyWinner::new(),
            queued: Mutex::new(false),
            frame: UnsafeCell::new(0),
            resumed: Count::new(0),
        })
    }

    fn touch(&self) {
        // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
        self.frame.with_mut(|f| unsafe { *f += 1 });
    }

    /// The owner: sets its alarm, queues itself, leaves its stack, opens the word. `true`: it is parked.
    fn park(&self, left_first: bool) -> bool {
        let mut queued = self.queued.lock().unwrap();
        *queued = true;
        if left_first {
            self.touch();
        }
        // SAFETY: it goes on if this is `false`.
        let parked = unsafe { self.word.open() };
        if !left_first {
            self.touch();
        }
        drop(queued);
        parked
    }

    /// Whoever wins over the parked select runs it.
    fn resume(&self) {
        self.touch();
        self.resumed.fetch_add(1, Order::Relaxed);
    }

    fn ring(&self) -> bool {
        match self.word.time_out() {
            Alarmed::Early => true,
            Alarmed::Parked(_) => {
                self.resume();
                false
            }
            Alarmed::TooLate => false,
        }
    }

    fn serve(&self) {
        let queued = self.queued.lock().unwrap();
        // SAFETY: it is resumed below.
        let won = *queued && unsafe { self.word.claim(0) };
        drop(queued);
        if won {
            self.resume();
        }
    }
}

fn alarm_and_partner(left_first: bool, partner: bool) {
    let select = Select::new();
    let alarm = thread::spawn({
        let select = select.clone();
        move || select.ring()
    });
    let partner = partner.then(|| {
        let select = select.clone();
        thread::spawn(move || select.serve())
    });
    let parked = select.park(left_first);
    if !parked {
        // It goes on by itself, once the alarm is done with its frame.
        assert!(select.word.is_timed_out());
        select.touch();
    }
    let early = alarm.join().unwrap();
    if let Some(partner) = partner {
        partner.join().unwrap();
    }
    assert_eq!(early, !parked);
    assert_eq!(select.resumed.load(Order::Relaxed), usize::from(parked));
}

#[test]
fn the_alarm_sees_what_the_parked_select_did() {
    check(3, || alarm_and_partner(true, false));
}

#[test]
fn of_alarm_and_partner_one_wins() {
    check(3, || alarm_and_partner(true, true));
}

#[test]
fn opening_before_the_stack_is_left_is_noticed() {
    must_fail(3, || alarm_and_partner(false, false));
}
