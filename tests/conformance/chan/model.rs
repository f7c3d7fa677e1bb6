//! Random sequences of operations against a simple model: a queue with a bound and a flag.

use goroutines::chan::{self, Chan, Select, TryRecvError, TrySendError};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::rc::Rc;

#[derive(Clone, Debug)]
enum Step {
    TrySend,
    TryRecv,
    Close,
    Drain,
    Sender,
    Receiver,
    DropSender,
    DropReceiver,
    /// A select with `default` over all handles: a receive and a send on one channel.
    Select,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::TrySend),
        6 => Just(Step::TryRecv),
        1 => Just(Step::Close),
        1 => Just(Step::Drain),
        1 => Just(Step::Sender),
        1 => Just(Step::Receiver),
        2 => Just(Step::DropSender),
        2 => Just(Step::DropReceiver),
        4 => Just(Step::Select),
    ]
}

/// The channel as one would describe it.
struct Model {
    values: VecDeque<u32>,
    cap: usize,
    closed: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn one_channel(cap in 0_usize..5, steps in prop::collection::vec(step(), 0..60)) {
        // A value of this type tells when it is dropped: its count goes back.
        let count = Rc::new(());
        let (tx, rx) = chan::channel(cap);
        let (mut txs, mut rxs) = (vec![tx], vec![rx]);
        let mut model = Model { values: VecDeque::new(), cap, closed: false };
        let mut next = 0;
        for step in steps {
            let (tx, rx) = (txs.first(), rxs.first());
            match step {
                Step::TrySend => if let Some(tx) = tx {
                    next += 1;
                    let result = tx.try_send((next, count.clone()));
                    match result {
                        Err(TrySendError::Closed((v, _))) => prop_assert!(model.closed && v == next),
                        Err(TrySendError::NoReceivers((v, _))) => {
                            prop_assert!(rxs.is_empty() && !model.closed && v == next);
                        }
                        Err(TrySendError::Full((v, _))) => {
                            prop_assert!(model.values.len() == cap && v == next);
                        }
                        Ok(()) => {
                            prop_assert!(!model.closed && !rxs.is_empty());
                            model.values.push_back(next);
                            prop_assert!(model.values.len() <= cap);
                        }
                    }
                },
                Step::TryRecv => if let Some(rx) = rx {
                    match (rx.try_recv(), model.values.pop_front()) {
                        (Ok((v, _)), Some(expected)) => prop_assert_eq!(v, expected),
                        (Err(TryRecvError::Closed), None) => prop_assert!(model.closed),
                        (Err(TryRecvError::Empty), None) => prop_assert!(!model.closed),
                        (got, expected) => prop_assert!(false, "{:?} {:?}", got.is_ok(), expected),
                    }
                },
                Step::Close => if let (Some(tx), false) = (tx, model.closed) {
                    tx.close();
                    model.closed = true;
                },
                Step::Drain => if let Some(rx) = rx {
                    let got: VecDeque<_> = rx.try_iter().map(|(v, _)| v).collect();
                    prop_assert_eq!(got, std::mem::take(&mut model.values));
                },
                Step::Sender => txs.extend(tx.cloned()),
                Step::Receiver => rxs.extend(rx.cloned()),
                Step::DropSender => if txs.pop().is_some() && txs.is_empty() {
                    model.closed = true;
                },
                Step::DropReceiver => if rxs.pop().is_some() && rxs.is_empty() {
                    model.values.clear();
                },
                Step::Select => if let (Some(tx), Some(rx)) = (tx, rx) {
                    next += 1;
                    let can_send = model.values.len() < model.cap;
                    let mut sel = Select::new();
                    let recv = sel.recv(rx);
                    let send = if model.closed { usize::MAX } else { sel.send(tx, (next, count.clone())) };
                    match sel.try_wait() {
                        Some(i) if recv == i => {
                            let got = sel.take(recv).map(|(v, _)| v);
                            prop_assert!(got.is_some() || model.closed);
                            prop_assert_eq!(got, model.values.pop_front());
                        }
                        Some(i) => {
                            prop_assert!(i == send && can_send);
                            model.values.push_back(next);
                        }
                        None => prop_assert!(!can_send && model.values.is_empty() && !model.closed),
                    }
                },
            }
            for (len, cap, closed) in
                txs.iter().map(view).chain(rxs.iter().map(view))
            {
                prop_assert_eq!(len, model.values.len());
                prop_assert_eq!(cap, model.cap);
                prop_assert_eq!(closed, model.closed);
            }
            let owned = if txs.is_empty() && rxs.is_empty() { 0 } else { model.values.len() };
            prop_assert_eq!(Rc::strong_count(&count) - 1, owned);
            if owned == 0 && txs.is_empty() && rxs.is_empty() {
                break;
            }
        }
        drop((txs, rxs));
        prop_assert_eq!(Rc::strong_count(&count), 1);
    }
}

fn view<T, D: chan::Direction>(c: &Chan<T, D>) -> (usize, usize, bool) {
    (c.len(), c.cap(), c.is_closed())
}
