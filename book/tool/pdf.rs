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
    // mdBook's page of all pages opens the dialogue for printing, which nobody would answer.
    let page = std::fs::read_to_string(dir.join("print.html"))?;
    let page = page.replace("window.setTimeout(window.print, 100);", "");
    std::fs::write(dir.join("pdf.html"), page)?;
    for browser in BROWSERS {
        let status = Command::new(browser)
            .args([
                "--headless",
                "--disable-gpu",
                "--no-sandbox",
                "--no-pdf-header-footer",
            ])
            .arg(format!("--print-to-pdf={}", to.display()))
            .arg(format!("file://{}/pdf.html", dir.display()))
            .status();
        match status {
            Ok(status) if status.success() && to.exists() => {
                std::fs::remove_file(dir.join("pdf.html"))?;
                return Ok(to);
            }
            Ok(status) => return Err(Error::msg(format!("{browser} ended with {status}"))),
            Err(_) => {}
        }
    }
    Err(Error::msg(format!(
        "to print the book, install one of {BROWSERS:?}"
    )))
}
