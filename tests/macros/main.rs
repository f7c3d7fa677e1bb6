//! What `go!`, `select!`, `defer!`, `make!` and `#[goroutine]` do, as their documentation says it.
//! What they refuse is in `ui/`.
//!
//! The lints are those of a strict user: the expansions must not draw any.
#![deny(warnings, clippy::all, clippy::pedantic)]
// These speak about the functions of the tests, which have the shapes that are to be tested.
#![allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::many_single_char_names
)]

mod attribute;
mod defers;
mod generated;
mod go_blocks;
mod go_calls;
mod names;
mod select_arms;
mod select_flow;
mod select_operands;
