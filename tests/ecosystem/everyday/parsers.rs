//! Parsers, most of which recurse, some as deep as their input is.

use ecosystem::everywhere;
use goroutines::runtime::gosched;
use serde::Deserialize;
use serde_json::Value;

#[test]
fn regex() {
    let dates = regex::Regex::new(r"(\d{4})-(\d{2})-(\d{2})").unwrap();
    everywhere(500, |i| {
        let text = format!("from 2026-01-{:02} on, until 2027-02-03", i % 28 + 1);
        gosched();
        let years: Vec<&str> = dates
            .captures_iter(&text)
            .map(|c| c.get(1).unwrap().as_str())
            .collect();
        assert_eq!(years, ["2026", "2027"]);
        let own = regex::Regex::new(&format!("(a|b)*{i}$")).unwrap();
        assert!(own.is_match(&format!("abba{i}")));
    });
}

#[test]
fn serde_json() {
    everywhere(500, |i| {
        let value =
            serde_json::json!({ "id": i, "tags": ["a", "b"], "deep": { "deeper": [i, i + 1] } });
        let text = serde_json::to_string_pretty(&value).unwrap();
        gosched();
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back, value);
        let wrong = serde_json::from_str::<Value>(&text[..text.len() - 1]);
        assert!(wrong.unwrap_err().is_eof());
        // Its own limit.
        let deep = "[".repeat(127) + &"]".repeat(127);
        assert!(serde_json::from_str::<Value>(&deep).is_ok());
    });
}

/// Ten thousand deep: it grows the stack itself, as it believes, of a thread.
#[test]
fn serde_stacker() {
    const DEPTH: usize = 10_000;
    let text = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    everywhere(50, |_| {
        let mut json = serde_json::Deserializer::from_str(&text);
        json.disable_recursion_limit();
        let value = Value::deserialize(serde_stacker::Deserializer::new(&mut json)).unwrap();
        gosched();
        let (mut depth, mut inner) = (0, &value);
        while let Value::Array(list) = inner {
            depth += 1;
            let Some(next) = list.first() else { break };
            inner = next;
        }
        assert_eq!(depth, DEPTH);
        drop_slowly(value);
    });
}

/// `Value`'s own destructor recurses.
fn drop_slowly(value: Value) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        if let Value::Array(list) = value {
            rest.extend(list);
        }
    }
}

#[test]
fn toml() {
    everywhere(200, |i| {
        let text = format!("name = \"n{i}\"\n[server]\nports = [80, 443]\n[[user]]\nid = {i}\n");
        let table: toml::Table = text.parse().unwrap();
        gosched();
        assert_eq!(table["name"].as_str().unwrap(), format!("n{i}"));
        assert_eq!(table["user"][0]["id"].as_integer(), Some(i as i64));
        let again: toml::Table = toml::to_string(&table).unwrap().parse().unwrap();
        assert_eq!(again, table);
        // Its own limit is 80.
        let deep = "a = ".to_owned() + &"[".repeat(79) + &"]".repeat(79);
        assert!(deep.parse::<toml::Table>().is_ok());
    });
}

#[test]
fn syn() {
    let file = include_str!("parsers.rs");
    everywhere(50, |i| {
        let parsed = syn::parse_file(file).unwrap();
        gosched();
        assert!(parsed.items.len() > 8);
        let nested = "(".repeat(200) + &i.to_string() + &")".repeat(200);
        assert!(syn::parse_str::<syn::Expr>(&nested).is_ok());
    });
}

#[test]
fn sqlparser() {
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;
    let parse = |sql: &str| Parser::parse_sql(&GenericDialect {}, sql);
    everywhere(50, |i| {
        let one = parse(&format!(
            "SELECT a, count(*) FROM t JOIN u ON t.id = u.id WHERE a > {i} GROUP BY a"
        ));
        assert_eq!(one.unwrap().len(), 1);
        gosched();
        let mut nested = "SELECT 1".to_owned();
        for depth in 0..12 {
            nested = format!("SELECT a FROM ({nested}) AS t{depth} WHERE a IN (SELECT {depth})");
        }
        assert_eq!(parse(&nested).unwrap()[0].to_string(), nested);
        let ands: Vec<String> = (0..1_000).map(|n| format!("a = {n}")).collect();
        let ands = format!("SELECT a FROM t WHERE {}", ands.join(" AND "));
        assert_eq!(parse(&ands).unwrap()[0].to_string(), ands);
    });
}
