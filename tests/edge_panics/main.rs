//! What a user's code does in the middle of a panic: destructors of payloads that panic, texts that recover,
//! panics that `std::panic::catch_unwind` swallows.

mod door;
mod payloads;
mod swallowed;
mod under_locks;
