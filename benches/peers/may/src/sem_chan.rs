//! A bounded channel from may's own parts: a semaphore around its queue. The same waiting as Go's channels.

use std::sync::Arc;
use std::time::Instant;

use bench_kit::{Args, per_op};
use may::go;
use may::sync::{Semphore, mpmc};

use crate::Countdown;

/// A queue of values (`None`: closed) and a count of the free places in it.
#[derive(Clone)]
struct Bounded {
    tx: mpmc::Sender<Option<usize>>,
    rx: mpmc::Receiver<Option<usize>>,
    free: Arc<Semphore>,
    rendezvous: bool,
}

impl Bounded {
    fn new(cap: usize) -> Self {
        let (tx, rx) = mpmc::channel();
        Self {
            tx,
            rx,
            free: Arc::new(Semphore::new(cap)),
            rendezvous: cap == 0,
        }
    }

    /// Waits for room before it sends, or, at capacity 0, until a receiver has taken a value after it has sent.
    fn send(&self, v: Option<usize>) {
        if self.rendezvous {
            let _ = self.tx.send(v);
            self.free.wait();
        } else {
            self.free.wait();
            let _ = self.tx.send(v);
        }
    }

    fn recv(&self) -> Option<usize> {
        let v = self.rx.recv().unwrap_or(None);
        self.free.post();
        v
    }
}

pub fn pingpong(args: &Args) {
    let n = args.num("n");
    let (ping, pong) = (Bounded::new(0), Bounded::new(0));
    let (pinged, answer) = (ping.clone(), pong.clone());
    go!(move || {
        while let Some(v) = pinged.recv() {
            answer.send(Some(v));
        }
    });
    let mut start = Instant::now();
    for i in 0..n + n / 10 {
        if i == n / 10 {
            start = Instant::now();
        }
        ping.send(Some(i));
        pong.recv();
    }
    per_op("time", start.elapsed(), n);
    ping.send(None);
}

pub fn channel(args: &Args) {
    let (n, senders, receivers) = (args.num("n"), args.num("senders"), args.num("receivers"));
    let c = Bounded::new(args.num("cap"));
    let (sent, received) = (Countdown::new(senders), Countdown::new(receivers));
    let start = Instant::now();
    for _ in 0..senders {
        let (c, sent) = (c.clone(), sent.clone());
        go!(move || {
            (0..n / senders).for_each(|i| c.send(Some(i)));
            sent.done();
        });
    }
    for _ in 0..receivers {
        let (c, received) = (c.clone(), received.clone());
        go!(move || {
            while c.recv().is_some() {}
            received.done();
        });
    }
    sent.wait();
    (0..receivers).for_each(|_| c.send(None));
    received.wait();
    per_op("time", start.elapsed(), n);
}
