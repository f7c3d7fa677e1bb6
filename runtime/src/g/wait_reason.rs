//! Why a goroutine waits.

macro_rules! wait_reasons {
    ($($name:ident = $text:literal,)*) => {
        /// Why a goroutine waits; dumps print Go's words for it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub(crate) enum WaitReason { $($name,)* }

        impl WaitReason {
            pub(super) const ALL: &[WaitReason] = &[$(WaitReason::$name,)*];

            /// Go's words (`waitReasonStrings`).
            pub(crate) fn text(self) -> &'static str {
                match self { $(WaitReason::$name => $text,)* }
            }
        }

        /// All of them, in order, for a debugger.
        pub(crate) static TEXTS: [&str; [$($text),*].len()] = [$($text),*];
    };
}

wait_reasons! {
    None = "waiting",
    ChanReceive = "chan receive",
    ChanSend = "chan send",
    ChanReceiveNil = "chan receive (nil chan)",
    ChanSendNil = "chan send (nil chan)",
    Select = "select",
    SelectNoCases = "select (no cases)",
    Sleep = "sleep",
    IoWait = "IO wait",
    SyncMutexLock = "sync.Mutex.Lock",
    SyncRwMutexRLock = "sync.RWMutex.RLock",
    SyncRwMutexLock = "sync.RWMutex.Lock",
    SyncWaitGroupWait = "sync.WaitGroup.Wait",
    SyncCondWait = "sync.Cond.Wait",
    Join = "join",
    BlockOn = "future",
    // Inside a bubble of `testing::synctest`, where nothing outside can end the wait.
    ChanReceiveDurable = "chan receive (durable)",
    ChanSendDurable = "chan send (durable)",
    SelectDurable = "select (durable)",
    WaitGroupDurable = "sync.WaitGroup.Wait (durable)",
    JoinDurable = "join (durable)",
    SynctestWait = "synctest.Wait",
    SynctestRun = "synctest.Run",
}

impl WaitReason {
    /// Does a goroutine of a bubble that waits so wait *durably*: until another one of the bubble, or
    /// the bubble's clock, ends it? (Go's `isIdleInSynctest`.)
    pub(crate) fn is_durable(self) -> bool {
        use WaitReason::*;
        matches!(
            self,
            ChanReceiveNil
                | ChanSendNil
                | SelectNoCases
                | Sleep
                | SyncCondWait
                | ChanReceiveDurable
                | ChanSendDurable
                | SelectDurable
                | WaitGroupDurable
                | JoinDurable
                | SynctestWait
        )
    }

    /// Does it wait for a lock?
    pub(crate) fn is_lock(self) -> bool {
        use WaitReason::*;
        matches!(self, SyncMutexLock | SyncRwMutexRLock | SyncRwMutexLock)
    }

    /// The same wait, for something that belongs to the goroutine's bubble.
    pub(crate) fn durable(self) -> WaitReason {
        use WaitReason::*;
        match self {
            ChanReceive => ChanReceiveDurable,
            ChanSend => ChanSendDurable,
            Select => SelectDurable,
            SyncWaitGroupWait => WaitGroupDurable,
            Join => JoinDurable,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_gos_words() {
        assert_eq!(WaitReason::ChanReceiveNil.text(), "chan receive (nil chan)");
        assert_eq!(
            WaitReason::ALL[WaitReason::Sleep as usize],
            WaitReason::Sleep
        );
    }
}
