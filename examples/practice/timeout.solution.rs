//! Return what `answers` gives, or `None` if nothing comes within `limit`.

use goroutines::prelude::*;

pub fn within(limit: time::Duration, answers: Receiver<u32>) -> Option<u32> {
    select! {
        answer = <-answers => answer,
        <-time::after(limit) => None,
    }
}
