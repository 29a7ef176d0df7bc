package fetch

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Networks outside the public Internet without a method in netip (IANA IPv4 and IPv6
// Special-Purpose Address Registries).
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
	"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

// nat64 is the prefix of IPv4 addresses on IPv6-only networks (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		all[i] = netip.MustParsePrefix(t)
	}
	return all
}

// public reports whether an address belongs to the public Internet. IPv4-mapped and NAT64 addresses
// do if the inner address does; those of 6to4 and Teredo never do.
func public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false // excludes loopback, link-local, multicast, unspecified, broadcast
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// A privateError is a refused connection.
type privateError struct{ addr netip.Addr }

func (e *privateError) Error() string { return fmt.Sprintf("%s is not on the public Internet", e.addr) }

// dial connects to the first reachable address of a host. The check is on the socket's actual
// address: it applies after every redirect, and cannot be evaded by DNS rebinding.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := c.addresses(ctx, name)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 15 * time.Second, Control: c.guard}
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func (c *Client) addresses(ctx context.Context, name string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := c.lookup(ctx, name)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: name, IsNotFound: true}
	}
	return addrs, err
}

// guard rejects a socket with a remote address that is not public.
func (c *Client) guard(network, address string, conn syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); err == nil && (c.settings.AllowPrivate || c.exempt[to]) {
		return nil
	}
	return PublicOnly(network, address, conn)
}

// PublicOnly, as the Control of a [net.Dialer], rejects sockets whose remote address is not on the
// public Internet.
func PublicOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && !public(to.Addr()) {
		err = &privateError{to.Addr()}
	}
	return err
}
