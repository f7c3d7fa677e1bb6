//! Everyday crates, as they come: they know nothing of goroutines.
//!
//! Each test runs what people do with a crate in 50 to 500 goroutines, with GOMAXPROCS 1, 2 and 4, lets others run
//! in the middle, and looks at the results. `tests/ecosystem.sh` runs it optimised.

mod locks;
mod logs;
mod parsers;
mod spans;
mod stack_left;
mod templates;
mod tools;
