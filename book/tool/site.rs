//! Builds the whole site: for each edition mdBook with our one preprocessor, then the files the pages
//! need beside them.

use crate::phrases::Phrases;
use crate::{chinese, expand, programs, repo, switch, traces};
use mdbook_driver::MDBook;
use mdbook_driver::book::Book;
use mdbook_driver::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::path::PathBuf;
use std::rc::Rc;

/// The built site.
pub(crate) struct Site {
    /// The folder with its `index.html`.
    pub(crate) dir: PathBuf,
    /// What the Chinese edition translates although no page says it any more.
    pub(crate) unused: Vec<String>,
}

/// Builds the book in both editions.
pub(crate) fn build() -> Result<Site> {
    let mut book = MDBook::load(repo::book())?;
    let dir = book.build_dir_for("html");
    book.with_preprocessor(Directives(Edition::English));
    book.build()?;
    traces::publish(&dir)?;

    let mut book = MDBook::load(repo::book())?;
    let chinese = dir.join(chinese::DIR);
    let phrases = Rc::new(Phrases::read()?);
    chinese::translate(&mut book, &phrases, &chinese)?;
    book.with_preprocessor(Directives(Edition::Chinese(phrases.clone())));
    book.build()?;
    let unused = chinese::complete(&chinese, &phrases)?;
    switch::put_into(&dir)?;
    Ok(Site { dir, unused })
}

enum Edition {
    English,
    Chinese(Rc<Phrases>),
}

/// Puts the programs' own pages in and replaces every directive; fails with all problems at once.
struct Directives(Edition);

impl Preprocessor for Directives {
    fn name(&self) -> &str {
        "directives"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let mut problems = Vec::new();
        match &self.0 {
            Edition::English => programs::add_pages(&mut book, &mut problems),
            Edition::Chinese(phrases) => chinese::add_programs(&mut book, phrases, &mut problems),
        }
        book.for_each_chapter_mut(|chapter| {
            let name = chapter.path.clone().unwrap_or_default();
            let expanded = expand::expand(&chapter.content);
            chapter.content = expanded.text;
            let edition = match &self.0 {
                Edition::English => "",
                Edition::Chinese(phrases) => {
                    match chinese::finish(&chapter.content, phrases) {
                        Ok(text) => chapter.content = text,
                        Err(error) => problems.push(format!("zh/{}: {error:#}", name.display())),
                    }
                    "zh/"
                }
            };
            let place = |p: &String| format!("{edition}{}:{p}", name.display());
            problems.extend(expanded.problems.iter().map(place));
        });
        if problems.is_empty() {
            Ok(book)
        } else {
            Err(Error::msg(problems.join("\n")))
        }
    }
}
