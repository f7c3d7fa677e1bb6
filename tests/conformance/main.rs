//! Behaviours of Go's own tests, written anew: the same situation, the same outcome. One file for
//! each of Go's; what had to be adapted is said in the test's doc line.

mod block_on;
mod cond;
mod context;
mod gopool;
mod http;
mod io_pipe;
mod map;
mod mutex;
mod net;
mod once;
mod oncefunc;
mod os_pipe;
mod pool;
mod process;
mod rwmutex;
mod signal;
mod spawn;
mod waitgroup;
mod x_sync;
