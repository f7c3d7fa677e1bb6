//! Until `WaitGroup::go` is there.
use goroutines::prelude::*;
pub(crate) trait WgGo {
    fn go<R>(&self, f: impl FnOnce() -> R + Send + 'static);
}
impl WgGo for WaitGroup {
    fn go<R>(&self, f: impl FnOnce() -> R + Send + 'static) {
        self.add(1);
        let wg = self.clone();
        go!(move || {
            f();
            wg.done();
        });
    }
}
