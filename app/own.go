package app

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/recipes"
)

// A Plan says how to train on a user's own works: a recipe for their kind, and settings that suit
// them.
type Plan struct {
	// Recipe and Settings are the arguments of atelier train.
	Recipe   string   `json:"recipe"`
	Settings []string `json:"settings"`
	// Kind is the kind of the works: pictures, texts or music; Works is their number.
	Kind  string `json:"kind"`
	Works int    `json:"works"`
	// Classes are the sizes of the classes by name, Skipped the number of skipped files by reason.
	Classes map[string]int `json:"classes,omitempty"`
	Skipped map[string]int `json:"skipped,omitempty"`
	// Why explains the choices, a line each; Warnings say what to expect of so few works, or of
	// such works.
	Why      []string `json:"why"`
	Warnings []string `json:"warnings,omitempty"`
}

// The kinds of works, and their recipes.
const (
	pictures = "pictures"
	texts    = "texts"
	pieces   = "music"
)

// Limits of planning.
const (
	leastWorks = 10 // a tenth is held out
	lookedAt   = 64 // works that are decoded
	mostNamed  = 4  // works without a class
)

// Command is the equivalent command.
func (p *Plan) Command() string {
	words := []string{"atelier train", p.Recipe}
	for _, s := range p.Settings {
		if strings.ContainsAny(s, " '\"[]{}()$&;|<>*?!#~\\") {
			s = "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
		words = append(words, s)
	}
	return strings.Join(words, " ")
}

// set adds settings given by the user, which take precedence over those of the plan.
func (p *Plan) set(given []string) {
	for _, g := range given {
		key, _, _ := strings.Cut(g, "=")
		p.Settings = slices.DeleteFunc(p.Settings, func(s string) bool { return strings.HasPrefix(s, key+"=") })
		p.Why = slices.DeleteFunc(p.Why, func(why string) bool { return strings.HasPrefix(why, key+"=") })
		p.Settings = append(p.Settings, g)
	}
}

// tell prints the plan.
func (p *Plan) tell(say func(format string, args ...any)) {
	found := "found " + Counted(p.Works, map[string]string{pictures: "picture", texts: "text", pieces: "piece of music"}[p.Kind])
	if len(p.Classes) > 0 {
		found += fmt.Sprintf(" in %d classes", len(p.Classes))
	}
	skipped := 0
	for _, n := range p.Skipped {
		skipped += n
	}
	if skipped > 0 {
		var reasons []string
		for _, reason := range slices.Sorted(maps.Keys(p.Skipped)) {
			reasons = append(reasons, fmt.Sprintf("%d %s", p.Skipped[reason], reason))
		}
		found += fmt.Sprintf("; skipped %s: %s", Counted(skipped, "file"), strings.Join(reasons, ", "))
	}
	say("%s", found)
	for _, why := range p.Why {
		say("%s", why)
	}
	for _, warning := range p.Warnings {
		say("warning: %s", warning)
	}
}

// Counted formats a number of things, such as 2 files.
func Counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if of, rest, ok := strings.Cut(thing, " "); ok {
		return fmt.Sprintf("%d %ss %s", n, of, rest)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// IsOwn reports whether a word names a user's own works, or an output file for them, rather than a
// recipe; recipes take precedence: ./fashion is a folder, fashion the recipe.
func IsOwn(word string) bool {
	_, unknown := recipes.Read(word)
	return unknown != nil && (IsMany(word) || isWork(word))
}

// isWork reports whether a place is a file other than a run file.
func isWork(place string) bool {
	info, err := os.Stat(place)
	return err == nil && info.Mode().IsRegular() && !strings.EqualFold(filepath.Ext(place), RunFile)
}

// PlanFor surveys a dataset by name, a folder or an archive of works, or a text, and plans how to train
// on them.
func PlanFor(ctx context.Context, place string) (*Plan, error) {
	src, stored, err := setOf(ctx, Set(place), "all")
	single := !stored && isWork(place) && !IsMany(place)
	if single {
		src, err = textOf(place)
	}
	if err != nil {
		return nil, badinput.Mark(err)
	}
	found, err := lookThrough(ctx, src)
	if err != nil {
		return nil, err
	}
	kind := found.most()
	if kind == "" {
		return nil, badinput.Errorf("%s holds no pictures, texts or music to train on", place)
	}
	if n := found.kinds[kind]; n < leastWorks && kind != texts {
		return nil, badinput.Errorf("%s holds %s that can be read: want %d or more, one of them to test with", place, Counted(n, map[string]string{pictures: "picture", pieces: "piece of music"}[kind]), leastWorks)
	}
	p := &Plan{Kind: kind, Works: found.kinds[kind], Skipped: found.skipped}
	found.sort(p)
	path := filepath.ToSlash(filepath.Clean(place))
	from := `data={use="folder", path=` + strconv.Quote(path) + "}"
	if stored {
		from = `data={use="stored", name=` + strconv.Quote(place) + "}"
	}
	switch {
	case single:
		p.Works = 1 // read in any number of pieces
		p.Recipe, p.Settings = "shakespeare", []string{"data={use=\"text\", path=" + strconv.Quote(path) + "}"}
		found.planTexts(p)
	case kind == pictures:
		p.Recipe, p.Settings = "pictures", []string{"data.path=" + path}
		found.planPictures(p, from)
	case kind == texts:
		p.Recipe, p.Settings = "shakespeare", []string{"data={use=\"folder\", path=" + strconv.Quote(path) + ", kind=\"texts\"}"}
		found.planTexts(p)
	case kind == pieces:
		p.Recipe, p.Settings = "music", []string{"data.path=" + path}
		found.planMusic(p)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	name = strings.TrimSuffix(name, filepath.Ext(name))
	if stored {
		p.Settings[0] = from
		name, _, _ = strings.Cut(place, "@")
	}
	for other, n := range found.kinds {
		if other != kind {
			p.Warnings = append(p.Warnings, fmt.Sprintf("left out, for a run learns one kind of works: %d %s", n, other))
		}
	}
	slices.Sort(p.Warnings)
	p.Settings = append(p.Settings, "name="+name)
	return p, nil
}

// sort tells the classes of the works, and which works have none beside those.
func (s *survey) sort(p *Plan) {
	all, stray := s.classes(p.Kind)
	if p.Classes = all; stray == 0 {
		return
	}
	p.Works -= stray
	named := strings.Join(s.strays[p.Kind], ", ")
	if stray > mostNamed {
		named += ", ..."
	}
	p.Warnings = append(p.Warnings, fmt.Sprintf("left out, for they are in no folder of a class: %s", named))
}

// textOf is the source of one text. Any other single file is refused.
func textOf(place string) (data.Source, error) {
	src, err := data.Sources.New("text")
	if err != nil {
		return nil, err
	}
	if r, ok := src.(data.Recognizing); ok && r.Recognize(place) > data.Unfit {
		return src, nil
	}
	return nil, badinput.Errorf("%s is one file; training wants a folder or an archive (.zip, .tar) of many works, or one long text (.txt, .md)", place)
}
