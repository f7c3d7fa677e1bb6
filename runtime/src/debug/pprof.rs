//! Goroutines in pprof's format: what `profile.proto` of google/pprof describes, as far as it is used here.

use crate::sched::goroutines;
use prost::Message;
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    /// The texts that all the numbers refer to; the first is empty.
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, tag = "9")]
    time_nanos: i64,
    #[prost(message, optional, tag = "11")]
    period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    period: i64,
}

#[derive(Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Message)]
struct Sample {
    /// The innermost first.
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    label: Vec<Label>,
}

#[derive(Message)]
struct Label {
    #[prost(int64, tag = "1")]
    key: i64,
    #[prost(int64, tag = "2")]
    text: i64,
}

#[derive(Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
}

/// A function, a file and a line.
type Frame = (String, String, i64);

/// Numbers things, from `first` on.
struct Numbers<T> {
    of: HashMap<T, u64>,
    first: u64,
}

impl<T: std::hash::Hash + Eq> Numbers<T> {
    fn new(first: u64) -> Self {
        Numbers {
            of: HashMap::new(),
            first,
        }
    }

    fn of(&mut self, thing: T) -> u64 {
        let next = self.first + self.of.len() as u64;
        *self.of.entry(thing).or_insert(next)
    }

    fn in_order(self) -> Vec<(T, u64)> {
        let mut all: Vec<_> = self.of.into_iter().collect();
        all.sort_by_key(|(_, n)| *n);
        all
    }
}

/// All goroutines, those together that stand at the same place.
pub(super) fn goroutines() -> Vec<u8> {
    let mut groups: HashMap<(&str, Vec<Frame>), i64> = HashMap::new();
    for (state, made, frames) in goroutines::each() {
        let mut frames = parse(&frames);
        if frames.is_empty() {
            frames.push((format!("[{state}]"), String::new(), 0));
        }
        if let Some(at) = made {
            let place = format!("go at {}:{}", at.file(), at.line());
            frames.push((place, at.file().to_owned(), i64::from(at.line())));
        }
        *groups.entry((state, frames)).or_default() += 1;
    }
    let mut texts = Numbers::new(0);
    let mut text = |s: &str| texts.of(s.to_owned()) as i64;
    text("");
    let mut kind = || ValueType {
        kind: text("goroutine"),
        unit: text("count"),
    };
    let (sample_type, period_type) = (vec![kind()], Some(kind()));
    let (mut functions, mut locations) = (Numbers::new(1), Numbers::new(1));
    let mut sample: Vec<Sample> = groups
        .into_iter()
        .map(|((state, frames), count)| {
            let location = |(name, file, line): Frame| {
                let function = functions.of((text(&name), text(&file)));
                locations.of((function, line))
            };
            Sample {
                location_id: frames.into_iter().map(location).collect(),
                value: vec![count],
                label: vec![Label {
                    key: text("state"),
                    text: text(state),
                }],
            }
        })
        .collect();
    sample.sort_by(|a, b| (b.value[0], &a.location_id).cmp(&(a.value[0], &b.location_id)));
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let location = |((function_id, line), id)| Location {
        id,
        line: vec![Line { function_id, line }],
    };
    let function = |((name, filename), id)| Function {
        id,
        name,
        system_name: name,
        filename,
    };
    let profile = Profile {
        sample_type,
        sample,
        location: locations.in_order().into_iter().map(location).collect(),
        function: functions.in_order().into_iter().map(function).collect(),
        string_table: texts.in_order().into_iter().map(|(text, _)| text).collect(),
        time_nanos: now.as_nanos() as i64,
        period_type,
        period: 1,
    };
    profile.encode_to_vec()
}

/// The frames of a dump: one line per function, its place below.
fn parse(text: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix('\t'), frames.last_mut()) {
            (Some(place), Some(frame)) => {
                let (file, at) = place.rsplit_once(':').unwrap_or((place, "0"));
                (frame.1, frame.2) = (file.to_owned(), at.parse().unwrap_or(0));
            }
            _ => frames.push((line.trim_end_matches("(...)").to_owned(), String::new(), 0)),
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn frames_of_a_dump() {
        let frames = parse("a::b(...)\n\t./src/a.rs:12\nc(...)\n");
        let expected = [("a::b", "./src/a.rs", 12), ("c", "", 0)];
        assert_eq!(
            frames,
            expected.map(|(name, file, line)| (name.to_owned(), file.to_owned(), line))
        );
    }
}
