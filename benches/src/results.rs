//! What came out: the values of every round, their medians, and the ratio to Go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;
use serde::Serialize;

use crate::cell::Outcome;
use crate::machine::Machine;
use crate::peers::Ready;
use crate::workloads::{Better, Row, Workload};

/// The peer that the others are compared with.
pub(crate) const SUBJECT: &str = "goroutines";

/// The peer that the ratios are taken against.
const REFERENCE: &str = "go";

/// All figures of a run.
#[derive(Serialize)]
pub(crate) struct Results {
    /// Seconds since 1970.
    measured: u64,
    pub(crate) machine: Machine,
    pub(crate) rounds: usize,
    pub(crate) scale: f64,
    /// Peers in the order of the table, with their versions.
    pub(crate) peers: Vec<(&'static str, String)>,
    pub(crate) lines: Vec<Line>,
}

/// One row of the table: a figure of a workload on a number of processors.
#[derive(Serialize)]
pub(crate) struct Line {
    workload: &'static str,
    metric: &'static str,
    pub(crate) title: String,
    pub(crate) procs: usize,
    pub(crate) unit: String,
    #[serde(skip)]
    better: Better,
    pub(crate) cells: BTreeMap<&'static str, Cell>,
}

/// What one peer did in one row.
#[derive(Default, Serialize)]
pub(crate) struct Cell {
    /// Ascending.
    values: Vec<f64>,
    /// Why there is no value, or not one for each round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<f64>,
    /// The cost relative to Go's: below 1 is better than Go, whichever way the figure is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
}

impl Cell {
    pub(crate) fn median(&self) -> Option<f64> {
        self.median
    }

    pub(crate) fn ratio(&self) -> Option<f64> {
        self.ratio
    }

    /// Half of (max - min) as a share of the median, if there was more than one round.
    pub(crate) fn spread(&self) -> Option<f64> {
        let [first, .., last] = self.values[..] else {
            return None;
        };
        self.median
            .filter(|median| *median != 0.0)
            .map(|median| (last - first) / 2.0 / median)
    }

    /// Whether the values of both overlap: then the ratio says nothing.
    fn overlaps(&self, other: &Self) -> bool {
        match (&self.values[..], &other.values[..]) {
            ([low, .., high], [other_low, .., other_high]) => {
                low <= other_high && other_low <= high
            }
            _ => false,
        }
    }

    fn add(&mut self, value: f64) {
        self.values.push(value);
        self.values.sort_by(f64::total_cmp);
        let (half, values) = (self.values.len() / 2, &self.values);
        let low = if values.len() % 2 == 0 {
            values[half - 1]
        } else {
            values[half]
        };
        self.median = Some((low + values[half]) / 2.0);
    }
}

impl Line {
    /// Whether the figures of a peer and of Go lie apart in every round.
    pub(crate) fn apart(&self, peer: &str) -> bool {
        match (self.cells.get(peer), self.cells.get(REFERENCE)) {
            (Some(cell), Some(reference)) => !cell.overlaps(reference),
            _ => false,
        }
    }

    fn compare(&mut self) {
        let reference = self.cells.get(REFERENCE).and_then(Cell::median);
        for cell in self.cells.values_mut() {
            cell.ratio = match (cell.median, reference, self.better) {
                (Some(own), Some(reference), Better::Lower) if reference > 0.0 => {
                    Some(own / reference)
                }
                (Some(own), Some(reference), Better::Higher) if own > 0.0 => Some(reference / own),
                _ => None,
            };
        }
    }
}

impl Results {
    pub(crate) fn new(rounds: usize, scale: f64, peers: &[Ready]) -> Self {
        let measured = SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.as_secs());
        let peers = peers
            .iter()
            .map(|peer| (peer.name(), peer.version.clone()))
            .collect();
        Self {
            measured,
            machine: Machine::this(),
            rounds,
            scale,
            peers,
            lines: Vec::new(),
        }
    }

    /// Adds what one process printed.
    pub(crate) fn add(
        &mut self,
        workload: &Workload,
        procs: usize,
        peer: &'static str,
        outcome: Outcome,
    ) {
        for row in &workload.rows {
            let at = self.place(workload.name, row, procs);
            let line = &mut self.lines[at];
            let cell = line.cells.entry(peer).or_default();
            match &outcome {
                Outcome::Figures(figures) => {
                    if let Some(figure) = figures.iter().find(|figure| figure.name == row.metric) {
                        line.unit.clone_from(&figure.unit);
                        cell.add(figure.value);
                    }
                }
                Outcome::Absent => {}
                Outcome::Failed(why) => cell.failed = Some(why.clone()),
            }
            line.compare();
        }
    }

    /// The index of a line, made if it is not there: the processor numbers of a row stand below each other.
    fn place(&mut self, workload: &'static str, row: &Row, procs: usize) -> usize {
        let same_row = |line: &Line| (line.workload, line.metric) == (workload, row.metric);
        if let Some(at) = self
            .lines
            .iter()
            .position(|line| same_row(line) && line.procs == procs)
        {
            return at;
        }
        let at = self
            .lines
            .iter()
            .rposition(same_row)
            .map_or(self.lines.len(), |last| last + 1);
        let line = Line {
            workload,
            metric: row.metric,
            title: row.title.clone(),
            procs,
            unit: String::new(),
            better: row.better,
            cells: BTreeMap::new(),
        };
        self.lines.insert(at, line);
        at
    }

    /// Whether a peer failed in a workload: another round would only take its time.
    pub(crate) fn gave_up(&self, workload: &Workload, procs: usize, peer: &str) -> bool {
        let failed = |line: &Line| {
            line.cells
                .get(peer)
                .is_some_and(|cell| cell.failed.is_some())
        };
        self.lines
            .iter()
            .any(|line| (line.workload, line.procs) == (workload.name, procs) && failed(line))
    }

    /// Which peers failed in which workloads, and why.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
        for line in &self.lines {
            for (peer, cell) in &line.cells {
                if let Some(why) = &cell.failed {
                    let cells = failures.entry((peer, why)).or_default();
                    cells.insert(format!("{} P{}", line.workload, line.procs));
                }
            }
        }
        let tell = |((peer, why), cells): (_, BTreeSet<String>)| {
            format!(
                "{peer}: {why} ({})",
                cells.into_iter().collect::<Vec<_>>().join(", ")
            )
        };
        failures.into_iter().map(tell).collect()
    }

    /// Writes latest.json.
    pub(crate) fn save(&self, to: &Path) -> Result<()> {
        std::fs::create_dir_all(to)?;
        std::fs::write(
            to.join("latest.json"),
            serde_json::to_string_pretty(self)? + "\n",
        )?;
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::figure::Figure;
    use crate::workloads;

    /// Two rounds of one workload, Go and two others, one of which fails.
    pub(crate) fn example() -> Results {
        let mut results = Results::new(2, 1.0, &[]);
        results.peers = vec![
            ("goroutines", "0.1.0".to_owned()),
            ("go", "go1.27.3".to_owned()),
            ("may", String::new()),
        ];
        let all = workloads::all();
        let pingpong = all
            .iter()
            .find(|workload| workload.name == "pingpong")
            .expect("in the table");
        let figures = |value| Outcome::Figures(vec![Figure::new("time", value, "ns")]);
        for (own, go) in [(100.0, 300.0), (120.0, 340.0)] {
            results.add(pingpong, 1, "goroutines", figures(own));
            results.add(pingpong, 1, "go", figures(go));
            results.add(
                pingpong,
                1,
                "may",
                Outcome::Failed("did not end in 60 s".to_owned()),
            );
        }
        results
    }

    #[test]
    fn ratios_are_of_medians_and_failures_are_told_once() {
        let results = example();
        let line = &results.lines[0];
        assert_eq!(line.cells["goroutines"].median(), Some(110.0));
        assert_eq!(line.cells["goroutines"].ratio(), Some(110.0 / 320.0));
        assert_eq!(line.cells["go"].spread(), Some(20.0 / 320.0));
        assert!(line.apart("goroutines"));
        assert_eq!(
            results.failures(),
            ["may: did not end in 60 s (pingpong P1)"]
        );
    }

    #[test]
    fn a_rate_is_compared_the_other_way_round() {
        let mut results = example();
        let all = workloads::all();
        let echo = all
            .iter()
            .find(|workload| workload.name == "echo_50")
            .expect("in the table");
        results.add(
            echo,
            2,
            "goroutines",
            Outcome::Figures(vec![Figure::new("rate", 300.0, "k/s")]),
        );
        results.add(
            echo,
            2,
            "go",
            Outcome::Figures(vec![Figure::new("rate", 150.0, "k/s")]),
        );
        let rate = results
            .lines
            .iter()
            .find(|line| line.metric == "rate")
            .expect("added");
        assert_eq!(rate.cells["goroutines"].ratio(), Some(0.5));
    }

    #[test]
    fn the_processor_numbers_of_a_row_stand_together() {
        let mut results = example();
        let all = workloads::all();
        let spawn = all
            .iter()
            .find(|workload| workload.name == "spawn")
            .expect("in the table");
        for procs in [1, 2] {
            let figures = vec![
                Figure::new("first", 2.0, "ns"),
                Figure::new("warm", 1.0, "ns"),
            ];
            results.add(spawn, procs, "go", Outcome::Figures(figures));
        }
        let order: Vec<_> = results
            .lines
            .iter()
            .map(|line| (line.metric, line.procs))
            .collect();
        assert_eq!(
            order,
            [
                ("time", 1),
                ("first", 1),
                ("first", 2),
                ("warm", 1),
                ("warm", 2)
            ]
        );
    }
}
