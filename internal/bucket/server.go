// Package bucket reads and writes the objects of Amazon S3 and compatible servers.
package bucket

import (
	"cmp"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"atelier/internal/badinput"
	"atelier/internal/fetch"
)

// Scheme is the prefix of bucket addresses.
const Scheme = "s3://"

const (
	amazon   = "s3.amazonaws.com"
	maxPage  = 16 << 20 // bytes of a page of a listing, which has at most 1000 objects
	attempts = 5        // per request
)

// A Server is an S3 server.
type Server struct {
	// Endpoint is its host, or host:port; empty is Amazon's.
	Endpoint string
	// Region is the region of the bucket; if empty, the server is asked.
	Region string
	// Secure selects HTTPS.
	Secure bool
	// AllowPrivate allows private addresses, and a proxy from the environment, if no Endpoint is
	// set. A configured Endpoint may always be private.
	AllowPrivate bool
}

// FromEnvironment is the server in AWS_ENDPOINT_URL_S3, or else AWS_ENDPOINT_URL, or else Amazon's,
// with the region AWS_REGION or AWS_DEFAULT_REGION.
func FromEnvironment() (Server, error) {
	s := Server{Region: cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")), Secure: true}
	for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"} {
		address := os.Getenv(name)
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Path != "" && u.Path != "/" {
			return s, badinput.Errorf("%s is %q; want https://HOST, or http://HOST:PORT", name, address)
		}
		s.Endpoint, s.Secure = u.Host, u.Scheme == "https"
		break
	}
	return s, nil
}

// A Client accesses a server.
type Client struct {
	*minio.Client
	transport *http.Transport
}

// Connect makes a client without contacting the server. Credentials are taken from the environment
// (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or MINIO_ROOT_USER and MINIO_ROOT_PASSWORD) or from
// the profile AWS_PROFILE in ~/.aws/credentials; without any, access is anonymous.
func (s Server) Connect() (*Client, error) {
	transport, err := minio.DefaultTransport(s.Secure)
	if err != nil {
		return nil, err
	}
	if s.Endpoint == "" && !s.AllowPrivate {
		transport.Proxy = nil
		transport.DialContext = (&net.Dialer{Timeout: 15 * time.Second, Control: fetch.PublicOnly}).DialContext
	}
	client, err := minio.New(cmp.Or(s.Endpoint, amazon), &minio.Options{
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.EnvMinio{}, &credentials.FileAWSCredentials{},
		}),
		Secure: s.Secure, Region: s.Region, Transport: shortPages{transport}, MaxRetries: attempts,
	})
	if err != nil {
		return nil, err
	}
	return &Client{client, transport}, nil
}

// Close closes the connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// shortPages truncates responses other than objects that are longer than they should be.
type shortPages struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t shortPages) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if q := r.URL.Query(); err == nil && (q.Has("list-type") || q.Has("location") || resp.StatusCode >= 300) {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxPage), resp.Body}
	}
	return resp, err
}
