//! Requests that are malformed, or nearly, and the status of Go's answer.

/// Those that have one answer, after which the server closes.
pub(super) const REQUESTS: &[(u16, &str)] = &[
    (200, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    (200, "GET / HTTP/1.0\r\n\r\n"),
    (200, "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    (200, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
    (200, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
    (200, "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    (200, "GET /a%20b?%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
    (
        200,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n",
    ),
    (
        200,
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    ),
    (
        200,
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    ),
    (200, "GET / HTTP/1.1\r\nHost: x\r\nExpect:\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: a#b\r\n\r\n"),
    (400, "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, "GET /% HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, "GET x HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, "GET / a HTTP/1.1\r\nHost: x\r\n\r\n"),
    (400, "GET / HTTP/1\r\nHost: x\r\n\r\n"),
    (400, "GET /\r\nHost: x\r\n\r\n"),
    (400, "nonsense\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\na b: c\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nx : y\r\n\r\n"),
    (
        400,
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ),
    (
        400,
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n",
    ),
    (
        400,
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    ),
    (
        417,
        "GET / HTTP/1.1\r\nHost: x\r\nExpect: something\r\n\r\n",
    ),
    (
        501,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        501,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        501,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ),
    (
        501,
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"),
    (505, "GET / HTTP/0.9\r\nHost: x\r\n\r\n"),
    (400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
];
