//! The table of workloads: which program arguments, on how many processors, and which figures become rows.
//!
//! Sizes are chosen so that a cell takes a third of a second or so on the slower peers. All peers get the same sizes,
//! except where a peer cannot (`only_for`), and those rows say so in benches/README.md.

/// Which way a figure is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Better {
    /// Times, bytes.
    Lower,
    /// Rates, shares.
    Higher,
    /// Neither: shown without a ratio.
    Neither,
}

/// A figure that the programs print, and its row in the table.
pub(crate) struct Row {
    pub(crate) metric: &'static str,
    pub(crate) title: String,
    pub(crate) better: Better,
}

/// The client that a server workload needs; the number is how many connections.
#[derive(Clone, Copy)]
pub(crate) enum Client {
    Echo(usize),
    Http(usize),
    Idle(usize),
    Rest(usize),
}

/// One workload of the table.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) command: &'static str,
    pub(crate) procs: &'static [usize],
    pub(crate) rows: Vec<Row>,
    pub(crate) client: Option<Client>,
    /// Run only if it is named.
    pub(crate) extra: bool,
    args: Vec<Arg>,
    not_for: Vec<(&'static str, &'static str)>,
}

struct Arg {
    key: &'static str,
    value: Value,
    only_for: Option<&'static str>,
}

enum Value {
    Fixed(usize),
    Scaled(usize),
    Text(&'static str),
}

impl Workload {
    fn new(name: &'static str, command: &'static str) -> Self {
        Self {
            name,
            command,
            procs: &[1, 2],
            rows: Vec::new(),
            client: None,
            extra: false,
            args: Vec::new(),
            not_for: Vec::new(),
        }
    }

    fn push(mut self, key: &'static str, value: Value, only_for: Option<&'static str>) -> Self {
        self.args.push(Arg {
            key,
            value,
            only_for,
        });
        self
    }

    /// An argument that `--scale` leaves alone.
    fn fixed(self, key: &'static str, value: usize) -> Self {
        self.push(key, Value::Fixed(value), None)
    }

    /// An argument that `--scale` multiplies.
    fn scaled(self, key: &'static str, value: usize) -> Self {
        self.push(key, Value::Scaled(value), None)
    }

    fn text(self, key: &'static str, value: &'static str) -> Self {
        self.push(key, Value::Text(value), None)
    }

    /// Another size for a peer that cannot do the common one.
    fn only_for(self, peer: &'static str, key: &'static str, value: usize) -> Self {
        self.push(key, Value::Fixed(value), Some(peer))
    }

    /// Not run on this peer, and why.
    fn not_for(mut self, peer: &'static str, why: &'static str) -> Self {
        self.not_for.push((peer, why));
        self
    }

    fn on(mut self, procs: &'static [usize]) -> Self {
        self.procs = procs;
        self
    }

    fn extra(mut self) -> Self {
        self.extra = true;
        self
    }

    fn served(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    fn row(mut self, metric: &'static str, title: impl Into<String>, better: Better) -> Self {
        self.rows.push(Row {
            metric,
            title: title.into(),
            better,
        });
        self
    }

    /// The row of a workload that has only one figure.
    fn time(self, title: impl Into<String>) -> Self {
        self.row("time", title, Better::Lower)
    }

    /// Why this workload is not run on a peer.
    pub(crate) fn refused(&self, peer: &str) -> Option<&'static str> {
        self.not_for
            .iter()
            .find(|(name, _)| *name == peer)
            .map(|(_, why)| *why)
    }

    /// The program's arguments, with a peer's own sizes last so that they win.
    pub(crate) fn arguments(&self, peer: &str, scale: f64) -> Vec<String> {
        let own = |arg: &&Arg| arg.only_for.is_none_or(|name| name == peer);
        let text = |arg: &Arg| match arg.value {
            Value::Fixed(value) => format!("{}={value}", arg.key),
            Value::Scaled(value) => {
                format!("{}={}", arg.key, ((value as f64 * scale) as usize).max(2))
            }
            Value::Text(value) => format!("{}={value}", arg.key),
        };
        self.args.iter().filter(own).map(text).collect()
    }
}

/// Every workload, in the order of the table.
pub(crate) fn all() -> Vec<Workload> {
    [
        starting(),
        channels(),
        selects(),
        scheduling(),
        loops(),
        locks(),
        timers(),
        network(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

use Better::{Higher, Lower, Neither};

/// Why may has no figures for a great many goroutines.
const TOO_MANY: &str = "may's stacks end at about 32,700";

/// Why Go has no figures for marked functions.
const NO_MARKS: &str = "a loop is a loop in Go";

fn starting() -> Vec<Workload> {
    let parked = |name, n, title: &str| {
        Workload::new(name, "parked")
            .fixed("n", n)
            .row("memory", format!("{title}: memory each"), Lower)
            .row("tables", format!("{title}: of it page tables"), Neither)
            .row("start", format!("{title}: start each"), Lower)
            .row("wake", format!("{title}: wake and finish each"), Lower)
    };
    vec![
        Workload::new("spawn", "spawn")
            .fixed("n", 10_000)
            .scaled("rounds", 50)
            .row("first", "spawn, first batch", Lower)
            .row("warm", "spawn, warm", Lower),
        Workload::new("spawn_par", "spawn_par")
            .fixed("n", 10_000)
            .fixed("spawners", 4)
            .scaled("rounds", 50)
            .row("warm", "spawn by 4, warm", Lower),
        parked("parked_100k", 100_000, "100k parked").only_for("may", "n", 25_000),
        parked("parked_1m", 1_000_000, "1M parked").not_for("may", TOO_MANY),
        Workload::new("skynet", "skynet")
            .fixed("leaves", 1_000_000)
            .only_for("may", "leaves", 10_000)
            .fixed("rounds", 3)
            .row("first", "skynet 1M, first", Lower)
            .row("warm", "skynet 1M, warm", Lower),
        Workload::new("forkjoin", "forkjoin")
            .fixed("n", 27)
            .only_for("may", "n", 20)
            .fixed("rounds", 4)
            .row("warm", "fork-join fib(27)", Lower),
    ]
}

fn channels() -> Vec<Workload> {
    let chan = |name, n, senders, receivers, cap| {
        Workload::new(name, "chan")
            .scaled("n", n)
            .fixed("senders", senders)
            .fixed("receivers", receivers)
            .fixed("cap", cap)
            .time(format!("chan {senders}:{receivers} cap {cap}"))
    };
    vec![
        Workload::new("pingpong", "pingpong")
            .scaled("n", 1_000_000)
            .time("ping-pong, round trip"),
        Workload::new("ring", "ring")
            .fixed("n", 10_000)
            .scaled("hops", 1_000_000)
            .time("ring of 10k, hop"),
        Workload::new("sieve", "sieve")
            .fixed("primes", 2_000)
            .time("sieve, message"),
        chan("chan_1_1_cap0", 2_000_000, 1, 1, 0),
        chan("chan_1_1_cap1", 2_000_000, 1, 1, 1),
        chan("chan_1_1_cap128", 10_000_000, 1, 1, 128),
        chan("chan_4_1_cap128", 10_000_000, 4, 1, 128),
        chan("chan_4_4_cap128", 10_000_000, 4, 4, 128),
    ]
}

fn selects() -> Vec<Workload> {
    vec![
        Workload::new("select_2", "select")
            .scaled("n", 1_000_000)
            .fixed("arms", 2)
            .time("select, 2 arms"),
        Workload::new("select_8", "select")
            .scaled("n", 1_000_000)
            .fixed("arms", 8)
            .time("select, 8 arms"),
        Workload::new("select_default_1", "select_default")
            .scaled("n", 50_000_000)
            .fixed("arms", 1)
            .on(&[1])
            .time("select 1 arm + default"),
        Workload::new("select_default_2", "select_default")
            .scaled("n", 10_000_000)
            .fixed("arms", 2)
            .on(&[1])
            .time("select 2 arms + default"),
    ]
}

fn scheduling() -> Vec<Workload> {
    let blocking = |name, how, title: &str| {
        Workload::new(name, "blocking")
            .fixed("tasks", 64)
            .fixed("ms", 100)
            .text("how", how)
            .on(&[2])
            .row("wall", format!("{title}: wall"), Lower)
            .row("compute", format!("{title}: left for computing"), Higher)
            .row("threads", format!("{title}: threads"), Neither)
    };
    vec![
        Workload::new("yield", "yield")
            .scaled("n", 5_000_000)
            .fixed("goroutines", 2)
            .time("yield"),
        Workload::new("hog", "hog").fixed("ms", 500).on(&[1]).row(
            "delay",
            "hog: delay of the other",
            Lower,
        ),
        blocking("blocking", "marked", "64 blocking calls, marked"),
        blocking("blocking_plain", "plain", "64 blocking calls, unmarked"),
        Workload::new("parallel", "parallel")
            .scaled("tasks", 30_000)
            .on(&[2])
            .row("time", "parallel 64 KiB hashes", Lower)
            .row("over_ideal", "parallel: over serial / 2", Neither),
    ]
}

/// Goroutines that compute and never give way. The loops of `beside` are the same for all peers; that of a marked
/// function is ours alone.
fn loops() -> Vec<Workload> {
    let beside = |name, loops: usize, how| {
        let title = |who| match how {
            "plain" => format!("{who} beside {loops} loops: late by, worst"),
            how => format!("{who} beside {loops} {how} loops: late by, worst"),
        };
        Workload::new(name, "beside_loops")
            .fixed("loops", loops)
            .fixed("ms", 2_000)
            .text("how", how)
            .on(&[1, 2, 4])
            .row("sleeper", title("sleeper"), Lower)
            .row("timer", title("timer"), Lower)
            .row("partner", title("channel partner"), Lower)
            .row("answer", title("connection"), Lower)
    };
    let marked = |name, loops| beside(name, loops, "marked").not_for("go", NO_MARKS);
    let shares = |name, loops: usize| {
        let title = |which| format!("{loops} loops: {which} share");
        Workload::new(name, "shares")
            .fixed("loops", loops)
            .fixed("ms", 2_000)
            .row("least", title("least"), Neither)
            .row("p10", title("p10"), Neither)
            .row("p90", title("p90"), Neither)
            .row("most", title("most"), Neither)
    };
    vec![
        Workload::new("long_tasks", "long_tasks")
            .scaled("tasks", 200)
            .fixed("ms", 50)
            .on(&[2])
            .row("time", "tasks of 50 ms: wall each", Lower)
            .row("over_serial", "tasks of 50 ms: over serial / 2", Neither)
            .row("over_threads", "tasks of 50 ms: over two threads", Neither)
            .row("threads", "tasks of 50 ms: threads", Neither),
        shares("shares_4", 4).extra(),
        shares("shares_16", 16).extra(),
        shares("shares_64", 64),
        beside("beside_4", 4, "plain").extra(),
        beside("beside_8", 8, "plain").extra(),
        beside("beside_16", 16, "plain"),
        beside("beside_24", 24, "plain").extra(),
        beside("beside_64", 64, "plain"),
        marked("beside_4_marked", 4).extra(),
        marked("beside_8_marked", 8).extra(),
        marked("beside_16_marked", 16).extra(),
        marked("beside_24_marked", 24).extra(),
        marked("beside_64_marked", 64).extra(),
    ]
}

fn locks() -> Vec<Workload> {
    let together = |name, command, n, goroutines, title: &str| {
        Workload::new(name, command)
            .scaled("n", n)
            .fixed("goroutines", goroutines)
            .time(format!(
                "{title}, {goroutines} goroutine{}",
                if goroutines == 1 { "" } else { "s" }
            ))
    };
    vec![
        together("mutex_1", "mutex", 10_000_000, 1, "mutex"),
        together("mutex_8", "mutex", 10_000_000, 8, "mutex"),
        Workload::new("rwmutex", "rwmutex")
            .scaled("n", 9_000_000)
            .fixed("readers", 8)
            .fixed("writers", 1)
            .time("rwmutex, 8 readers 1 writer"),
        together(
            "waitgroup_1",
            "waitgroup",
            10_000_000,
            1,
            "wait group add + done",
        ),
        together(
            "waitgroup_4",
            "waitgroup",
            10_000_000,
            4,
            "wait group add + done",
        ),
        Workload::new("once", "once")
            .scaled("n", 200_000_000)
            .on(&[1])
            .time("once, already done"),
    ]
}

fn timers() -> Vec<Workload> {
    let lateness = |name, us, n, title: &str| {
        Workload::new(name, "lateness")
            .fixed("us", us)
            .scaled("n", n)
            .on(&[1])
            .row("p50", format!("sleep {title}: late by, p50"), Lower)
            .row("p99", format!("sleep {title}: late by, p99"), Lower)
    };
    vec![
        Workload::new("sleepers", "sleepers")
            .fixed("n", 100_000)
            .only_for("may", "n", 20_000)
            .row("wall", "100k sleepers: wall", Lower)
            .row("cpu", "100k sleepers: CPU each", Lower)
            .row("late_p50", "100k sleepers: late by, p50", Lower)
            .row("late_mean", "100k sleepers: late by, mean", Lower)
            .row("late_p99", "100k sleepers: late by, p99", Lower),
        Workload::new("timer_ops", "timer_ops")
            .scaled("n", 1_000_000)
            .on(&[1])
            .row("new_stop", "timer new + stop", Lower)
            .row("after_func_stop", "after_func + stop", Lower)
            .row("ticker_stop", "ticker new + stop", Lower)
            .row("reset", "timer reset", Lower),
        lateness("sleep_50us", 50, 2_000, "50 us"),
        lateness("sleep_200us", 200, 1_000, "200 us"),
        lateness("sleep_1500us", 1_500, 200, "1.5 ms"),
    ]
}

fn network() -> Vec<Workload> {
    let served = |name, command, client, title: &str| {
        Workload::new(name, command)
            .served(client)
            .row("cpu", format!("{title}: server CPU per request"), Lower)
            .row("rate", format!("{title}: requests"), Higher)
            .row("p50", format!("{title}: latency p50"), Lower)
            .row("p99", format!("{title}: latency p99"), Lower)
    };
    vec![
        served("echo_50", "echo", Client::Echo(50), "echo, 50 connections"),
        served(
            "echo_1000",
            "echo",
            Client::Echo(1_000),
            "echo, 1,000 connections",
        ),
        served(
            "http",
            "http",
            Client::Http(64),
            "http hello, 64 connections",
        ),
        Workload::new("idle", "echo")
            .served(Client::Idle(10_000))
            .row("memory", "10k idle connections: memory each", Lower)
            .row("tables", "10k idle connections: of it page tables", Neither)
            .row("connect", "10k idle connections: connect each", Lower),
        Workload::new("rest", "echo_and_ticks")
            .fixed("ticks", 100)
            .not_for("may", "not written for may")
            .served(Client::Rest(10_000))
            .row(
                "rest",
                "10k idle connections, 100 timers a second: CPU a second",
                Lower,
            ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().iter().map(|workload| workload.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn scale_touches_only_lengths_and_a_peer_may_have_its_own_size() {
        let all = all();
        let spawn = all
            .iter()
            .find(|workload| workload.name == "spawn")
            .expect("in the table");
        assert_eq!(spawn.arguments("go", 0.1), ["n=10000", "rounds=5"]);
        let skynet = all
            .iter()
            .find(|workload| workload.name == "skynet")
            .expect("in the table");
        assert_eq!(skynet.arguments("go", 1.0), ["leaves=1000000", "rounds=3"]);
        assert_eq!(
            skynet.arguments("may", 1.0),
            ["leaves=1000000", "leaves=10000", "rounds=3"]
        );
    }
}
