package bucket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"atelier/internal/badinput"
)

// objectTime is the timeout for one object.
const objectTime = time.Hour

// A Folder is a folder in a bucket. Its keys are relative to it.
type Folder struct {
	client         *Client
	bucket, prefix string // the prefix is empty or ends with a slash
}

// An Object is an entry of a listing.
type Object struct {
	Key      string
	Size     int64
	ETag     string // changes with the contents
	Modified time.Time
}

// OpenFolder opens s3://BUCKET or s3://BUCKET/FOLDER on the server from the environment, without
// contacting it.
func OpenFolder(address string) (*Folder, error) {
	rest, ok := strings.CutPrefix(address, Scheme)
	bucket, prefix, _ := strings.Cut(rest, "/")
	if prefix = strings.TrimSuffix(prefix, "/"); prefix != "" && path.Clean("/"+prefix) != "/"+prefix {
		ok = false
	}
	if err := s3utils.CheckValidBucketNameStrict(bucket); err != nil || !ok {
		return nil, badinput.Errorf("%q is not a folder in a bucket; want s3://BUCKET or s3://BUCKET/FOLDER", address)
	}
	server, err := FromEnvironment()
	if err != nil {
		return nil, err
	}
	server.AllowPrivate = true // the user named it
	client, err := server.Connect()
	if err != nil {
		return nil, badinput.Mark(err)
	}
	if prefix != "" {
		prefix += "/"
	}
	return &Folder{client, bucket, prefix}, nil
}

// Address is the displayed address of an object; for an empty key, that of the folder.
func (f *Folder) Address(key string) string {
	return strings.TrimSuffix(Scheme+f.bucket+"/"+f.prefix+key, "/")
}

// List lists all objects with a prefix, sorted by key.
func (f *Folder) List(ctx context.Context, begin string) ([]Object, error) {
	var all []Object
	for o := range f.client.ListObjectsIter(ctx, f.bucket, minio.ListObjectsOptions{Prefix: f.prefix + begin, Recursive: true}) {
		if o.Err != nil {
			return nil, f.explain(ctx, "", o.Err)
		}
		key, ok := strings.CutPrefix(o.Key, f.prefix)
		if ok && !strings.HasSuffix(key, "/") { // some servers list folders as objects
			all = append(all, Object{key, o.Size, strings.Trim(o.ETag, `"`), o.LastModified})
		}
	}
	return all, ctx.Err()
}

// Fetch writes the bytes of an object to w. A missing object is [fs.ErrNotExist].
func (f *Folder) Fetch(ctx context.Context, key string, w io.Writer) (etag string, err error) {
	timed, cancel := context.WithTimeout(ctx, objectTime)
	defer cancel()
	body, info, _, err := minio.Core{Client: f.client.Client}.GetObject(timed, f.bucket, f.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return "", f.explain(ctx, key, err)
	}
	defer body.Close()
	if _, err := io.Copy(w, body); err != nil {
		return "", f.explain(ctx, key, err)
	}
	return strings.Trim(info.ETag, `"`), nil
}

// Read returns the bytes of an object of at most limit bytes.
func (f *Folder) Read(ctx context.Context, key string, limit int64) (text []byte, etag string, err error) {
	b := limited{limit: limit}
	etag, err = f.Fetch(ctx, key, &b)
	if errors.Is(err, errTooLong) {
		err = fmt.Errorf("%s is damaged: it is larger than %d MiB", f.Address(key), limit>>20)
	}
	return b.bytes, etag, err
}

var errTooLong = errors.New("too long")

// limited fails after a number of bytes.
type limited struct {
	bytes []byte
	limit int64
}

func (b *limited) Write(p []byte) (int, error) {
	if int64(len(b.bytes)+len(p)) > b.limit {
		return 0, errTooLong
	}
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

// A Condition restricts when an object may be put.
type Condition func(*minio.PutObjectOptions)

// The conditions. If one does not hold, the error is [ErrTaken].
var (
	// Always puts unconditionally.
	Always Condition = func(*minio.PutObjectOptions) {}
	// Absent puts only if no object has the key.
	Absent Condition = func(o *minio.PutObjectOptions) { o.SetMatchETagExcept("*") }
)

// Unchanged puts only if the object still has the ETag.
func Unchanged(etag string) Condition {
	return func(o *minio.PutObjectOptions) { o.SetMatchETag(etag) }
}

// Put atomically creates or replaces an object. The server verifies the SHA-256, in hex. After an
// attempt whose response was lost, the object may exist although the error is ErrTaken.
func (f *Folder) Put(ctx context.Context, key string, from io.ReadSeeker, size int64, sum string, when Condition) error {
	timed, cancel := context.WithTimeout(ctx, objectTime)
	defer cancel()
	o := minio.PutObjectOptions{DisableContentSha256: true} // of chunks, since the whole object's is sent
	when(&o)
	_, err := minio.Core{Client: f.client.Client}.PutObject(timed, f.bucket, f.prefix+key, from, size, "", sum, o)
	return f.explain(ctx, key, err)
}

// PutBytes is Put for a few bytes.
func (f *Folder) PutBytes(ctx context.Context, key string, b []byte, when Condition) error {
	sum := sha256.Sum256(b)
	return f.Put(ctx, key, bytes.NewReader(b), int64(len(b)), hex.EncodeToString(sum[:]), when)
}

// Remove removes objects; missing ones are no error.
func (f *Folder) Remove(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if err := f.client.RemoveObject(ctx, f.bucket, f.prefix+key, minio.RemoveObjectOptions{}); err != nil {
			return f.explain(ctx, key, err)
		}
	}
	return nil
}
