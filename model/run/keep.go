package run

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

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
var unkept = []string{lockFile, pidFile, forFile}

// Copy copies the run, which must not be training, to a new run of the name below root.
func (d *Dir) Copy(root, name string) (*Dir, error) {
	if err := checkName(cmp.Or(name, ".")); err != nil {
		return nil, badinput.Mark(err)
	}
	l, err := d.Lock()
	if err != nil {
		return nil, err
	}
	defer l.Release()
	return CreateDir(root, name, func(to *Dir) error {
		return filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
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
	})
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
