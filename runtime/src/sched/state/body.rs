//! The stack and the thread of an M.

use crate::sys::thread::{Thread, ThreadStack};

/// What an M runs on.
pub(crate) struct Body {
    pub(crate) stack: ThreadStack,
    /// The last thread that was started on it; joined before the next one is.
    pub(crate) thread: Option<Thread>,
}

impl Body {
    /// The stack, if its thread has ended.
    pub(crate) fn into_stack(self) -> Result<ThreadStack, Body> {
        let Body { stack, thread } = self;
        match thread.map(Thread::try_join) {
            None | Some(Ok(())) => Ok(stack),
            Some(Err(thread)) => Err(Body {
                stack,
                thread: Some(thread),
            }),
        }
    }
}
