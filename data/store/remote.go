package store

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"atelier/internal/bucket"
	"atelier/internal/home"
)

// A remote holds the versions of a store in a bucket, below datasets/NAME/N/ as in a folder. The
// folder of such a store holds copies of what was read or written on this machine, and its catalog.
//
// Objects cannot be renamed, nor several be put atomically. So the shards of a version are put
// first, under names that contain their hash, and then the manifest, on the condition that there is
// none yet: this makes the version visible as a whole, and only one of several writers can get a
// number. Objects that no manifest names are ignored, and deleted later.
type remote struct {
	folder *bucket.Folder
	copies string // local folder with the copies of all datasets
	told   func(stage string, done, total int)
}

// datasetsKey is the prefix of all keys.
const datasetsKey = "datasets/"

// openRemote opens the store in a bucket, without connecting yet.
func openRemote(place string) (*Store, error) {
	folder, err := bucket.OpenFolder(place)
	if err != nil {
		return nil, err
	}
	local, err := home.Local(place)
	if err != nil {
		return nil, err
	}
	s := &Store{home: local}
	s.remote = &remote{folder, s.datasets(), s.progress}
	return s, nil
}

// A listed version is one found in the bucket.
type listed struct {
	name    string
	version int
	stamp   string // of the manifest: changes with it
}

// list lists the versions of a dataset, or of all if the name is "", by name and number.
func (r *remote) list(ctx context.Context, name string) ([]listed, error) {
	objects, err := r.folder.List(ctx, under(name))
	if err != nil {
		return nil, err
	}
	var all []listed
	for _, o := range objects {
		name, n, rest := place(o.Key)
		if rest == ManifestName {
			all = append(all, listed{name, n, o.ETag})
		}
	}
	slices.SortFunc(all, func(a, b listed) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return a.version - b.version
	})
	return all, nil
}

// namesOf names the datasets that have a version, sorted.
func (r *remote) namesOf(ctx context.Context) ([]string, error) {
	there, err := r.list(ctx, "")
	var names []string
	for _, l := range there {
		names = append(names, l.name)
	}
	return slices.Compact(names), err
}

// versionsOf lists the versions of a dataset, oldest first.
func (r *remote) versionsOf(ctx context.Context, name string) ([]int, error) {
	there, err := r.list(ctx, name)
	var versions []int
	for _, l := range there {
		versions = append(versions, l.version)
	}
	return versions, err
}

// under is the prefix of the keys of a dataset, or of all.
func under(name string) string {
	if name == "" {
		return datasetsKey
	}
	return datasetsKey + name + "/"
}

// versionKey is the prefix of the keys of a version.
func versionKey(name string, n int) string { return under(name) + strconv.Itoa(n) + "/" }

// place splits a key into the version, with number 0 if there is none, and the path below it.
func place(key string) (name string, n int, rest string) {
	parts := strings.SplitN(strings.TrimPrefix(key, datasetsKey), "/", 3)
	if len(parts) < 3 || CheckName(parts[0]) != nil {
		return "", 0, ""
	}
	return parts[0], number(parts[1]), parts[2]
}

// number is the number of a version's folder, 0 if the name is not one.
func number(name string) int {
	if n, err := strconv.Atoi(name); err == nil && n > 0 && strconv.Itoa(n) == name {
		return n
	}
	return 0
}

// manifest reads the manifest of the version below a key.
func (r *remote) manifest(ctx context.Context, key string) (m *Manifest, text []byte, etag string, err error) {
	text, etag, err = r.folder.Read(ctx, key+ManifestName, manifestLimit)
	if err != nil {
		return nil, nil, "", err
	}
	if m, err = parseManifest(text); err != nil {
		return nil, nil, "", fmt.Errorf("%s %w", r.folder.Address(key+ManifestName), err)
	}
	return m, text, etag, nil
}

// open reads the manifest of a version, and makes its folder a copy of it.
func (r *remote) open(ctx context.Context, name string, n int) (*Version, error) {
	key := versionKey(name, n)
	m, text, etag, err := r.manifest(ctx, key)
	if err != nil {
		return nil, err
	}
	v := &Version{dir: filepath.Join(r.copies, name, strconv.Itoa(n)), manifest: m, remote: r, key: key, etag: etag}
	return v, r.keep(ctx, v.dir, text)
}

// remove deletes a version: first its manifest, which makes it invisible.
func (r *remote) remove(ctx context.Context, name string, n int) error {
	key := versionKey(name, n)
	if err := r.folder.Remove(ctx, key+ManifestName); err != nil {
		return err
	}
	return r.sweep(ctx, key, 0)
}

// leftFor is the age up to which objects that no manifest names are kept: their writer may be about
// to put the manifest.
const leftFor = 24 * time.Hour

// sweep deletes the shards below a key that no manifest names and that are older than an age:
// remains of interrupted uploads, removals and erasures.
func (r *remote) sweep(ctx context.Context, below string, age time.Duration) error {
	objects, err := r.folder.List(ctx, below)
	if err != nil {
		return err
	}
	named, unread := map[string]bool{}, map[string]bool{} // keys of shards, and of versions
	for _, o := range objects {
		if name, n, rest := place(o.Key); rest == ManifestName {
			key := versionKey(name, n)
			m, _, _, err := r.manifest(ctx, key)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil { // of a newer program, damaged, or just removed
				unread[key] = true
				continue
			}
			for _, s := range m.Shards {
				named[key+s.Path] = true
			}
		}
	}
	for _, o := range objects {
		name, n, rest := place(o.Key)
		if n == 0 || path.Ext(rest) != ".parquet" || named[o.Key] || unread[versionKey(name, n)] || time.Since(o.Modified) < age {
			continue
		}
		if err := r.folder.Remove(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}
