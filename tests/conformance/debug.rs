//! `debug::serve`: after Go's `net/http/pprof/pprof_test.go`.

use goroutines::prelude::*;
use goroutines::{Builder, debug, http};

/// The answer's status, type and text.
fn get(server: &http::Server, path: &str) -> (u16, String, String) {
    let url = format!("http://{}{path}", server.local_addr().unwrap());
    let answer = http::get(url).unwrap();
    let kind = answer.header("content-type").unwrap_or_default().to_owned();
    (answer.status().as_u16(), kind, answer.text().unwrap())
}

#[test]
fn the_page_shows_goroutines_threads_and_processors() {
    let server = debug::serve("127.0.0.1:0").unwrap();
    let ch = make!(chan u8);
    for _ in 0..3 {
        let rx = ch.receiver();
        let blocked = Builder::new().name("<b>&\"").spawn(move || rx.recv());
        drop(blocked);
    }
    let shown = "<td class=n>3<td>chan receive<td><code>";
    let mut page = String::new();
    tests::eventually("the three are blocked", || {
        page = get(&server, "/").2;
        page.contains(shown)
    });
    assert!(page.contains("conformance/debug.rs:"), "{page}");
    assert!(
        page.contains("&quot;&lt;b&gt;&amp;\\&quot;&quot;"),
        "names are escaped: {page}"
    );
    assert!(page.contains("<tr><td>P0<td>"), "{page}");
    assert!(page.contains("<tr><td>M"), "{page}");
    assert!(page.contains("<td>global queue<td"), "{page}");
    let outside = ["src=", "http://", "https://", "@import", "url("];
    assert!(
        outside.iter().all(|o| !page.contains(o)),
        "needs nothing from elsewhere: {page}"
    );
    assert_eq!(get(&server, "/").1, "text/html; charset=utf-8");
    ch.close();
    server.close().unwrap();
}

#[test]
fn dump_and_metrics() {
    let server = debug::serve("127.0.0.1:0").unwrap();
    let (status, kind, dump) = get(&server, "/goroutines");
    assert_eq!((status, &*kind), (200, "text/plain; charset=utf-8"));
    assert!(
        dump.starts_with("goroutine ") && dump.contains(" [running]:"),
        "{dump}"
    );
    let metrics = get(&server, "/metrics").2;
    for line in metrics.lines().filter(|l| !l.starts_with('#')) {
        let (name, value) = line.split_once(' ').expect("a name and a value");
        assert!(
            name.starts_with("sched_") && value.parse::<u64>().is_ok(),
            "{line}"
        );
        assert!(metrics.contains(&format!("# TYPE {name} ")), "{line}");
    }
    let procs = runtime::gomaxprocs(0);
    assert!(
        metrics.contains(&format!("\nsched_gomaxprocs_threads {procs}\n")),
        "{metrics}"
    );
    assert_eq!(get(&server, "/nothing").0, 404);
    server.close().unwrap();
}

/// One at a time, as traces are.
#[test]
fn a_trace_of_the_next_second() {
    let server = debug::serve("127.0.0.1:0").unwrap();
    for wrong in ["0", "61", "x"] {
        assert_eq!(get(&server, &format!("/trace?seconds={wrong}")).0, 400);
    }
    let (other, traced) = (
        server.clone(),
        std::sync::Arc::new(sync::atomic::AtomicBool::new(false)),
    );
    let stop = traced.clone();
    let busy = spawn(move || {
        while !stop.load(sync::atomic::Ordering::Relaxed) {
            goroutines::trace::region("traced work", || time::sleep(time::MILLISECOND));
        }
    });
    let tracing = spawn(move || get(&other, "/trace?seconds=1"));
    tests::eventually("it records", goroutines::trace::is_enabled);
    let (status, _, text) = get(&server, "/trace");
    assert_eq!((status, text.trim()), (409, "tracing is already enabled"));
    let (status, kind, trace) = tracing.join().unwrap();
    traced.store(true, sync::atomic::Ordering::Relaxed);
    busy.join().unwrap();
    assert_eq!((status, &*kind), (200, "application/json"));
    assert!(
        trace.starts_with("{\"traceEvents\":[") && trace.contains("traced work"),
        "{}",
        &trace[..200]
    );
    server.close().unwrap();
}

#[test]
fn an_address_in_use_is_an_error() {
    let server = debug::serve("127.0.0.1:0").unwrap();
    let again = debug::serve(server.local_addr().unwrap());
    assert_eq!(again.err().unwrap().kind(), std::io::ErrorKind::AddrInUse);
    server.close().unwrap();
}

#[inline(never)]
fn waits_for_pprof(gate: &Receiver<u8>) {
    gate.recv();
    std::hint::black_box(());
}

/// `go tool pprof` reads it; where there is no Go, its texts are looked for.
#[test]
fn goroutines_for_pprof() {
    let server = debug::serve("127.0.0.1:0").unwrap();
    let ch = make!(chan u8);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let rx = ch.receiver();
            spawn(move || waits_for_pprof(&rx))
        })
        .collect();
    tests::eventually("the three are blocked", || {
        get(&server, "/")
            .2
            .contains("<td class=n>3<td>chan receive<td>")
    });
    let url = format!(
        "http://{}/debug/pprof/goroutine",
        server.local_addr().unwrap()
    );
    let answer = http::get(&*url).unwrap();
    assert_eq!(
        answer.header("content-type"),
        Some("application/octet-stream")
    );
    let profile = answer.bytes().unwrap();
    let has = |text: &str| profile.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(has("waits_for_pprof") && has("chan receive") && has("goroutine"));
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../.venv/bin/go");
    let go = ["go", here].into_iter().find(|go| {
        let version = std::process::Command::new(go).arg("version").output();
        version.is_ok_and(|version| version.status.success())
    });
    match go {
        None => eprintln!("skipped: there is no Go here"),
        Some(go) => {
            let file = std::env::temp_dir().join(format!("goroutines-{}", std::process::id()));
            std::fs::write(&file, &profile).unwrap();
            let mut pprof = std::process::Command::new(go);
            pprof.args(["tool", "pprof", "-traces"]).arg(&file);
            let told = runtime::blocking(|| pprof.output().unwrap());
            std::fs::remove_file(&file).unwrap();
            let text = String::from_utf8(told.stdout).unwrap();
            assert!(told.status.success(), "{text}");
            assert!(text.contains("Type: goroutine"), "{text}");
            let three = text
                .split("-----------+")
                .find(|part| part.contains("waits_for_pprof"));
            let three = three.unwrap_or_else(|| panic!("{text}"));
            // Some versions of it align the labels.
            let close = three.replace(' ', "");
            assert!(close.contains("state:chanreceive"), "{three}");
            let words: Vec<&str> = three.split_whitespace().collect();
            assert!(words.contains(&"3"), "{three}");
        }
    }
    let text = get(&server, "/debug/pprof/goroutine?debug=2").2;
    assert!(text.contains("waits_for_pprof(...)"), "{text}");
    ch.close();
    for g in waiting {
        g.join().unwrap();
    }
    server.close().unwrap();
}
