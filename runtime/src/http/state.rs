//! [`StateMux`]: a mux whose handlers share a value.

use super::{Handler, Mux, Request, Response};
use std::fmt;
use std::sync::Arc;

/// A [`Mux`] whose handlers get a value that they share, besides the request: made by [`Mux::with`].
pub struct StateMux<S> {
    mux: Mux,
    state: Arc<S>,
}

impl Mux {
    /// A mux whose handlers share `state` (in Go they would be methods of it): functions and methods of
    /// `&S` and the request. An `Arc<S>` is taken as it is.
    ///
    /// ```
    /// use goroutines::http::{Handler, Mux, Request};
    /// use goroutines::sync::Mutex;
    ///
    /// #[derive(Default)]
    /// struct Counter(Mutex<u64>);
    ///
    /// impl Counter {
    ///     fn count(&self, req: &Request) -> String {
    ///         let mut n = self.0.lock();
    ///         *n += 1;
    ///         format!("{} {n}", req.path_value("name"))
    ///     }
    /// }
    ///
    /// let mut mux = Mux::with(Counter::default());
    /// mux.handle_func("/count/{name}", Counter::count);
    /// mux.handle_func("/look", |counter, _| counter.0.lock().to_string());
    ///
    /// let ask = |path| mux.serve_http(&Request::new("GET", path)).text().unwrap();
    /// assert_eq!(ask("/count/a"), "a 1");
    /// assert_eq!(ask("/count/b"), "b 2");
    /// assert_eq!(ask("/look"), "2");
    /// ```
    pub fn with<S: Send + Sync + 'static>(state: impl Into<Arc<S>>) -> StateMux<S> {
        StateMux {
            mux: Mux::new(),
            state: state.into(),
        }
    }
}

impl<S: Send + Sync + 'static> StateMux<S> {
    /// Adds a function of the state and the request, as [`Mux::handle_func`].
    ///
    /// # Panics
    /// As [`Mux::handle`].
    pub fn handle_func<R: Into<Response>>(
        &mut self,
        pattern: &str,
        f: impl Fn(&S, &Request) -> R + Send + Sync + 'static,
    ) {
        let state = self.state.clone();
        self.mux.handle_func(pattern, move |req| f(&state, req));
    }

    /// Adds a handler that does not need the state, as [`Mux::handle`].
    ///
    /// # Panics
    /// As [`Mux::handle`].
    pub fn handle(&mut self, pattern: &str, handler: impl Handler) {
        self.mux.handle(pattern, handler);
    }

    /// What is shared.
    pub fn state(&self) -> &Arc<S> {
        &self.state
    }
}

impl<S: Send + Sync + 'static> Handler for StateMux<S> {
    fn serve_http(&self, req: &Request) -> Response {
        self.mux.serve_http(req)
    }
}

impl<S> fmt::Debug for StateMux<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.mux, f)
    }
}
