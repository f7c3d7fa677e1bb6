//! Testing concurrent programs (Go's `testing/synctest`, and what Go leaves to others).
//!
//! | | |
//! | --- | --- |
//! | [`synctest::test`] | a test with a clock of its own: an hour of sleeping takes no time, and the test knows when all wait |
//! | [`leak::check`] | no goroutine outlives the test |
//! | [`explore`], [`replay`] | a program under many schedules, each of which can be repeated |
//!
//! All work by *families*: what a test starts, and what that starts, and so on, is counted apart from
//! everything else in the process. So they can be used under `cargo test`, where tests run side by side.
//!
//! Programs that use none of this pay for it with a bit test here and there, in cache lines that are at
//! hand anyway: whether a goroutine has a family, when it starts, parks, is made ready or ends; whether a
//! channel was made in a bubble, when it is used.

mod explore;
#[cfg(test)]
mod faults;
pub mod leak;
pub mod synctest;

pub use explore::{explore, replay};
