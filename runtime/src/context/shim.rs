//! Threads in the place of goroutines and timers, until the scheduler is here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(super) fn go(f: impl FnOnce() + Send + 'static) {
    std::thread::spawn(f);
}

pub(super) struct Timer(Arc<AtomicBool>);

impl Timer {
    pub(super) fn stop(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

pub(super) fn after_func(d: Duration, f: impl FnOnce() + Send + 'static) -> Timer {
    let stopped = Arc::new(AtomicBool::new(false));
    let timer = Timer(stopped.clone());
    go(move || {
        std::thread::park_timeout(d);
        if !stopped.swap(true, Ordering::SeqCst) {
            f();
        }
    });
    timer
}
