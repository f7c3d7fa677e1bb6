//! A queue with room for `room` elements, without a channel: `put` waits while it is full, `take`
//! while it is empty. Wait on a `Cond` with `wait_while`; wake a waiter with `signal`.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::collections::VecDeque;

pub struct Queue {
    items: Mutex<VecDeque<u32>>,
}

impl Queue {
    pub fn new(room: usize) -> Queue {
        let items = Mutex::new(VecDeque::with_capacity(room));
        Queue { items }
    }

    pub fn put(&self, item: u32) {
        self.items.lock().push_back(item);
    }

    pub fn take(&self) -> u32 {
        self.items.lock().pop_front().expect("something is there")
    }
}
