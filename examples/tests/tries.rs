//! Every change that the book proposes does what the book says.

use examples::practice::Paths;
use examples::tries::Try;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

#[test]
fn changes_do_what_the_book_says() {
    let paths = Paths::find().unwrap();
    let folder = paths.root.join("examples/tries");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 20, "only {} changes", files.len());
    // One of them, or some: `TRY=PART cargo test -p examples --test tries`.
    let part = env::var("TRY").unwrap_or_default();
    files.retain(|file| file.to_string_lossy().contains(&part));
    let next = AtomicUsize::new(0);
    let wrong: String = thread::scope(|s| {
        let both = [(); 2].map(|()| s.spawn(|| faults(&paths, &files, &next)));
        both.into_iter().map(|half| half.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is wrong with the changes that this thread gets to.
fn faults(paths: &Paths, files: &[PathBuf], next: &AtomicUsize) -> String {
    let mut wrong = String::new();
    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let name = file.file_stem().unwrap().to_string_lossy();
        let faults = match Try::parse(&fs::read_to_string(file).unwrap()) {
            Ok(change) => change.faults(paths).unwrap(),
            Err(why) => why,
        };
        if !faults.is_empty() {
            wrong += &format!("\n{name}:\n{faults}\n");
        }
    }
    wrong
}
