//! The checks of `cancel`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::count;
use goroutines::prelude::*;
use goroutines::testing::synctest;

pub fn checks() -> Vec<Check> {
    vec![
        check("it counts", || {
            let (ctx, cancel) = context::with_cancel(&context::background());
            let c = make!(chan u32);
            go!(count(ctx, c.sender()));
            let got: Vec<_> = c.iter().take(3).collect();
            cancel();
            equal(got, vec![1, 2, 3])
        }),
        check("after `cancel` it ends", || {
            bubble(|| {
                let (ctx, cancel) = context::with_cancel(&context::background());
                let c = make!(chan u32);
                let before = runtime::num_goroutine();
                go!(count(ctx, c.sender()));
                c.recv();
                cancel();
                synctest::wait();
                equal(runtime::num_goroutine().saturating_sub(before), 0)
            })
        }),
    ]
}
