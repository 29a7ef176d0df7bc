package source

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/fetch"
	"atelier/internal/s3test"
)

func TestS3(t *testing.T) {
	endpoint, folder := s3test.Start(t)
	writeIn(t, folder, map[string][]byte{
		"pictures/set/cat/1.png": pngOf(t, 1), "pictures/set/cat/1.txt": []byte("a cat\n"), "pictures/set/dog/deep/ä b+c.png": pngOf(t, 2),
		"pictures/set/dog/2.png": pngOf(t, 2), "pictures/set/.hidden/3.png": pngOf(t, 3), "pictures/set/readme.md": []byte("a set"),
		"pictures/settle/4.png": pngOf(t, 4), "pictures/set/dog/empty.png": {},
	})
	s := &S3{}
	if s.Recognize("s3://pictures/set") != data.Certain || s.Recognize("pictures") != data.Unfit {
		t.Error("accepts what is not a bucket, or rejects a bucket")
	}
	s.Endpoint = endpoint
	var got []string
	for it, err := range s.Items(t.Context(), data.Train) {
		got = append(got, fmt.Sprint(it.Name, "|", it.Label, "|", it.Caption, "|", it.MediaType, "|", it.Origin.Place, "|", err))
	}
	want := []string{
		"cat/1.png|cat|a cat|image/png|s3://pictures/set/cat/1.png|<nil>",
		"dog/2.png|dog||image/png|s3://pictures/set/dog/2.png|<nil>",
		"dog/deep/ä b+c.png|dog||image/png|s3://pictures/set/dog/deep/ä b+c.png|<nil>",
		"dog/empty.png|dog||image/png|s3://pictures/set/dog/empty.png|empty: the file has no bytes",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s.SetName() != "set" || !slices.Equal(s.ClassNames(), []string{"cat", "dog"}) {
		t.Error(s.SetName(), s.ClassNames())
	}

	if there := (&S3{Address: "s3://pictures/set", Secure: true}).ClassNames(); len(there) != 2 {
		t.Error("the server of the environment has the classes", there)
	}

	for it, err := range s.Items(t.Context(), data.Train) { // an object that goes while others are read
		if it.Name == "cat/1.png" {
			if err := os.Remove(filepath.Join(folder, "pictures/set/dog/2.png")); err != nil {
				t.Fatal(err)
			}
		}
		if it.Name == "dog/2.png" && asDrop(err).Reason != "missing" {
			t.Error(err)
		}
	}
	if _, err := collect(&S3{Address: "s3://nothing", Endpoint: endpoint}, data.Train); err == nil || !strings.Contains(err.Error(), "s3://nothing/: cannot be listed: The specified bucket does not exist") {
		t.Error(err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), "s3://pictures/set/: cannot be listed: The request signature") {
		t.Error(err)
	}
}

// oddBucket is a server whose bucket lists objects by key and size; answer gives one.
func oddBucket(t *testing.T, sizes map[string]int64, answer http.HandlerFunc) *S3 {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("list-type") {
			answer(w, r)
			return
		}
		fmt.Fprint(w, "<ListBucketResult>")
		for key, size := range sizes {
			fmt.Fprintf(w, "<Contents><Key>%s</Key><Size>%d</Size></Contents>", key, size)
		}
		fmt.Fprint(w, "</ListBucketResult>")
	}))
	t.Cleanup(server.Close)
	for _, v := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "MINIO_ROOT_USER", "MINIO_ACCESS_KEY"} {
		t.Setenv(v, "")
	}
	for _, v := range []string{"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"} {
		t.Setenv(v, filepath.Join(t.TempDir(), "none"))
	}
	return &S3{Address: "s3://odd-bucket", Endpoint: strings.TrimPrefix(server.URL, "http://"), Region: "us-east-1"}
}

func TestS3OfStrangers(t *testing.T) {
	var asked []string
	s := oddBucket(t, map[string]int64{
		"a.png": 1, "denied.png": 1, "known.png": 1, "huge.png": 1 << 40, "../out.png": 1, "x//y.png": 1, "x/y.png": 1, "x/": 0,
	}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if strings.Contains(r.URL.Path, "denied") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>Not for you</Message></Error>")
			return
		}
		answerWith(w, pngOf(t, 1))
	})
	got := map[string]string{}
	for it, err := range s.Rest(t.Context(), data.Train, journal{"known.png": true}) {
		got[it.Name] = fmt.Sprint(err)
	}
	for name, want := range map[string]string{
		"a.png": "<nil>", "x/y.png": "<nil>", "denied.png": "unreadable: Not for you", "huge.png": "too large: is larger than 128 MiB",
		"bad name \"../out.png\"": "leads outside", "x/y (2).png": "twice",
	} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
	slices.Sort(asked)
	if len(got) != 6 || len(asked) != 3 {
		t.Error("fetched what it need not:", asked, got)
	}
}

// A server that fails ends the reading, so that nothing is taken for read.
func TestS3ThatFails(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			answerWith(w, []byte("short"))
		},
		"token expired": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "<Error><Code>ExpiredToken</Code></Error>")
		},
	} {
		for _, files := range []map[string]int64{{"a.png": 1, "b.png": 1}, {"a.png": 1, "a.txt": 1}} {
			n := 0
			for _, err := range oddBucket(t, files, answer).Items(t.Context(), data.Train) {
				if n++; !isLost(err) || isDrop(err) || n > 1 {
					t.Error(name, err, n)
				}
			}
		}
	}
}

func TestS3StopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := oddBucket(t, map[string]int64{"a.png": 1, "b.png": 1}, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	n := 0
	for _, err := range s.Items(ctx, data.Train) {
		if n++; !errors.Is(err, context.Canceled) || isDrop(err) || n > 1 {
			t.Error(n, err)
		}
	}
}

func TestS3Refuses(t *testing.T) {
	for want, s := range map[string]*S3{
		"want s3://BUCKET":               {},
		"want HOST or HOST:PORT without": {Address: "s3://a-bucket", Endpoint: "https://example.org"},
		"kind: no kind":                  {Address: "s3://a-bucket", Kind: "pets"},
		"Bucket name":                    {Address: "s3://x/y", Endpoint: "127.0.0.1:1"},
	} {
		if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if fetch.PublicOnly("tcp", "127.0.0.1:443", nil) == nil || fetch.PublicOnly("tcp", "8.8.8.8:443", nil) != nil {
		t.Error("does not distinguish private addresses from public ones")
	}
}

func answerWith(w http.ResponseWriter, b []byte) {
	w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
	w.Header().Set("ETag", `"1"`)
	_, _ = w.Write(b)
}
