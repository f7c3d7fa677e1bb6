//! Every workload runs to its end on one and on two processors and prints its figures; what they are does not matter
//! here. A row that hangs or counts wrong would otherwise be found in the middle of a long measurement.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Runs a workload and gives the names of its figures.
fn figures(line: &str) -> Vec<String> {
    let mut last = Vec::new();
    for procs in ["1", "2"] {
        let output = Command::new(env!("CARGO_BIN_EXE_rows"))
            .args(line.split(' '))
            .env("GOMAXPROCS", procs)
            .output()
            .expect("the program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{line} P{procs}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        last = text
            .lines()
            .map(|line| {
                let words: Vec<_> = line.split(' ').collect();
                let [name, value, _unit] = words[..] else {
                    panic!("not a figure: {line}")
                };
                assert!(
                    value.parse::<f64>().is_ok_and(f64::is_finite),
                    "not a number: {line}"
                );
                name.to_owned()
            })
            .collect();
    }
    last
}

#[test]
fn starting() {
    assert_eq!(figures("spawn n=100 rounds=3"), ["first", "warm"]);
    assert_eq!(
        figures("spawn_par n=100 spawners=4 rounds=3"),
        ["first", "warm"]
    );
    assert_eq!(
        figures("parked n=1000"),
        ["start", "memory", "tables", "wake", "peak"]
    );
    assert_eq!(figures("skynet leaves=1000 rounds=2"), ["first", "warm"]);
    assert_eq!(figures("forkjoin n=12 rounds=2"), ["first", "warm"]);
}

#[test]
fn channels_and_select() {
    assert_eq!(figures("pingpong n=1000"), ["time"]);
    assert_eq!(figures("ring n=100 hops=1000"), ["time"]);
    assert_eq!(figures("sieve primes=50"), ["time"]);
    for cap in ["0", "1", "128"] {
        assert_eq!(
            figures(&format!("chan n=1000 senders=1 receivers=1 cap={cap}")),
            ["time"]
        );
        assert_eq!(
            figures(&format!("chan n=1000 senders=4 receivers=4 cap={cap}")),
            ["time"]
        );
    }
    assert_eq!(figures("select n=1000 arms=2"), ["time"]);
    assert_eq!(figures("select n=1000 arms=8"), ["time"]);
    assert_eq!(figures("select_default n=1000 arms=1"), ["time"]);
    assert_eq!(figures("select_default n=1000 arms=2"), ["time"]);
}

#[test]
fn scheduling() {
    assert_eq!(figures("yield n=1000 goroutines=2"), ["time"]);
    assert_eq!(figures("hog ms=100"), ["delay"]);
    assert_eq!(
        figures("blocking tasks=8 ms=10 how=marked"),
        ["wall", "compute", "threads"]
    );
    assert_eq!(
        figures("blocking tasks=8 ms=10 how=plain"),
        ["wall", "compute", "threads"]
    );
    assert_eq!(figures("parallel tasks=100"), ["time", "over_ideal"]);
}

#[test]
fn loops() {
    assert_eq!(
        figures("long_tasks tasks=8 ms=12"),
        ["threads", "time", "over_serial", "over_threads"]
    );
    assert_eq!(
        figures("shares loops=4 ms=100"),
        ["least", "p10", "p90", "most"]
    );
    for how in ["plain", "marked"] {
        assert_eq!(
            figures(&format!("beside_loops loops=3 ms=200 how={how}")),
            ["sleeper", "timer", "partner", "answer"]
        );
    }
}

#[test]
fn locks_and_timers() {
    assert_eq!(figures("mutex n=1000 goroutines=8"), ["time"]);
    assert_eq!(figures("rwmutex n=900 readers=8 writers=1"), ["time"]);
    assert_eq!(figures("waitgroup n=1000 goroutines=4"), ["time"]);
    assert_eq!(figures("once n=1000"), ["time"]);
    assert_eq!(
        figures("sleepers n=100"),
        ["wall", "cpu", "late_p50", "late_mean", "late_p99"]
    );
    assert_eq!(
        figures("timer_ops n=100"),
        ["new_stop", "after_func_stop", "ticker_stop", "reset"]
    );
    assert_eq!(figures("lateness us=50 n=10"), ["p50", "mean", "p99"]);
}

/// Starts a server, sends it a request, and gives the first bytes of its answer.
fn answer(workload: &str, request: &[u8], length: usize) -> Vec<u8> {
    let mut server = Command::new(env!("CARGO_BIN_EXE_rows"))
        .arg(workload)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let port: u16 = line
        .trim()
        .strip_prefix("listening ")
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.write_all(request).expect("sent");
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).expect("answered");
    drop(server.stdin.take());
    assert!(
        server.wait().expect("ended").success(),
        "a closed standard input ends the server"
    );
    answer
}

#[test]
fn servers_answer_and_end() {
    assert_eq!(answer("echo", b"hello", 5), b"hello");
    assert_eq!(
        answer("http", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 15),
        b"HTTP/1.1 200 OK"
    );
}
