//! Why a context is done.

use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

/// Why a context is done (Go's `context.Canceled` and `context.DeadlineExceeded`).
///
/// ```
/// use goroutines::context::ContextError;
/// assert_eq!(ContextError::Canceled.to_string(), "context canceled");
/// assert_eq!(ContextError::DeadlineExceeded.to_string(), "context deadline exceeded");
/// assert!(ContextError::DeadlineExceeded.is_timeout());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ContextError {
    /// It was cancelled: `context canceled`.
    Canceled,
    /// Its deadline has passed: `context deadline exceeded`.
    DeadlineExceeded,
}

impl ContextError {
    /// Whether time ran out (Go's `Timeout()`).
    pub fn is_timeout(self) -> bool {
        self == Self::DeadlineExceeded
    }
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Canceled => "context canceled",
            Self::DeadlineExceeded => "context deadline exceeded",
        })
    }
}

impl Error for ContextError {}

impl From<ContextError> for io::Error {
    /// `TimedOut` for a passed deadline, else `Other` (not `Interrupted`, upon which callers retry).
    fn from(err: ContextError) -> Self {
        let kind = match err {
            ContextError::Canceled => io::ErrorKind::Other,
            ContextError::DeadlineExceeded => io::ErrorKind::TimedOut,
        };
        io::Error::new(kind, err)
    }
}

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// A cause as all contexts below share it.
pub(super) type Cause = Arc<dyn Error + Send + Sync>;
