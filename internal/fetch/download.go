package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"atelier/internal/durable"
)

// A File is a file identified by its hash.
type File struct {
	Address string
	SHA256  string // in hexadecimal; empty if unknown
	Size    int64  // in bytes; 0 if unknown
}

// maxDownload is the size limit of a download whose size is unknown.
const maxDownload = 4 << 30

// Download downloads a file to path and verifies its hash. A partial download in path.part is
// resumed if the hash is known. A file with another hash is an error and is not kept.
func (c *Client) Download(ctx context.Context, f File, path string) error {
	u, err := Parse(f.Address)
	if err != nil {
		return err
	}
	part := path + ".part"
	if f.SHA256 == "" {
		if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return durable.Explain(part, err)
		}
	}
	for range 2 {
		resumed, err := c.download(ctx, u, f, part)
		if err != nil {
			return err
		}
		if f.SHA256 != "" {
			err = Verify(part, f.SHA256)
		}
		if err == nil {
			if err = os.Rename(part, path); err == nil {
				err = durable.SyncDir(filepath.Dir(path))
			}
			return durable.Explain(path, err)
		}
		if removed := os.Remove(part); removed != nil || !resumed {
			return errors.Join(fmt.Errorf("%s: %w", u, err), removed)
		}
	}
	return fmt.Errorf("%s: is not the requested file, twice", u)
}

// Verify returns an error unless the file has the SHA-256.
func Verify(path, sha string) error {
	sum, err := durable.SHA256(path)
	if err != nil {
		return err
	}
	if sum != sha {
		return fmt.Errorf("is not the expected file: its SHA-256 is %s, and not %s", sum, sha)
	}
	return nil
}

// download appends the missing bytes to the partial file, and reports whether there was one.
func (c *Client) download(ctx context.Context, u *url.URL, f File, part string) (resumed bool, err error) {
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return false, durable.Explain(part, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	wait := c.backoff
	for try := 0; ; try++ {
		have, err := file.Seek(0, io.SeekEnd)
		if err != nil {
			return false, err
		}
		resumed = resumed || have > 0
		if have > 0 && have == f.Size {
			return true, nil
		}
		var r *Refusal
		err = c.stretch(ctx, u, f, file, have)
		if err == nil || !errors.As(err, &r) || !r.again || try >= c.settings.Retries {
			return resumed, errors.Join(err, file.Sync())
		}
		if err := sleep(ctx, wait); err != nil {
			return resumed, err
		}
		wait *= 2
	}
}

func sleep(ctx context.Context, wait time.Duration) error {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stretch makes one request for the bytes from an offset on, and writes them.
func (c *Client) stretch(ctx context.Context, u *url.URL, f File, file *os.File, have int64) error {
	timed, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.settings.Timeout, func() { cancel(context.DeadlineExceeded) })
	defer watch.Stop()
	resp, err := c.follow(ctx, timed, u, func(req *http.Request) {
		if have > 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		}
	}, func(*http.Response) {})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable || resp.StatusCode == http.StatusOK:
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := file.Truncate(0); err != nil {
			return err
		}
		if have = 0; resp.StatusCode != http.StatusOK {
			return &Refusal{Unreachable, u.String() + " cannot resume the download", true}
		}
	case resp.StatusCode != http.StatusPartialContent:
		return &Refusal{fmt.Sprint("HTTP ", resp.StatusCode), u.String() + " answers " + resp.Status, busy(resp.StatusCode)}
	}
	limit := f.Size
	if limit == 0 {
		limit = maxDownload
	}
	n, err := io.Copy(file, io.LimitReader(&watched{resp.Body, watch, c.settings.Timeout}, limit-have+1))
	switch {
	case have+n > limit:
		return refuse(TooLarge, "%s has more than %d bytes", u, limit)
	case context.Cause(timed) == context.DeadlineExceeded && ctx.Err() == nil:
		return &Refusal{Slow, u.String() + " stopped sending", true}
	case errors.As(err, new(*fs.PathError)):
		return durable.Explain(file.Name(), err)
	case err != nil:
		return explain(ctx, u, err)
	}
	return nil
}

// follow requests a file, following redirects; each request is prepared, and each response seen, by
// the caller.
func (c *Client) follow(ctx, timed context.Context, u *url.URL, prepare func(*http.Request), see func(*http.Response)) (*http.Response, error) {
	at := u
	for range c.settings.Redirects + 1 {
		req, err := c.request(timed, at)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept-Encoding", "identity") // the hash is that of the unencoded file
		prepare(req)
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, explain(ctx, at, err)
		}
		see(resp)
		if resp.StatusCode < 300 || resp.StatusCode >= 400 {
			return resp, nil
		}
		resp.Body.Close()
		if at, err = redirect(at, resp); err != nil {
			return nil, err
		}
	}
	return nil, refuse(ManyRedirects, "%s redirects more than %d times", u, c.settings.Redirects)
}

// watched restarts a timer on every read.
type watched struct {
	io.Reader
	timer *time.Timer
	grace time.Duration
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Reader.Read(b)
	w.timer.Reset(w.grace)
	return n, err
}
