package jobs

import (
	"errors"
	"os"
	"path/filepath"

	"atelier/internal/durable"
)

// A settler has what jobs wrote put on the disk before they are recorded as done: many at a time,
// as far as they end at about the same time.
type settler struct {
	wait    chan settling
	closing chan struct{}
	ended   chan struct{}
}

// settling is the folder of a job whose files are to be on the disk.
type settling struct {
	folder string
	files  []string
	done   chan error
}

// manyFolders is from how many on a whole file system is flushed at once, where that is known.
const manyFolders = 3

func newSettler() *settler {
	s := &settler{make(chan settling), make(chan struct{}), make(chan struct{})}
	go s.run()
	return s
}

// settle returns when the files of a folder are on the disk.
func (s *settler) settle(folder string, files []string) error {
	one := settling{folder, files, make(chan error, 1)}
	select {
	case s.wait <- one:
		return <-one.done
	case <-s.closing:
		return one.flush()
	}
}

func (s *settler) close() { close(s.closing); <-s.ended }

func (s *settler) run() {
	defer close(s.ended)
	for {
		var all []settling
		select {
		case one := <-s.wait:
			all = append(all, one)
		case <-s.closing:
			return
		}
		for more := true; more; {
			select {
			case one := <-s.wait:
				all = append(all, one)
			default:
				more = false
			}
		}
		if len(all) >= manyFolders {
			if err := durable.SyncDisk(all[0].folder); !errors.Is(err, errors.ErrUnsupported) {
				for _, one := range all {
					one.done <- err
				}
				continue
			}
		}
		for _, one := range all {
			one.done <- one.flush()
		}
	}
}

// flush puts the files of a folder on the disk, and the folder.
func (s settling) flush() error {
	for _, name := range s.files {
		f, err := os.Open(filepath.Join(s.folder, name))
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		if err != nil {
			return durable.Explain(filepath.Join(s.folder, name), err)
		}
	}
	date := filepath.Dir(s.folder)
	return errors.Join(durable.SyncDir(s.folder), durable.SyncDir(date), durable.SyncDir(filepath.Dir(date)))
}

// writeNew writes a new file, which settle puts on the disk.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return durable.Explain(path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
	}
	return durable.Explain(path, err)
}
