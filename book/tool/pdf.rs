//! The whole book as one PDF, printed by a Chromium that is installed.

use crate::site;
use mdbook_driver::errors::{Error, Result};
use std::path::PathBuf;
use std::process::Command;

/// Programs that print a page to a file.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Builds the book and prints it to `goroutines.pdf` in the site.
pub(crate) fn print() -> Result<PathBuf> {
    let dir = site::build()?.dir;
    let to = dir.join("goroutines.pdf");
    for browser in BROWSERS {
        let status = Command::new(browser)
            .args([
                "--headless",
                "--disable-gpu",
                "--no-sandbox",
                "--no-pdf-header-footer",
            ])
            .arg(format!("--print-to-pdf={}", to.display()))
            .arg(format!("file://{}/print.html", dir.display()))
            .status();
        match status {
            Ok(status) if status.success() && to.exists() => return Ok(to),
            Ok(status) => return Err(Error::msg(format!("{browser} ended with {status}"))),
            Err(_) => {}
        }
    }
    Err(Error::msg(format!(
        "to print the book, install one of {BROWSERS:?}"
    )))
}
