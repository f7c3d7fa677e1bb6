//! Latencies gathered by many goroutines at once, and their percentiles.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::report;

/// One latency per goroutine or turn, filled from any thread without a lock.
pub struct Samples {
    nanos: Vec<AtomicI64>,
}

impl Samples {
    /// Room for `count` durations, all zero.
    pub fn new(count: usize) -> Self {
        Self {
            nanos: (0..count).map(|_| AtomicI64::new(0)).collect(),
        }
    }

    /// Puts one into its place.
    pub fn set(&self, at: usize, sample: Duration) {
        // Relaxed: whoever reads has waited for every goroutine that writes.
        self.nanos[at].store(
            i64::try_from(sample.as_nanos()).unwrap_or(i64::MAX),
            Ordering::Relaxed,
        );
    }

    /// The durations in ns, ascending.
    pub fn sorted(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self
            .nanos
            .iter()
            .map(|slot| slot.load(Ordering::Relaxed))
            .collect();
        all.sort_unstable();
        all
    }

    /// Prints `p50`, `mean` and `p99` in microseconds, each name with the prefix.
    pub fn report(&self, prefix: &str) {
        let sorted = self.sorted();
        if sorted.is_empty() {
            return;
        }
        let mean = sorted.iter().sum::<i64>() as f64 / sorted.len() as f64;
        report(&format!("{prefix}p50"), percentile(&sorted, 50) / 1e3, "us");
        report(&format!("{prefix}mean"), mean / 1e3, "us");
        report(&format!("{prefix}p99"), percentile(&sorted, 99) / 1e3, "us");
    }
}

/// The value below which `percent` of the ascending values lie.
fn percentile(sorted: &[i64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)] as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_hundred_values() {
        let samples = Samples::new(100);
        (0..100).for_each(|i| samples.set(99 - i, Duration::from_nanos(100 + i as u64)));
        let sorted = samples.sorted();
        assert_eq!((sorted.len(), sorted[0]), (100, 100));
        assert_eq!(percentile(&sorted, 50), 150.0);
        assert_eq!(percentile(&sorted, 99), 199.0);
    }
}
