//! Exercise of the chapter "Panics, deadlocks, leaks": two accounts, two directions, no deadlock.
//!
//! Mirrors the bank of every text on locks. The order that makes a ring impossible: the account with
//! the smaller number is locked first, whichever way the money goes.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

struct Bank {
    accounts: Vec<Mutex<i64>>,
}

impl Bank {
    fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut first = self.accounts[from.min(to)].lock();
        let mut second = self.accounts[from.max(to)].lock();
        let sign = if from < to { 1 } else { -1 };
        *first -= sign * amount;
        *second += sign * amount;
    }
}

#[goroutine]
fn main() {
    let bank = Arc::new(Bank {
        accounts: vec![Mutex::new(1000), Mutex::new(1000)],
    });
    let wg = WaitGroup::new();
    for (from, to) in [(0, 1), (1, 0)] {
        let bank = bank.clone();
        wg.go(move || {
            for _ in 0..10_000 {
                bank.transfer(from, to, 3);
                runtime::gosched();
            }
        });
    }
    wg.wait();
    let balances: Vec<i64> = bank.accounts.iter().map(|a| *a.lock()).collect();
    println!("{balances:?}");
}
