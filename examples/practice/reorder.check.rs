//! The checks of `reorder`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::in_order;
use goroutines::prelude::*;

pub fn checks() -> Vec<Check> {
    vec![
        check("3, 1, 2 comes out as 1, 2, 3", || {
            bubble(|| {
                let (tx, results) = chan::channel(3);
                for n in [3, 1, 2] {
                    tx.send((n, n.to_string()));
                }
                drop(tx);
                equal(
                    in_order(results).iter().collect::<String>(),
                    "123".to_string(),
                )
            })
        }),
        check("1 does not wait for 3", || {
            bubble(|| {
                let (tx, results) = chan::channel(3);
                let texts = in_order(results);
                tx.send((1, "one".to_string()));
                let first = texts.recv();
                tx.send((2, "two".to_string()));
                equal(
                    (first, texts.recv()),
                    (Some("one".into()), Some("two".into())),
                )
            })
        }),
    ]
}
