//! Proxies that speak SOCKS5 (RFC 1928, and 1929 for passwords).

use std::io::{self, Read, Write};
use std::net::IpAddr;

/// What such a proxy is asked for.
pub(super) struct Socks<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    /// Name and password.
    pub(super) auth: Option<(&'a str, &'a str)>,
}

const VERSION: u8 = 5;
const NO_AUTH: u8 = 0;
const PASSWORD: u8 = 2;

impl Socks<'_> {
    /// Asks for a connection: from then on `stream` leads to the host. Names are looked up by the proxy.
    pub(super) fn connect(&self, mut stream: impl Read + Write) -> io::Result<()> {
        let methods: &[u8] = match self.auth {
            Some(_) => &[VERSION, 2, NO_AUTH, PASSWORD],
            None => &[VERSION, 1, NO_AUTH],
        };
        stream.write_all(methods)?;
        let mut chosen = [0; 2];
        stream.read_exact(&mut chosen)?;
        match (chosen, self.auth) {
            ([VERSION, NO_AUTH], _) => {}
            ([VERSION, PASSWORD], Some((name, password))) => {
                let mut message = vec![1];
                for text in [name, password] {
                    message.push(short(text)?);
                    message.extend_from_slice(text.as_bytes());
                }
                stream.write_all(&message)?;
                let mut verdict = [0; 2];
                stream.read_exact(&mut verdict)?;
                if verdict[1] != 0 {
                    return Err(failed("refuses the password"));
                }
            }
            ([VERSION, _], _) => return Err(failed("wants another way to log in")),
            _ => return Err(failed("does not speak SOCKS5")),
        }
        stream.write_all(&self.request()?)?;
        let mut head = [0; 4];
        stream.read_exact(&mut head)?;
        if head[1] != 0 {
            return Err(failed(reason(head[1])));
        }
        // An address that is of no interest, and a port.
        let len = match head[3] {
            1 => 4,
            4 => 16,
            _ => {
                let mut len = [0];
                stream.read_exact(&mut len)?;
                usize::from(len[0])
            }
        };
        stream.read_exact(&mut vec![0; len + 2])
    }

    fn request(&self) -> io::Result<Vec<u8>> {
        let mut message = vec![VERSION, 1, 0];
        match self.host.parse() {
            Ok(IpAddr::V4(ip)) => {
                message.push(1);
                message.extend_from_slice(&ip.octets());
            }
            Ok(IpAddr::V6(ip)) => {
                message.push(4);
                message.extend_from_slice(&ip.octets());
            }
            Err(_) => {
                message.extend_from_slice(&[3, short(self.host)?]);
                message.extend_from_slice(self.host.as_bytes());
            }
        }
        message.extend_from_slice(&self.port.to_be_bytes());
        Ok(message)
    }
}

/// Lengths are one byte.
fn short(text: &str) -> io::Result<u8> {
    u8::try_from(text.len()).map_err(|_| failed("takes no text that is so long"))
}

fn failed(what: &str) -> io::Error {
    io::Error::other(format!("http: the SOCKS proxy {what}"))
}

fn reason(code: u8) -> &'static str {
    match code {
        2 => "does not allow that",
        3 => "says: network unreachable",
        4 => "says: host unreachable",
        5 => "says: connection refused",
        6 => "says: TTL expired",
        7 | 8 => "does not know how",
        _ => "has failed",
    }
}
