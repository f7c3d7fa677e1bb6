//! Corners of channels, joins, sockets, signals, children, standard streams, timers, traces and
//! the number of Ps.

mod abandoned;
mod children;
mod processors;
mod signals;
mod sockets;
#[cfg(not(goroutines_asan))] // a sanitizer keeps large values elsewhere than on the stack
mod stack_need;
mod streams;
mod timers;
mod traces;
