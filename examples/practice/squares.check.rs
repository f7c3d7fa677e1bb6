//! The checks of `squares`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::squares;

pub fn checks() -> Vec<Check> {
    vec![
        check("the first square is 1", || {
            equal(squares(3).recv(), Some(1))
        }),
        check("the stream of three squares ends after 9", || {
            bubble(|| equal(squares(3).iter().collect::<Vec<_>>(), vec![1, 4, 9]))
        }),
        check("no squares: the stream ends at once", || {
            bubble(|| equal(squares(0).recv(), None))
        }),
    ]
}
