package brought

import (
	"os"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// Find opens a model by its name or the path of its files: the embedded one first, then models
// stored below a home folder, then files. If there is none, the error lists runs along with weights.
func Find(home, name string, runs ...string) (*Opened, error) {
	store := NewStore(home)
	switch dir, err := store.find(name); {
	case strings.EqualFold(name, BuiltIn):
		return openBuiltIn()
	case err == nil:
		return store.open(name, dir)
	}
	if _, err := os.Stat(name); err == nil || strings.ContainsRune(name, os.PathSeparator) {
		return Open(name)
	}
	if c, err := FindKnown(name); err == nil {
		return nil, badinput.Errorf("the weights %s are not downloaded yet; download them with: atelier weights add %s", name, c.Name)
	}
	return nil, badinput.Errorf("no run or weights %q, and no such file; %s", name, registry.SuggestSome(name, slices.Concat(runs, store.Names(), []string{BuiltIn}), mostSuggested))
}

// mostSuggested bounds the names in a message.
const mostSuggested = 20

// open opens a stored model.
func (s *Store) open(name, dir string) (*Opened, error) {
	card, err := s.Card(name)
	if err != nil {
		return nil, err
	}
	if err := card.Glance(); err != nil {
		return nil, err
	}
	o, err := Open(dir)
	if err != nil {
		return nil, err
	}
	o.Facts.Name, o.Facts.Licence, o.hash = card.Name, card.Licence, card.Hash()
	return o, nil
}

// CardOf is the card of a model opened by Find; for one that is not stored, it is made from the
// files.
func CardOf(home, name string, o *Opened) (*Card, error) {
	store := NewStore(home)
	switch _, err := store.find(name); {
	case strings.EqualFold(name, BuiltIn):
		return BuiltInCard()
	case err == nil:
		return store.Card(name)
	}
	c := &Card{Format: cardFormat, Source: name, Facts: o.Facts}
	for _, f := range o.files {
		content, err := contentOf(f)
		if err != nil {
			return nil, err
		}
		c.Contents, c.Bytes = append(c.Contents, content), c.Bytes+content.Size
	}
	return c, nil
}
