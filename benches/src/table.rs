//! The table on the terminal; it is Markdown, so it can be pasted.

use crate::results::{Line, Results, SUBJECT};

/// Medians with spread, a ratio column, and below it what failed.
pub(crate) fn render(results: &Results) -> String {
    let mut rows = vec![header(results)];
    rows.extend(results.lines.iter().map(|line| row(results, line)));
    let columns = rows[0].len();
    // At least 2: the rule under a column that leans right is `-:`.
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0).max(2)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = format!("{}\n", results.machine.words());
    for (at, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // The title leans left, figures lean right.
            let cell = if column == 0 {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            };
            text += &format!("| {cell} ");
        }
        text += "|\n";
        if at == 0 {
            let rule = |(column, width): (usize, &usize)| {
                if column == 0 {
                    format!("| {:-<width$} ", "")
                } else {
                    format!("| {:->width$} ", ":")
                }
            };
            text += &widths.iter().enumerate().map(rule).collect::<String>();
            text += "|\n";
        }
    }
    text += "ratio: goroutines / Go by cost, below 1 is better than Go; ~: the rounds overlap, call it a tie\n";
    for failure in results.failures() {
        text += &format!("no figure: {failure}\n");
    }
    text
}

fn header(results: &Results) -> Vec<String> {
    let mut header: Vec<String> = ["workload", "P", "unit"].map(str::to_owned).into();
    for (name, version) in &results.peers {
        header.push(format!("{name} {version}").trim().to_owned());
        if *name == SUBJECT {
            header.push("ratio".to_owned());
        }
    }
    header
}

fn row(results: &Results, line: &Line) -> Vec<String> {
    let mut row = vec![
        line.title.clone(),
        line.procs.to_string(),
        line.unit.clone(),
    ];
    for (name, _) in &results.peers {
        let cell = line.cells.get(name);
        row.push(
            cell.and_then(|cell| Some(figure(cell.median()?, cell.spread())))
                .unwrap_or_else(|| "–".to_owned()),
        );
        if *name == SUBJECT {
            let tie = if line.apart(name) || results.rounds < 2 {
                ""
            } else {
                "~"
            };
            let ratio = cell.and_then(|cell| cell.ratio());
            row.push(ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{tie}{ratio:.2}")));
        }
    }
    row
}

/// Three digits are more than the noise allows; a spread that is not known is not shown.
fn figure(median: f64, spread: Option<f64>) -> String {
    let digits = match median.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    let spread = spread.map_or_else(String::new, |spread| {
        format!(" ±{:.0}%", spread.abs() * 100.0)
    });
    format!("{median:.digits$}{spread}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::example;

    #[test]
    fn the_table_shows_medians_spread_and_ratio() {
        let text = render(&example());
        let row = text
            .lines()
            .find(|line| line.contains("ping-pong"))
            .expect("a row");
        let cells: Vec<_> = row
            .split('|')
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        assert_eq!(
            cells,
            [
                "ping-pong, round trip",
                "1",
                "ns",
                "110 ±9%",
                "0.34",
                "320 ±6%",
                "–"
            ]
        );
        assert!(
            text.lines()
                .nth(2)
                .is_some_and(|rule| rule.contains("| -: |"))
        );
        assert!(text.contains("no figure: may: did not end in 60 s (pingpong P1)"));
    }

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(figure(1234.5, None), "1234");
        assert_eq!(figure(83.94, Some(0.177)), "83.9 ±18%");
        assert_eq!(figure(0.3, None), "0.30");
    }
}
