//! The expansions, written out in `expansions/`: what the macros do, to read and to review.
//!
//! After a change, look at what `SNAPSHOTS=overwrite cargo test -p goroutines-macros` changes there.

use proc_macro2::TokenStream;
use quote::quote;
use std::path::Path;
use std::{env, fs};

/// The user's text, as the macro gets it, and its expansion, formatted.
fn check(name: &str, user: &str, expanded: &TokenStream) -> String {
    let inside = if user.starts_with('#') {
        expanded.clone()
    } else {
        quote!(fn body() { #expanded })
    };
    let file = syn::parse2(inside).expect("an expansion is valid Rust");
    let text = prettyplease::unparse(&file);
    let snapshot = format!("// {}\n\n{text}", user.trim().replace('\n', "\n// "));
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("expansions")
        .join(name)
        .with_extension("rs");
    if env::var_os("SNAPSHOTS").is_some_and(|what| what == "overwrite") {
        fs::write(&path, &snapshot).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        snapshot, known,
        "{name} expands differently now; see the head of snapshots.rs"
    );
    text
}

/// The tokens between the brackets of a macro call.
fn arguments(user: &str) -> TokenStream {
    let call: syn::Macro = syn::parse_str(user.trim_end_matches(';')).unwrap();
    call.tokens
}

fn krate() -> TokenStream {
    quote!(goroutines)
}

fn select(name: &str, user: &str) -> String {
    check(
        name,
        user,
        &crate::select::expand(&krate(), arguments(user)),
    )
}

fn go(name: &str, user: &str) {
    check(name, user, &crate::go::expand(&krate(), arguments(user)));
}

fn goroutine(name: &str, options: TokenStream, user: &str) {
    let item = user.split_once(']').unwrap().1;
    check(
        name,
        user,
        &crate::attr::expand(options, item.parse().unwrap()),
    );
}

#[test]
fn select_two_arms() {
    let text = select(
        "select_two_arms",
        "select! {
    v = <-rx => println!(\"{v:?}\"),
    tx <- make() => break,
}",
    );
    let lines = text.lines().count();
    assert!(lines < 60, "two arms expand to {lines} lines");
}

#[test]
fn select_all_kinds() {
    select(
        "select_all_kinds",
        "select! {
    biased;
    Some((a, b)) = <-pairs else continue => use_both(a, b),
    <-done => return,
    mut v: Option<u8> = <-self.bytes => { v.take(); }
    self.out[i] <- move slot => {}
    default => idle(),
}",
    );
}

#[test]
fn select_edges() {
    select("select_nothing", "select! {}");
    select("select_default_only", "select! { default => work() }");
    select(
        "select_mistakes",
        "select! {
    v := <-a => v.unwrap(),
    w = <-b => w.unwrap(),
}",
    );
}

#[test]
fn go_forms() {
    go(
        "go_call",
        "go!(worker(id + 1, rx.clone(), &config, &mut buffer(), |x| x + 1))",
    );
    go("go_method", "go!([log] server.clone().handle(conn, log))");
    go("go_block", "go! { for job in jobs { run(job); } }");
    go("go_closure", "go!(move || loop { step() })");
    go("go_scope", "go!(in s, sum(i, &data, &mut parts[2 * i]))");
}

#[test]
fn defer_and_make() {
    let user = "defer!(unlock());";
    check(
        "defer",
        user,
        &crate::defer::expand(&krate(), arguments(user)),
    );
    let user = "defer!([tx, n = count + 1], tx.send(n));";
    check(
        "defer_captures",
        user,
        &crate::defer::expand(&krate(), arguments(user)),
    );
    let user = "make!(chan Vec<u8>, 16)";
    check(
        "make",
        user,
        &crate::make::expand(&krate(), arguments(user)),
    );
}

#[test]
fn attribute() {
    goroutine(
        "goroutine_main",
        quote!(stack = "1MiB", procs = 2),
        "#[goroutine(stack = \"1MiB\", procs = 2)] fn main() -> Result<(), Error> { run()?; Ok(()) }",
    );
    goroutine(
        "goroutine_test",
        quote!(),
        "#[goroutine] #[test] fn adds() { assert_eq!(1 + 1, 2); }",
    );
    goroutine(
        "goroutine_method",
        quote!(stack = "64KiB"),
        "#[goroutine(stack = \"64KiB\")] pub fn parse<'a>(&'a mut self, mut depth: u32, (from, _): (usize, usize)) -> Result<impl Iterator<Item = &'a Token>, Error> {
    while depth > 0 { depth -= 1; }
    Ok(self.tokens[from..].iter())
}",
    );
}

/// Code that is not Rust yet is kept, so that an editor can complete in it.
#[test]
fn half_typed_code_is_kept() {
    let krate = krate();
    let kept = |expanded: TokenStream| expanded.to_string().contains("self . conn .");
    assert!(kept(crate::go::expand(&krate, quote!(self.conn.))));
    assert!(kept(crate::go::expand(
        &krate,
        quote!({ let x = self.conn. })
    )));
    assert!(kept(crate::go::expand(
        &krate,
        quote!([tx], { self.conn. })
    )));
    assert!(kept(crate::defer::expand(&krate, quote!(self.conn.))));
    let select = |arms: TokenStream| crate::select::expand(&krate, arms);
    assert!(kept(select(quote!(v = <-self.conn. => {}))));
    assert!(kept(select(quote!(<-done => {} v = <-self.conn.))));
    assert!(kept(select(quote!(tx <- self.conn. => {} default => {}))));
    assert!(kept(select(
        quote!(v = <-rx => { self.conn. } default => {})
    )));
    assert!(kept(select(
        quote!(v := <-rx => self.conn.close(), default => {})
    )));
    let item = quote!(fn f(&self) { let x = self.conn. });
    assert!(kept(crate::attr::expand(quote!(), item.clone())));
    assert!(kept(crate::attr::expand(quote!(procs = 2), item.clone())));
    assert!(kept(crate::attr::expand(
        quote!(nonsense),
        quote!(async #item)
    )));
}

/// What rustc could not read is not given back to it: its messages would come twice.
#[test]
fn a_habit_in_a_function_has_one_message() {
    let expand = |body: TokenStream| {
        let item = quote!(fn f() { #body });
        crate::attr::expand(quote!(), item).to_string()
    };
    let text = expand(quote!(defer wg.done();));
    assert!(text.contains("compile_error"), "{text}");
    assert!(!text.contains("defer wg"), "{text}");
    // A macro's own rules may have such words.
    let text = expand(quote!(macro_rules! m { (go f) => {} } m!(go f);));
    assert!(!text.contains("compile_error"), "{text}");
}

/// A write is shown to the runtime if the goroutine's code names the variable nowhere else.
#[test]
fn writes_that_may_be_lost() {
    go("go_lost_write", "go!([wg], { results[i] += f(i); })");
    let shown = |user: TokenStream| {
        let text = crate::go::expand(&krate(), user).to_string();
        text.contains("Place")
    };
    assert!(shown(quote!(move || list[0].next = 1)));
    assert!(shown(quote!(loop {
        grid[i][j] = 0;
    })));
    assert!(!shown(quote!({
        list[0] = 1;
        tx.send(list)
    })));
    assert!(!shown(quote!({
        list[0] = 1;
        println!("{list:?}")
    })));
    assert!(!shown(quote!({
        list.next = 1;
        total += 1
    })));
    assert!(!shown(quote!({ unsafe { TABLE[0] = 1 } })));
}

/// Only operands that could be an `Option` or a `Duration` are looked at.
#[test]
fn operands_that_are_looked_at() {
    let looked_at = |user: TokenStream| {
        let text = crate::go::expand(&krate(), user).to_string();
        text.contains("Received (") || text.contains("Product (")
    };
    assert!(looked_at(quote!({
        sum += c.recv();
    })));
    assert!(looked_at(quote!({ f(c.recv() + 1) })));
    assert!(looked_at(quote!(sleep(0.5 * time::SECOND))));
    assert!(looked_at(quote!({ sleep(n * SECOND) })));
    assert!(!looked_at(quote!({
        sum += c.recv().unwrap();
    })));
    assert!(!looked_at(quote!({
        let v = c.recv();
        v == c.recv()
    })));
    assert!(!looked_at(quote!(sleep(2 * time::SECOND))));
    assert!(!looked_at(quote!({
        const D: Duration = n * SECOND;
    })));
    let arm = |arms: TokenStream| {
        let text = crate::select::expand(&krate(), arms).to_string();
        text.contains("Received (")
    };
    assert!(arm(quote!(v = <-c => sum += v)));
    assert!(!arm(quote!(v = <-c => { let v = v.unwrap(); sum += v })));
    assert!(!arm(quote!(Some(v) = <-c else break => sum += v)));
}
