package source

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
)

// The most that is read of what lies beside the works.
const (
	maxTable   = 256 << 20 // bytes of a table of labels
	maxCaption = 64 << 10  // bytes of a text beside a picture
)

// A survey is what is known of a tree before its works are read.
type survey struct {
	works    map[string]bool   // paths of the files that are read as works
	captions map[string]string // path of a text that is the caption of a work, to the stem of the work
	facts    map[string]facts  // what tables say, by path
	words    map[string]string // captions, by stem
	base     string            // folder that all works lie in, with a slash, empty if there is none
	divided  bool              // whether the folders or a table tell the parts
	folders  bool              // whether it is the folders that tell
	labelled map[string]bool   // folders where a table tells the labels
	heard    map[string]*hearing
	loose    []claim // that wait until all tables are read
	lost     []lost  // rows of tables
}

// takeSurvey looks at the names of all files, and then into the tables and the
// captions beside the works.
func takeSurvey(ctx context.Context, t tree, w works) (*survey, error) {
	s := &survey{works: map[string]bool{}, captions: map[string]string{}, facts: map[string]facts{}, words: map[string]string{}, labelled: map[string]bool{}, heard: map[string]*hearing{}}
	var files []string
	for l, err := range t.walk(ctx) {
		if err != nil {
			return nil, err
		}
		files = append(files, l.path)
	}
	s.sortOut(files, w)
	if err := s.readBeside(ctx, t, w, files); err != nil {
		return nil, err
	}
	s.findParts()
	return s, nil
}

// sortOut finds the works among the files. A text with the stem of a picture is
// its caption.
func (s *survey) sortOut(files []string, w works) {
	shown := map[string]bool{} // stems of pictures and music
	for _, f := range files {
		if k := kindOf(typeOfFile(f)); w.wants(k) && k != texts {
			s.works[f], shown[stem(f)] = true, true
		}
	}
	for _, f := range files {
		switch {
		case kindOf(typeOfFile(f)) != texts || isAboutTheSet(f):
		case shown[stem(f)]:
			s.captions[f] = stem(f)
		case w.wants(texts):
			s.works[f] = true
		}
	}
	if w.wrapped {
		s.base = commonFolder(s.works)
	}
}

// stem is a path without extension.
func stem(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(file, ".gz"), path.Ext(strings.TrimSuffix(file, ".gz")))
}

// readBeside reads the tables and the captions.
func (s *survey) readBeside(ctx context.Context, t tree, w works, files []string) error {
	if len(s.captions) == 0 && !slices.ContainsFunc(files, isTable) {
		return w.checkLabel(nil)
	}
	var columns []string
	find := s.finder(w.at(""))
	for l, err := range t.walk(ctx) {
		if err != nil {
			return err
		}
		switch stem, isCaption := s.captions[l.path]; {
		case isCaption:
			b, err := l.read(maxCaption)
			if isLost(err) {
				return err
			}
			if err == nil {
				s.words[stem] = string(bytes.TrimSpace(b))
			}
		case isTable(l.path) && w.Label != labelFolder:
			found, err := s.readLabels(ctx, l, w, find)
			if err != nil {
				return fmt.Errorf("%s: %w", w.at(l.path), err)
			}
			columns = append(columns, found...)
		}
	}
	s.hearLoose()
	s.heard = nil
	return w.checkLabel(columns)
}

// checkLabel refuses a label that is no column of the tables.
func (w works) checkLabel(columns []string) error {
	if w.Label == "" || w.Label == labelFolder || w.Label == labelNone || slices.Contains(columns, w.Label) {
		return nil
	}
	slices.Sort(columns)
	columns = append(slices.Compact(columns), labelFolder, labelNone)
	return fmt.Errorf("label: no table beside the files has a column %q; %s", w.Label, registry.Suggest(w.Label, columns))
}

// findParts sees whether the set comes divided into training and test part: by its
// tables, or else by its first folders.
func (s *survey) findParts() {
	told := map[data.Split]bool{}
	for _, f := range s.facts {
		told[f.part] = true
	}
	if s.divided = told[data.Train] && told[data.Test]; s.divided {
		return
	}
	told = map[data.Split]bool{}
	for f := range s.works {
		first, _, _ := strings.Cut(strings.TrimPrefix(f, s.base), "/")
		told[partNamed(first)] = true
	}
	s.divided = told[data.Train] && told[data.Test] && !told[""]
	s.folders = s.divided
}

// class is the folder that says what a file shows: the first, or that below the
// folder of its part.
func (s *survey) class(file string) string {
	rest := strings.TrimPrefix(file, s.base)
	if s.folders {
		_, rest, _ = strings.Cut(rest, "/")
	}
	class, _, found := strings.Cut(rest, "/")
	if !found {
		return ""
	}
	return class
}

// commonFolder is the folder that all files lie in, through as many folders as
// there are, with a slash.
func commonFolder(files map[string]bool) string {
	common, first := "", true
	for _, f := range slices.Sorted(maps.Keys(files)) {
		dir := path.Dir(f) + "/"
		if first {
			common, first = dir, false
		}
		for !strings.HasPrefix(dir, common) {
			common = common[:strings.LastIndexByte(strings.TrimSuffix(common, "/"), '/')+1]
		}
	}
	return strings.TrimPrefix(common, "./")
}
