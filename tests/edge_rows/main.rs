//! Corners of channels, joins, sockets, signals, children, standard streams, timers, traces and
//! the number of Ps.

mod abandoned;
mod children;
mod processors;
mod signals;
mod sockets;
mod stack_need;
mod streams;
mod timers;
mod traces;
