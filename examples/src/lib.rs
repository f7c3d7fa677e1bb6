//! Go's tutorial programs in Rust, and what each of them should print.
//!
//! Every `NAME.rs` beside this folder is a complete program, `NAME.out` beside it says what it
//! prints ([`expect`] tells how to read it). All of them are also modules of this crate, so that the
//! tour (`src/main.rs`) and the test (`tests/golden.rs`) are one executable, which starts itself
//! again for each program: [`run`].
//!
//! The exercises that check themselves are in [`practice`].
//!
//! A new program is the two files `NAME.rs` (its header's first line is the title, and it names the
//! Go program it mirrors) and `NAME.out`, a line in `Cargo.toml` and a word in `programs.rs`.

pub mod expect;
pub mod practice;
mod programs;
pub mod run;
pub mod tries;

pub use programs::{PROGRAMS, Program};
