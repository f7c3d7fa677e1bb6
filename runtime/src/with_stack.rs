//! [`with_stack`].

use crate::sched::grow;

/// Runs `f` with at least `bytes` of stack free, for code that needs much and runs in a program with so many
/// goroutines that their stacks are small: see [`Builder::stack_size`](crate::Builder::stack_size). If the
/// goroutine's stack has as much left, `f` just runs; else it runs on a further piece of stack, which goes back when it
/// returns. On a plain thread, whose stack is not ours, it just runs too. Go has nothing like it: its
/// stacks grow by themselves.
///
/// # Panics
/// With what `f` panics. Where the stack would get larger than `debug::set_max_stack` allows, or `bytes` is above
/// 256 MiB, the process ends: `fatal error: stack overflow`.
///
/// # Suspends
/// If `f` does.
///
/// # Examples
/// ```
/// use goroutines::{Builder, with_stack};
///
/// let small = Builder::new().stack_size(64 << 10);
/// let sum = small.spawn(|| {
///     with_stack(4 << 20, || {
///         let table = std::hint::black_box([1u8; 1 << 20]);
///         table.iter().map(|&b| u64::from(b)).sum::<u64>()
///     })
/// });
/// assert_eq!(sum.join().unwrap(), 1 << 20);
/// ```
pub fn with_stack<R>(bytes: usize, f: impl FnOnce() -> R) -> R {
    grow::prologue(bytes, f)
}
