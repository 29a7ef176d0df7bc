package run

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
)

const (
	dirFormat = 1
	dirFile   = "run.json"
	rootLock  = ".lock" // held while a run gets its number
)

// ErrNoRun reports a folder that is not that of a run.
var ErrNoRun = errors.New("no run")

// A Dir is the folder of one run, such as runs/0001-fashion.
type Dir struct {
	path    string
	number  int
	title   string
	created time.Time
}

// about is what run.json holds.
type about struct {
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
}

var folderName = regexp.MustCompile(`^(\d{4,9})-(.+)$`)

// CreateDir makes the folder of a new run below root. It gets the next number,
// which no other process gets, and the name as its title.
func CreateDir(root, name string) (*Dir, error) {
	if err := os.MkdirAll(root, 0o777); err != nil {
		return nil, durable.Explain(root, err)
	}
	lock := flock.New(filepath.Join(root, rootLock))
	if err := lock.Lock(); err != nil {
		return nil, durable.Explain(root, err)
	}
	defer lock.Close()
	number, err := nextNumber(root)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(root, fmt.Sprintf("%04d-%s", number, title(name)))
	if err := os.Mkdir(path, 0o777); err != nil {
		return nil, durable.Explain(path, err)
	}
	data, err := json.Marshal(about{dirFormat, time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		err = durable.WriteFile(filepath.Join(path, dirFile), append(data, '\n'))
	}
	if err == nil {
		err = durable.SyncDir(root)
	}
	if err != nil {
		os.RemoveAll(path)
		return nil, err
	}
	return openPath(path)
}

// OpenDir finds a run below root by the name of its folder (0001-fashion), its
// number (1 or 0001), its title (fashion: the newest of them) or the name that the
// title was made of, or anywhere by its path. What is named first goes before what
// is named later. The error for a run that does not exist names the nearest ones.
func OpenDir(root, which string) (*Dir, error) {
	all, err := List(root)
	if err != nil {
		return nil, err
	}
	number, notNumber := strconv.Atoi(which)
	for _, is := range []func(*Dir) bool{
		func(d *Dir) bool { return same(d.Name(), which) },
		func(d *Dir) bool { return notNumber == nil && d.number == number },
		func(d *Dir) bool { return same(d.title, which) },
	} {
		if d := newest(all, is); d != nil {
			return d, nil
		}
	}
	path := which
	if folderName.MatchString(which) {
		path = filepath.Join(root, which)
	}
	info, err := os.Stat(path)
	folder := err == nil && info.IsDir()
	if folder {
		if d, err := openPath(path); !errors.Is(err, ErrNoRun) {
			return d, err
		}
	}
	if made := portable(which); made != "" {
		if d := newest(all, func(d *Dir) bool { return same(d.title, made) }); d != nil {
			return d, nil
		}
	}
	if folder {
		return openPath(path) // which says why it is no run
	}
	return nil, badinput.Errorf("no run %q in %s; %s", which, root, nearest(which, all))
}

// newest is the last of the runs that is what is looked for, nil if none is.
func newest(all []*Dir, is func(*Dir) bool) *Dir {
	for _, d := range slices.Backward(all) {
		if is(d) {
			return d
		}
	}
	return nil
}

// List returns the runs below root in the order of their numbers. Folders that
// are no runs are passed over; a root that does not exist has none.
func List(root string) ([]*Dir, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []*Dir
	for _, e := range entries {
		if !folderName.MatchString(e.Name()) {
			continue
		}
		d, err := openPath(filepath.Join(root, e.Name()))
		if err == nil {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b *Dir) int { return cmp.Compare(a.number, b.number) })
	return all, nil
}

// Name is the name of the folder, such as 0001-fashion.
func (d *Dir) Name() string { return filepath.Base(d.path) }

// Title is the name without the number, such as fashion.
func (d *Dir) Title() string { return d.title }

// Created is when the run was made.
func (d *Dir) Created() time.Time { return d.created }

// Path is the path of the folder, or of a file in it.
func (d *Dir) Path(file ...string) string {
	return filepath.Join(append([]string{d.path}, file...)...)
}

// openPath opens the folder of a run.
func openPath(path string) (*Dir, error) {
	path = filepath.Clean(path)
	file := filepath.Join(path, dirFile)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("%s is %w: it has no %s", path, ErrNoRun, dirFile)
	}
	if err != nil {
		return nil, err
	}
	var a about
	if err := json.Unmarshal(data, &a); err != nil || a.Format < 1 {
		return nil, fmt.Errorf("%s is damaged: it should hold {\"format\": %d, ...}", file, dirFormat)
	}
	if a.Format > dirFormat {
		return nil, badinput.Errorf("%s has format %d; this version of atelier reads formats up to %d: use a newer one", file, a.Format, dirFormat)
	}
	d := &Dir{path: path, title: filepath.Base(path), created: a.Created}
	if parts := folderName.FindStringSubmatch(d.title); parts != nil {
		d.title = parts[2]
		d.number, _ = strconv.Atoi(parts[1])
	}
	return d, nil
}

// nextNumber is one more than the largest number in root, runs or not.
func nextNumber(root string) (int, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return 0, err
	}
	largest := 0
	for _, e := range entries {
		if parts := folderName.FindStringSubmatch(e.Name()); parts != nil {
			n, _ := strconv.Atoi(parts[1])
			largest = max(largest, n)
		}
	}
	return largest + 1, nil
}

// nearest suggests runs by number if the wrong name begins with a digit, else
// by title.
func nearest(wrong string, all []*Dir) string {
	if len(all) == 0 {
		return "there are none yet; make one with: atelier train fashion"
	}
	var names []string
	for _, d := range all {
		if wrong != "" && wrong[0] >= '0' && wrong[0] <= '9' {
			names = append(names, d.Name())
		} else {
			names = append(names, d.title)
		}
	}
	slices.Sort(names)
	return registry.Suggest(wrong, slices.Compact(names))
}
