//! Tables of `benches/results`, which the benchmarks write. No figure is typed.

use crate::repo;
use mdbook_driver::errors::{Error, Result};
use serde_json::Value;

/// Where the benchmarks leave their figures.
const FILE: &str = "benches/results/latest.json";
/// Those of goroutines beside loops, which are measured on more Ps than the others (benches/README.md).
const LOOPS: &str = "benches/results/loops/latest.json";

/// The workloads of each table: a row belongs to the first group one of whose words it begins with, or is, if the word ends
/// with `$`.
const GROUPS: [(&str, &str, &[&str]); 9] = [
    ("spawn", FILE, &["spawn", "skynet", "forkjoin", "yield"]),
    (
        "channels",
        FILE,
        &["pingpong", "ring", "sieve", "chan", "select"],
    ),
    ("sync", FILE, &["mutex", "rwmutex", "waitgroup", "once"]),
    ("timers", FILE, &["sleep", "timer_ops"]),
    ("scheduling", FILE, &["hog", "blocking", "parallel"]),
    (
        "loops",
        LOOPS,
        &[
            "long_tasks",
            "shares_64$",
            "beside_4$",
            "beside_16$",
            "beside_64$",
        ],
    ),
    ("memory", FILE, &["parked"]),
    ("connections", FILE, &["idle"]),
    ("net", FILE, &["echo", "http"]),
];

/// The table of one group, as markdown; the group `source` is a line on where the figures come from.
pub(crate) fn table(group: &str) -> Result<String> {
    let results = |file| -> Result<Value> { Ok(serde_json::from_str(&repo::read(file)?)?) };
    if group == "source" {
        return Ok(source(&results(FILE)?));
    }
    let (_, file, words) = GROUPS
        .iter()
        .find(|(name, ..)| *name == group)
        .ok_or_else(|| Error::msg(format!("no such group of benchmarks: {group}")))?;
    render(&results(file)?, words)
        .ok_or_else(|| Error::msg(format!("{file} has no figures for `{group}`")))
}

fn render(results: &Value, words: &[&str]) -> Option<String> {
    let peers: Vec<&str> = list(&results["peers"])
        .iter()
        .filter_map(|p| p[0].as_str())
        .collect();
    let rows: Vec<&Value> = list(&results["lines"])
        .iter()
        .filter(|l| {
            let name = l["workload"].as_str().unwrap_or_default();
            words.iter().any(|word| match word.strip_suffix('$') {
                Some(whole) => name == whole,
                None => name.starts_with(word),
            })
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let shown: Vec<&str> = peers
        .iter()
        .filter(|p| rows.iter().any(|l| has_something(&l["cells"][**p])))
        .copied()
        .collect();
    let mut out = format!(
        "| | P | {} |\n| --- | --- |{}\n",
        shown.join(" | "),
        " --- |".repeat(shown.len())
    );
    for line in rows {
        let best = best(line);
        let cells: Vec<String> = shown
            .iter()
            .map(|p| cell(line, p, best == Some(*p)))
            .collect();
        let title = line["title"].as_str().unwrap_or_default();
        out += &format!("| {title} | {} | {} |\n", line["procs"], cells.join(" | "));
    }
    Some(out)
}

/// Where the figures come from: the group `source`, said once on a page.
fn source(results: &Value) -> String {
    let machine = &results["machine"];
    format!(
        "Median of {} rounds on {} CPUs ({}), Linux {}: {}.",
        results["rounds"],
        machine["cpus"],
        machine["cpu"].as_str().unwrap_or_default(),
        machine["kernel"].as_str().unwrap_or_default(),
        versions(results)
    )
}

fn versions(results: &Value) -> String {
    let name = |p: &Value| {
        format!(
            "{} {}",
            p[0].as_str().unwrap_or(""),
            p[1].as_str().unwrap_or("")
        )
    };
    let names: Vec<String> = list(&results["peers"]).iter().map(name).collect();
    names.join(", ")
}

/// The peer whose cost, relative to Go's, is least; none if there is nothing to compare.
fn best(line: &Value) -> Option<&str> {
    let cells = line["cells"].as_object()?;
    let ratios = cells
        .iter()
        .filter_map(|(p, c)| Some((p.as_str(), c["ratio"].as_f64()?)));
    let ratios: Vec<(&str, f64)> = ratios.collect();
    let least = ratios.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    (ratios.len() > 1).then_some(least.0)
}

/// A figure, or why there is none.
fn has_something(cell: &Value) -> bool {
    cell["median"].is_number() || cell["failed"].is_string()
}

fn cell(line: &Value, peer: &str, best: bool) -> String {
    let cell = &line["cells"][peer];
    match cell["median"].as_f64() {
        Some(median) => {
            // A space at which no line is broken.
            let text = format!(
                "{}\u{a0}{}",
                figure(median),
                line["unit"].as_str().unwrap_or_default()
            );
            if best { format!("**{text}**") } else { text }
        }
        None if cell["failed"].is_string() => "failed".to_string(),
        None => "–".to_string(),
    }
}

/// Three digits are all that such a measurement has to say.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let mut grouped = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0
            && c.is_ascii_digit()
            && (whole.len() - i).is_multiple_of(3)
            && !grouped.ends_with('-')
        {
            grouped.push(',');
        }
        grouped.push(c);
    }
    rest.map_or(grouped.clone(), |r| format!("{grouped}.{r}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, figure, render};
    use serde_json::json;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(figure(0.333), "0.33");
        assert_eq!(figure(16.04), "16.0");
        assert_eq!(figure(1_234_567.0), "1,234,567");
    }

    #[test]
    fn the_best_of_a_row_is_bold_and_a_failure_is_told() {
        let cells = json!({
            "goroutines": { "values": [90.0], "median": 90.0, "ratio": 0.3 },
            "go": { "values": [300.0], "median": 300.0, "ratio": 1.0 },
            "may": { "values": [], "failed": "did not end" },
        });
        let line = json!({ "workload": "pingpong", "title": "ping-pong", "procs": 1, "unit": "ns", "cells": cells });
        let peers = json!([
            ["goroutines", "0.1.0"],
            ["go", "1.27"],
            ["may", "0.3"],
            ["tokio", "1"]
        ]);
        let results = json!({ "rounds": 5, "machine": {}, "peers": peers, "lines": [line] });
        let table = render(&results, &["pingpong"]).unwrap();
        assert!(
            table.contains("| ping-pong | 1 | **90.0\u{a0}ns** | 300\u{a0}ns | failed |"),
            "{table}"
        );
        assert_eq!(render(&results, &["mutex"]), None);
    }

    #[test]
    fn no_workload_belongs_to_two_groups() {
        let words: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(.., words)| words.iter().copied())
            .collect();
        for (i, a) in words.iter().enumerate() {
            let clash = words
                .iter()
                .skip(i + 1)
                .find(|b| b.starts_with(a) || a.starts_with(**b));
            assert_eq!(clash, None, "{a}");
        }
    }
}
