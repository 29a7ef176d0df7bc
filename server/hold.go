package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A Hold is the right to be the one studio of a home.
type Hold struct {
	lock *flock.Flock
	path string
}

const (
	holdLock = "studio.lock"
	holdFile = "studio.json"
	holdTime = time.Second
)

// A Holder is the studio of a home.
type Holder struct {
	PID int `json:"pid"`
	// URL is what a browser opens, Listen where programs connect.
	URL    string `json:"url,omitempty"`
	Listen string `json:"listen"`
}

// HoldHome takes the right to be the studio of a home. If there is one, the error names it.
func HoldHome(home string) (*Hold, error) {
	if err := os.MkdirAll(home, 0o777); err != nil {
		return nil, durable.Explain(home, err)
	}
	h := &Hold{durable.NewLock(filepath.Join(home, holdLock)), filepath.Join(home, holdFile)}
	trying, cancel := context.WithTimeout(context.Background(), holdTime) // one that was killed takes a moment to be gone
	defer cancel()
	ok, err := h.lock.TryLockContext(trying, holdTime/20)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, durable.Explain(home, err)
	}
	if !ok {
		who := "another process"
		if s, err := HolderOf(home); err == nil {
			who = fmt.Sprintf("process %d, at %s", s.PID, cmp.Or(s.URL, s.Listen))
		}
		return nil, errors.Join(badinput.Errorf("there is a studio on %s already: %s", home, who), h.lock.Close())
	}
	return h, nil
}

// Announce says where the studio is.
func (h *Hold) Announce(s Holder) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return durable.WriteFile(h.path, append(text, '\n'))
}

// Release lets another studio begin.
func (h *Hold) Release() error {
	err := os.Remove(h.path)
	if errors.Is(err, fs.ErrNotExist) { // it was not announced
		err = nil
	}
	return errors.Join(err, h.lock.Close())
}

// HolderOf is the studio of a home, as it announced itself.
func HolderOf(home string) (s Holder, err error) {
	text, err := durable.ReadFile(filepath.Join(home, holdFile), 64<<10)
	if err != nil {
		return s, badinput.Errorf("there is no studio on %s; start one with: atelier studio", home)
	}
	return s, json.Unmarshal(text, &s)
}
