//! Exercise of the chapter "sync": a queue with room for two, made of a mutex and two conditions.
//!
//! Mirrors the example that every text on condition variables has, Go's `sync.Cond` included.

use goroutines::prelude::*;
use goroutines::sync::{Cond, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;

struct Queue<T> {
    items: Mutex<VecDeque<T>>,
    room: usize,
    not_empty: Cond,
    not_full: Cond,
}

impl<T> Queue<T> {
    fn new(room: usize) -> Queue<T> {
        let items = Mutex::new(VecDeque::new());
        Queue {
            items,
            room,
            not_empty: Cond::new(),
            not_full: Cond::new(),
        }
    }

    fn put(&self, item: T) {
        let mut items = self.items.lock();
        self.not_full
            .wait_while(&mut items, |items| items.len() == self.room);
        items.push_back(item);
        self.not_empty.signal();
    }

    fn take(&self) -> T {
        let mut items = self.items.lock();
        self.not_empty
            .wait_while(&mut items, |items| items.is_empty());
        self.not_full.signal();
        items.pop_front().expect("not empty")
    }
}

#[goroutine]
fn main() {
    let queue = Arc::new(Queue::new(2));
    go!([queue], {
        for i in 1..=5 {
            queue.put(i);
        }
    });
    for _ in 1..=5 {
        println!("took {}", queue.take());
    }
}
