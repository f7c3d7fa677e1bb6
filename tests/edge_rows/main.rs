//! Corners of channels, joins, sockets, signals, timers and traces.

mod abandoned;
mod sockets;
mod stack_need;
mod timers;
mod traces;
