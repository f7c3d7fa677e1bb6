//! The checks of `find_the_deadlock`.

use crate::kit::{Check, check, equal, schedules};
use crate::yours::Bank;
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

fn after(transfers: [(usize, usize, i64); 2]) -> Vec<i64> {
    let bank = Arc::new(Bank {
        accounts: vec![Mutex::new(100), Mutex::new(100)],
    });
    let wg = WaitGroup::new();
    for (from, to, amount) in transfers {
        let bank = bank.clone();
        wg.go(move || bank.transfer(from, to, amount));
    }
    wg.wait();
    bank.accounts
        .iter()
        .map(|account| *account.lock())
        .collect()
}

pub fn checks() -> Vec<Check> {
    vec![
        check("money goes from one account to the other", || {
            schedules(|| equal(after([(0, 1, 30), (0, 1, 20)]), vec![50, 150]))
        }),
        check(
            "transfers in opposite directions, under every schedule",
            || schedules(|| equal(after([(0, 1, 30), (1, 0, 20)]), vec![90, 110])),
        ),
    ]
}
