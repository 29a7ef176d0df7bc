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

// A File is one that is known by its hash.
type File struct {
	Address string
	SHA256  string // in hexadecimal
	Size    int64  // in bytes; 0 if it is not known
}

// maxDownload is the size of the largest file that is downloaded if its size is not known.
const maxDownload = 4 << 30

// Download puts a file at path, which then has the hash. What an interruption left
// in path.part is gone on with. A file of another hash is an error, and is not kept.
func (c *Client) Download(ctx context.Context, f File, path string) error {
	u, err := Parse(f.Address)
	if err != nil {
		return err
	}
	part := path + ".part"
	for range 2 {
		resumed, err := c.download(ctx, u, f, part)
		if err != nil {
			return err
		}
		err = Verify(part, f.SHA256)
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
	return fmt.Errorf("%s: is another file than the one that was asked for, twice", u)
}

// Verify reports an error unless the file has the SHA-256.
func Verify(path, sha string) error {
	sum, err := durable.SHA256(path)
	if err != nil {
		return err
	}
	if sum != sha {
		return fmt.Errorf("is another file than the one that is meant: its SHA-256 is %s, and not %s", sum, sha)
	}
	return nil
}

// download appends what is missing to the part that is there, and says whether
// there was any.
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

// stretch makes one request for what follows the first bytes, and writes it.
func (c *Client) stretch(ctx context.Context, u *url.URL, f File, file *os.File, have int64) error {
	timed, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.settings.Timeout, func() { cancel(context.DeadlineExceeded) })
	defer watch.Stop()
	resp, err := c.follow(ctx, timed, u, have)
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
			return &Refusal{Unreachable, u.String() + " does not go on where it was left", true}
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
		return &Refusal{Slow, u.String() + " sends nothing any more", true}
	case errors.As(err, new(*fs.PathError)):
		return durable.Explain(file.Name(), err)
	case err != nil:
		return explain(ctx, u, err)
	}
	return nil
}

// follow asks for the rest of a file, through redirects.
func (c *Client) follow(ctx, timed context.Context, u *url.URL, have int64) (*http.Response, error) {
	at := u
	for range c.settings.Redirects + 1 {
		req, err := c.request(timed, at)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept-Encoding", "identity") // the hash is that of the file as it lies there
		if have > 0 {
			req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, explain(ctx, at, err)
		}
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

// watched puts off the end of a timer with every read.
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
