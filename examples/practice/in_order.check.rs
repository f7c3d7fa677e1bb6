//! The checks of `in_order`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::all;
use goroutines::prelude::*;

fn slow(page: &str) -> String {
    time::sleep(if page == "a" {
        3 * time::SECOND
    } else {
        time::SECOND
    });
    format!("{page}!")
}

fn pages() -> Vec<String> {
    ["a", "b", "c"].map(String::from).to_vec()
}

pub fn checks() -> Vec<Check> {
    vec![
        check("the answers stand in the order of the pages", || {
            bubble(|| {
                equal(
                    all(pages(), slow),
                    ["a!", "b!", "c!"].map(String::from).to_vec(),
                )
            })
        }),
        check(
            "it takes as long as the slowest page, three seconds",
            || {
                bubble(|| {
                    let start = time::now();
                    all(pages(), slow);
                    equal(time::since(start), 3 * time::SECOND)
                })
            },
        ),
        check("no pages, no answers", || {
            equal(all(Vec::new(), slow), Vec::new())
        }),
    ]
}
