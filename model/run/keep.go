package run

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// Size is the size of the run's files in bytes.
func (d *Dir) Size() (bytes int64, err error) {
	err = filepath.WalkDir(d.path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return ignoreMissing(err)
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return ignoreMissing(err)
	})
	return bytes, err
}

// ignoreMissing skips files that vanish while a folder is read: the run may be training.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Remove removes the run with all its files, unless it is being trained.
func (d *Dir) Remove() error {
	l, err := d.Lock()
	if err != nil {
		return err
	}
	// Windows renames no folder with an open file in it.
	return durable.Explain(d.path, errors.Join(l.Release(), durable.Remove(d.path)))
}

// unkept are the files of a run that belong to a process or a request, not to the run.
var unkept = []string{lockFile, pidFile, forFile, byFile}

// Copy copies the run, which must not be training, to a new run of the name below root.
func (d *Dir) Copy(root, name string) (*Dir, error) {
	return d.copy(root, name, func(*Dir) error { return nil })
}

// Branch copies the run as it was at one of its checkpoints, see [Dir.Checkpoints], to a new run of
// the name below root: without the checkpoints, statistics, previews and scores of later steps.
// Training that goes on from there comes to the same weights as the run did.
func (d *Dir) Branch(root, name string, step int) (*Dir, error) {
	steps, err := d.steps()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(steps, step) {
		return nil, badinput.Errorf("run %s has no checkpoint of step %d; it has those of %s", d.Name(), step, listed(steps))
	}
	if _, err := d.open(step); err != nil {
		return nil, err
	}
	return d.copy(root, name, func(to *Dir) error { return to.goBack(step) })
}

// listed are whole numbers in words.
func listed(numbers []int) string {
	return strings.Trim(strings.Join(strings.Fields(fmt.Sprint(numbers)), ", "), "[]")
}

// copy copies the run, and changes the copy before it can be seen.
func (d *Dir) copy(root, name string, change func(*Dir) error) (*Dir, error) {
	if err := checkName(cmp.Or(name, ".")); err != nil {
		return nil, badinput.Mark(err)
	}
	l, err := d.Lock()
	if err != nil {
		return nil, err
	}
	defer l.Release()
	return CreateDir(root, name, func(to *Dir) error {
		err := filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			inner, err := filepath.Rel(d.path, path)
			switch {
			case err != nil || inner == "." || inner == dirFile || slices.Contains(unkept, inner):
				return err
			case e.IsDir():
				return os.MkdirAll(to.Path(inner), 0o777)
			case !e.Type().IsRegular():
				return nil
			}
			return copyFile(to.Path(inner), path)
		})
		if err == nil {
			err = change(to)
		}
		return err
	})
}

// goBack removes what is of later steps.
func (d *Dir) goBack(step int) error {
	steps, err := d.steps()
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s > step {
			if err := durable.Remove(d.checkpoint(s)); err != nil {
				return err
			}
		}
	}
	if best, marked, _ := d.bestStep(); !marked || best > step {
		if err := ignoreMissing(os.Remove(d.Path(checkpoints, bestFile))); err != nil {
			return err
		}
	}
	previews, err := d.Previews()
	if err != nil {
		return err
	}
	for _, path := range previews {
		if at, ok := previewStep(path); ok && at > step {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	lines, err := filepath.Glob(d.Path("metric-*.jsonl"))
	if err != nil {
		return err
	}
	for _, path := range append(lines, d.Path(statsFile)) {
		if err := keepLines(path, step); err != nil {
			return err
		}
	}
	return nil
}

// previewStep is the number at the end of the name of a preview.
func previewStep(path string) (step int, ok bool) {
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	step, err := strconv.Atoi(stem[strings.LastIndexByte(stem, '-')+1:])
	return step, err == nil
}

func copyFile(to, from string) error {
	source, err := durable.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	return durable.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, source)
		return err
	})
}

// Prune removes what neither sampling nor resuming needs: all checkpoints but the newest
// and the best, and the samples between the first and the last. It returns the number of
// bytes freed. A run whose newest checkpoint is damaged is left unchanged.
func (d *Dir) Prune() (freed int64, err error) {
	l, err := d.Lock()
	if err != nil {
		return 0, err
	}
	defer l.Release()
	before, err := d.Size()
	if err != nil {
		return 0, err
	}
	unneeded, err := d.unneeded()
	if err != nil {
		return 0, err
	}
	for _, path := range unneeded {
		if err := durable.Remove(path); err != nil {
			return 0, durable.Explain(path, err)
		}
	}
	after, err := d.Size()
	return before - after, err
}

// unneeded are the paths that [Dir.Prune] removes.
func (d *Dir) unneeded() (paths []string, err error) {
	steps, err := d.steps()
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	newest := steps[len(steps)-1]
	if _, err := d.open(newest); err != nil {
		return nil, err
	}
	best, marked, damage := d.bestStep()
	for _, step := range steps {
		if step != newest && damage == "" && !(marked && step == best) {
			paths = append(paths, d.checkpoint(step))
		}
	}
	samples, err := d.Previews()
	if err != nil {
		return nil, err
	}
	if len(samples) > 2 {
		paths = append(paths, samples[1:len(samples)-1]...)
	}
	return paths, nil
}
