//! The exercises: what the reader begins with does not pass, the solution does, and each says what to
//! do and belongs to a page of the book.

use examples::practice::Paths;
use examples::practice::judge::{Verdict, judge};
use examples::practice::list::{EXERCISES, Exercise};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

/// A verdict on the text at `from`, copied away as the reader's would be.
fn verdict(paths: &Paths, exercise: &Exercise, from: &str) -> Verdict {
    let folder = paths.workplace().unwrap();
    let file = folder.path().join("yours.rs");
    fs::copy(paths.root.join(from), &file).unwrap();
    judge(paths, exercise, &file).unwrap()
}

/// What is wrong with the exercises that this thread gets to.
fn faults(paths: &Paths, next: &AtomicUsize) -> String {
    let mut wrong = String::new();
    while let Some(exercise) = EXERCISES.get(next.fetch_add(1, Ordering::Relaxed)) {
        let name = exercise.name;
        match verdict(paths, exercise, &exercise.stub()) {
            Verdict::Passed(_) => wrong += &format!("{name}: the stub passes\n"),
            Verdict::DoesNotCompile(words) if exercise.stub().starts_with("examples") => {
                wrong += &format!("{name}: the stub does not compile:\n{words}\n");
            }
            _ => {}
        }
        match verdict(paths, exercise, &exercise.solution()) {
            Verdict::Passed(_) => {}
            other => wrong += &format!("{name}: the solution does not pass: {other:#?}\n"),
        }
    }
    wrong
}

#[test]
fn stubs_do_not_pass_and_solutions_do() {
    let paths = Paths::find().unwrap();
    let next = AtomicUsize::new(0);
    let wrong: String = thread::scope(|s| {
        let both = [(); 2].map(|()| s.spawn(|| faults(&paths, &next)));
        both.into_iter().map(|half| half.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn exercises_are_in_form() {
    assert!(EXERCISES.len() >= 25, "only {}", EXERCISES.len());
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for exercise in EXERCISES {
        let page = root.join(format!("book/src/{}.md", exercise.chapter));
        assert!(
            page.exists(),
            "{}: no page {}",
            exercise.name,
            exercise.chapter
        );
        assert!(!exercise.hints.is_empty(), "{} has no hint", exercise.name);
        let stub = fs::read_to_string(root.join(exercise.stub())).unwrap();
        assert!(
            stub.starts_with("//"),
            "{} does not say what to do",
            exercise.name
        );
    }
}
