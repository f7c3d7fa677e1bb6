//! How many Ps there are: as many as processors, more than 256 if asked, and never more for a load.
//!
//! Mirrors three sentences of older texts: "the default is 1", "at most 256", "P grows with load".

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let default = runtime::gomaxprocs(0); // 0 asks and changes nothing
    println!(
        "as many Ps as processors: {}",
        default == runtime::num_cpu()
    );

    runtime::gomaxprocs(300);
    println!("asked for 300, got {}", runtime::gomaxprocs(0));

    runtime::gomaxprocs(2);
    let (stop, stopped) = chan::channel::<()>(0);
    let wg = WaitGroup::new();
    for _ in 0..10_000 {
        wg.add(1);
        go!([stopped, wg], {
            stopped.recv();
            wg.done();
        });
    }
    println!(
        "{} goroutines, {} Ps",
        runtime::num_goroutine(),
        runtime::gomaxprocs(0)
    );
    drop(stop);
    wg.wait();
}
