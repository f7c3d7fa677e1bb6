//! Compression, errors, command lines, random numbers.

use anyhow::Context;
use clap::Parser;
use ecosystem::everywhere;
use goroutines::runtime::gosched;
use rand::{RngExt, SeedableRng};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::sync::Mutex;

/// The best level has tables of 300 KiB on the stack.
#[test]
fn flate2() {
    let text: String = (0..5_000).map(|n| format!("line {}\n", n * n)).collect();
    everywhere(50, |i| {
        let level = flate2::Compression::new(if i % 2 == 0 { 9 } else { 1 });
        let mut packing = flate2::write::GzEncoder::new(Vec::new(), level);
        for part in text.as_bytes().chunks(1_000) {
            packing.write_all(part).unwrap();
            gosched();
        }
        let packed = packing.finish().unwrap();
        assert!(packed.len() < text.len() / 2);
        let mut back = String::new();
        let mut unpacking = flate2::read::GzDecoder::new(&packed[..]);
        unpacking.read_to_string(&mut back).unwrap();
        assert!(back == text);
    });
}

#[test]
fn anyhow() {
    fn parse(text: &str) -> anyhow::Result<u32> {
        gosched();
        text.parse()
            .with_context(|| format!("`{text}` is no number"))
    }
    everywhere(200, |i| {
        assert_eq!(parse(&i.to_string()).unwrap(), i as u32);
        let error = parse("seven").unwrap_err();
        assert_eq!(error.to_string(), "`seven` is no number");
        assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
        let joined = || -> anyhow::Result<u32> { goroutines::spawn(|| parse("x")).join()? };
        assert_eq!(joined().unwrap_err().to_string(), "`x` is no number");
    });
}

#[derive(Parser, Debug, PartialEq)]
struct Args {
    #[arg(long, default_value_t = 1)]
    count: usize,
    #[arg(short, long)]
    verbose: bool,
    files: Vec<String>,
}

#[test]
fn clap() {
    everywhere(50, |i| {
        let line = ["prog", "--count", &i.to_string(), "-v", "a", "b"].map(str::to_owned);
        let args = Args::try_parse_from(line).unwrap();
        gosched();
        assert_eq!((args.count, args.verbose, args.files.len()), (i, true, 2));
        let error = Args::try_parse_from(["prog", "--count", "many"]).unwrap_err();
        assert!(error.to_string().contains("invalid value 'many'"));
    });
}

/// The thread's generator is asked anew after each call that suspends; what is held over one is the
/// goroutine's own.
#[test]
fn rand() {
    let seen = Mutex::new(HashSet::new());
    everywhere(200, |i| {
        // ANCHOR: rand
        let mut own = rand::rngs::StdRng::seed_from_u64(i as u64);
        let mut numbers = Vec::new();
        for _ in 0..20 {
            numbers.push(rand::random::<u64>());
            gosched();
            numbers.push(rand::rng().random());
            own.random::<u64>();
        }
        // ANCHOR_END: rand
        let mut again = rand::rngs::StdRng::seed_from_u64(i as u64);
        for _ in 0..20 {
            again.random::<u64>();
        }
        assert_eq!(own.random::<u64>(), again.random::<u64>());
        let mut seen = seen.lock().unwrap();
        assert!(
            numbers.into_iter().all(|n| seen.insert(n)),
            "a number came twice"
        );
    });
}
