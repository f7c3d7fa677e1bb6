//! Many goroutines that have not begun: they have no stacks yet, but are there.

use crate::Command;
use goroutines::prelude::*;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

pub(crate) const COMMANDS: &[Command] = &[("not_begun", not_begun)];

const MANY: usize = 400;

/// How many have begun. (It is none, unless the system has let this thread wait for long: then its P is taken.)
static BEGUN: AtomicUsize = AtomicUsize::new(0);
static SUM: AtomicU64 = AtomicU64::new(0);

/// Starts one that carries `N` words and `token`.
fn carries<const N: usize>(wg: &sync::WaitGroup, i: usize, token: &Arc<()>) {
    let (words, token) = ([i as u64; N], token.clone());
    let wg = wg.clone();
    wg.add(1);
    go!({
        BEGUN.fetch_add(1, SeqCst);
        SUM.fetch_add(words.iter().sum(), SeqCst);
        drop(token);
        wg.done();
    });
}

/// Resident memory that is not a file's, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("RssAnon:"));
    let number = line.and_then(|l| l.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn not_begun() {
    let wg = sync::WaitGroup::new();
    let token = Arc::new(());
    for round in 0..3 {
        // A slice of its own.
        runtime::gosched();
        let (begun, before) = (BEGUN.load(SeqCst), resident());
        for i in 0..MANY {
            match i % 3 {
                0 => carries::<1>(&wg, i, &token),
                1 => carries::<12>(&wg, i, &token),
                _ => carries::<19>(&wg, i, &token),
            }
        }
        let grown = resident().saturating_sub(before);
        // With a stack each would take 4 KiB at the least.
        let most = MANY + 2 * (BEGUN.load(SeqCst) - begun) + 256;
        assert!(grown < most, "round {round}: {grown} KiB more, not {most}");
        let runnable = runtime::metrics().runnable as usize;
        let text = runtime::stack_all();
        let begun = BEGUN.load(SeqCst) - begun;
        let listed = text.matches("[runnable]:\n").count();
        let told = text.matches("/not_begun.rs:").count();
        for (what, n) in [("counted", runnable), ("listed", listed), ("told", told)] {
            assert!(n + begun >= MANY, "{what}: {n}, and {begun} have begun");
        }
        wg.wait();
    }
    // The closures of these are too large to wait without.
    for i in 0..100 {
        carries::<30>(&wg, i, &token);
    }
    wg.wait();
    let words = |i: usize| [1, 12, 19][i % 3] as u64;
    let each: u64 = (0..MANY).map(|i| i as u64 * words(i)).sum();
    assert_eq!(SUM.load(SeqCst), 3 * each + 30 * 4950);
    while Arc::strong_count(&token) > 1 {
        runtime::gosched();
    }
}
