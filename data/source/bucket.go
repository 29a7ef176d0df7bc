package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"

	"atelier/data"
	"atelier/internal/bucket"
)

// objectTime is the timeout for one object.
const objectTime = 10 * time.Minute

// A bucketTree is a listing of the objects below a folder of a bucket.
type bucketTree struct {
	client *bucket.Client
	bucket string
	leaves []leaf
}

// bucket lists the objects below a folder.
func (s *S3) bucket(ctx context.Context, name, folder string) (tree, error) {
	server := bucket.Server{Endpoint: s.Endpoint, Region: s.Region, Secure: s.Secure, AllowPrivate: s.AllowPrivate}
	if s.Endpoint == "" {
		of, err := bucket.FromEnvironment()
		if err != nil {
			return nil, err
		}
		server.Region = cmp.Or(s.Region, of.Region)
		if of.Endpoint != "" {
			server.Endpoint, server.Secure = of.Endpoint, of.Secure
		}
	}
	client, err := server.Connect()
	if err != nil {
		return nil, err
	}
	t := &bucketTree{client: client, bucket: name}
	if err := t.list(ctx, folder); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Close closes the connections.
func (t *bucketTree) Close() error {
	t.client.Close()
	return nil
}

// list records the objects below a folder, sorted by name.
func (t *bucketTree) list(ctx context.Context, folder string) error {
	known := names{}
	for o := range t.client.ListObjectsIter(ctx, t.bucket, minio.ListObjectsOptions{Prefix: folder, Recursive: true}) {
		name, below := strings.CutPrefix(o.Key, folder)
		switch {
		case o.Err != nil:
			return fmt.Errorf("cannot be listed: %w", bucket.Explain(o.Err))
		case len(t.leaves) == maxMembers:
			return fmt.Errorf("has more than %d objects, the most that are read", maxMembers)
		case !below || name == "" || strings.HasSuffix(name, "/") || isHiddenPath(name):
			continue // an empty object of this kind is a folder
		}
		l := known.leaf(name, nil)
		if l.drop == nil && o.Size > mostOf(name) && !isTable(name) {
			l.drop = data.Dropf(tooLarge, "%v", errTooLarge{mostOf(name)})
		}
		l.open = func() (io.ReadCloser, error) { return t.get(ctx, o.Key) }
		t.leaves = append(t.leaves, l)
	}
	slices.SortFunc(t.leaves, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
	return ctx.Err()
}

// walk yields the listed objects.
func (t *bucketTree) walk(context.Context) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		for _, l := range t.leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// get opens an object.
func (t *bucketTree) get(ctx context.Context, key string) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, objectTime)
	body, _, _, err := minio.Core{Client: t.client.Client}.GetObject(ctx, t.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		cancel()
		return nil, objectError(err)
	}
	return object{body, cancel}, nil
}

// An object is the body of an object in the bucket.
type object struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (o object) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = lostError{err}
	}
	return n, err
}

func (o object) Close() error {
	defer o.cancel()
	return o.ReadCloser.Close()
}

// A lostError is a failure of the server that would affect every other file too. It is not a drop,
// so that a later attempt can read what is missing now.
type lostError struct{ err error }

func (e lostError) Error() string { return "unexpected response of the server: " + e.err.Error() }
func (e lostError) Unwrap() error { return e.err }

func isLost(err error) bool {
	var lost lostError
	return errors.As(err, &lost)
}

// objectError tells failures of one object from failures of the server.
func objectError(err error) error {
	var answer minio.ErrorResponse
	switch {
	case !errors.As(err, &answer), answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests,
		slices.Contains([]string{"ExpiredToken", "InvalidAccessKeyId", "NoSuchBucket", "RequestTimeTooSkewed", "SignatureDoesNotMatch"}, answer.Code):
		return lostError{err}
	case answer.Code == minio.NoSuchKey:
		return data.Dropf("missing", "the object is gone since the bucket was listed")
	}
	return err
}
