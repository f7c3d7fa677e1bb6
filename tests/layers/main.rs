//! The imports of the runtime run one way: a module uses its own layer of [`LAYERS`] and those before.
//!
//! The test reads every source file of the runtime, finds each `crate::..` and `super::..` path in
//! it (macro bodies included, comments and modules of tests not), and looks both ends up in
//! the table. A module missing from the table fails too: who adds one says where it belongs.

mod atomics;
mod circles;
mod manifests;
mod reader;
mod sizes;
mod walks;

use reader::{Found, imports, sources};
use std::collections::BTreeSet;
use std::path::Path;

/// From the bottom up. A module is found by its longest prefix here, so a file may stand in another
/// layer than its folder. Modules of one layer may use each other.
const LAYERS: &[&[&str]] = &[
    &["sys", "tokio_hint"],
    &["stack"],
    &["g"],
    &["timers", "netpoll"],
    &["sched::state"],
    &["sched::report"],
    &["panic", "switch", "threadcheck"],
    &["sched::wake"],
    &["sched::life"],
    &["panic::hook", "sched::turn"],
    &["sched::watch"],
    &["sched::family"],
    &["sched"],
    &[
        "join",
        "scope",
        "local",
        "metrics",
        "nosuspend",
        "nothing",
        "operand",
        "place",
        "capture",
        "with_stack",
    ],
    &["chan"],
    &["sync", "time"],
    &[
        "block_on",
        "tokio",
        "context",
        "sync::errgroup",
        "sync::semaphore",
        "net",
        "pool",
        "io",
        "signal",
        "process",
        "os",
    ],
    &["http", "trace", "testing", "debug"],
];

/// Files that gather what lies in all layers: the crate's front doors.
const DOORS: &[&str] = &[
    "",
    "prelude",
    "entry",
    "runtime",
    "__private",
    "private",
    "macros",
];

/// Crates that only one part of the runtime may name, so that a port touches one folder.
const KEPT: &[(&str, &[&str])] = &[
    ("libc", &["sys"]),
    ("corosensei", &["g"]),
    ("crossbeam_deque", &["sched"]),
];

/// Upward imports that are meant, each with its reason. One that no longer happens is a fault too.
const UPWARD: &[(&str, &str, &str)] = &[];

#[test]
fn imports_run_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src");
    let mut faults = BTreeSet::new();
    let mut upward: BTreeSet<_> = UPWARD.iter().collect();
    let mut paths_seen = 0;
    for file in sources(&root) {
        let module = reader::module_of(&root, &file);
        let of_tests = module.iter().any(|m| m == "tests");
        if DOORS.contains(&module.join("::").as_str()) || of_tests {
            continue;
        }
        let Some(own) = layer(&module) else {
            faults.insert(format!(
                "`{}` stands in no layer: add it to LAYERS",
                module.join("::")
            ));
            continue;
        };
        for (line, path) in imports(&file, &module) {
            paths_seen += 1;
            let at = || format!("{}:{line}", file.strip_prefix(&root).unwrap().display());
            match path {
                Found::Inner(target) => {
                    let target_name = target.join("::");
                    let meant =
                        |(m, t, _): &&(&str, &str, &str)| *m == module[0] && *t == target_name;
                    if layer(&target).is_none_or(|l| l <= own) {
                        continue;
                    }
                    if let Some(known) = UPWARD.iter().find(meant) {
                        upward.remove(known);
                    } else {
                        let at = at();
                        faults.insert(format!("{at}: imports `{target_name}` of a higher layer"));
                    }
                }
                Found::Outer(krate) => {
                    let (_, owners) = KEPT.iter().find(|(k, _)| *k == krate).unwrap();
                    if !owners.contains(&module[0].as_str()) {
                        faults.insert(format!("{}: `{krate}` belongs to {owners:?}", at()));
                    }
                }
            }
        }
    }
    for (module, target, _) in upward {
        faults.insert(format!(
            "`{module}` imports `{target}` no more: take it out of UPWARD"
        ));
    }
    assert!(paths_seen > 0, "no imports found below {}", root.display());
    let list: Vec<_> = faults.into_iter().collect();
    assert!(list.is_empty(), "\n{}\n", list.join("\n"));
}

fn layer(module: &[String]) -> Option<usize> {
    (1..=module.len()).rev().find_map(|n| {
        let prefix = module[..n].join("::");
        LAYERS.iter().position(|l| l.contains(&prefix.as_str()))
    })
}
