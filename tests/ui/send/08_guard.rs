// A std lock belongs to the thread that took it; its guard cannot move into a goroutine.
use goroutines::prelude::*;
use std::sync::{Arc, Mutex};

fn fill(mut list: std::sync::MutexGuard<'static, Vec<i32>>) {
    list.push(1);
}

#[goroutine]
fn main() {
    static LIST: Mutex<Vec<i32>> = Mutex::new(Vec::new());
    go!(fill(LIST.lock().unwrap()));
    let _ = Arc::new(0);
}
