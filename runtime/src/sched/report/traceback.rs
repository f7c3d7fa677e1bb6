//! A backtrace in Go's shape, and the lines around it.

use crate::g::{GRef, flag};
use crate::sched::state::level::Level;
use crate::sched::state::{beside, godebug, lineage};
use std::backtrace::Backtrace;
use std::fmt::Write;
use std::panic::Location;
use std::sync::atomic::Ordering;

/// `goroutine 7 [running]:` for the goroutine that runs here, or that has died; below it its name, if it has one.
pub(crate) fn running(out: &mut String, g: GRef) {
    let id = g.id.load(Ordering::Relaxed);
    let _ = write!(out, "goroutine {id} [running]");
    if g.has(flag::LABELLED) {
        labels(out, id);
    }
    out.push_str(":\n");
    if g.has(flag::NAMED) {
        named(out, id);
    }
}

/// The line below the head of a goroutine that has a name. Quoted, so that it stays one line whatever the name is.
pub(crate) fn named(out: &mut String, id: u64) {
    if let Some(name) = beside::get(id, |b| b.name.clone()) {
        let _ = writeln!(out, "\tnamed {name:?}");
    }
}

/// ` {key: value, ..}`, unless `GODEBUG=tracebacklabels=0` says no.
pub(super) fn labels(out: &mut String, id: u64) {
    if godebug::number("tracebacklabels") == Some(0) {
        return;
    }
    let Some(labels) = lineage::labels_of(id) else {
        return;
    };
    for (i, (key, value)) in labels.iter().enumerate() {
        let _ = write!(out, "{}{key}: {value}", if i == 0 { " {" } else { ", " });
    }
    if !labels.is_empty() {
        out.push('}');
    }
}

/// Which goroutine started it, and which one started that: `GODEBUG=tracebackancestors=N`.
pub(super) fn ancestors(out: &mut String, id: u64, level: Level) {
    let mut next = lineage::ancestors_of(id);
    for _ in 0..lineage::depth() {
        let Some(ancestor) = next else { return };
        let _ = writeln!(out, "[originating from goroutine {}]:", ancestor.id);
        frames(out, &ancestor.trace, level);
        next = ancestor.older.clone();
    }
}

pub(super) fn created_by(out: &mut String, parent: u64, at: Option<&'static Location<'static>>) {
    let Some(at) = at else { return };
    if parent == 0 {
        let _ = writeln!(out, "created at");
    } else {
        let _ = writeln!(out, "created by goroutine {parent}");
    }
    let _ = writeln!(out, "\t{}:{}", at.file(), at.line());
}

/// The same for a goroutine that the caller runs on.
pub(super) fn created_own(out: &mut String, g: GRef) {
    if !g.has(flag::MAIN) {
        created_by(out, g.parent.load(Ordering::Relaxed), g.created_at());
    }
    if g.has(flag::ANCESTRY) {
        ancestors(out, g.id.load(Ordering::Relaxed), Level::from_env());
    }
}

/// A backtrace in Go's shape: one line per function, its place below. Ours and std's frames are
/// left out below `GOTRACEBACK=system`.
pub(crate) fn frames(out: &mut String, trace: &Backtrace, level: Level) {
    let text = trace.to_string();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((_, name)) = line.trim_start().split_once(": ") else {
            continue;
        };
        let place = lines
            .next_if(|l| l.trim_start().starts_with("at "))
            .map(|l| l.trim_start().trim_start_matches("at "));
        if level < Level::System {
            // Below the goroutine's root is only the thread that happens to run it.
            if name.contains("run_body") && place.is_none_or(|p| p.contains("sched/life/body.rs")) {
                break;
            }
            if is_internal(name, place) {
                continue;
            }
        }
        let _ = writeln!(out, "{name}(...)");
        if let Some(place) = place {
            let place = place.rsplit_once(':').map_or(place, |(p, _column)| p);
            let _ = writeln!(out, "\t{place}");
        }
    }
}

/// Frames of the machinery (ours, std's, the switch): the reader wants the program's own.
fn is_internal(name: &str, place: Option<&str>) -> bool {
    let in_crate = |place: &str| {
        // `runtime/src/`, however this crate was named when it was compiled.
        let root = file!().trim_end_matches("sched/report/traceback.rs");
        place.contains(root) || place.contains("/rustc/") || place.contains("/corosensei-")
    };
    match place {
        Some(place) => in_crate(place),
        None => {
            let name = name.trim_start_matches('<');
            let crates = ["std::", "core::", "alloc::", "goroutines::", "corosensei::"];
            let symbols = [
                "rust_",
                "_rust",
                "__rust",
                "stack_",
                "_Unwind",
                "goroutines_walk",
            ];
            crates.iter().chain(&symbols).any(|p| name.starts_with(p))
        }
    }
}
