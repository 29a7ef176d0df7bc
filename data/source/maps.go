package source

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/levels"
	"atelier/internal/registry"
	"atelier/internal/tilemap"
)

func init() {
	data.Sources.Add("maps", "maps of tiles in a folder: text, CSV, TMX of Tiled, and .des files of Dungeon Crawl Stone Soup",
		func() data.Source { return &Maps{Least: 8, TestShare: 0.1} })
}

// Maps reads the maps of tiles below a folder, sorted by path, and hands them on as text. With the
// rules of a theme, characters that stand for the same tile become one, and maps with others are
// dropped.
type Maps struct {
	Path      string  `help:"the folder, or a file"`
	Theme     string  `help:"rules by which tiles are read: dungeon, garden, platform or crawl; if empty, all tiles stay as they are"`
	Least     int     `help:"smallest side of a map in tiles, 1 to 4096; smaller ones are dropped"`
	TestShare float64 `help:"share of the maps, 0 to 0.9, held out as the test part, chosen by name"`
}

// mostMapFile is the size limit of a file of maps, in bytes.
const mostMapFile = 16 << 20

// Check refuses settings outside their range.
func (s *Maps) Check() error {
	if !(s.TestShare >= 0 && s.TestShare <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", s.TestShare))
	}
	if s.Theme != "" && !slices.Contains(levels.Themes, s.Theme) {
		return registry.Unfit("theme", fmt.Sprintf("no theme %q; %s", s.Theme, registry.Suggest(s.Theme, levels.Themes)))
	}
	return checkCount("least", s.Least, tilemap.MostSide)
}

// SetName is the name of the folder.
func (s *Maps) SetName() string { return nameOfFile(s.Path) }

// Recognize accepts files of maps that nothing else is.
func (s *Maps) Recognize(place string) data.Fit {
	if ext := strings.ToLower(filepath.Ext(place)); ext != ".tmx" && ext != ".map" && ext != ".des" || !isLocalFile(place) {
		return data.Unfit
	}
	s.Path = place
	return data.Meant
}

// Items yields the maps of a part.
func (s *Maps) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if err := s.Check(); err != nil {
			yield(data.Item{}, fmt.Errorf("maps %w", err))
			return
		}
		if _, err := os.Stat(s.Path); err != nil {
			yield(data.Item{}, badinput.Errorf("maps: %w; path must name a folder of maps, or a file", plainly(err)))
			return
		}
		found := 0
		err := filepath.WalkDir(s.Path, func(file string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return plainly(err)
			case ctx.Err() != nil:
				return ctx.Err()
			case isHidden(e.Name()) && file != s.Path && e.IsDir():
				return fs.SkipDir
			case !e.Type().IsRegular() || isHidden(e.Name()) || isAboutTheSet(e.Name()) || !isMapFile(e.Name()):
				return nil
			}
			name, err := filepath.Rel(s.Path, file)
			if err != nil || name == "." {
				name = filepath.Base(file)
			}
			for it, err := range s.inFile(file, filepath.ToSlash(name)) {
				found++
				if splitOf(it.Name, s.TestShare) == split && !yield(it, err) {
					return fs.SkipAll
				}
			}
			return nil
		})
		if err == nil && found == 0 {
			err = badinput.Errorf("maps %s: there are no maps: want files %s or .des", s.Path, strings.Join(tilemap.Extensions, ", "))
		}
		if err != nil {
			yield(data.Item{}, err)
		}
	}
}

// isMapFile reports whether a file's name is that of maps.
func isMapFile(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".des" || slices.Contains(tilemap.Extensions, ext)
}

// inFile yields the maps of a file. What cannot be read is a [data.Drop].
func (s *Maps) inFile(file, name string) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		text, err := durable.ReadFile(file, mostMapFile)
		if err != nil {
			yield(data.Item{Name: name}, data.Dropf("unreadable", "%v", plainly(err)))
			return
		}
		if !strings.EqualFold(path.Ext(name), ".des") {
			beside := func(set string) ([]byte, error) {
				return durable.ReadFile(filepath.Join(filepath.Dir(file), filepath.Base(filepath.FromSlash(set))), mostMapFile)
			}
			m, err := tilemap.Read(name, text, beside)
			yield(s.item(name, file, m, err))
			return
		}
		for i, drawn := range mapsOfCrawl(text) {
			m, err := tilemap.ReadText(drawn)
			if !yield(s.item(fmt.Sprintf("%s/%03d", name, i+1), file, m, err)) {
				return
			}
		}
	}
}

// item is a map as an Item.
func (s *Maps) item(name, file string, m *tilemap.Map, err error) (data.Item, error) {
	it := data.Item{Name: name, MediaType: tilemap.MediaType, Origin: data.Origin{Place: file}}
	if err == nil && s.Theme != "" {
		rules, wrong := levels.RulesOf(s.Theme)
		if err = cmp.Or(wrong, m.CheckRead()); err == nil {
			m.Own = nil
			err = rules.Read(m)
		}
	}
	switch {
	case err != nil:
		return it, data.Dropf("no map", "%v", err)
	case min(m.Width, m.Height) < s.Least:
		return it, data.Dropf("too small", "it has %d×%d tiles", m.Width, m.Height)
	}
	it.Bytes = m.Text()
	return it, nil
}

// mapsOfCrawl are the maps of a .des file: what stands between the lines MAP and ENDMAP.
func mapsOfCrawl(text []byte) (all [][]byte) {
	var drawn [][]byte
	within := false
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		switch word := string(bytes.TrimSpace(line)); {
		case word == "MAP":
			within, drawn = true, nil
		case word == "ENDMAP" && within:
			within = false
			all = append(all, append(bytes.Join(drawn, []byte("\n")), '\n'))
		case within:
			drawn = append(drawn, line)
		}
	}
	return all
}
