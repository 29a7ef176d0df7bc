package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"atelier/data"
	"atelier/internal/s3test"
)

const inBucket = "s3://shelf/home"

// bucketHome starts a server with an empty bucket, and returns the folder behind the bucket's
// folder home.
func bucketHome(t *testing.T) (folder string) {
	_, root := s3test.Start(t)
	if err := os.Mkdir(filepath.Join(root, "shelf"), 0o777); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "shelf", "home")
}

// machine opens the store in the bucket like another machine, with its own copies.
func machine(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, dir)
	}
	s, err := Open(inBucket)
	if err != nil {
		t.Fatal(err)
	}
	if rel, err := filepath.Rel(dir, s.home); err != nil || !filepath.IsLocal(rel) || s.Place() != inBucket {
		t.Fatalf("%s is kept in %s", s.Place(), s.home)
	}
	return s
}

// puts writes a version of the dataset "set".
func puts(ctx context.Context, s *Store, rows []Row) (*Version, error) {
	return s.Write(ctx, &Manifest{Name: "set"}, func(w *Writer) error {
		for _, r := range rows {
			if err := w.Add(r); err != nil {
				return err
			}
		}
		return w.Drop(DropRow{Item: item("x", "image/png", "y", ""), Drop: data.Drop{Reason: "blank"}})
	})
}

func put(t *testing.T, s *Store, rows []Row) *Version {
	t.Helper()
	v, err := puts(t.Context(), s, rows)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// holds checks that a version is complete and has that many rows.
func holds(t *testing.T, s *Store, ref string, rows int) *Version {
	t.Helper()
	v, err := s.Version(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if got, drops := stored(t, v); len(got) != rows || len(drops) != 1 {
		t.Errorf("%s has %d rows and %d drops", ref, len(got), len(drops))
	}
	return v
}

// files lists the files below a folder.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			rel, _ := filepath.Rel(dir, path)
			all = append(all, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return all
}

func TestInABucket(t *testing.T) {
	ctx := t.Context()
	bucketHome(t)
	here := machine(t)
	if names, err := here.Names(ctx); err != nil || len(names) > 0 {
		t.Error(names, err)
	}
	if _, err := here.Version(ctx, "set"); err == nil || !strings.Contains(err.Error(), `there is no dataset "set": none is stored in s3://shelf/home yet`) {
		t.Error(err)
	}
	rows := manyRows(100, 400)
	first := put(t, here, rows[:70])
	if want := written(t, t.TempDir(), rows[:70], []DropRow{{Item: item("x", "image/png", "y", ""), Drop: data.Drop{Reason: "blank"}}}).Hash(); first.Hash() != want {
		t.Error("the same rows have another hash in a bucket")
	}
	put(t, here, rows)
	there := machine(t) // without copies
	for _, s := range []*Store{here, there} {
		holds(t, s, "set@1", 70)
		if v := holds(t, s, "set", 100); v.Ref() != "set@2" || v.Place() != "s3://shelf/home/datasets/set/2" {
			t.Error(v.Ref(), v.Place())
		}
		list, _, err := s.List(ctx)
		if err != nil || len(list) != 2 || list[0].Ref() != "set@1" || list[1].Items != 100 || list[0].Hash != first.Hash() {
			t.Error(list, err)
		}
	}
	if _, err := there.Version(ctx, "sett"); err == nil || !strings.Contains(err.Error(), `there is no dataset "sett" in s3://shelf/home; did you mean`) {
		t.Error(err)
	}

	out := filepath.Join(t.TempDir(), "out")
	if err := Export(ctx, first, out, "parquet"); err != nil || len(files(t, out)) != 2 {
		t.Error(files(t, out), err)
	}
	run := TrainedRun{Path: "/runs/1", Ref: first.Ref(), Hash: first.Hash(), At: time.Unix(100, 0).UTC()}
	if err := there.RecordRun(ctx, run); err != nil {
		t.Fatal(err)
	}
	if _, err := there.Reindex(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if runs, err := there.Runs(ctx, first.Hash()); err != nil || len(runs) != 1 {
		t.Error(runs, err)
	}

	if err := there.Remove(ctx, "set@1"); err != nil {
		t.Fatal(err)
	}
	if v, err := here.Versions(ctx, "set"); err != nil || !slices.Equal(v, []int{2}) {
		t.Error(v, err)
	}
	put(t, here, rows[:5])
	if _, err := os.Stat(filepath.Join(here.folder("set"), "1")); !os.IsNotExist(err) {
		t.Error("a copy of a version stays that was removed elsewhere")
	}
	if err := there.Remove(ctx, "set"); err != nil {
		t.Fatal(err)
	}
	if names, err := here.Names(ctx); err != nil || len(names) > 0 {
		t.Error(names, err)
	}
}

func TestEraseInABucket(t *testing.T) {
	ctx := t.Context()
	bucket := bucketHome(t)
	rows := manyRows(300, 400)
	secret := strings.Repeat("a secret of somebody ", 20)
	rows[7].Bytes = []byte(secret)
	sums := [][32]byte{sha256.Sum256([]byte(secret))}
	here := machine(t)
	hash := put(t, here, rows).Hash()
	there := machine(t)
	v := holds(t, there, "set", 300)
	stale, err := here.Version(ctx, "set")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := there.Search(ctx, sums); err == nil || !strings.Contains(err.Error(), "s3://shelf/home/datasets/set/1/data/") || !strings.Contains(err.Error(), filepath.Join(there.folder("set"), "1", "data")) {
		t.Errorf("search found %v", err)
	}
	for range 2 { // the second time there is nothing to do
		if err := v.Erase(ctx, sums); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := there.Search(ctx, sums); err != nil || n < 8 {
		t.Errorf("searched %d files, found %v", n, err)
	}
	if got := files(t, bucket); len(got) != 5 { // the marker, the manifest and three shards
		t.Errorf("the bucket has %q", got)
	}
	if err := stale.Erase(ctx, [][32]byte{newSum(rows[8].Bytes)}); err == nil || !strings.Contains(err.Error(), "repeat the command") {
		t.Error("brought back what was erased:", err)
	}
	for _, s := range []*Store{there, here} {
		if v := holds(t, s, "set", 299); v.Hash() != hash || len(v.manifest.Tombstones) != 1 {
			t.Error(v.Hash(), v.manifest.Tombstones)
		}
		if _, err := s.Search(ctx, sums); err != nil {
			t.Error(err)
		}
	}
}

// Machines that write at the same time get different numbers.
func TestWritersAtOnce(t *testing.T) {
	bucket := bucketHome(t)
	const writers, each = 3, 3
	var all sync.WaitGroup
	for w := range writers {
		s := machine(t)
		all.Go(func() {
			for i := range each {
				if _, err := puts(context.Background(), s, manyRows(50+10*w+i, 200)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s := machine(t)
	seen := map[string]bool{}
	for n := range writers * each {
		v, err := s.Version(t.Context(), fmt.Sprintf("set@%d", n+1))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Verify(t.Context()); err != nil {
			t.Error(err)
		}
		seen[v.Hash()] = true
	}
	if len(seen) != writers*each {
		t.Errorf("%d versions of %d", len(seen), writers*each)
	}
	if got := files(t, bucket); len(got) != 1+writers*each*4 {
		t.Errorf("%d objects: %q", len(got), got)
	}
}

// Only one of several machines can make the version that follows another.
func TestFollowersInABucket(t *testing.T) {
	bucketHome(t)
	var holds []*Hold
	for range 2 {
		h, err := machine(t).Hold(t.Context(), "set", t.FailNow)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Release()
		if v, err := h.Newest(t.Context()); v != nil || err != nil {
			t.Fatal(v, err)
		}
		holds = append(holds, h)
	}
	write := func(h *Hold, meanwhile func()) error {
		_, err := h.Write(t.Context(), &Manifest{Name: "set"}, func(w *Writer) error {
			meanwhile()
			return w.Add(manyRows(1, 100)[0])
		})
		return err
	}
	err := write(holds[0], func() {
		if err := write(holds[1], func() {}); err != nil {
			t.Error(err)
		}
	})
	if !errors.Is(err, ErrMeanwhile) || !strings.Contains(err.Error(), "set@1 was made meanwhile") {
		t.Error(err)
	}
	if v, err := holds[0].Newest(t.Context()); err != nil || v.Ref() != "set@1" {
		t.Fatal(v, err)
	}
	if err := write(holds[0], func() {}); err != nil {
		t.Error(err)
	}
}

func TestDamageInABucketIsFound(t *testing.T) {
	bucket := bucketHome(t)
	s := machine(t)
	v := put(t, s, manyRows(100, 400))
	shard := filepath.Join(bucket, "datasets/set/1", v.manifest.Shards[0].Path)
	if err := flip(filepath.Join(v.dir, v.manifest.Shards[0].Path)); err != nil { // a damaged copy is fetched again
		t.Fatal(err)
	}
	holds(t, s, "set", 100)
	if err := flip(shard); err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "s3://shelf/home/datasets/set/1/data/train-00000-") || !strings.Contains(err.Error(), "is damaged: its SHA-256 is not that of the manifest") {
		t.Error(err)
	}
	if err := os.Remove(shard); err != nil {
		t.Fatal(err)
	}
	if err := v.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), ".parquet is missing; the manifest lists it") {
		t.Error(err)
	}
}

// Objects that no manifest names are deleted later, or at once on request.
func TestLeftInABucket(t *testing.T) {
	ctx := t.Context()
	bucket := bucketHome(t)
	s := machine(t)
	put(t, s, manyRows(100, 400))
	left := func(path string, age time.Duration) string {
		path = filepath.Join(bucket, "datasets", path)
		at := time.Now().Add(-age)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := []string{left("set/1/data/train-00000-0.parquet", 2*leftFor), left("set/2/dropped-0.parquet", 2*leftFor)}
	fresh := []string{left("set/1/data/train-00000-1.parquet", 0), left("set/9/data/train-00000-1.parquet", leftFor/2), left("other/1/data/test-00000-1.parquet", 0)}
	foreign := []string{left("set/1/notes.txt", 2*leftFor), left("set/readme.parquet", 2*leftFor)}
	check := func(when string, paths []string, want bool) {
		t.Helper()
		for _, p := range paths {
			if _, err := os.Stat(p); (err == nil) != want {
				t.Errorf("%s: %s is there: %v", when, p, err == nil)
			}
		}
	}
	if v, err := s.Versions(ctx, "set"); err != nil || len(v) != 1 {
		t.Error("what has no manifest counts as a version:", v, err)
	}
	put(t, s, manyRows(100, 400))
	check("written", old, false)
	check("written", fresh, true)
	if _, err := s.Reindex(ctx, nil); err != nil {
		t.Fatal(err)
	}
	check("rebuilt", fresh, false)
	check("rebuilt", foreign, true)
	holds(t, s, "set@1", 100)
	holds(t, s, "set@2", 100)
}

// between is a proxy to the server that shows requests to a test.
func between(t *testing.T, before func(*http.Request), after func(*http.Response) error) {
	to, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL_S3"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
			before(r.In)
		},
		ModifyResponse: after,
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
}

func isManifest(r *http.Request) bool {
	return r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, ManifestName)
}

// A lost answer makes no second version, and shards that another machine deleted as left over are
// put again.
func TestPutInABucketWithTrouble(t *testing.T) {
	bucket := bucketHome(t)
	lost, swept := false, false
	between(t, func(r *http.Request) {
		if isManifest(r) && !swept {
			swept = true
			if err := os.RemoveAll(filepath.Join(bucket, "datasets/set/1/data")); err != nil {
				t.Error(err)
			}
		}
	}, func(r *http.Response) error {
		if isManifest(r.Request) && !lost {
			lost = true
			r.StatusCode = http.StatusInternalServerError
		}
		return nil
	})
	s := machine(t)
	if v := put(t, s, manyRows(100, 400)); v.Ref() != "set@1" || !lost || !swept {
		t.Error(v.Ref(), lost, swept)
	}
	holds(t, machine(t), "set@1", 100)
	if v, err := s.Versions(t.Context(), "set"); err != nil || len(v) != 1 {
		t.Error(v, err)
	}
}

func TestServerWithoutConditionsIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprint(w, "<ListBucketResult></ListBucketResult>")
			return
		}
		w.Header().Set("ETag", `"1"`)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
	t.Setenv("AWS_REGION", "us-east-1")
	_, err := puts(t.Context(), machine(t), manyRows(10, 100))
	if err == nil || !strings.Contains(err.Error(), "ignores If-None-Match") {
		t.Error(err)
	}
}

func TestPlacesOfStores(t *testing.T) {
	for place, want := range map[string]string{"gs://shelf": "in a folder or in s3://", "s3://": "want s3://BUCKET", "": "name a folder"} {
		if _, err := Open(place); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", place, err)
		}
	}
}

// TestKilledInABucket kills a writer at times spread over the duration of one version: only
// complete versions are visible and, after a sweep, nothing else is left.
func TestKilledInABucket(t *testing.T) {
	bucket := bucketHome(t)
	s := machine(t)
	start := time.Now()
	writesFor(t, inBucket, func() bool {
		versions, _ := s.Versions(t.Context(), "set")
		return len(versions) > 0
	})
	took := time.Since(start)
	for i := range 6 {
		end := time.Now().Add(took * time.Duration(2*i+1) / 8)
		writesFor(t, inBucket, func() bool { return time.Now().After(end) })
		want := 1 // the marker
		there, _, err := s.list(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range there {
			v, err := s.open(t.Context(), l.name, l.version)
			if err != nil {
				t.Fatal(err)
			}
			want += 1 + len(v.manifest.Shards)
			if i < len(there)-2 {
				continue
			}
			if err := v.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			if n := v.manifest.Counts.Splits; n["train"]+n["test"] < rowsOfKilled-1 {
				t.Errorf("%v rows", n)
			}
		}
		if _, err := s.Reindex(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := files(t, filepath.Join(bucket, "datasets")); len(got) != want {
			t.Errorf("%d objects instead of %d: %q", len(got), want, got)
		}
	}
}

func TestStoredInABucket(t *testing.T) {
	bucketHome(t)
	put(t, machine(t), manyRows(100, 400))
	machine(t)
	t.Setenv("ATELIER_HOME", inBucket)
	s := &Stored{Name: "set"}
	if _, err := s.VersionHash(t.Context()); err != nil || s.VersionName() != "set@1" {
		t.Fatal(s.VersionName(), err)
	}
	n := 0
	for _, err := range s.Items(t.Context(), data.Test) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 15 {
		t.Errorf("%d Items", n)
	}
	if err := s.RecordRun(t.Context(), "runs/1"); err != nil {
		t.Error(err)
	}
}

// TestForgottenInBucket checks that all machines share the forgotten Items.
func TestForgottenInBucket(t *testing.T) {
	bucketHome(t)
	ctx := t.Context()
	a, b := [32]byte{1}, [32]byte{2}
	s := machine(t)
	for _, sums := range [][][32]byte{{b}, {b, a}} {
		if err := s.Forget(ctx, "set", sums); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := puts(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	s = machine(t)
	if got, err := s.Forgotten(ctx, "set"); err != nil || !slices.Equal(got, [][32]byte{a, b}) {
		t.Fatal(got, err)
	}
	if err := s.Remove(ctx, "set"); err != nil {
		t.Fatal(err)
	}
	if err := s.Readmit(ctx, "set", [][32]byte{b}); err != nil {
		t.Fatal(err)
	}
	if got, err := machine(t).Forgotten(ctx, "set"); err != nil || !slices.Equal(got, [][32]byte{a}) {
		t.Error(got, err)
	}
}
