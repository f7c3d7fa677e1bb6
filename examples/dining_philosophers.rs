//! Five philosophers, five forks, nobody starves and nobody deadlocks.
//!
//! Mirrors Dijkstra's puzzle as Go texts solve it: a fork is a mutex, and everybody takes the
//! lower-numbered of their two forks first, so that they cannot wait for each other in a ring.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

struct Fork;

fn dine(name: &str, first: &Mutex<Fork>, second: &Mutex<Fork>) {
    for _ in 0..3 {
        let _first = first.lock();
        let _second = second.lock();
        time::sleep(5 * time::MILLISECOND); // eats
    }
    println!("{name} has eaten three times");
}

#[goroutine]
fn main() {
    let names = ["Aristotle", "Hypatia", "Kant", "Laozi", "Plato"];
    let forks: [_; 5] = std::array::from_fn(|_| Arc::new(Mutex::new(Fork)));
    let table = WaitGroup::new();
    for (i, name) in names.into_iter().enumerate() {
        let (left, right) = (i, (i + 1) % forks.len());
        let first = forks[left.min(right)].clone();
        let second = forks[left.max(right)].clone();
        table.go(move || dine(name, &first, &second));
    }
    table.wait();
}
