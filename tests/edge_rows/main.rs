//! Corners of channels, joins, sockets, signals, children, standard streams, timers and traces.

mod abandoned;
mod children;
mod signals;
mod sockets;
mod stack_need;
mod streams;
mod timers;
mod traces;
