//! The patterns of a [`Mux`](super::Mux), in Go 1.22's language: `[METHOD ][HOST]/PATH`.
//!
//! A path is a list of segments: a literal, `{name}` for any one segment, `{name...}` at the end for
//! all the rest, `{$}` for the end itself. A path that ends in `/` means all paths below it. What is
//! here mirrors Go's `net/http/pattern.go`.

use super::path::{clean_path, percent_decode};
use std::fmt;

/// One segment of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Segment {
    /// This text, decoded; `/` is the end of a path that ends in a slash.
    Literal(String),
    /// Any one segment.
    One(String),
    /// All the rest; without a name it comes from a trailing slash.
    Rest(String),
}

/// A pattern, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    /// Empty: any.
    pub(super) method: String,
    /// Empty: any.
    pub(super) host: String,
    pub(super) segments: Vec<Segment>,
}

/// How the requests that two patterns match relate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    /// The same requests.
    Equivalent,
    /// The first matches all that the second does, and more.
    MoreGeneral,
    /// The second matches all that the first does, and more.
    MoreSpecific,
    /// No request in common.
    Disjoint,
    /// Some in common, and each some of its own.
    Overlaps,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Pattern {
    /// # Errors
    /// What is wrong with the pattern, in words.
    pub(super) fn parse(text: &str) -> Result<Pattern, String> {
        if text.is_empty() {
            return Err("empty pattern".into());
        }
        let (method, rest) = match text.split_once([' ', '\t']) {
            Some((method, rest)) => (method, rest.trim_start_matches([' ', '\t'])),
            None => ("", text),
        };
        if text.contains([' ', '\t']) && hyper::Method::from_bytes(method.as_bytes()).is_err() {
            return Err(format!("invalid method {method:?}"));
        }
        let Some(slash) = rest.find('/') else {
            return Err("host/path missing /".into());
        };
        let (host, path) = rest.split_at(slash);
        if host.contains('{') {
            return Err("host contains '{' (missing initial '/'?)".into());
        }
        if !method.is_empty() && method != "CONNECT" && clean_path(path) != path {
            return Err("non-CONNECT pattern with unclean path can never match".into());
        }
        Ok(Pattern {
            text: text.into(),
            method: method.into(),
            host: host.into(),
            segments: parse_path(path)?,
        })
    }

    /// The names of its wildcards, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|s| match s {
            Segment::One(name) | Segment::Rest(name) if !name.is_empty() => Some(name.as_str()),
            _ => None,
        })
    }

    /// Does it end in `{name...}` or `/`?
    pub(super) fn takes_rest(&self) -> bool {
        matches!(self.segments.last(), Some(Segment::Rest(_)))
    }

    /// Would a request that both match have no best pattern?
    pub(super) fn conflicts_with(&self, other: &Pattern) -> bool {
        // A pattern with a host goes before one without, and different hosts never meet.
        self.host == other.host
            && matches!(
                self.relation(other),
                Relation::Equivalent | Relation::Overlaps
            )
    }

    pub(super) fn relation(&self, other: &Pattern) -> Relation {
        methods(&self.method, &other.method).and(|| self.path_relation(other))
    }

    fn path_relation(&self, other: &Pattern) -> Relation {
        let (a, b) = (&self.segments, &other.segments);
        if a.len() != b.len() && !self.takes_rest() && !other.takes_rest() {
            return Relation::Disjoint;
        }
        let mut relation = Relation::Equivalent;
        for (a, b) in a.iter().zip(b) {
            relation = relation.and(|| segments(a, b));
        }
        if a.len() == b.len() {
            relation
        } else if a.len() < b.len() && self.takes_rest() {
            relation.and(|| Relation::MoreGeneral)
        } else if b.len() < a.len() && other.takes_rest() {
            relation.and(|| Relation::MoreSpecific)
        } else {
            Relation::Disjoint
        }
    }
}

impl Relation {
    /// The relation of what both this and `next` have to hold for.
    fn and(self, next: impl FnOnce() -> Relation) -> Relation {
        use Relation::{Disjoint, Equivalent, MoreGeneral, MoreSpecific, Overlaps};
        if self == Disjoint {
            return Disjoint;
        }
        match (self, next()) {
            (Equivalent, r) => r,
            (_, Disjoint) => Disjoint,
            (r, Equivalent) => r,
            (MoreGeneral, MoreSpecific) | (MoreSpecific, MoreGeneral) => Overlaps,
            (Overlaps, _) => Overlaps,
            (_, r) => r,
        }
    }
}

fn methods(a: &str, b: &str) -> Relation {
    match (a, b) {
        _ if a == b => Relation::Equivalent,
        ("", _) => Relation::MoreGeneral,
        (_, "") => Relation::MoreSpecific,
        // GET answers HEAD as well.
        ("GET", "HEAD") => Relation::MoreGeneral,
        ("HEAD", "GET") => Relation::MoreSpecific,
        _ => Relation::Disjoint,
    }
}

fn segments(a: &Segment, b: &Segment) -> Relation {
    use Segment::{Literal, One, Rest};
    match (a, b) {
        (Rest(_), Rest(_)) | (One(_), One(_)) => Relation::Equivalent,
        (Rest(_), _) => Relation::MoreGeneral,
        (_, Rest(_)) => Relation::MoreSpecific,
        // A wildcard takes a segment, and the end after a slash is none.
        (One(_), Literal(l)) | (Literal(l), One(_)) if l == "/" => Relation::Disjoint,
        (One(_), Literal(_)) => Relation::MoreGeneral,
        (Literal(_), One(_)) => Relation::MoreSpecific,
        (Literal(x), Literal(y)) if x == y => Relation::Equivalent,
        (Literal(_), Literal(_)) => Relation::Disjoint,
    }
}

fn parse_path(path: &str) -> Result<Vec<Segment>, String> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut rest = path;
    while let Some(after) = rest.strip_prefix('/') {
        if after.is_empty() {
            found.push(Segment::Rest(String::new()));
            break;
        }
        let end = after.find('/').unwrap_or(after.len());
        let (segment, next) = after.split_at(end);
        rest = next;
        let Some(open) = segment.find('{') else {
            found.push(Segment::Literal(percent_decode(segment)));
            continue;
        };
        if open != 0 || !segment.ends_with('}') {
            return Err("bad wildcard segment (must end with '}' and begin with '{')".into());
        }
        let name = &segment[1..segment.len() - 1];
        if name == "$" {
            if !rest.is_empty() {
                return Err("{$} not at end".into());
            }
            found.push(Segment::Literal("/".into()));
            break;
        }
        let (name, takes_rest) = match name.strip_suffix("...") {
            Some(name) => (name, true),
            None => (name, false),
        };
        if takes_rest && !rest.is_empty() {
            return Err("{...} wildcard not at end".into());
        }
        if name.is_empty() {
            return Err("empty wildcard".into());
        }
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            return Err(format!("bad wildcard name {name:?}"));
        }
        if names.contains(&name) {
            return Err(format!("duplicate wildcard name {name:?}"));
        }
        names.push(name);
        found.push(if takes_rest {
            Segment::Rest(name.into())
        } else {
            Segment::One(name.into())
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn parts() {
        let p = parse("POST example.com/a/{b}/%7Bc/{d...}");
        assert_eq!(
            (p.method.as_str(), p.host.as_str()),
            ("POST", "example.com")
        );
        let want = [
            Segment::Literal("a".into()),
            Segment::One("b".into()),
            Segment::Literal("{c".into()),
            Segment::Rest("d".into()),
        ];
        assert_eq!(p.segments, want);
        assert_eq!(p.names().collect::<Vec<_>>(), ["b", "d"]);
        assert_eq!(parse("/{$}").segments, [Segment::Literal("/".into())]);
        assert_eq!(parse("/").segments, [Segment::Rest(String::new())]);
    }

    /// Go's `TestParsePatternError`.
    #[test]
    fn errors() {
        for (text, want) in [
            ("", "empty pattern"),
            ("A=B /", "invalid method"),
            ("a/b{c}", "bad wildcard segment"),
            ("/{w}x", "bad wildcard segment"),
            ("/x{w}", "bad wildcard segment"),
            ("/{wx", "bad wildcard segment"),
            ("/{}", "empty wildcard"),
            ("/{...}", "empty wildcard"),
            ("/{a$}", "bad wildcard name"),
            ("/{a$...}", "bad wildcard name"),
            ("/{$...}", "bad wildcard name"),
            ("/{$}/x", "{$} not at end"),
            ("/{a...}/x", "{...} wildcard not at end"),
            ("{a}/b", "host contains '{'"),
            ("/a/{x}/b/{x...}", "duplicate wildcard name"),
            ("GET //", "unclean path"),
            ("x", "host/path missing /"),
        ] {
            let e = Pattern::parse(text).unwrap_err();
            assert!(e.contains(want), "{text}: {e}");
        }
    }

    /// From Go's `TestComparePaths` and `TestCompareMethods`.
    #[test]
    fn relations() {
        use Relation::{Disjoint, Equivalent, MoreGeneral, MoreSpecific, Overlaps};
        for (a, b, want) in [
            ("/a", "/a", Equivalent),
            ("/a", "/b", Disjoint),
            ("/a", "/", MoreSpecific),
            ("/a", "/{$}", Disjoint),
            ("/a", "/{x}", MoreSpecific),
            ("/a", "/{x...}", MoreSpecific),
            ("/{$}", "/", MoreSpecific),
            ("/{$}", "/{x}", Disjoint),
            ("/{z}/", "/{x}/{y}", MoreGeneral),
            ("/{z}", "/{y}", Equivalent),
            ("/{m...}", "/", Equivalent),
            ("/a/b", "/a/{x}", MoreSpecific),
            ("/{x}/b", "/a/{y}", Overlaps),
            ("/{z}/{m...}", "/b/a", MoreGeneral),
            ("/a/{z}/{m...}", "/{z}/a/", Overlaps),
            ("/b/{$}", "/b/{x...}", MoreSpecific),
            ("GET /", "/", MoreSpecific),
            ("GET /", "POST /", Disjoint),
            ("GET /", "HEAD /", MoreGeneral),
            ("GET /a", "/{x}", MoreSpecific),
            ("GET /{x}", "/a", Overlaps),
        ] {
            assert_eq!(parse(a).relation(&parse(b)), want, "{a} {b}");
            let inverse = match want {
                MoreGeneral => MoreSpecific,
                MoreSpecific => MoreGeneral,
                other => other,
            };
            assert_eq!(parse(b).relation(&parse(a)), inverse, "{b} {a}");
        }
    }

    #[test]
    fn decoding() {
        assert_eq!(percent_decode("a%2Fb%"), "a/b%");
        assert_eq!(percent_decode("%zz%C3%A9"), "%zzé");
    }
}
