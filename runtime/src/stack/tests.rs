//! Tests of the slot word.

use super::word::{Ended, SlotWord, THREAD_IDS, Ticket};

#[test]
fn a_wait_is_ended_once() {
    let w = SlotWord::new();
    w.set_live();
    let t = w.open(THREAD_IDS + 7);
    assert_eq!(t.id(), THREAD_IDS + 7);
    assert!(w.park(t));
    assert_eq!(w.end(t), Ended::Parked);
    assert_eq!(w.end(t), Ended::TooLate);
    let t2 = w.open(THREAD_IDS + 7);
    assert_eq!(
        w.end(t),
        Ended::TooLate,
        "an old ticket never ends a new wait"
    );
    assert_eq!(w.end(t2), Ended::BeforePark);
    assert!(!w.park(t2), "ended before the park");
}

#[test]
fn tickets_survive_recycling() {
    let w = SlotWord::new();
    w.set_live();
    let old = w.open(70_000);
    w.set_free(123);
    assert_eq!(w.link(), 123);
    assert_eq!(w.end(old), Ended::TooLate);
    w.set_live();
    let new = w.open(70_000);
    assert_ne!(old, new);
    assert_eq!(w.end(old), Ended::TooLate);
    assert_eq!(Ticket::from_bits(new.to_bits()), new);
}
