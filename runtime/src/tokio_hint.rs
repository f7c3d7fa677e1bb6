//! Tells, in a debug build with the feature `tokio`, of a call that blocks a thread of tokio's.

/// The calling plain thread is about to block; nothing is locked.
#[inline]
pub(crate) fn about_to_block() {
    #[cfg(all(feature = "tokio", debug_assertions))]
    look();
}

#[cfg(all(feature = "tokio", debug_assertions))]
fn look() {
    use std::backtrace::Backtrace;
    use std::sync::atomic::{AtomicU32, Ordering};
    /// So often is looked closer, which takes its time.
    const LOOKS: u32 = 64;
    static LOOKED: AtomicU32 = AtomicU32::new(0);
    if ::tokio::task::try_id().is_none() || LOOKED.load(Ordering::Relaxed) >= LOOKS {
        return;
    }
    LOOKED.fetch_add(1, Ordering::Relaxed);
    // A blocking task has an id, too, and the scheduler itself is one: only the innermost on the stack tells.
    let stack = Backtrace::force_capture().to_string();
    let depth = |door: &str| stack.find(door).unwrap_or(usize::MAX);
    let scheduler = depth("tokio::runtime::scheduler::");
    if depth("::block_in_place").min(depth("::BlockingTask")) <= scheduler {
        return;
    }
    if LOOKED.swap(LOOKS, Ordering::Relaxed) < LOOKS {
        eprintln!(
            "goroutines: a blocking channel operation in a tokio task holds up a thread of tokio's; write \
             `rx.recv_async().await` or `tx.send_async(v).await`, or do it in `tokio::task::spawn_blocking`"
        );
    }
}
