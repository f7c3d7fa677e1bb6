//! Requests at the edges of the grammar, for `beside_go`: a part of each is odd, and most have another request
//! behind them, whose answer shows where the server believes that the odd one ends.

const HOST: &str = "Host: x\r\n";
const NEXT: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

pub(super) fn requests() -> Vec<String> {
    let read =
        |fields: &str, body: &str| format!("POST /read HTTP/1.1\r\n{HOST}{fields}\r\n{body}{NEXT}");
    let mut all = Vec::new();
    for lengths in LENGTHS {
        let values = lengths.split('|');
        let fields: String = values.map(|v| format!("Content-Length:{v}\r\n")).collect();
        all.push(read(&fields, "hello"));
    }
    for fields in CODINGS {
        all.push(read(fields, "5\r\nhello\r\n0\r\n\r\n"));
    }
    let chunked = "Transfer-Encoding: chunked\r\n";
    for chunks in CHUNKS {
        all.push(read(chunked, chunks));
    }
    for trailers in TRAILERS {
        all.push(read(chunked, &format!("5\r\nhello\r\n0\r\n{trailers}")));
        // By a handler that does not read it.
        let head = format!("POST / HTTP/1.1\r\n{HOST}{chunked}\r\n");
        all.push(format!("{head}0\r\n{trailers}{NEXT}"));
    }
    for line in LINES {
        all.push(format!("{line}\r\n{HOST}\r\n{NEXT}"));
    }
    for fields in FIELDS {
        all.push(format!("GET / HTTP/1.1\r\n{fields}\r\n{NEXT}"));
    }
    for fields in OLD {
        all.push(format!("GET / HTTP/1.0\r\n{fields}\r\n{NEXT}"));
    }
    for len in [65_533, 65_534, 200_000, 1_100_000] {
        let target = "a".repeat(len);
        all.push(format!("GET /{target} HTTP/1.1\r\n{HOST}\r\n{NEXT}"));
    }
    all.extend(WHOLE.iter().map(|&request| request.into()));
    all
}

/// Values of `Content-Length`, before a body of five.
const LENGTHS: &[&str] = &[
    " 5| 05",
    " 05| 5",
    " 05",
    " 000000000000000000000000000005",
    "5",
    " 5 |\t5",
    "\t5",
    " 5| 5| 6",
    " 5| ",
    " | 5",
    " ",
    " 5,5",
    " 5, 5",
    " 5 5",
    " 5.0",
    " 5;",
    " 1_0",
    " 0x5",
    " 9223372036854775807",
    " 9223372036854775808",
    " 18446744073709551614",
    " 18446744073709551615",
    " 018446744073709551615",
    " 18446744073709551616",
    " -0",
];

/// Before one chunk of five.
const CODINGS: &[&str] = &[
    "Transfer-Encoding: chunked \r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "Transfer-Encoding: Chunked\r\n",
    "Transfer-Encoding: chunked;x\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: x-chunked\r\n",
    "Transfer-Encoding: ,chunked\r\n",
    "Transfer-Encoding: chunked,\r\n",
    "Transfer-Encoding: chunked\u{b}\r\n",
    "Transfer-Encoding:\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 05\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: x\r\n",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n",
    "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
];

const CHUNKS: &[&str] = &[
    "5 \r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "5\t\r\nhello\r\n0\r\n\r\n",
    "05\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "0000000000000005\r\nhello\r\n0\r\n\r\n",
    "00000000000000005\r\nhello\r\n0\r\n\r\n",
    "5;\r\nhello\r\n0\r\n\r\n",
    "5 ;a\r\nhello\r\n0\r\n\r\n",
    "5; a=\"b;c\"\r\nhello\r\n0\r\n\r\n",
    "5;a\nb\r\nhello\r\n0\r\n\r\n",
    "5;a\rb\r\nhello\r\n0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\rhello\r\n0\r\n\r\n",
    "5\r\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "5\r\nhello\r\n\r\n0\r\n\r\n",
    "5\r\nhelloo\r\n0\r\n\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    ";a\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\n\r\n",
    "5\r\nhello\r\n00\r\n\r\n",
    "5\r\nhello\r\n0;a=b\r\n\r\n",
    "5\r\nhello\r\n-0\r\n\r\n",
    "7fffffffffffffff\r\nhello",
    "8000000000000000\r\nhello",
    "ffffffffffffffff\r\nhello",
    "10000000000000005\r\nhello",
];

/// What comes after the last chunk.
const TRAILERS: &[&str] = &[
    "\r\n",
    "\n",
    "\r\r\n",
    "X: y\r\n\r\n",
    "X: y\n\r\n",
    "X: y\r\n\n",
    "X: y\n\n",
    "X y\r\n\r\n",
    ": y\r\n\r\n",
    "X : y\r\n\r\n",
    "X: a\r\n b\r\n\r\n",
    " X: a\r\n\r\n",
    "X: a\rb\r\n\r\n",
    "X: a\0b\r\n\r\n",
    "Content-Length: 9\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n",
];

const LINES: &[&str] = &[
    "GET / HTTP/1.1 ",
    "GET\t/\tHTTP/1.1",
    "GET /\tHTTP/1.1",
    "GET / HTTP/1.1\r",
    "GET / HTTP/1.10",
    "GET / HTTP/11.1",
    "GET / HTTP/1.1a",
    "GET / HTTP/ 1.1",
    "GET / HTTP/3.0",
    "GET / HTTP/2.1",
    "GET / HTTP/1.",
    "GET / HTTP",
    "GET / XTTP/1.1",
    "GET / HTTP/1.1 HTTP/1.1",
    "HTTP/1.1 200 OK",
    "GET //x/y HTTP/1.1",
    "GET http:// HTTP/1.1",
    "GET http:/x HTTP/1.1",
    "GET http:x HTTP/1.1",
    "GET http://x HTTP/1.1",
    "GET http://x?a HTTP/1.1",
    "GET http://x:/ HTTP/1.1",
    "GET http://x:a/ HTTP/1.1",
    "GET http://x:99999/ HTTP/1.1",
    "GET http://[::1/ HTTP/1.1",
    "GET http://[::1]/ HTTP/1.1",
    "GET http://[::1]:80/ HTTP/1.1",
    "GET http://[::1]80/ HTTP/1.1",
    "GET http://[::1]:a/ HTTP/1.1",
    "GET http://a@b/ HTTP/1.1",
    "GET http://a:b@c:80/ HTTP/1.1",
    "GET http://x<y/ HTTP/1.1",
    "GET HTTP://x/ HTTP/1.1",
    "GET ftp://x/ HTTP/1.1",
    "GET mailto:x HTTP/1.1",
    "GET ?a HTTP/1.1",
    "GET *a HTTP/1.1",
    "GET /a\"b HTTP/1.1",
    "GET /a\\b HTTP/1.1",
    "GET /<x> HTTP/1.1",
    "GET /a|b{} HTTP/1.1",
    "GET /` HTTP/1.1",
    "GET /\u{7f} HTTP/1.1",
    "GET /\u{1} HTTP/1.1",
    "GET /?a\"b HTTP/1.1",
    "GET /?a#b HTTP/1.1",
    "GET /%00 HTTP/1.1",
    "GET /%2 HTTP/1.1",
    "GET /a:b HTTP/1.1",
    "GET a:/b HTTP/1.1",
    "CONNECT x:a HTTP/1.1",
    "CONNECT x:80/ HTTP/1.1",
    "CONNECT http://x/ HTTP/1.1",
    "OPTIONS * HTTP/1.0",
    "PRI * HTTP/1.1",
    "$%&'*+-.^_`|~ / HTTP/1.1",
    "G\0T / HTTP/1.1",
    "G\u{fc}T / HTTP/1.1",
];

const FIELDS: &[&str] = &[
    "Host: x\r\nHost: x\r\n",
    "Host: x\r\nHost:\r\n",
    "Host : x\r\n",
    " Host: x\r\n",
    "Host: x,y\r\n",
    "Host: x:\r\n",
    "Host: x:a\r\n",
    "Host: [::1\r\n",
    "Host: x%\r\n",
    "Host: \u{fc}\r\n",
    "Host: x\0\r\n",
    "Host: x\t\r\n",
    "Host: \"x\"\r\n",
    "Host: x\\y\r\n",
    "Host: x|y\r\n",
    "HOST:   x\r\n",
    "Host: x\r\nX\r\n",
    "Host: x\r\nX:\r\n",
    "Host: x\r\nX(: y\r\n",
    "Host: x\r\nX\0: y\r\n",
    "Host: x\r\nX\t: y\r\n",
    "Host: x\r\nX: \u{1}\r\n",
    "Host: x\r\nX: \u{7f}\r\n",
    "Host: x\r\nX: a\tb\r\n",
    "Host: x\r\n\tX: y\r\n",
    "Host: x\r\nX: y\r\r\n",
    "Host: x\nX: y\n",
    "\nHost: x\r\n",
    "Host: x\r\nExpect: 100-continue\r\n",
    "Host: x\r\nExpect: x, 100-continue\r\n",
    "Host: x\r\nExpect: 100-continue\r\nExpect: x\r\n",
    "Host: x\r\nExpect: x\r\nExpect: 100-continue\r\n",
    "Host: x\r\nConnection: close, keep-alive\r\n",
    "Host: x\r\nConnection: x, CLOSE\r\n",
    "Host: x\r\nConnection: keep-alive\r\nConnection: close\r\n",
    "Host: x\r\nProxy-Connection: close\r\n",
    "Host: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n",
];

/// By HTTP/1.0.
const OLD: &[&str] = &[
    "",
    "Host: x\r\nHost: y\r\n",
    "Host: a/b\r\n",
    "Connection: x, Keep-Alive\r\n",
    "Connection: keep-alive, close\r\n",
    "Expect: x\r\n",
    "Transfer-Encoding: gzip\r\n",
];

const WHOLE: &[&str] = &[
    "POST /read HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /read HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /read HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "HEAD /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HEAD /less HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "HEAD /more HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}",
    "\0",
    "\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n\r",
];
