package fetch

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// linkedHash is the header in which Hugging Face states the hash of a large file before
// redirecting.
var linkedHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Describe returns the size and SHA-256 of a file, as far as the server states them, without
// downloading it.
func (c *Client) Describe(ctx context.Context, address string) (File, error) {
	f := File{Address: address}
	u, err := Parse(address)
	if err != nil {
		return f, err
	}
	timed, cancel := context.WithTimeout(ctx, c.settings.Timeout)
	defer cancel()
	resp, err := c.follow(ctx, timed, u, func(req *http.Request) { req.Method = http.MethodHead }, func(resp *http.Response) {
		if tag := strings.Trim(resp.Header.Get("X-Linked-Etag"), `"`); linkedHash.MatchString(tag) && f.SHA256 == "" {
			f.SHA256 = tag
		}
		if n, err := strconv.ParseInt(resp.Header.Get("X-Linked-Size"), 10, 64); err == nil && n > 0 && f.Size == 0 {
			f.Size = n
		}
	})
	if err != nil {
		return f, err
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return f, &Refusal{fmt.Sprint("HTTP ", resp.StatusCode), u.String() + " answers " + resp.Status, busy(resp.StatusCode)}
	}
	if f.Size == 0 && resp.ContentLength > 0 {
		f.Size = resp.ContentLength
	}
	return f, nil
}
