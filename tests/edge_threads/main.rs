//! Where threads begin and end: thread-locals' destructors, results whose destructors end their goroutine,
//! what a goroutine leaves on the thread that it has left.

mod exit;
mod left_behind;
mod messages;
mod scope;
