//! A queue with room for `room` elements, without a channel: `put` waits while it is full, `take`
//! while it is empty. Wait on a `Cond` with `wait_while`; wake a waiter with `signal`.

use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex};
use std::collections::VecDeque;

pub struct Queue {
    items: Mutex<VecDeque<u32>>,
    room: usize,
    not_empty: Cond,
    not_full: Cond,
}

impl Queue {
    pub fn new(room: usize) -> Queue {
        Queue {
            items: Mutex::new(VecDeque::new()),
            room,
            not_empty: Cond::new(),
            not_full: Cond::new(),
        }
    }

    pub fn put(&self, item: u32) {
        let mut items = self.items.lock();
        self.not_full
            .wait_while(&mut items, |items| items.len() == self.room);
        items.push_back(item);
        self.not_empty.signal();
    }

    pub fn take(&self) -> u32 {
        let mut items = self.items.lock();
        self.not_empty
            .wait_while(&mut items, |items| items.is_empty());
        self.not_full.signal();
        items.pop_front().expect("not empty")
    }
}
