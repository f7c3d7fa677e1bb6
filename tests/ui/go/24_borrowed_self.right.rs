// Let the goroutine have an `Arc` of it.
use goroutines::prelude::*;
use std::sync::Arc;

struct Server {
    log: Sender<String>,
}

impl Server {
    fn start(self: &Arc<Self>) {
        go!(self.clone().run());
    }

    fn run(self: Arc<Self>) {
        self.log.send("running".to_string());
    }
}

#[goroutine]
fn main() {
    let ch = make!(chan String);
    Arc::new(Server { log: ch.sender() }).start();
    assert_eq!(ch.recv().as_deref(), Some("running"));
}
