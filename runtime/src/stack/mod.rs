//! Stacks: one reserved arena, cut into slots.
//!
//! * [`class`]: the sizes of slots.
//! * [`arena`]: the reservation, its chunks and slots.
//! * [`central`]: which slots are free; full [`magazine`]s of them.
//! * [`ahead`]: stacks that are made before they are needed.
//! * [`room`]: how much of it an ordinary goroutine gets.
//! * [`cache`]: the free slots that a P has at hand.
//! * [`live`]: looking at all slots from outside.
//! * [`word`]: a word for each slot, in a table outside of them, for what must survive the slot's pages.
//! * [`bounds`]: what of a slot is not for the program.
//! * [`guard`]: the guard below each stack.
//! * [`overflow`]: what happens when a stack runs into it.

pub(crate) mod ahead;
pub(crate) mod arena;
pub(crate) mod bounds;
pub(crate) mod cache;
mod central;
mod class;
pub(crate) mod guard;
pub(crate) mod live;
mod magazine;
pub(crate) mod overflow;
pub(crate) mod room;
pub(crate) mod word;

pub(crate) use central::reclaim;

#[cfg(test)]
mod tests;
