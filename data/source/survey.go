package source

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/charset"
	"atelier/internal/registry"
)

// Limits for files beside the works.
const (
	maxTable   = 256 << 20 // bytes of a table of labels
	maxCaption = 64 << 10  // bytes of a text beside a picture
)

// A survey is what is known about a tree before its works are read.
type survey struct {
	works    map[string]bool       // paths of the files that are read as works
	strays   map[string]bool       // texts that are neither works nor captions
	captions map[string]string     // from the path of a caption to the stem of its work
	facts    map[string]facts      // facts from tables, by path
	words    map[string]string     // captions, by stem
	sniffed  map[string]string     // media types of files whose names do not show them
	passed   map[string]*data.Drop // skipped files, and why
	files    int                   // number of files of all kinds, except hidden ones
	divided  bool                  // whether folders or a table define the parts
	layout   layout
	boxes    bool            // whether texts describe bounding boxes
	labelled map[string]bool // folders where a table gives the labels
	heard    map[string]*evidence
	loose    []claim // claims that wait until all tables are read
	lost     []lost  // lost rows of tables
}

// takeSurvey looks at the names of all files, then into the tables and captions beside the works.
func takeSurvey(ctx context.Context, t tree, w works) (*survey, error) {
	s := &survey{
		works: map[string]bool{}, strays: map[string]bool{}, captions: map[string]string{}, facts: map[string]facts{}, words: map[string]string{},
		sniffed: map[string]string{}, passed: map[string]*data.Drop{}, labelled: map[string]bool{}, heard: map[string]*evidence{},
	}
	var files []string
	for l, err := range t.walk(ctx) {
		if err == nil {
			err = s.sniff(l, w)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, l.path)
	}
	s.files = len(files)
	s.sortOut(files, w)
	if err := s.readBeside(ctx, t, w, files); err != nil {
		return nil, err
	}
	s.findParts()
	return s, nil
}

// typeOf is the media type of a file by its name, or else by its first bytes.
func (s *survey) typeOf(file string) string { return cmp.Or(typeOfFile(file), s.sniffed[file]) }

// sortOut finds the works among the files. A text with the stem of a picture is
// its caption.
func (s *survey) sortOut(files []string, w works) {
	shown := map[string]bool{} // stems of pictures and music
	for _, f := range files {
		if w.Kind == scores {
			if s.sniffed[f] != "" {
				s.works[f] = true
			}
			continue
		}
		if k := kindOf(s.typeOf(f)); w.wants(k) && k != texts {
			s.works[f], shown[stem(f)] = true, true
		}
	}
	s.boxes = slices.ContainsFunc(files, func(f string) bool { return isBoxes(f, shown) })
	for _, f := range files {
		switch {
		case kindOf(typeOfFile(f)) != texts || isAboutTheSet(f):
		case s.boxes && !shown[stem(f)]:
			s.passOver(f, data.Dropf("boxes", "it describes boxes or outlines in the pictures, which are not used as labels"))
		case shown[stem(f)]:
			s.captions[f] = stem(f)
		case w.wants(texts):
			s.works[f] = true
		default:
			s.strays[f] = true
		}
	}
}

// class is the folder that names the class of a work; a folder images beside one of boxes is not a
// class.
func (s *survey) class(file string) string {
	class := s.layout.class(file)
	if s.boxes && class == "images" {
		return ""
	}
	return class
}

// isBoxes reports whether a text in a folder labels describes bounding boxes of the picture of the
// same name in a folder images beside it, the layout of YOLO.
func isBoxes(file string, shown map[string]bool) bool {
	if kindOf(typeOfFile(file)) != texts {
		return false
	}
	dirs := strings.Split(stem(file), "/")
	for i, d := range dirs[:len(dirs)-1] {
		if d == "labels" {
			beside := slices.Clone(dirs)
			beside[i] = "images"
			if shown[strings.Join(beside, "/")] {
				return true
			}
		}
	}
	return false
}

// stem is a path without extension.
func stem(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(file, ".gz"), path.Ext(strings.TrimSuffix(file, ".gz")))
}

// readBeside reads the tables and the captions.
func (s *survey) readBeside(ctx context.Context, t tree, w works, files []string) error {
	if len(s.captions) == 0 && len(s.strays) == 0 && !slices.ContainsFunc(files, isTable) {
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
				s.caption(stem, l.path, b)
			}
		case s.strays[l.path]:
			b, err := l.head(sniffedBytes)
			if isLost(err) {
				return err
			}
			s.misnamed(l.path, b)
		case isTable(l.path) && w.Label != labelFolder:
			told := len(s.lost)
			found, err := s.readLabels(ctx, l, w, find)
			if err != nil {
				return fmt.Errorf("%s: %w", w.at(l.path), err)
			}
			if len(found) == 0 && s.passed[l.path] == nil && len(s.lost) == told {
				s.passOver(l.path, data.Dropf("table of others", "it names none of the files beside it; add it by itself if it holds works"))
			}
			columns = append(columns, found...)
		}
	}
	s.resolveLoose()
	s.heard = nil
	return w.checkLabel(columns)
}

// caption records the text beside a work.
func (s *survey) caption(stem, file string, b []byte) {
	if charset.IsBlank(b) || s.misnamed(file, b) {
		return
	}
	words, name := charset.Decode(b, "")
	if name == "" {
		s.passOver(file, data.Dropf("unknown encoding", "the caption %s is in an unknown encoding; save it in UTF-8", file))
		return
	}
	s.words[stem] = strings.TrimSpace(strings.TrimPrefix(words, "\ufeff"))
}

// misnamed skips a picture or music with the extension of a text, and reports whether a file is
// one.
func (s *survey) misnamed(file string, b []byte) bool {
	kind := typeOfBytes(b)
	if kind != "" {
		s.passOver(file, data.Dropf("wrong extension", "it is %s by its first bytes; rename it", kind))
	}
	return kind != ""
}

// checkLabel rejects a label that is not a column of the tables.
func (w works) checkLabel(columns []string) error {
	if w.Label == "" || w.Label == labelFolder || w.Label == labelNone || slices.Contains(columns, w.Label) {
		return nil
	}
	slices.Sort(columns)
	columns = append(slices.Compact(columns), labelFolder, labelNone)
	return badinput.Errorf("label: no table beside the files has a column %q; %s", w.Label, registry.Suggest(w.Label, columns))
}

// findParts checks whether the set comes with a training and a test part, in its tables or else in
// its folders. Files outside such folders are skipped.
func (s *survey) findParts() {
	told := map[data.Split]bool{}
	files := slices.Sorted(maps.Keys(s.works))
	for _, f := range files {
		told[s.facts[f].part] = true
	}
	s.layout = layoutOf(files)
	byTable := divides(told)
	s.divided = byTable || s.layout.divides
	parts := strings.Join(s.layout.partFolders(files), ", ")
	for _, f := range files {
		switch {
		case s.passed[f] != nil:
			delete(s.works, f)
		case checkPart(s.facts[f].part) != nil:
			delete(s.works, f)
			s.passOver(f, checkPart(s.facts[f].part))
		case !byTable && s.layout.level >= 0 && s.layout.part(f) == "":
			delete(s.works, f)
			s.passOver(f, data.Dropf("outside the parts", "the set comes divided into the folders %s, and it is in none of them", parts))
		}
	}
}
