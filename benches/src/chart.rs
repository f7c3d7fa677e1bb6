//! The plot: one bar per row, the ratio of goroutines to Go on a logarithmic scale; small marks for the other peers.

use svg::Document;
use svg::node::element::{Circle, Group, Line as Rule, Rectangle, Style, Text};

use crate::results::{Line, Results, SUBJECT};

const WIDTH: f64 = 1030.0;
const ROW: f64 = 18.0;
const TOP: f64 = 64.0;
/// Where the axis begins and ends.
const LEFT: f64 = 400.0;
const RIGHT: f64 = 960.0;
/// The ratios at both ends; what is beyond is drawn at the end.
const RANGE: (f64, f64) = (1.0 / 64.0, 16.0);

/// Works on light and dark pages; the colours can be told apart by people who cannot tell red from green.
const STYLE: &str = "
text { font: 12px system-ui, sans-serif; fill: #24292f; }
.small { font-size: 11px; fill: #57606a; }
.better { fill: #1f77b4; } .worse { fill: #d9822b; } .axis { stroke: #8c959f; } .grid { stroke: #8c959f55; }
.tie { opacity: 0.5; }
.may { fill: #fff; stroke: #7a4fb5; } .tokio { fill: #fff; stroke: #2f8f57; } .kanal { fill: #2f8f57; stroke: #fff; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .small { fill: #9da7b3; } }
";

/// Which peers get marks.
const MARKS: [(&str, &str); 3] = [("may", "may"), ("tokio", "tokio"), ("tokio+kanal", "kanal")];

/// Draws every row that has a ratio.
pub(crate) fn draw(results: &Results) -> Document {
    let ratio = |line: &Line, peer: &str| line.cells.get(peer).and_then(|cell| cell.ratio());
    let lines: Vec<&Line> = results
        .lines
        .iter()
        .filter(|line| {
            ratio(line, SUBJECT).is_some()
                || MARKS.iter().any(|(peer, _)| ratio(line, peer).is_some())
        })
        .collect();
    let bottom = TOP + ROW * lines.len() as f64;
    let mut document = Document::new()
        .set("viewBox", (0.0, 0.0, WIDTH, bottom + 40.0))
        .set("role", "img")
        .set(
            "aria-label",
            "Cost of goroutines relative to Go, by workload",
        )
        .add(Style::new(STYLE))
        .add(label(
            "Cost relative to Go 1.0: left is better, logarithmic",
            12.0,
            20.0,
            "start",
            "",
        ))
        .add(axis(bottom))
        .add(legend());
    for (at, line) in lines.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        let mut row = Group::new();
        if at == 0 || lines[at - 1].title != line.title {
            row = row.add(label(&line.title, LEFT - 60.0, y + 13.0, "end", ""));
        }
        row = row.add(label(
            &format!("P{}", line.procs),
            LEFT - 34.0,
            y + 13.0,
            "start",
            "small",
        ));
        if let Some(ratio) = ratio(line, SUBJECT) {
            row = row.add(bar(ratio, y, results.rounds > 1 && !line.apart(SUBJECT)));
            row = row.add(label(
                &format!("{ratio:.2}"),
                RIGHT + 12.0,
                y + 13.0,
                "start",
                "",
            ));
        }
        for (peer, class) in MARKS {
            if let Some(ratio) = ratio(line, peer) {
                row = row.add(mark(class, x(ratio), y + ROW / 2.0));
            }
        }
        document = document.add(row);
    }
    document.add(label(
        &results.machine.words(),
        12.0,
        bottom + 28.0,
        "start",
        "small",
    ))
}

/// Where a ratio lies.
fn x(ratio: f64) -> f64 {
    let (low, high) = (RANGE.0.log2(), RANGE.1.log2());
    LEFT + (ratio.log2().clamp(low, high) - low) / (high - low) * (RIGHT - LEFT)
}

fn bar(ratio: f64, y: f64, tie: bool) -> Rectangle {
    let (one, end) = (x(1.0), x(ratio));
    let class = if ratio <= 1.0 { "better" } else { "worse" };
    Rectangle::new()
        .set("x", one.min(end))
        .set("y", y + 3.0)
        .set("width", (one - end).abs().max(1.0))
        .set("height", ROW - 6.0)
        .set(
            "class",
            if tie {
                format!("{class} tie")
            } else {
                class.to_owned()
            },
        )
}

fn mark(class: &str, x: f64, y: f64) -> Circle {
    Circle::new()
        .set("cx", x)
        .set("cy", y)
        .set("r", 3.5)
        .set("stroke-width", 1.5)
        .set("class", class)
}

fn axis(bottom: f64) -> Group {
    let mut axis = Group::new();
    let mut ratio = RANGE.0;
    while ratio <= RANGE.1 {
        let text = if ratio < 1.0 {
            format!("1/{}", 1.0 / ratio)
        } else {
            ratio.to_string()
        };
        let class = if ratio == 1.0 { "axis" } else { "grid" };
        let rule = Rule::new()
            .set("x1", x(ratio))
            .set("x2", x(ratio))
            .set("y1", TOP)
            .set("y2", bottom);
        axis = axis.add(rule.set("class", class)).add(label(
            &text,
            x(ratio),
            TOP - 6.0,
            "middle",
            "small",
        ));
        ratio *= 2.0;
    }
    axis
}

fn legend() -> Group {
    let mut legend = Group::new().add(label(
        "bars: goroutines (pale: a tie)",
        12.0,
        40.0,
        "start",
        "small",
    ));
    for (at, (peer, class)) in MARKS.iter().enumerate() {
        let left = 200.0 + 80.0 * at as f64;
        legend = legend.add(mark(class, left, 36.0)).add(label(
            peer,
            left + 8.0,
            40.0,
            "start",
            "small",
        ));
    }
    legend
}

fn label(text: &str, x: f64, y: f64, anchor: &str, class: &str) -> Text {
    Text::new(text)
        .set("x", x)
        .set("y", y)
        .set("text-anchor", anchor)
        .set("class", class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::example;

    #[test]
    fn the_axis_is_logarithmic_and_bounded() {
        let step = x(2.0) - x(1.0);
        assert!((x(4.0) - x(2.0) - step).abs() < 1e-9);
        assert_eq!((x(0.0001), x(1000.0)), (LEFT, RIGHT));
    }

    #[test]
    fn each_row_with_a_ratio_has_a_bar() {
        let picture = draw(&example()).to_string();
        assert_eq!(picture.matches("<rect").count(), 1);
        assert!(picture.contains("ping-pong, round trip"));
    }
}
