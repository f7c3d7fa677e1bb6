//! Go's `internal/synctest/synctest_test.go` and `testing/synctest`. What is fatal there is tested in
//! `tests/process`.

mod clock;
mod ends;
mod timers;
mod waits;
