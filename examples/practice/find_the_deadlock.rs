//! Two transfers in opposite directions sometimes wait for each other for ever.
//!
//! The check tries many schedules and names the one that fails. Find an order of locking in which it
//! cannot happen.

use goroutines::prelude::*;
use goroutines::sync::Mutex;

pub struct Bank {
    pub accounts: Vec<Mutex<i64>>,
}

impl Bank {
    pub fn transfer(&self, from: usize, to: usize, amount: i64) {
        let mut out = self.accounts[from].lock();
        let mut into = self.accounts[to].lock();
        *out -= amount;
        *into += amount;
    }
}
