//! The checks of `sum`.

use crate::kit::{Check, check, equal, source_has};
use crate::yours::sum;

pub fn checks() -> Vec<Check> {
    vec![
        check("ten goroutines add up to 55", || equal(sum(10), 55)),
        check("no goroutine, no sum", || equal(sum(0), 0)),
        check("a thousand goroutines", || equal(sum(1000), 500_500)),
        check("the numbers come from goroutines", || source_has("go!")),
    ]
}
