//! Tickets: the very file `stack/word.rs` (README.md, "Parking and readying").
//!
//! Proves: of all who end a wait one wins; a winner that finds the owner parked sees everything that the
//! owner did before, and alone may run it; one that comes before the park makes the park fail; a
//! ticket of an older wait ends nothing, also when the slot serves another goroutine.

use super::check;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

// The model uses less of it than the runtime does.
#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/stack/word.rs"]
mod word;
use word::{Ended, SlotWord, Ticket};

const OWN_ID: u32 = word::THREAD_IDS + 7;

struct Wait {
    word: SlotWord,
    /// The owner's saved registers, say: a plain cell that loom watches.
    context: UnsafeCell<usize>,
    /// Wake-ups of the current wait.
    wakes: AtomicUsize,
}

impl Wait {
    fn new() -> Arc<Wait> {
        let wait = Wait {
            word: SlotWord::new(),
            context: UnsafeCell::new(0),
            wakes: AtomicUsize::new(0),
        };
        wait.word.set_live();
        Arc::new(wait)
    }

    /// A late waker: a timer, a cancellation.
    fn end(&self, t: Ticket) {
        match self.word.end(t) {
            Ended::TooLate => {}
            Ended::BeforePark => {
                self.wakes.fetch_add(1, Ordering::Relaxed);
            }
            Ended::Parked => {
                // It runs the owner now.
                // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
                self.context.with_mut(|c| unsafe { *c += 1 });
                self.wakes.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

#[test]
fn of_two_who_end_a_wait_one_wins() {
    check(3, || {
        let wait = Wait::new();
        let t = wait.word.open(OWN_ID);
        let others: Vec<_> = (0..2)
            .map(|_| {
                let wait = wait.clone();
                thread::spawn(move || wait.end(t))
            })
            .collect();
        // The owner leaves its stack, and then says so.
        // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
        wait.context.with_mut(|c| unsafe { *c += 1 });
        let parked = wait.word.park(t);
        for o in others {
            o.join().unwrap();
        }
        assert_eq!(wait.wakes.load(Ordering::Relaxed), 1);
        // If it could not park it goes on by itself, and nobody else has run it.
        // SAFETY: the pointer is the cell's; loom fails the model if two threads use it at once.
        let ran_by_waker = wait.context.with(|c| unsafe { *c }) == 2;
        assert_eq!(parked, ran_by_waker);
    });
}

#[test]
fn an_old_ticket_ends_no_new_wait() {
    check(3, || {
        let wait = Wait::new();
        let old = wait.word.open(OWN_ID);
        let late = thread::spawn({
            let wait = wait.clone();
            move || wait.word.end(old) != Ended::TooLate
        });
        // The owner gave up waiting (it was woken otherwise), and waits again.
        let new = wait.word.open(OWN_ID);
        let parked = wait.word.park(new);
        late.join().unwrap();
        assert!(parked, "the new wait was ended by the old ticket");
        assert_eq!(wait.word.end(new), Ended::Parked);
    });
}

#[test]
fn an_old_ticket_does_not_touch_the_slots_next_goroutine() {
    check(3, || {
        let wait = Wait::new();
        let old = wait.word.open(OWN_ID);
        let late = thread::spawn({
            let wait = wait.clone();
            move || wait.word.end(old)
        });
        // The goroutine ends; the slot goes onto a free list, and to another one.
        wait.word.set_free(0);
        assert!(!wait.word.is_live());
        wait.word.set_live();
        let new = wait.word.open(OWN_ID);
        assert_ne!(old, new);
        let parked = wait.word.park(new);
        late.join().unwrap();
        assert!(parked);
        assert_eq!(wait.word.end(new), Ended::Parked);
        assert_eq!(wait.word.end(new), Ended::TooLate);
    });
}
