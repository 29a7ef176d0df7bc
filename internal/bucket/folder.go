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

// objectTime is the longest that one object may take.
const objectTime = time.Hour

// A Folder is what lies below a folder of a bucket. Its keys are relative to that.
type Folder struct {
	client         *Client
	bucket, prefix string // the prefix is empty or ends in a slash
}

// An Object is what a listing tells of one.
type Object struct {
	Key      string
	Size     int64
	ETag     string // another for other bytes
	Modified time.Time
}

// OpenFolder opens s3://BUCKET or s3://BUCKET/FOLDER on the server of the environment,
// which is not asked yet.
func OpenFolder(address string) (*Folder, error) {
	rest, ok := strings.CutPrefix(address, Scheme)
	bucket, prefix, _ := strings.Cut(rest, "/")
	if prefix = strings.TrimSuffix(prefix, "/"); prefix != "" && path.Clean("/"+prefix) != "/"+prefix {
		ok = false
	}
	if err := s3utils.CheckValidBucketNameStrict(bucket); err != nil || !ok {
		return nil, badinput.Errorf("%q is no folder in a bucket; want s3://BUCKET or s3://BUCKET/FOLDER", address)
	}
	server, err := FromEnvironment()
	if err != nil {
		return nil, err
	}
	server.AllowPrivate = true // a person named it
	client, err := server.Connect()
	if err != nil {
		return nil, badinput.Mark(err)
	}
	if prefix != "" {
		prefix += "/"
	}
	return &Folder{client, bucket, prefix}, nil
}

// Address is where an object is, for people; that of an empty key is the folder's.
func (f *Folder) Address(key string) string {
	return strings.TrimSuffix(Scheme+f.bucket+"/"+f.prefix+key, "/")
}

// List lists all objects whose keys begin so, in the order of their keys.
func (f *Folder) List(ctx context.Context, begin string) ([]Object, error) {
	var all []Object
	for o := range f.client.ListObjectsIter(ctx, f.bucket, minio.ListObjectsOptions{Prefix: f.prefix + begin, Recursive: true}) {
		if o.Err != nil {
			return nil, f.explain(ctx, "", o.Err)
		}
		key, ok := strings.CutPrefix(o.Key, f.prefix)
		if ok && !strings.HasSuffix(key, "/") { // a folder of some servers
			all = append(all, Object{key, o.Size, strings.Trim(o.ETag, `"`), o.LastModified})
		}
	}
	return all, ctx.Err()
}

// Fetch writes the bytes of an object to w. That there is none is [fs.ErrNotExist].
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

// Read returns the bytes of an object, which must not be more than limit.
func (f *Folder) Read(ctx context.Context, key string, limit int64) (text []byte, etag string, err error) {
	b := limited{limit: limit}
	etag, err = f.Fetch(ctx, key, &b)
	if errors.Is(err, errTooLong) {
		err = fmt.Errorf("%s is damaged: it is larger than %d MiB", f.Address(key), limit>>20)
	}
	return b.bytes, etag, err
}

var errTooLong = errors.New("too long")

// limited takes so many bytes.
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

// A Condition is when an object may be put.
type Condition func(*minio.PutObjectOptions)

// The conditions. Where one does not hold, the error is [ErrTaken].
var (
	// Always puts, whatever is there.
	Always Condition = func(*minio.PutObjectOptions) {}
	// Absent puts where no object has the key.
	Absent Condition = func(o *minio.PutObjectOptions) { o.SetMatchETagExcept("*") }
)

// Unchanged puts where the object still has the ETag.
func Unchanged(etag string) Condition {
	return func(o *minio.PutObjectOptions) { o.SetMatchETag(etag) }
}

// Put makes or replaces an object, as a whole or not at all. The server checks the
// SHA-256, in hex, of what it got. After an attempt whose answer was lost the
// object may be there although the error is ErrTaken.
func (f *Folder) Put(ctx context.Context, key string, from io.ReadSeeker, size int64, sum string, when Condition) error {
	timed, cancel := context.WithTimeout(ctx, objectTime)
	defer cancel()
	o := minio.PutObjectOptions{DisableContentSha256: true} // of chunks, since that of the whole is sent
	when(&o)
	_, err := minio.Core{Client: f.client.Client}.PutObject(timed, f.bucket, f.prefix+key, from, size, "", sum, o)
	return f.explain(ctx, key, err)
}

// PutBytes is Put of a few bytes.
func (f *Folder) PutBytes(ctx context.Context, key string, b []byte, when Condition) error {
	sum := sha256.Sum256(b)
	return f.Put(ctx, key, bytes.NewReader(b), int64(len(b)), hex.EncodeToString(sum[:]), when)
}

// Remove takes objects away; those that are not there are no error.
func (f *Folder) Remove(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if err := f.client.RemoveObject(ctx, f.bucket, f.prefix+key, minio.RemoveObjectOptions{}); err != nil {
			return f.explain(ctx, key, err)
		}
	}
	return nil
}
