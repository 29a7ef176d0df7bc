package app

import "atelier/internal/registry"

// orTag names what an input can be instead of a file: a colour, or a run.
const (
	orTag    = "or"
	orRun    = "run"
	runInput = "run" // the [Model] that such an argument names
)

// Instead is the input that takes a run where a person named one in the place of files, nil if this
// argument takes files only.
func (in Input) Instead(a App) *Input {
	if in.Tag.Get(orTag) != orRun {
		return nil
	}
	for _, other := range Inputs(a) {
		if other.Name == runInput && other.IsModel() {
			return &other
		}
	}
	return nil
}

// IsReplaced reports whether a run was given instead of files.
func (in Input) IsReplaced(a App) bool {
	other := in.Instead(a)
	return other != nil && other.Words() != ""
}

// eitherOf refuses files and a run together.
func eitherOf(files bool, from Model) error {
	if files && from != "" {
		return registry.Unfit(runInput, "want pictures or a run, not both")
	}
	return nil
}
