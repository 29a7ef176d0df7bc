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

// The system drops the lock when its process ends, however that happens. The
// process number is a file of its own because Windows lets nobody read a locked
// one; it says who holds the lock, not whether it is held.
const (
	lockFile = "lock"
	pidFile  = "pid"
)

// lockPause is how long a process that only asks whether the lock is held is waited
// for before the next try.
const lockPause = time.Millisecond

// A Lock is the right to change a run, held until Release.
type Lock struct {
	dir   *Dir
	flock *flock.Flock
}

// Lock takes the right to change the run, and clears away what an interrupted
// process left half-written. While another process has it, the error names that
// process.
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

// take tries to get the lock until it has it or another process does. One that only
// asks shares it for a moment, which tells it from one that has it.
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

// Release gives the right back.
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
