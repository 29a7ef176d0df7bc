package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"atelier/internal/badinput"
)

// DefaultAddress is where a studio listens.
const DefaultAddress = "127.0.0.1:7777"

// unixPrefix begins the address of a socket in the file system.
const unixPrefix = "unix:"

// A Place is where a server listens, and what it is called there.
type Place struct {
	// Listen is HOST:PORT or unix:PATH.
	Listen string
	// Cert and Key are the files of a certificate, both or none.
	Cert, Key string
	// Public is the address that people use, https://..., of what stands before the server.
	Public string
}

// An Entrance is a listener, with what belongs to it.
type Entrance struct {
	net.Listener
	// TLS is nil if connections are not encrypted here.
	TLS *tls.Config
	// Hosts are those that requests may be for, see [Config].
	Hosts []string
	// URL is what a browser opens; empty for a socket without a public address.
	URL string
	// Secure says that cookies travel encrypted only.
	Secure bool
}

// Open listens. Beyond this machine that is refused without encryption.
func (p Place) Open() (*Entrance, error) {
	e := &Entrance{}
	public, err := p.public()
	if err != nil {
		return nil, err
	}
	if public != nil {
		e.Hosts, e.URL, e.Secure = hostsOf(public), "https://"+public.Host, true
	}
	if (p.Cert == "") != (p.Key == "") {
		return nil, badinput.Errorf("--tls-cert and --tls-key belong together")
	}
	if p.Cert != "" {
		pair, err := tls.LoadX509KeyPair(p.Cert, p.Key)
		if err != nil {
			return nil, badinput.Errorf("--tls-cert: %w", err)
		}
		e.TLS, e.Secure = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, true
	}
	if path, ok := strings.CutPrefix(p.Listen, unixPrefix); ok {
		e.Hosts = append(e.Hosts, "localhost", "atelier")
		e.Listener, err = listenUnix(path)
		return e, err
	}
	return e, p.listen(e, public)
}

// public is the address that people use, nil if there is none.
func (p Place) public() (*url.URL, error) {
	if p.Public == "" {
		return nil, nil
	}
	u, err := url.Parse(p.Public)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, badinput.Errorf("--public-url: want https://HOST or https://HOST:PORT, got %q", p.Public)
	}
	return u, nil
}

// hostsOf are the forms of the host of an address, with and without its usual port.
func hostsOf(u *url.URL) []string {
	if u.Port() == "" {
		return []string{u.Host, u.Host + ":443"}
	}
	if u.Port() == "443" {
		return []string{u.Host, u.Hostname()}
	}
	return []string{u.Host}
}

// listen listens on a port.
func (p Place) listen(e *Entrance, public *url.URL) error {
	host, _, err := net.SplitHostPort(p.Listen)
	if err != nil {
		return badinput.Errorf("--listen: want HOST:PORT, such as %s, or unix:PATH, got %q", DefaultAddress, p.Listen)
	}
	local := host == "localhost"
	if ip := net.ParseIP(host); ip != nil {
		local = ip.IsLoopback()
	}
	if !local && e.TLS == nil && public == nil {
		return badinput.Errorf("--listen %s: others on the network could read along; give --tls-cert and --tls-key, or --public-url https://... of what encrypts before it", p.Listen)
	}
	if e.Listener, err = net.Listen("tcp", p.Listen); err != nil {
		return badinput.Errorf("--listen: %w", err)
	}
	_, port, err := net.SplitHostPort(e.Listener.Addr().String()) // the one that was chosen for 0
	if err != nil {
		return err
	}
	names := []string{"127.0.0.1", "localhost", "[::1]"}
	if !local {
		names = certified(e.TLS)
		if ip := net.ParseIP(host); ip == nil && host != "" {
			names = append(names, host)
		} else if ip != nil && !ip.IsUnspecified() {
			names = append(names, net.JoinHostPort(host, "")[:len(net.JoinHostPort(host, ""))-1])
		}
	}
	for _, n := range names {
		e.Hosts = append(e.Hosts, n+":"+port)
	}
	if e.URL == "" {
		scheme, name := "http", names[0]
		if e.TLS != nil {
			scheme = "https"
		}
		if local && host != "localhost" {
			name = strings.TrimSuffix(net.JoinHostPort(host, ""), ":")
		}
		if !slices.Contains(names, name) {
			e.Hosts = append(e.Hosts, name+":"+port)
		}
		e.URL = fmt.Sprintf("%s://%s:%s", scheme, name, port)
	}
	return nil
}

// certified are the names in a certificate.
func certified(c *tls.Config) (names []string) {
	if c == nil || c.Certificates[0].Leaf == nil {
		return nil
	}
	leaf := c.Certificates[0].Leaf
	names = slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, strings.TrimSuffix(net.JoinHostPort(ip.String(), ""), ":"))
	}
	return names
}

// listenUnix listens on a socket that its owner alone can open. One that nobody listens on is
// replaced.
func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			return nil, badinput.Errorf("--listen: another program listens on %s", path)
		}
		os.Remove(path)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, badinput.Errorf("--listen: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}
