// Package registry lets a run file choose Go values by name and fill in their settings: a plug-in
// is one file that adds itself to a [Registry], and the exported fields of its struct are its
// settings.
package registry

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"sync"

	"atelier/internal/badinput"
)

// useKey is the key of a choice's name, beside those of its settings.
const useKey = "use"

// An Entry is one choice: its name, a line of documentation, and a constructor
// that returns a pointer to a struct holding the default settings.
type Entry[T any] struct {
	Name, Doc string
	New       func() T
}

// A Registry holds the choices of one kind, such as "loss" or "source".
type Registry[T any] struct {
	kind    string
	entries []Entry[T] // sorted by name
}

// An Index is the untyped interface of a registry, for [All].
type Index interface {
	// Kind is the word for one choice, such as "loss".
	Kind() string
	// Docs yields name and documentation of every choice, sorted by name.
	Docs() iter.Seq2[string, string]
	// Names returns the names of the choices, sorted.
	Names() []string
	// Pick returns a pointer to a new [Choice], with the named choice and its default settings, or
	// empty if the name is empty.
	Pick(name string) (any, error)
}

var (
	mu    sync.Mutex
	byGo  = map[reflect.Type]any{} // the *Registry[T] of each T
	index []Index
)

// New returns the registry of T, whose choices are called kind in messages. There is one registry
// per type: a second one panics.
func New[T any](kind string) *Registry[T] {
	mu.Lock()
	defer mu.Unlock()
	t := reflect.TypeFor[T]()
	if byGo[t] != nil {
		panic("registry: second registry of " + kind)
	}
	r := &Registry[T]{kind: kind}
	byGo[t] = r
	index = append(index, r)
	return r
}

// All returns every registry of the program, sorted by kind.
func All() []Index {
	mu.Lock()
	defer mu.Unlock()
	return slices.SortedFunc(slices.Values(index), func(a, b Index) int { return cmp.Compare(a.Kind(), b.Kind()) })
}

// Add adds a choice. It is called from init and panics if the name is taken, or the documentation
// is missing. Checks that need reflection are left to the test that all choices pass
// (registrytest), because they would slow down every start of the program.
func (r *Registry[T]) Add(name, doc string, new func() T) {
	r.mustFit(name, doc)
	i, _ := r.search(name)
	r.entries = slices.Insert(r.entries, i, Entry[T]{name, doc, new})
}

// mustFit panics if a choice cannot be added.
func (r *Registry[T]) mustFit(name, doc string) {
	if doc == "" {
		panic("registry: " + r.kind + " " + name + " has no documentation")
	}
	if _, found := r.search(name); found {
		panic("registry: " + r.kind + " " + name + " added twice")
	}
}

// Kind is the word for one choice, such as "loss".
func (r *Registry[T]) Kind() string { return r.kind }

// All yields the choices, sorted by name.
func (r *Registry[T]) All() iter.Seq[Entry[T]] { return slices.Values(r.entries) }

// Docs yields name and documentation of every choice, sorted by name.
func (r *Registry[T]) Docs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, e := range r.entries {
			if !yield(e.Name, e.Doc) {
				return
			}
		}
	}
}

// Names returns the names of the choices, sorted.
func (r *Registry[T]) Names() []string {
	names := make([]string, len(r.entries))
	for i, e := range r.entries {
		names[i] = e.Name
	}
	return names
}

// New returns the named choice with its default settings, or an error that names the nearest choice
// and lists all.
func (r *Registry[T]) New(name string) (v T, err error) {
	i, found := r.search(name)
	if !found {
		return v, fmt.Errorf("no %s %q; %s", r.kind, name, Suggest(name, r.Names()))
	}
	return r.entries[i].New(), nil
}

func (r *Registry[T]) search(name string) (int, bool) {
	return slices.BinarySearchFunc(r.entries, name, func(e Entry[T], n string) int { return cmp.Compare(e.Name, n) })
}

// Defaults returns the default settings of the named choice of a registry.
func Defaults(r Index, name string) ([]Field, error) {
	c, err := r.Pick(name)
	if err != nil {
		return nil, err
	}
	_, v := c.(chooser).chosen()
	return Fields(v), nil
}

// Pick implements [Index].
func (r *Registry[T]) Pick(name string) (any, error) {
	c := new(Choice[T])
	if name == "" {
		return c, nil
	}
	return c, c.choose(name)
}

// A Choice is a named value with its settings, written {use = "dcgan", width = 64} in a run file.
// The zero Choice is empty.
type Choice[T any] struct {
	Use   string // name in the registry of T
	Value T      // the settings
}

// Choose returns the named choice with its default settings, and panics if there is none: it is for
// defaults in constructors.
func Choose[T any](name string) Choice[T] {
	v, err := of[T]().New(name)
	if err != nil {
		panic(err)
	}
	return Choice[T]{Use: name, Value: v}
}

// Make returns the named choice with settings changed by arguments such as "width=32", as in a run
// file, and validated in the same way.
func Make[T any](name string, settings ...string) (Choice[T], error) {
	var c Choice[T]
	if err := c.choose(name); err != nil {
		return c, badinput.Mark(err)
	}
	f, err := Parse(name, nil)
	if err != nil {
		return c, err
	}
	for _, s := range settings {
		if err := f.Override(s); err != nil {
			return c, err
		}
	}
	return c, f.Bind(c.Value)
}

// Index is the registry of the choice.
func (c *Choice[T]) Index() Index { return of[T]() }

// Chosen reports whether the choice is not empty.
func (c Choice[T]) Chosen() bool { return c.Use != "" }

func of[T any]() *Registry[T] {
	mu.Lock()
	defer mu.Unlock()
	r, ok := byGo[reflect.TypeFor[T]()].(*Registry[T])
	if !ok {
		panic(fmt.Sprintf("registry: no registry of %v", reflect.TypeFor[T]()))
	}
	return r
}
