// `self` cannot be bound anew: a captured `self` needs a name.
use goroutines::prelude::*;

#[derive(Clone)]
struct Server {
    log: Sender<String>,
}

impl Server {
    fn start(&self) {
        go!([self], { self.log.send("up".to_string()) });
    }
}

#[goroutine]
fn main() {
    let ch = make!(chan String, 1);
    Server { log: ch.sender() }.start();
}
