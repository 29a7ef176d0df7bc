package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// The system releases the lock when its process ends, however that happens. The process
// ID has a file of its own, because Windows does not let a locked file be read; it says who
// holds the lock, not whether it is held.
const (
	lockFile = "lock"
	pidFile  = "pid"
)

// lockPause is the pause between tries while another process checks the lock.
const lockPause = time.Millisecond

// A Lock is the right to change a run, held until Release.
type Lock struct {
	dir   *Dir
	flock *flock.Flock
}

// Lock acquires the right to change the run, and removes what an interrupted process left
// half-written. While another process holds it, the error names that process.
func (d *Dir) Lock() (*Lock, error) {
	l := &Lock{d, durable.NewLock(d.Path(lockFile))}
	held, err := l.take()
	if err != nil {
		return nil, durable.Explain(d.Path(lockFile), err)
	}
	if !held {
		return nil, badinput.Errorf("run %s is being trained by %s; wait until it has ended, stop it, or train a new run", d.Name(), d.holder())
	}
	if err := l.tidy(); err != nil {
		return nil, errors.Join(err, l.flock.Close())
	}
	return l, nil
}

// take tries until it has the lock or another process holds it exclusively. A process that
// only checks takes a shared lock for a moment.
func (l *Lock) take() (bool, error) {
	for {
		if held, err := l.flock.TryLock(); held || err != nil {
			return held, err
		}
		if shared, err := l.flock.TryRLock(); !shared || err != nil {
			return false, errors.Join(err, l.flock.Close())
		}
		if err := l.flock.Unlock(); err != nil {
			return false, err
		}
		time.Sleep(lockPause)
	}
}

// Release releases the lock.
func (l *Lock) Release() error {
	os.Remove(l.dir.Path(pidFile))
	return l.flock.Close()
}

// Training reports whether a process is training the run now.
func (d *Dir) Training() bool {
	if _, err := os.Stat(d.Path(lockFile)); err != nil {
		return false
	}
	f := durable.NewLock(d.Path(lockFile))
	defer f.Close()
	free, err := f.TryRLock()
	return !free && err == nil
}

func (l *Lock) tidy() error {
	for _, folder := range []string{l.dir.path, l.dir.Path(checkpoints)} {
		if err := durable.Sweep(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return durable.Explain(folder, err)
		}
	}
	return durable.WriteFile(l.dir.Path(pidFile), []byte(strconv.Itoa(os.Getpid())+"\n"))
}

// holder names the process that holds the lock.
func (d *Dir) holder() string {
	text, err := durable.ReadFile(d.Path(pidFile), 64)
	pid, notNumber := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || notNumber != nil {
		return "another process"
	}
	return fmt.Sprintf("process %d", pid)
}
