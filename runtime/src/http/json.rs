//! JSON in and out: the feature `json`.

use super::error::Fault;
use super::{ClientRequest, Error, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;

const JSON: &str = "application/json";

impl Request {
    /// The body, which is JSON (Go's `json.NewDecoder(r.Body).Decode`). For the feature `json`.
    ///
    /// # Errors
    /// Those of [`bytes`](Self::bytes), and what is malformed: answered by 400, as an
    /// [`Error`] or a [`Response`].
    ///
    /// # Suspends
    /// Until all of the body is there.
    ///
    /// ```
    /// use goroutines::http::{self, Handler, Request, Response};
    ///
    /// fn sum(req: &Request) -> http::Result<Response> {
    ///     let numbers: Vec<i64> = req.body_limit(1 << 20).json()?;
    ///     Ok(Response::json(&numbers.iter().sum::<i64>()))
    /// }
    ///
    /// let ask = |text: &str| sum.serve_http(&Request::new("POST", "/").with_body(text));
    /// assert_eq!(ask("[1, 2, 3]").text()?, "6");
    /// assert_eq!(ask("[1, 2").status(), 400);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> io::Result<T> {
        let bytes = self.bytes()?;
        serde_json::from_slice(&bytes)
            .map_err(|e| Fault::new(StatusCode::BAD_REQUEST, e).into_io(io::ErrorKind::InvalidData))
    }
}

impl Response {
    /// 200 with `value` as JSON. What cannot be said in JSON gives 500, and the error is logged. For the
    /// feature `json`.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Response {
        match serde_json::to_vec(value) {
            Ok(bytes) => Response::new(bytes).with_header("content-type", JSON),
            Err(e) => Error::from(e).into(),
        }
    }

    /// Reads the whole body, which is JSON. For the feature `json`.
    ///
    /// # Errors
    /// The connection's; `InvalidData` for what is malformed.
    ///
    /// # Suspends
    /// Until all of the body is there.
    pub fn into_json<T: DeserializeOwned>(self) -> io::Result<T> {
        let bytes = self.bytes()?;
        serde_json::from_slice(&bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
    }
}

impl ClientRequest {
    /// Sends `value` as JSON. For the feature `json`.
    ///
    /// # Errors
    /// `InvalidInput` for what cannot be said in JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> io::Result<ClientRequest> {
        let bytes = serde_json::to_vec(value)
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        Ok(self.header("content-type", JSON).body(bytes))
    }
}
