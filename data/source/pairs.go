package source

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("pairs", "pairs of pictures for image translation: a folder of targets and one of sources, and optionally of masks; files of the same name belong together",
		func() data.Source {
			return &Pairs{Target: data.Target, Source: data.SourceField, Mask: data.MaskField, TestShare: 0.1}
		})
}

// Pairs reads corresponding pictures from parallel folders, such as facades/target/12.png and
// facades/source/12.jpg, matched by path without extension. Targets are read like those of a
// [Folder], with classes, captions and parts.
type Pairs struct {
	Path      string  `help:"the folder that holds the folders below"`
	Target    string  `help:"sub-folder of the target pictures"`
	Source    string  `help:"sub-folder of the source pictures; none if empty"`
	Mask      string  `help:"sub-folder of the masks, white where the target is to be generated; none if empty or missing"`
	TestShare float64 `help:"share of the pairs, 0 to 0.9, held out as the test part, chosen by the target's path"`
}

// Check rejects invalid folders and an invalid share.
func (s *Pairs) Check() error {
	switch {
	case s.Target == "":
		return registry.Unfit("target", "want the folder of what is to be made, such as target or B")
	case s.Source == "" && s.Mask == "":
		return registry.Unfit("source", "want the folder of what targets are made of, such as source or A, or one of masks")
	case s.Target == s.Source || s.Target == s.Mask || s.Source == s.Mask:
		return registry.Unfit("source", "want another folder than that of the targets or masks")
	}
	return checkShare(s.TestShare)
}

// SetName is the name of the folder.
func (s *Pairs) SetName() string { return filepath.Base(s.Path) }

// Companions implements [data.Composite].
func (s *Pairs) Companions() (names []string) {
	if _, err := os.Stat(filepath.Join(s.Path, s.Mask)); s.Mask != "" && (err == nil || s.Source == "" || s.Mask != data.MaskField) {
		names = append(names, data.MaskField)
	}
	if s.Source != "" {
		names = append(names, data.SourceField)
	}
	return names
}

// targets is the source of the targets alone.
func (s *Pairs) targets() *Folder {
	return &Folder{Path: filepath.Join(s.Path, s.Target), Kind: pictures, TestShare: s.TestShare}
}

// ClassNames returns the sorted labels of the targets.
func (s *Pairs) ClassNames() []string { return s.targets().ClassNames() }

// Divided reports whether the folder of the targets defines the parts.
func (s *Pairs) Divided() bool { return s.targets().Divided() }

// Items yields the targets.
func (s *Pairs) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for ex, err := range s.Examples(ctx, split) {
			if !yield(ex[data.Target], err) {
				return
			}
		}
	}
}

// Examples implements [data.Composite].
func (s *Pairs) Examples(ctx context.Context, split data.Split) iter.Seq2[data.Example, error] {
	return func(yield func(data.Example, error) bool) {
		beside, err := s.beside(ctx)
		defer func() {
			for _, c := range beside {
				c.tree.Close()
			}
		}()
		if err != nil {
			yield(nil, err)
			return
		}
		for it, err := range s.targets().Items(ctx, split) {
			ex := data.ExampleOf(it)
			for i := 0; i < len(beside) && err == nil; i++ {
				ex[beside[i].name], err = beside[i].of(it)
			}
			if !yield(ex, err) {
				return
			}
		}
	}
}

// beside opens the folders of the companions.
func (s *Pairs) beside(ctx context.Context) (all []*companions, err error) {
	if err := registry.Check(s); err != nil {
		return nil, badinput.Mark(err)
	}
	if s.Path == "" {
		return nil, badinput.Errorf("pairs: path is not set; it names the folder with the folders %s and %s", s.Target, cmp.Or(s.Source, s.Mask))
	}
	for _, name := range s.Companions() {
		dir := filepath.Join(s.Path, map[string]string{data.SourceField: s.Source, data.MaskField: s.Mask}[name])
		root, err := os.OpenRoot(dir)
		if err != nil {
			return all, badinput.Errorf("pairs: %w; the folders beside each other are named with data.target, data.source and data.mask", err)
		}
		c := &companions{name: name, dir: dir, tree: folderTree{root}, files: map[string][]leaf{}}
		all = append(all, c)
		for l, err := range c.tree.walk(ctx) {
			if err != nil {
				return all, err
			}
			if kindOf(typeOfFile(l.path)) == pictures {
				c.files[stem(l.path)] = append(c.files[stem(l.path)], l)
			}
		}
	}
	return all, nil
}

// companions are the files of a folder parallel to that of the targets.
type companions struct {
	name  string
	dir   string
	tree  folderTree
	files map[string][]leaf // by path without extension
}

// of reads the file that belongs to a target.
func (c *companions) of(target data.Item) (data.Item, error) {
	found := c.files[stem(target.Name)]
	switch {
	case len(found) == 0:
		return data.Item{}, data.Dropf("no "+c.name, "there is no picture %s.* in %s", stem(target.Name), c.dir)
	case len(found) > 1:
		paths := []string{found[0].path, found[1].path}
		slices.Sort(paths)
		return data.Item{}, data.Dropf("several of one name", "%s and %s in %s may belong to it", paths[0], paths[1], c.dir)
	}
	l := found[0]
	it := data.Item{Name: l.path}
	it.Origin.Place = filepath.Join(c.dir, filepath.FromSlash(l.path))
	err := works{}.read(&it, l)
	var drop *data.Drop
	if errors.As(err, &drop) {
		err = data.Dropf(drop.Reason, "its %s, %s: %s", c.name, it.Origin.Place, cmp.Or(drop.Detail, drop.Reason))
	}
	return it, err
}
