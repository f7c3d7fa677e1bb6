//! What a scenario is, and what it knows of its run.

use goroutines::{Builder, runtime};
use std::time::SystemTime;

/// One scenario: panics if something is wrong. It has ended when it returns, and so have all
/// goroutines that it has started, or they are about to.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Cx),
    /// It looks at the whole process (threads, GOMAXPROCS): the soak does not mix it with others.
    #[allow(dead_code)]
    pub(crate) alone: bool,
}

/// A scenario that may run beside others.
pub(crate) const fn mixed(name: &'static str, run: fn(&Cx)) -> Scenario {
    Scenario {
        name,
        run,
        alone: false,
    }
}

/// One that may not.
pub(crate) const fn alone(name: &'static str, run: fn(&Cx)) -> Scenario {
    Scenario {
        name,
        run,
        alone: true,
    }
}

/// What a scenario knows of its run.
#[derive(Clone, Copy)]
pub(crate) struct Cx {
    /// Decides everything random.
    pub seed: u64,
    /// How much to do: 1 in a test run.
    pub scale: usize,
}

impl Cx {
    /// `n` at scale 1.
    pub(crate) fn times(&self, n: usize) -> usize {
        n * self.scale
    }

    /// Random numbers of its own for part `i`.
    pub(crate) fn rng(&self, i: usize) -> Rng {
        Rng(self.seed ^ (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

/// splitmix64.
pub(crate) struct Rng(u64);

impl Rng {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Runs a scenario from this plain thread, from a goroutine, or from one that is bound to its thread, as
/// the seed says.
pub(crate) fn run_one(f: fn(&Cx), cx: Cx) {
    let bound = match cx.seed % 3 {
        0 => return f(&cx),
        kind => kind == 2,
    };
    let main = Builder::new().stack_size(2 << 20).spawn(move || {
        if bound {
            runtime::lock_os_thread();
        }
        f(&cx);
        if bound {
            runtime::unlock_os_thread();
        }
    });
    main.join().unwrap_or_else(|p| p.resume());
}

/// `STRESS_SEED`, or the time.
pub(crate) fn first_seed() -> u64 {
    number("STRESS_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.map_or(1, |d| d.as_millis() as u64)
    })
}

/// An environment variable as a number.
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
