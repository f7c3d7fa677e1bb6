//! Stacks: one reserved arena, cut into slots.
//!
//! * [`arena`]: the reservation, its chunks and slots, and who has which.
//! * [`cache`]: the free slots that a P has at hand.
//! * [`room`]: how much of it an ordinary goroutine gets.
//! * [`word`]: eight bytes beside each slot, for what must survive the slot's pages.
//! * [`guard`]: the guard below each stack.
//! * [`overflow`]: what happens when a stack runs into it.

pub(crate) mod arena;
pub(crate) mod cache;
pub(crate) mod guard;
pub(crate) mod overflow;
pub(crate) mod room;
pub(crate) mod word;

#[cfg(test)]
mod tests;
