package run

import (
	"bytes"

	"atelier/internal/durable"
)

// byFile names who had a run made.
const byFile = "by"

// MadeBy is who had the run made, such as the name of a token of a server, see [Studio.By] and
// [Dir.GiveTo]; empty if nobody is named.
func (d *Dir) MadeBy() string {
	text, err := durable.ReadFile(d.Path(byFile), mostFacts)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(text))
}

// GiveTo keeps in the run who had it made.
func (d *Dir) GiveTo(by string) error {
	return durable.WriteFile(d.Path(byFile), []byte(by+"\n"))
}
