//! Builds the whole site: mdBook with our one preprocessor, then the files the pages need beside it.

use crate::{expand, repo, traces};
use mdbook_driver::MDBook;
use mdbook_driver::book::Book;
use mdbook_driver::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::path::PathBuf;

/// Builds the book and returns the folder with its `index.html`.
pub(crate) fn build() -> Result<PathBuf> {
    let mut book = MDBook::load(repo::book())?;
    book.with_preprocessor(Directives);
    book.build()?;
    let dir = book.build_dir_for("html");
    traces::publish(&dir)?;
    Ok(dir)
}

/// Puts the programs' own pages in and replaces every directive; fails with all problems at once.
struct Directives;

impl Preprocessor for Directives {
    fn name(&self) -> &str {
        "directives"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let mut problems = Vec::new();
        crate::programs::add_pages(&mut book, &mut problems);
        book.for_each_chapter_mut(|chapter| {
            let name = chapter.path.clone().unwrap_or_default();
            let expanded = expand::expand(&chapter.content);
            chapter.content = expanded.text;
            problems.extend(
                expanded
                    .problems
                    .iter()
                    .map(|p| format!("{}:{p}", name.display())),
            );
        });
        if problems.is_empty() {
            Ok(book)
        } else {
            Err(Error::msg(problems.join("\n")))
        }
    }
}
