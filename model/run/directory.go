package run

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/pattern"
	"atelier/internal/registry"
)

const (
	dirFormat = 1
	dirFile   = "run.json"
	rootLock  = ".lock" // held while a run gets its number
)

// ErrNoRun reports a folder that is not a run.
var ErrNoRun = errors.New("no run")

// A Dir is the folder of one run, such as runs/0001-fashion.
type Dir struct {
	path    string
	number  int
	name    string // as given
	title   string // of the folder, derived from the name
	created time.Time
}

// about is the contents of run.json.
type about struct {
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	Name    string    `json:"name,omitempty"` // earlier versions kept none
}

var folderName = pattern.New(`^(\d{4,9})-(.+)$`)

// CreateDir creates the folder of a new run below root, filled by fill, atomically: after an
// error or a kill it does not exist. It gets the next number, which no other process gets,
// and the name as its title.
func CreateDir(root, name string, fill func(*Dir) error) (*Dir, error) {
	if err := os.MkdirAll(root, 0o777); err != nil {
		return nil, durable.Explain(root, err)
	}
	lock := durable.NewLock(filepath.Join(root, rootLock))
	if err := lock.Lock(); err != nil {
		return nil, durable.Explain(root, err)
	}
	defer lock.Close()
	if err := durable.SweepNew(root); err != nil {
		return nil, durable.Explain(root, err)
	}
	number, err := nextNumber(root)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(root, fmt.Sprintf("%04d-%s", number, title(name)))
	data, err := json.Marshal(about{dirFormat, time.Now().UTC().Truncate(time.Second), name})
	if err != nil {
		return nil, err
	}
	var unfilled error
	err = durable.MakeDir(path, func(temp string) error {
		if err := durable.WriteFile(filepath.Join(temp, dirFile), append(data, '\n')); err != nil {
			return err
		}
		d, err := openPath(temp)
		if err == nil {
			unfilled = fill(d)
			err = unfilled
		}
		return err
	})
	var unwritten *durable.WriteError
	switch {
	case unfilled != nil && !errors.As(unfilled, &unwritten):
		return nil, unfilled
	case err != nil:
		return nil, fmt.Errorf("the run was not started, and nothing was written: %w", err)
	}
	return openPath(path)
}

// OpenDir finds a run below root by its folder name (0001-fashion), number (1 or 0001),
// name (fashion: the newest of them) or title, which is derived from the name, in this
// order, or anywhere by its path. The error for a run that does not exist suggests similar
// ones.
func OpenDir(root, which string) (*Dir, error) {
	if folderName().MatchString(which) && filepath.Base(which) == which { // without a look at all others
		if d, err := openPath(filepath.Join(root, which)); err == nil {
			return d, nil
		}
	}
	all, damaged, err := Survey(root)
	if err != nil {
		return nil, err
	}
	number, notNumber := strconv.Atoi(which)
	for _, is := range []func(*Dir) bool{
		func(d *Dir) bool { return same(d.Name(), which) },
		func(d *Dir) bool { return notNumber == nil && d.number == number },
		func(d *Dir) bool { return same(d.name, which) },
		func(d *Dir) bool { return same(d.title, which) },
	} {
		if d := newest(all, is); d != nil {
			return d, nil
		}
	}
	path := which
	if folderName().MatchString(which) {
		path = filepath.Join(root, which)
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return openPath(path)
	}
	for _, d := range damaged {
		parts := folderName().FindStringSubmatch(d.Folder)
		if n, _ := strconv.Atoi(parts[1]); same(parts[2], which) || notNumber == nil && n == number {
			return nil, d.Err
		}
	}
	return nil, badinput.Errorf("%w %q in %s; %s", ErrNoRun, which, root, nearest(which, all))
}

// newest returns the last run that matches, nil if none does.
func newest(all []*Dir, is func(*Dir) bool) *Dir {
	for _, d := range slices.Backward(all) {
		if is(d) {
			return d
		}
	}
	return nil
}

// List returns the undamaged runs below root, by number.
func List(root string) ([]*Dir, error) {
	all, _, err := Survey(root)
	return all, err
}

// A Damaged run is a run folder that cannot be opened, and why.
type Damaged struct {
	Folder string // its name
	Err    error
}

// Survey returns the runs below root, by number, and the damaged ones. Other folders are
// skipped; a root that does not exist has no runs.
func Survey(root string) (all []*Dir, damaged []Damaged, err error) {
	return SurveyAgain(root, func(string) *Dir { return nil })
}

// SurveyAgain is [Survey] with the runs that were opened before: known returns the one of a folder, if
// it still is as it was, see [Stamp], and nil to have it opened.
func SurveyAgain(root string, known func(folder string) *Dir) (all []*Dir, damaged []Damaged, err error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if !folderName().MatchString(e.Name()) {
			continue
		}
		if d := known(e.Name()); d != nil {
			all = append(all, d)
			continue
		}
		path := filepath.Join(root, e.Name())
		switch d, err := openPath(path); {
		case err == nil:
			all = append(all, d)
		default:
			_, without := os.Stat(filepath.Join(path, configFile))
			if without == nil || !errors.Is(err, ErrNoRun) {
				damaged = append(damaged, Damaged{e.Name(), err})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Dir) int { return cmp.Compare(a.number, b.number) })
	return all, damaged, nil
}

// Name is the name of the folder, such as 0001-fashion.
func (d *Dir) Name() string { return filepath.Base(d.path) }

// DefaultRoot is the default folder of the runs.
const DefaultRoot = "runs"

// Argument is the command-line argument that finds the run: the name of its folder, or the
// path if it is not in [DefaultRoot].
func (d *Dir) Argument() string {
	root := filepath.Dir(d.path)
	switch {
	case root == DefaultRoot:
		return d.Name()
	case strings.ContainsFunc(root, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`$&;|<>()*?[]#~!{}\\", r) }):
		root = "'" + strings.ReplaceAll(root, "'", `'\''`) + "'"
	}
	return d.Name() + " --runs " + root
}

// Title is the name without the number, such as fashion.
func (d *Dir) Title() string { return d.title }

// Created is when the run was created.
func (d *Dir) Created() time.Time { return d.created }

// Path is the path of the folder, or of a file in it.
func (d *Dir) Path(file ...string) string {
	return filepath.Join(append([]string{d.path}, file...)...)
}

// openPath opens the folder of a run.
func openPath(path string) (*Dir, error) {
	path = filepath.Clean(path)
	file := filepath.Join(path, dirFile)
	data, err := durable.ReadFile(file, mostFacts)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, badinput.Errorf("%s is %w: it has no %s", path, ErrNoRun, dirFile)
	}
	if err != nil {
		return nil, err
	}
	a, err := parseAbout(data)
	if err != nil {
		return nil, fmt.Errorf("%s %w", file, err)
	}
	d := &Dir{path: path, title: filepath.Base(path), name: a.Name, created: a.Created}
	if parts := folderName().FindStringSubmatch(d.title); parts != nil {
		d.title = parts[2]
		d.number, _ = strconv.Atoi(parts[1])
	}
	if d.name == "" {
		d.name = d.title
	}
	return d, nil
}

// parseAbout reads run.json. The error completes a sentence that begins with its name.
func parseAbout(text []byte) (a about, err error) {
	if err := json.Unmarshal(text, &a); err != nil || a.Format < 1 {
		return a, fmt.Errorf("is damaged: it should hold {\"format\": %d, ...}", dirFormat)
	}
	if a.Format > dirFormat {
		return a, badinput.Errorf("has format %d; this version of atelier reads formats up to %d: use a newer one", a.Format, dirFormat)
	}
	return a, nil
}

// nextNumber is one more than the largest number in root, runs or not.
func nextNumber(root string) (int, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return 0, err
	}
	largest := 0
	for _, e := range entries {
		if parts := folderName().FindStringSubmatch(e.Name()); parts != nil {
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
		return "there are none yet; train one with: atelier train fashion"
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
