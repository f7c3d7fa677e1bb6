//! Many timers, armed and disarmed from everywhere.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, context, runtime, select};
use std::time::{Duration, Instant};

/// Deadlines that pass and deadlines that are cancelled; none is early, none is forgotten.
pub(crate) fn timeouts(cx: &Cx) {
    let wg = WaitGroup::new();
    for i in 0..cx.times(300) {
        let mut rng = cx.rng(i);
        wg.go(move || {
            for _ in 0..5 {
                let d = Duration::from_micros(rng.below(4_000) as u64);
                let begin = Instant::now();
                let (ctx, cancel) = context::with_timeout(&context::background(), d);
                let done = ctx.done();
                if rng.below(3) == 0 {
                    runtime::gosched();
                    cancel();
                    assert_eq!(done.recv(), None);
                } else {
                    assert_eq!(done.recv(), None);
                    assert!(begin.elapsed() >= d, "early");
                }
            }
        });
    }
    wg.wait();
}

/// Timers go off while every P is busy, with hogs and with pairs that never stop.
pub(crate) fn beside_hogs(cx: &Cx) {
    let stop = Chan::<()>::new(0);
    let wg = WaitGroup::new();
    let (a, b) = (Chan::<()>::new(0), Chan::<()>::new(0));
    for (tx, rx) in [(a.clone(), b.clone()), (b, a.clone())] {
        let stop = stop.clone();
        wg.go(move || {
            loop {
                select! {
                    <-rx => {},
                    <-stop => return,
                }
                select! {
                    tx <- () => {},
                    <-stop => return,
                }
            }
        });
    }
    a.send(());
    for i in 0..4 {
        let stop = stop.clone();
        wg.go(move || {
            while stop.try_recv() == Err(goroutines::chan::TryRecvError::Empty) {
                tests::spin_for(Duration::from_millis(1 + i));
                runtime::checkpoint();
            }
        });
    }
    for _ in 0..cx.times(5) {
        let (ctx, _cancel) =
            context::with_timeout(&context::background(), Duration::from_millis(3));
        assert_eq!(ctx.done().recv(), None);
    }
    stop.close();
    wg.wait();
}
