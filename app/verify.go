package app

import (
	"cmp"
	"slices"

	"atelier/internal/provenance"
	"atelier/model/brought"
	"atelier/model/composing"
	"atelier/model/run"
)

// A Verification is what was found about a file: what it says of itself, whether that holds
// together, and whether what made it is here.
type Verification struct {
	// File is its name.
	File string `json:"file"`
	// Labelled reports whether the file has a label or a statement.
	Labelled bool `json:"labelled"`
	// Whole reports whether it has a label, and nothing is wrong.
	Whole bool `json:"whole"`
	// Label is the label; nil if there is none that can be read.
	Label *provenance.Label `json:"label,omitempty"`
	// DigitalSourceType and AIGC are the statement in terms of IPTC and of GB 45438-2025.
	DigitalSourceType string           `json:"digital_source_type,omitempty"`
	AIGC              *provenance.AIGC `json:"aigc,omitempty"`
	// Content is unchanged, changed or unknown: the work, since it was labelled.
	Content provenance.Content `json:"content"`
	// Maker says whether the run or the weights that the label names are here.
	Maker Presence `json:"maker"`
	// Faults say what is wrong, one each.
	Faults []string `json:"faults,omitempty"`
}

// A Presence says whether what made a work is here.
type Presence string

// What can be known of a maker.
const (
	NoMaker    Presence = "none"             // the label names none: no model took part
	Here       Presence = "here"             // with the checkpoint
	Otherwise  Presence = "other checkpoint" // here, with others
	Absent     Presence = "not here"
	Elsewhere  Presence = "at a server"
	NotOpened  Presence = "not looked for" // it is named by a path, and paths of labels are not followed
	Unreadable Presence = "unreadable"
)

// Verify checks what a file says of itself in its label, or in that beside it, nil if there is none.
// It reads the runs and weights of the studio by name only, and follows nothing that a label names.
// The error is for a file that is damaged.
func Verify(s *run.Studio, work File, beside []byte) (*Verification, error) {
	checked, err := provenance.Check(work.Bytes, beside)
	if err != nil {
		return nil, &FileError{work.Name, err}
	}
	v := &Verification{
		File: work.Name, Labelled: checked.Label != nil || len(checked.Faults) > 0 || checked.Statement != provenance.Statement{},
		Whole: checked.Whole(), Label: checked.Label,
		DigitalSourceType: checked.Statement.Source, AIGC: checked.Statement.AIGC,
		Content: checked.Content, Maker: NoMaker, Faults: checked.Faults,
	}
	if v.Label != nil {
		v.Maker = presence(s, *v.Label)
	}
	return v, nil
}

// presence looks for the maker of a label among the names that are here.
func presence(s *run.Studio, l provenance.Label) Presence {
	switch {
	case l.Run == "":
		return NoMaker
	case l.Settings[serverKey] != "":
		return Elsewhere
	case isPath(l.Run):
		return NotOpened
	}
	runs, err := run.List(s.Runs)
	if err != nil {
		return Unreadable
	}
	if i := slices.IndexFunc(runs, func(d *run.Dir) bool { return d.Name() == l.Run }); i >= 0 {
		if l.Checkpoint == "" { // a preview, drawn during training
			return Here
		}
		return present(runs[i].Holds(l.Checkpoint))
	}
	weights := append(brought.NewStore(s.Home).Names(), brought.BuiltIn, composing.BuiltIn)
	if !slices.Contains(weights, l.Run) {
		return Absent
	}
	by, err := makerNamed(s, l.Run)
	if err != nil {
		return Unreadable
	}
	return present(by.Hash == l.Checkpoint, nil)
}

func present(same bool, err error) Presence {
	switch {
	case err != nil:
		return Unreadable
	case same:
		return Here
	}
	return Otherwise
}

// By is the command that made a work, by its label: generate if it names none.
func (v *Verification) By() string { return cmp.Or(v.Label.Settings[appSetting], generateApp) }
