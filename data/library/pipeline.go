package library

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// A Pipeline is the processing of Items between sources and store.
type Pipeline struct {
	TestShare float64                         `help:"share of the Items, 0 to 0.9, held out as the test part; ignored where a source comes already divided"`
	Clean     []registry.Choice[data.Cleaner] `help:"the cleaners, in order; those that compare Items come after those that look at one Item"`
}

// Check refuses a share outside its range, and a cleaner named twice: its record has its name.
func (p *Pipeline) Check() error {
	if !(p.TestShare >= 0 && p.TestShare <= 0.9) {
		return registry.Unfit("test_share", fmt.Sprintf("want 0 to 0.9, got %g", p.TestShare))
	}
	for i, c := range p.Clean {
		if slices.ContainsFunc(p.Clean[:i], func(other registry.Choice[data.Cleaner]) bool { return other.Use == c.Use }) {
			return registry.Unfit("clean", fmt.Sprintf("%s is named twice; name it once", c.Use))
		}
	}
	return nil
}

//go:embed pipelines/*.toml
var pipelines embed.FS

// DefaultPipeline is the name of the default pipeline.
const DefaultPipeline = "default"

// PipelineNames returns the names of the embedded pipelines.
func PipelineNames() []string {
	paths, err := fs.Glob(pipelines, "pipelines/*.toml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, p := range paths {
		paths[i] = strings.TrimSuffix(strings.TrimPrefix(p, "pipelines/"), ".toml")
	}
	return paths
}

// ReadPipeline returns the text of an embedded pipeline.
func ReadPipeline(name string) ([]byte, error) {
	text, err := pipelines.ReadFile("pipelines/" + name + ".toml")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, badinput.Errorf("no cleaning recipe %q; %s; or the path of a file FILE.toml; a setting is written as in blur=off or size.width=64", name, registry.Suggest(name, PipelineNames()))
	}
	return text, err
}

// ParsePipeline binds the text of a pipeline, with arguments: test_share=0.2 and blur.sharpness=50
// change a setting, blur=off removes a cleaner, and blur=on adds it with its defaults, before those
// that compare Items.
func ParsePipeline(name string, text []byte, settings ...string) (*Pipeline, error) {
	p := &Pipeline{TestShare: 0.1}
	f, err := registry.Parse(name, text)
	if err == nil {
		err = f.Bind(p)
	}
	for _, s := range settings {
		if err == nil {
			err = p.set(s)
		}
	}
	return p, err
}

// set applies one argument to the pipeline.
func (p *Pipeline) set(argument string) error {
	path, value, ok := strings.Cut(argument, "=")
	if !ok {
		return badinput.Errorf("argument %q: want key=value, such as blur.sharpness=50 or blur=off", argument)
	}
	cleaner, setting, nested := strings.Cut(path, ".")
	if !nested && path == "test_share" {
		return bind(p, argument, argument)
	}
	at := slices.IndexFunc(p.Clean, func(c registry.Choice[data.Cleaner]) bool { return c.Use == cleaner })
	switch {
	case nested && at >= 0:
		return bind(p.Clean[at].Value, argument, setting+"="+value)
	case nested || value == "on":
		return p.add(cleaner, argument, setting, value, nested)
	case value == "off" && at >= 0:
		p.Clean = slices.Delete(p.Clean, at, at+1)
		return nil
	case value == "off":
		_, err := data.Cleaners.New(cleaner)
		return badinput.Mark(err)
	}
	c, err := data.Cleaners.New(cleaner)
	if err != nil {
		return badinput.Errorf("argument %q: %w", argument, err)
	}
	known := []string{cleaner + "=on", cleaner + "=off"}
	for _, f := range registry.Fields(reflect.ValueOf(c)) {
		known = append(known, cleaner+"."+f.Name+"=VALUE")
	}
	return badinput.Errorf("argument %q: want %s", argument, strings.Join(known, ", "))
}

// add inserts a cleaner: before those that look at the whole set, unless it is one of them.
func (p *Pipeline) add(cleaner, argument, setting, value string, nested bool) error {
	c, err := data.Cleaners.New(cleaner)
	if err != nil {
		return badinput.Errorf("argument %q: %w", argument, err)
	}
	if nested {
		if err := bind(c, argument, setting+"="+value); err != nil {
			return err
		}
	}
	choice := registry.Choice[data.Cleaner]{Use: cleaner, Value: c}
	if slices.ContainsFunc(p.Clean, func(c registry.Choice[data.Cleaner]) bool { return c.Use == cleaner }) {
		return nil
	}
	at := len(p.Clean)
	if single(c) {
		if i := slices.IndexFunc(p.Clean, func(c registry.Choice[data.Cleaner]) bool { return !single(c.Value) }); i >= 0 {
			at = i
		}
	}
	p.Clean = slices.Insert(p.Clean, at, choice)
	return nil
}

// bind sets one setting; errors show the argument as it was typed.
func bind(v any, argument, override string) error {
	f, err := registry.Parse("argument", nil)
	if err != nil {
		return err
	}
	if err = f.Override(override); err == nil {
		err = f.Bind(v)
	}
	if wrong := (*registry.Error)(nil); errors.As(err, &wrong) {
		return &registry.Error{Origin: fmt.Sprintf("argument %q", argument), Message: wrong.Message}
	}
	return badinput.Mark(err)
}

// single reports whether a cleaner looks at single Items only.
func single(c data.Cleaner) bool {
	_, comparing := c.(data.Comparing)
	_, counting := c.(data.Counting)
	return !comparing && !counting
}
