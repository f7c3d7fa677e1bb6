//! [`rate_limit`].

use crate::http::{Handler, Request, Response, StatusCode};
use crate::sync::Mutex;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

/// Answers 429 to an address that asks more than `per_second` times a second on average and has used up
/// its `burst` of requests at once.
///
/// ```
/// use goroutines::http::{Handler, Request};
/// use goroutines::http::middleware::rate_limit;
///
/// let handler = rate_limit(1, 2, |_: &Request| "hello");
/// let ask = || handler.serve_http(&Request::new("GET", "/")).status().as_u16();
/// assert_eq!([ask(), ask(), ask()], [200, 200, 429]);
/// ```
///
/// # Panics
/// If one of the numbers is 0.
pub fn rate_limit(per_second: u32, burst: u32, handler: impl Handler) -> impl Handler {
    assert!(per_second > 0 && burst > 0, "http: a rate limit of 0");
    let buckets = Buckets {
        rate: f64::from(per_second),
        burst: f64::from(burst),
        used: Mutex::default(),
    };
    move |req: &Request| match buckets.take(req.remote_addr().ip(), Instant::now()) {
        true => handler.serve_http(req),
        false => Response::from(StatusCode::TOO_MANY_REQUESTS).with_header("retry-after", "1"),
    }
}

/// A bucket for each address: it holds `burst` drops, and `rate` a second run in.
struct Buckets {
    rate: f64,
    burst: f64,
    /// How many drops were missing, and when. A bucket that is full again is as good as none.
    used: Mutex<HashMap<IpAddr, (f64, Instant)>>,
}

impl Buckets {
    fn take(&self, from: IpAddr, now: Instant) -> bool {
        /// From this number on the full ones are removed, at every doubling.
        const MANY: usize = 1024;
        let mut used = self.used.lock();
        if used.len() >= MANY && used.len() == used.capacity() {
            used.retain(|_, bucket| self.missing(*bucket, now) > 0.0);
        }
        let bucket = used.entry(from).or_insert((0.0, now));
        let missing = self.missing(*bucket, now);
        if missing + 1.0 > self.burst {
            return false;
        }
        *bucket = (missing + 1.0, now);
        true
    }

    fn missing(&self, (missing, then): (f64, Instant), now: Instant) -> f64 {
        let refilled = now.saturating_duration_since(then).as_secs_f64() * self.rate;
        (missing - refilled).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Each address has its own, which fills again, and not over its brim.
    #[test]
    fn buckets() {
        let buckets = Buckets {
            rate: 2.0,
            burst: 3.0,
            used: Mutex::default(),
        };
        let (a, b) = (IpAddr::from([1, 2, 3, 4]), IpAddr::from([0u16; 8]));
        let begin = Instant::now();
        let granted = |from, ms| {
            let now = begin + Duration::from_millis(ms);
            (0..10).take_while(|_| buckets.take(from, now)).count()
        };
        assert_eq!(granted(a, 0), 3);
        assert_eq!(granted(a, 499), 0);
        assert_eq!(granted(b, 499), 3);
        assert_eq!(granted(a, 500), 1);
        assert_eq!(granted(a, 3_600_000), 3);
    }
}
