//! No two files import each other, however many lie between.
//!
//! A `mod.rs` or `lib.rs` is the door of its folder: that it names what is behind it does not count.

use super::reader::{Found, imports, module_of, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The crates, by the folder of their sources.
const CRATES: &[&str] = &[
    "runtime/src",
    "macros/src",
    "benches/src",
    "benches/kit/src",
    "benches/rows/src",
    "book/tool",
    "examples/src",
];

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in CRATES {
        let root = top.join(folder);
        let graph = graph(&root);
        assert!(!graph.is_empty(), "no files below {}", root.display());
        for circle in circles(&graph) {
            found.push(format!("{folder}: {}", circle.join(" -> ")));
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Which file imports which.
fn graph(root: &Path) -> Graph {
    let files: BTreeMap<String, _> = sources(root)
        .into_iter()
        .map(|file| (module_of(root, &file).join("::"), file))
        .collect();
    let mut graph = Graph::new();
    for (name, file) in &files {
        let module = module_of(root, file);
        let targets = graph.entry(name.clone()).or_default();
        if super::DOORS.contains(&name.as_str()) || module.iter().any(|m| m == "tests") {
            continue;
        }
        for (_, path) in imports(file, &module) {
            let Found::Inner(path) = path else { continue };
            let target = (1..=path.len()).rev().map(|n| path[..n].join("::"));
            let target = target.into_iter().find(|t| files.contains_key(t));
            let behind = |t: &String| is_door(file) && t.starts_with(&format!("{name}::"));
            targets.extend(target.filter(|t| t != name && !behind(t)));
        }
    }
    graph
}

fn is_door(file: &Path) -> bool {
    file.file_name()
        .is_some_and(|n| n == "mod.rs" || n == "lib.rs" || n == "main.rs")
}

/// One way round for each group of files that reach each other.
fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for start in graph.keys() {
        if found.iter().flatten().any(|n| n == start) {
            continue;
        }
        if let Some(way) = way_back(graph, start) {
            found.push(way);
        }
    }
    found
}

/// The shortest way from `start` to itself.
fn way_back(graph: &Graph, start: &str) -> Option<Vec<String>> {
    let mut ways = std::collections::VecDeque::from([vec![start.to_string()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(way.last()?)? {
            if next == start {
                return Some(way);
            }
            if seen.insert(next.clone()) {
                ways.push_back(way.iter().cloned().chain([next.clone()]).collect());
            }
        }
    }
    None
}

#[test]
fn a_circle_is_found() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*to).into()).or_default();
            graph
                .entry((*from).into())
                .or_default()
                .insert((*to).into());
        }
        graph
    };
    assert!(circles(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    let found = circles(&graph(&[("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")]));
    assert_eq!(found, [["b", "c"]]);
}
