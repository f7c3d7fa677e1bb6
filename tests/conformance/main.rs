//! Behaviours of Go's own tests, written anew: the same situation, the same outcome. One file for
//! each of Go's; what had to be adapted is said in the test's doc line.

mod allocations;
mod atomic_value;
mod block_on;
mod cond;
mod context;
mod debug;
mod explore;
mod gopool;
mod http;
mod io_pipe;
mod join_error;
mod leak;
mod local;
mod map;
mod mutex;
mod net;
mod nosuspend;
mod once;
mod oncefunc;
mod os_pipe;
mod pool;
mod process;
mod recover;
mod rwmutex;
mod scope;
mod signal;
mod spawn;
mod synctest;
mod waitgroup;
mod x_sync;
