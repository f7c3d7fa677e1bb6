//! Goroutines that a test watches: families, and bubbles, which have a clock of their own.
//!
//! | file | what |
//! | --- | --- |
//! | [`members`] | who belongs to a family |
//! | [`bubble`](mod@bubble) | when all of them wait: the counts, the root's work |
//! | [`explorer`] | whose turn it is, where one runs at a time |
//! | [`sides`] | what `park`, `ready` and `spawn` do for a goroutine of a bubble |
//!
//! The scheduler calls up here by [`hooks`](super::state::hooks).

mod bubble;
mod explorer;
mod members;
mod sides;

pub(crate) use bubble::{Bubble, End, exist};
pub(crate) use members::{Entered, Family, bubble, current_id, enter};
pub(crate) use sides::{family, point, random};
