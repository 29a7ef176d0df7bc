package brought

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/home"
	"atelier/internal/licence"
	"atelier/internal/memory"
	"atelier/internal/registry"
)

const (
	storeFolder = "weights"   // below the home folder
	cardFile    = "card.json" // of a stored model
	cardFormat  = 1
	mostCard    = 1 << 20 // bytes
	lockFile    = ".lock"
	lockEvery   = 50 * time.Millisecond
)

// A Store stores models by name, each in a folder with a card.
type Store struct{ folder string }

// NewStore returns the store below a home folder.
func NewStore(home string) *Store { return &Store{filepath.Join(home, storeFolder)} }

// Home is the program's home folder on this machine.
func Home() (string, error) {
	place, err := home.Datasets()
	if err != nil {
		return "", err
	}
	return home.Local(place)
}

// A Card describes a stored model and its origin.
type Card struct {
	Format int    `json:"card"`
	Source string `json:"source"` // the path or address it was added from
	Bytes  int64  `json:"bytes"`
	Facts
	Contents []Content `json:"contents"`
}

// A Content is a file of a stored model.
type Content struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// An Addition is a model to be stored.
type Addition struct {
	Name, Path string
	Tokenizer  string // its file, if it is not beside the weights
	Source     string // the source for the card
	Licence    string // if empty, as stated in the files
	Force      bool   // whether to replace a model of the same name
	Downloaded bool   // whether the files belong to the program and need not be copied
}

// Free returns an error if a name is taken or invalid.
func (s *Store) Free(name string, force bool) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(s.folder, name)); err == nil && !force {
		return badinput.Errorf("there are weights named %s; give these another name with --name, or replace those with --force", name)
	}
	return nil
}

// Add copies a model into the store, all or nothing.
func (s *Store) Add(ctx context.Context, a Addition) (*Card, error) {
	if err := s.Free(a.Name, a.Force); err != nil {
		return nil, err
	}
	o, err := OpenWith(a.Path, a.Tokenizer)
	if err != nil {
		return nil, err
	}
	files := o.files
	if err := o.finite(); err != nil {
		return nil, errors.Join(badinput.Errorf("%s: %w", a.Path, err), o.Close())
	}
	if err := o.Close(); err != nil {
		return nil, err
	}
	return s.keep(ctx, a, files, func(card *Card, dir string) error { return card.seal(dir, a) })
}

// keep copies files under a name, and then seals them with a card.
func (s *Store) keep(ctx context.Context, a Addition, files []piece, seal func(card *Card, dir string) error) (*Card, error) {
	if err := s.Free(a.Name, a.Force); err != nil {
		return nil, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := s.Free(a.Name, a.Force); err != nil { // it may have been taken meanwhile
		return nil, err
	}
	if err := s.room(files); err != nil && !a.Downloaded {
		return nil, err
	}
	card := &Card{Format: cardFormat, Source: a.Source}
	err = durable.MakeDir(filepath.Join(s.folder, a.Name), func(dir string) error {
		for _, f := range files {
			c, err := copyFile(ctx, f, dir, a.Downloaded)
			if err != nil {
				return err
			}
			card.Contents, card.Bytes = append(card.Contents, c), card.Bytes+c.Size
		}
		return seal(card, dir)
	})
	if err != nil {
		return nil, err
	}
	card.Folder = filepath.Join(s.folder, a.Name)
	return card, nil
}

// seal opens the copy, and writes its card.
func (c *Card) seal(dir string, a Addition) error {
	o, err := Open(dir)
	if err != nil {
		return fmt.Errorf("%s changed while it was copied: %w", a.Path, err)
	}
	c.Facts = o.Facts
	if err := o.Close(); err != nil {
		return err
	}
	return c.write(dir, a)
}

// write writes the card.
func (c *Card) write(dir string, a Addition) error {
	c.Name = a.Name
	if a.Licence != "" {
		c.Licence = licence.Name(a.Licence)
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, cardFile), append(text, '\n'), 0o666)
}

// lock waits until no other process changes the store, and removes what an interrupted one left.
func (s *Store) lock(ctx context.Context) (unlock func() error, err error) {
	if err := os.MkdirAll(s.folder, 0o777); err != nil {
		return nil, durable.Explain(s.folder, err)
	}
	lock := durable.NewLock(filepath.Join(s.folder, lockFile))
	if _, err := lock.TryLockContext(ctx, lockEvery); err != nil {
		return nil, durable.Explain(s.folder, err)
	}
	if err := durable.Sweep(s.folder); err != nil {
		return nil, errors.Join(durable.Explain(s.folder, err), lock.Close())
	}
	return lock.Close, nil
}

// room returns an error if there is not enough disk space for the files.
func (s *Store) room(files []piece) error {
	var need int64
	for _, f := range files {
		if info, err := os.Stat(f.path); err == nil {
			need += info.Size()
		}
	}
	if free, known := durable.Free(s.folder); known && float64(need) > free {
		return badinput.Errorf("the weights have %s, and the disk of %s has %s left", memory.Size(float64(need)), s.folder, memory.Size(free))
	}
	return nil
}

// Has returns an error unless a model with that name is stored.
func (s *Store) Has(name string) error {
	_, err := s.find(name)
	return err
}

// Remove removes a model.
func (s *Store) Remove(ctx context.Context, name string) error {
	if _, err := s.find(name); err != nil {
		return err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return durable.Explain(filepath.Join(s.folder, name), durable.Remove(filepath.Join(s.folder, name)))
}

// A Damaged model has an unreadable card.
type Damaged struct {
	Name string
	Err  error
}

// List returns the cards of all stored models, and lists the unreadable ones.
func (s *Store) List() (cards []*Card, damaged []Damaged, err error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, badinput.Mark(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !e.IsDir() {
			continue
		}
		if c, err := s.Card(e.Name()); err == nil {
			cards = append(cards, c)
		} else {
			damaged = append(damaged, Damaged{e.Name(), err})
		}
	}
	return cards, damaged, nil
}

// Names returns the names of all stored models.
func (s *Store) Names() (names []string) {
	entries, _ := os.ReadDir(s.folder)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// find is the folder of a stored model.
func (s *Store) find(name string) (string, error) {
	dir := filepath.Join(s.folder, name)
	if info, err := os.Stat(dir); nameRule().MatchString(name) && err == nil && info.IsDir() {
		return dir, nil
	}
	if name == BuiltIn {
		return "", badinput.Errorf("%s is part of the program", BuiltIn)
	}
	return "", badinput.Errorf("no weights %q; %s", name, registry.Suggest(name, append(s.Names(), BuiltIn)))
}

// Card reads the card of a stored model.
func (s *Store) Card(name string) (*Card, error) {
	dir, err := s.find(name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, cardFile)
	text, err := durable.ReadFile(path, mostCard)
	if err != nil {
		return nil, badinput.Errorf("the weights %s are damaged: %w", name, err)
	}
	c := &Card{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, badinput.Errorf("%s is damaged: %w", path, badinput.JSON(err))
	}
	if c.Format > cardFormat {
		return nil, badinput.Errorf("%s was written by a newer version of the program, which is needed to read it", path)
	}
	if len(c.Contents) == 0 {
		return nil, badinput.Errorf("%s is damaged: it names no files", path)
	}
	for _, f := range c.Contents {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, badinput.Errorf("%s is damaged: it names %q, which lies outside of the folder", path, f.Path)
		}
	}
	c.Name, c.Folder = name, dir
	return c, nil
}
