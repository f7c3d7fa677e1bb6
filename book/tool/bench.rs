//! Tables of `benches/results/latest.json`.

use mdbook_driver::errors::{Error, Result};

pub(crate) fn table(group: &str) -> Result<String> {
    Err(Error::msg(format!("no such group of benchmarks: {group}")))
}
