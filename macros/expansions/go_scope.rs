// go!(in s, sum(i, &data, &mut parts[2 * i]))

fn body() {
    {
        let arg0 = &data;
        let arg1 = &mut parts[2 * i];
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        s.go(move || sum(i, arg0, arg1));
    }
}
