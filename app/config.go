package app

import (
	"cmp"
	"path/filepath"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/registry"
	"atelier/model/run"
	"atelier/recipes"
)

// RunFile is the extension of run files.
const RunFile = ".toml"

// ConfigOf reads a run file, or a recipe if there is no such file, and changes single settings. The
// run is named after it unless the file sets a name.
func ConfigOf(recipe string, file File, settings []string) (*run.Config, error) {
	name, label, text := recipe, recipe+RunFile, file.Bytes
	if file.Given() {
		name, label = filepath.Base(file.Name), file.Name
		if strings.EqualFold(filepath.Ext(name), RunFile) {
			name = name[:len(name)-len(RunFile)]
		}
	} else {
		var err error
		if text, err = recipes.Read(recipe); err != nil {
			return nil, err
		}
	}
	config, err := run.Parse(label, text, settings...)
	if err != nil {
		return nil, err
	}
	config.Name = cmp.Or(config.Name, name)
	if err := config.Check(); err != nil {
		return nil, badinput.Errorf("the run is named after the file: %w; set another name with name=NAME", err)
	}
	return config, nil
}

// configOfRun is the configuration of a recipe or, if there is none of that name, of a run.
func configOfRun(runs, name string, file File, settings []string) (*run.Config, error) {
	_, unknown := recipes.Read(name)
	if unknown == nil || file.Given() {
		return ConfigOf(name, file, settings)
	}
	dir, err := run.OpenDir(runs, name)
	if err != nil {
		return nil, badinput.Errorf("--as: %w; and %w", unknown, err)
	}
	path := dir.Path("run" + RunFile)
	text, err := durable.ReadFile(path, registry.MaxFile)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	return ConfigOf("", File{Name: path, Bytes: text}, settings)
}
