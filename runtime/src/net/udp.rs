//! UDP: [`UdpSocket`].

use super::fd::Fd;
use super::resolve;
use super::rt::blocking;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// A UDP socket: std's, but its calls suspend the goroutine (Go's `net.UDPConn`).
///
/// # Suspends
/// `recv`, `recv_from`, `peek`, `peek_from`, `send`, `send_to` and `close`.
///
/// ```
/// use goroutines::net::UdpSocket;
///
/// let a = UdpSocket::bind("127.0.0.1:0")?;
/// let b = UdpSocket::bind("127.0.0.1:0")?;
/// a.send_to(b"ping", b.local_addr()?)?;
/// let mut buf = [0; 16];
/// let (n, from) = b.recv_from(&mut buf)?;
/// assert_eq!((&buf[..n], from), (&b"ping"[..], a.local_addr()?));
/// # std::io::Result::Ok(())
/// ```
pub struct UdpSocket {
    fd: Fd<std::net::UdpSocket>,
}

/// Methods of std's type that never block, under the same names.
macro_rules! forward {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $Arg:ty),*) $(-> $Ret:ty)?;)*) => {
        impl UdpSocket {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// The kernel's; `use of closed network connection` after
                /// [`close`](Self::close).
                pub fn $name(&self, $($arg: $Arg),*) -> io::Result<forward!(@ $($Ret)?)> {
                    self.fd.get()?.$name($($arg),*)
                }
            )*
        }
    };
    (@) => { () };
    (@ $Ret:ty) => { $Ret };
}

impl UdpSocket {
    /// Opens a socket on the first of `addr`'s addresses that can be bound.
    ///
    /// # Errors
    /// The kernel's, `AddrInUse` for instance.
    pub fn bind(addr: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        Self::from_std(blocking(|| std::net::UdpSocket::bind(addr))?)
    }

    /// Fixes the peer: `send` goes there, and only its packets are received.
    ///
    /// # Errors
    /// The kernel's.
    pub fn connect(&self, addr: impl ToSocketAddrs) -> io::Result<()> {
        let addrs = resolve::all(addr)?;
        self.fd.get()?.connect(&addrs[..])
    }

    /// A second handle on the same socket, with deadlines of its own.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<UdpSocket> {
        Ok(UdpSocket {
            fd: Fd::new(self.fd.get()?.try_clone()?)?,
        })
    }

    /// Receives one packet and returns its sender's address; what does not fit into `buf` is lost.
    ///
    /// # Errors
    /// `i/o timeout`, `use of closed network connection`, the kernel's.
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.fd.read(|s| s.recv_from(buf))
    }

    /// As [`recv_from`](Self::recv_from), but leaves the packet there.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.fd.read(|s| s.peek_from(buf))
    }

    /// Receives one packet; what does not fit into `buf` is lost.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.fd.read(|s| s.recv(buf))
    }

    /// As [`recv`](Self::recv), but leaves the packet there.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.fd.read(|s| s.peek(buf))
    }

    /// Sends one packet to the first of `addr`'s addresses.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from); `InvalidInput` if `addr` has no address.
    pub fn send_to(&self, buf: &[u8], addr: impl ToSocketAddrs) -> io::Result<usize> {
        let addr = *resolve::all(addr)?
            .first()
            .ok_or_else(resolve::no_address)?;
        self.fd.write(|s| s.send_to(buf, addr))
    }

    /// Sends one packet to the peer given by [`connect`](Self::connect).
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.fd.write(|s| s.send(buf))
    }
}

forward! {
    /// The address of this end.
    local_addr() -> SocketAddr;
    /// The peer given by [`connect`](Self::connect).
    peer_addr() -> SocketAddr;
    /// Allows packets to broadcast addresses.
    set_broadcast(on: bool);
    /// What [`set_broadcast`](Self::set_broadcast) has set.
    broadcast() -> bool;
    /// Lets this host see its own IPv4 multicast packets.
    set_multicast_loop_v4(on: bool);
    /// What [`set_multicast_loop_v4`](Self::set_multicast_loop_v4) has set.
    multicast_loop_v4() -> bool;
    /// How many hops an IPv4 multicast packet may take.
    set_multicast_ttl_v4(ttl: u32);
    /// What [`set_multicast_ttl_v4`](Self::set_multicast_ttl_v4) has set.
    multicast_ttl_v4() -> u32;
    /// Lets this host see its own IPv6 multicast packets.
    set_multicast_loop_v6(on: bool);
    /// What [`set_multicast_loop_v6`](Self::set_multicast_loop_v6) has set.
    multicast_loop_v6() -> bool;
    /// Joins an IPv4 multicast group.
    join_multicast_v4(group: &Ipv4Addr, interface: &Ipv4Addr);
    /// Joins an IPv6 multicast group.
    join_multicast_v6(group: &Ipv6Addr, interface: u32);
    /// Leaves an IPv4 multicast group.
    leave_multicast_v4(group: &Ipv4Addr, interface: &Ipv4Addr);
    /// Leaves an IPv6 multicast group.
    leave_multicast_v6(group: &Ipv6Addr, interface: u32);
}

super::std_methods!(UdpSocket, ttl);
super::deadline_methods!(UdpSocket);
super::descriptor_traits!(UdpSocket, std::net::UdpSocket);
