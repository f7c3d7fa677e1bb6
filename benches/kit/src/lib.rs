//! What the Rust benchmark programs share: arguments, output protocol, statistics and the work that is not concurrent.
//!
//! A program is called as `rows WORKLOAD key=value ..` with `GOMAXPROCS` in its environment, runs one workload once,
//! and prints one `name value unit` line per figure. Where the peer has no such thing it prints `absent`, and where it
//! went wrong `failed TEXT`. The Go program follows the same protocol without this crate. Nothing here knows a runtime.

pub mod process;
mod samples;

use std::collections::HashMap;
use std::hint::black_box;
use std::io::Read as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use samples::Samples;

/// Size of a message in the echo workload, in bytes.
pub const ECHO_BYTES: usize = 64;

/// Size of a server's buffer per connection, in bytes: part of what an idle connection costs.
pub const BUFFER_BYTES: usize = 256;

/// What the HTTP servers answer.
pub const HELLO: &str = "Hello, World!";

/// The command line of a benchmark program.
pub struct Args {
    /// The first argument.
    pub workload: String,
    values: HashMap<String, String>,
}

impl Args {
    /// Reads the command line of this process.
    pub fn from_env() -> Self {
        let mut words = std::env::args().skip(1);
        let workload = words
            .next()
            .unwrap_or_else(|| fail("usage: WORKLOAD key=value .."));
        let values = words
            .map(|word| match word.split_once('=') {
                Some((key, value)) => (key.to_owned(), value.to_owned()),
                None => fail(&format!("not key=value: {word}")),
            })
            .collect();
        Self { workload, values }
    }

    /// The number given for `key`; the program ends if there is none.
    pub fn num(&self, key: &str) -> usize {
        let text = self
            .text(key)
            .unwrap_or_else(|| fail(&format!("missing argument {key}=")));
        text.parse()
            .unwrap_or_else(|_| fail(&format!("not a number: {key}={text}")))
    }

    /// The text given for `key`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The duration in microseconds given for `key`.
    pub fn micros(&self, key: &str) -> Duration {
        Duration::from_micros(self.num(key) as u64)
    }
}

/// Prints one figure.
pub fn report(name: &str, value: f64, unit: &str) {
    println!("{name} {value:.4} {unit}");
}

/// Prints nanoseconds per operation.
pub fn per_op(name: &str, elapsed: Duration, operations: usize) {
    report(name, elapsed.as_nanos() as f64 / operations as f64, "ns");
}

/// Prints what the workload `parallel` took: `wall` for `tasks` that one thread does in `serial`.
pub fn parallel(tasks: usize, serial: Duration, wall: Duration) {
    per_op("time", wall, tasks);
    let ideal = serial.as_secs_f64() / procs() as f64;
    let over = wall.as_secs_f64() / ideal - 1.0;
    report("over_ideal", over * 100.0, "%");
}

/// Says why there is no figure, and ends the program.
pub fn fail(text: &str) -> ! {
    println!("failed {text}");
    std::process::exit(0);
}

/// The peer has nothing that does this work (benches/README.md says what is missing), and the program ends.
pub fn absent() -> ! {
    println!("absent");
    std::process::exit(0);
}

/// The number of processors to use: `GOMAXPROCS`, or what the machine has.
pub fn procs() -> usize {
    std::env::var("GOMAXPROCS")
        .ok()
        .and_then(|text| text.parse().ok())
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
}

/// Prints the first of several rounds and the median of the others.
pub fn first_and_warm(rounds: &[Duration], operations: usize) {
    let Some((first, rest)) = rounds.split_first() else {
        return;
    };
    per_op("first", *first, operations);
    warm(rest, operations);
}

/// Prints the median of the rounds.
pub fn warm(rounds: &[Duration], operations: usize) {
    let mut rounds = rounds.to_vec();
    rounds.sort_unstable();
    if let Some(median) = rounds.get(rounds.len() / 2) {
        per_op("warm", *median, operations);
    }
}

/// Tells the harness where a server listens, then waits until the harness closes standard input, and ends the process.
pub fn serve_until_told(at: SocketAddr) -> ! {
    println!("listening {}", at.port());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    std::process::exit(0);
}

/// How many messages the prime sieve passes along until it has found `count` primes.
///
/// A number reaches one filter per prime up to its own smallest factor; what runs ahead of the last prime is not
/// counted (at most one number per filter).
pub fn sieve_messages(count: usize) -> usize {
    sieve(count).1
}

/// The last of `count` primes.
pub fn sieve_limit(count: usize) -> usize {
    sieve(count).0
}

fn sieve(count: usize) -> (usize, usize) {
    let mut primes: Vec<usize> = Vec::with_capacity(count);
    let mut messages = 0;
    let mut number = 2;
    while primes.len() < count {
        let stages = primes.iter().position(|prime| number % prime == 0);
        messages += 1 + stages.unwrap_or(primes.len());
        if stages.is_none() {
            primes.push(number);
        }
        number += 1;
    }
    (number - 1, messages)
}

/// How many goroutines `fib(n)` starts when each call above 1 starts one.
pub fn fib_tasks(n: usize) -> usize {
    if n < 2 {
        0
    } else {
        1 + fib_tasks(n - 1) + fib_tasks(n - 2)
    }
}

/// A chunk of work that a compiler cannot shorten: each word waits for the one before (about 13 us for 64 KiB).
pub fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0000_01b3)
    })
}

/// 64 KiB of input for [`hash`].
pub fn hash_input() -> Vec<u64> {
    (0..8192)
        .map(|i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .collect()
}

/// Burns CPU without calling anything that a scheduler could use, for `time`.
pub fn burn(time: Duration) {
    let input = hash_input();
    let start = Instant::now();
    while start.elapsed() < time {
        black_box(hash(black_box(&input)));
    }
}

/// How many chunks of [`hash`] one CPU does in a second, measured now for 50 ms.
pub fn hashes_per_second() -> f64 {
    let input = hash_input();
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < Duration::from_millis(50) {
        black_box(hash(black_box(&input)));
        done += 1;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// The sleep of sleeper `i`: 1 to 100 ms, spread evenly, in an order that no timer structure likes.
pub fn sleeper_micros(i: usize) -> u64 {
    1_000 + (i as u64).wrapping_mul(7_919) % 99_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sieve_counts_each_number_at_each_filter() {
        // 2 reaches one stage; 3 two; 4 one; 5 three: four numbers, seven messages until the third prime.
        assert_eq!(sieve_messages(3), 1 + 2 + 1 + 3);
        assert_eq!(sieve_limit(3), 5);
    }

    #[test]
    fn fib_starts_one_goroutine_per_call_above_one() {
        assert_eq!(fib_tasks(1), 0);
        assert_eq!(fib_tasks(2), 1);
        assert_eq!(fib_tasks(4), 4);
    }

    #[test]
    fn sleeps_stay_between_one_and_a_hundred_milliseconds() {
        assert!(
            (0..100_000)
                .map(sleeper_micros)
                .all(|us| (1_000..100_000).contains(&us))
        );
    }
}
