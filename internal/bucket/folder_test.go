package bucket

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/s3test"
)

// opened is a folder of an empty bucket of a server.
func opened(t *testing.T) *Folder {
	_, root := s3test.Start(t)
	if err := os.Mkdir(filepath.Join(root, "shelf"), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFolder("s3://shelf/some/where/")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func keys(t *testing.T, f *Folder, begin string) (all []string) {
	t.Helper()
	objects, err := f.List(t.Context(), begin)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		all = append(all, o.Key)
	}
	return all
}

func TestFolder(t *testing.T) {
	f := opened(t)
	ctx := t.Context()
	long := bytes.Repeat([]byte("0123456789abcdef"), 2<<16) // 2 MiB
	for key, b := range map[string][]byte{"a/1.bin": long, "a/ü 2": []byte("two"), "b": {}} {
		if err := f.PutBytes(ctx, key, b, Always); err != nil {
			t.Fatal(err)
		}
		got, etag, err := f.Read(ctx, key, 4<<20)
		if err != nil || !bytes.Equal(got, b) || etag == "" {
			t.Errorf("%s: %d bytes, ETag %q, %v", key, len(got), etag, err)
		}
	}
	if got, want := keys(t, f, ""), []string{"a/1.bin", "a/ü 2", "b"}; !slices.Equal(got, want) {
		t.Errorf("lists %q, want %q", got, want)
	}
	if got := keys(t, f, "a/"); len(got) != 2 {
		t.Errorf("lists %q below a", got)
	}
	if _, _, err := f.Read(ctx, "a/1.bin", 1<<20); err == nil || !strings.Contains(err.Error(), "s3://shelf/some/where/a/1.bin is damaged: it is larger than 1 MiB") {
		t.Error(err)
	}
	if _, _, err := f.Read(ctx, "none", 1); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "s3://shelf/some/where/none: ") {
		t.Error(err)
	}
	if err := f.Put(ctx, "c", strings.NewReader("abc"), 3, strings.Repeat("0", 64), Always); err == nil {
		t.Error("took bytes of another hash")
	}
	if err := f.Remove(ctx, "a/1.bin", "a/ü 2", "none"); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, f, ""); !slices.Equal(got, []string{"b"}) {
		t.Errorf("left %q", got)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := f.PutBytes(stopped, "d", nil, Always); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestConditions(t *testing.T) {
	f := opened(t)
	ctx := t.Context()
	put := func(text string, when Condition) error { return f.PutBytes(ctx, "k", []byte(text), when) }
	if err := put("one", Absent); err != nil {
		t.Fatal(err)
	}
	if err := put("two", Absent); !errors.Is(err, ErrTaken) {
		t.Error(err)
	}
	_, etag, err := f.Read(ctx, "k", 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := put("two", Unchanged(etag)); err != nil {
		t.Error(err)
	}
	if err := put("three", Unchanged(etag)); !errors.Is(err, ErrTaken) {
		t.Error(err)
	}
	if got, _, _ := f.Read(ctx, "k", 100); string(got) != "two" {
		t.Errorf("holds %q", got)
	}
}

// What is wrong is said, and what to do.
func TestMistakes(t *testing.T) {
	f := opened(t)
	ctx := t.Context()
	check := func(what string, err error, mistake bool, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, badinput.Err) != mistake {
			t.Errorf("%s: got %v, want %q", what, err, want)
		}
	}
	other, err := OpenFolder("s3://nothing/here")
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.List(ctx, "")
	check("no bucket", err, true, "s3://nothing/here: The specified bucket does not exist (NoSuchBucket); make the bucket first")

	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	if other, err = OpenFolder("s3://shelf"); err != nil {
		t.Fatal(err)
	}
	_, err = other.List(ctx, "")
	check("wrong secret", err, true, "(SignatureDoesNotMatch); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	check("wrong secret", other.PutBytes(ctx, "x", []byte("x"), Absent), true, "(SignatureDoesNotMatch); look at")

	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	if other, err = OpenFolder("s3://shelf"); err != nil {
		t.Fatal(err)
	}
	_, err = other.List(ctx, "")
	check("no server", err, false, "the server cannot be reached: dial tcp 127.0.0.1:1")
	_ = f
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "shelf", "s3://", "s3:///x", "s3://shelf//x", "s3://shelf/../x", "s3://UPPER/x", "gs://shelf"} {
		if _, err := OpenFolder(bad); err == nil || !strings.Contains(err.Error(), "want s3://BUCKET") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"s3://shelf", "s3://shelf/", "s3://shelf/a/b", "s3://shelf/a/b/"} {
		if f, err := OpenFolder(good); err != nil || f.Address("") != strings.TrimSuffix(good, "/") {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	for _, name := range []string{"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(name, "")
	}
	if s, err := FromEnvironment(); err != nil || s != (Server{Secure: true}) {
		t.Error(s, err)
	}
	t.Setenv("AWS_DEFAULT_REGION", "eu-north-1")
	t.Setenv("AWS_ENDPOINT_URL", "http://10.0.0.1:9000/")
	if s, err := FromEnvironment(); err != nil || s != (Server{Endpoint: "10.0.0.1:9000", Region: "eu-north-1"}) {
		t.Error(s, err)
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.org")
	if s, err := FromEnvironment(); err != nil || s != (Server{Endpoint: "s3.example.org", Region: "eu-north-1", Secure: true}) {
		t.Error(s, err)
	}
	for _, bad := range []string{"s3.example.org", "ftp://x", "https://x/y", "https://a:b@x"} {
		t.Setenv("AWS_ENDPOINT_URL_S3", bad)
		if _, err := FromEnvironment(); err == nil || !strings.Contains(err.Error(), "AWS_ENDPOINT_URL_S3 is") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
