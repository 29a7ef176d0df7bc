package app

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"reflect"
	"strconv"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/provenance"
)

// Settings in a label besides the inputs of an app.
const (
	appSetting = "app"     // the app; generate if missing
	stepKey    = "step"    // the training step of a preview
	serverKey  = "server"  // the kind of server whose model wrote a work
	ofWritten  = "written" // tag of an input that applies only to works generated token by token
)

// plainText is the media type of texts, which are not labelled inside.
const plainText = "text/plain"

// A restorer sets what a label contains besides inputs.
type restorer interface {
	restore(l provenance.Label) error
}

// A composer's output includes more than generated works, which its label does not contain.
type composer interface {
	composes()
}

// A sourced app declares what kind of work it makes, given the run or nil, where [sourceOf] would
// be wrong.
type sourced interface {
	source(by *Maker) provenance.Source
}

// sourceOf is the kind of work that a request makes. With a run or weights, it is generated;
// without, it is an altered work of the user, of the source that its files say at least, or else the
// work of an algorithm.
func sourceOf(a App, by *Maker) provenance.Source {
	out := ownSource(a, by)
	if out != provenance.Enhanced {
		return out
	}
	var all []provenance.Source
	for _, f := range handedFiles(a) {
		if f.Given() {
			all = append(all, f.source())
		}
	}
	return provenance.Altered(all)
}

// ownSource is the kind of work that a request makes of works of the user.
func ownSource(a App, by *Maker) provenance.Source {
	switch s, says := a.(sourced); {
	case says:
		return s.source(by)
	case by != nil:
		return provenance.Generated
	case len(handedIn(a)) > 0:
		return provenance.Enhanced
	}
	return provenance.Algorithm
}

// emit labels a work as made by this request, and, with a run, from seeds if there are any, in its
// file or else in a sidecar, and passes it on.
func (e *Env) emit(a App, by *Maker, item data.Item, seeds []uint64) error {
	label := provenance.Label{
		Seeds: seeds, Settings: settings(a, by), Inputs: handedIn(a), Weights: e.weights,
		Version: e.Studio.Program, Engine: e.Studio.Engine, Source: sourceOf(a, by),
	}
	if by != nil {
		item.Origin.Place = by.Name
		label.Run, label.Checkpoint = by.Name, by.Hash
	}
	var err error
	if isPlain := strings.HasPrefix(item.MediaType, plainText); !isPlain && provenance.Carries(item.Bytes) {
		if item, err = e.finish(item, label); err == nil {
			err = e.Emit(item)
		}
		return err
	}
	m, err := e.Marking.fitting(item)
	if err != nil {
		return err
	}
	label.Marks = m.marks()
	if err = e.Emit(item); err != nil || e.Beside == nil {
		return err
	}
	text, err := provenance.Beside(item.Bytes, label)
	if err != nil {
		return err
	}
	return e.Beside(item.Name, text)
}

// settings are the inputs of a request by name, except files, the run and other arguments that
// are no texts, zero values that are defaults, and those that do not apply to the work.
func settings(a App, by *Maker) map[string]string {
	out := map[string]string{}
	if name := Name(a); name != generateApp {
		out[appSetting] = name
	}
	written := by != nil && by.Tokens
	for _, in := range Inputs(a) {
		matters := written || in.Tag.Get(labelTag) != ofWritten
		text := in.Value.Type() == reflect.TypeFor[string]()
		named := (in.Argument() == "" || text) && !in.takesFiles() && (by == nil || !in.IsModel())
		if !matters || !named || in.Value.IsZero() && in.Usual.IsZero() {
			continue
		}
		if out[in.Name] = in.Words(); in.Value.Type() == reflect.TypeFor[Set]() {
			out[in.Name] = Set(in.Words()).inLabel()
		}
	}
	if by != nil && by.Server != "" {
		out[serverKey] = by.Server
	}
	return out
}

// isPlace reports whether a set is given by a path, an address or settings instead of a name.
func (s Set) isPlace() bool { return isPath(string(s)) || strings.ContainsAny(string(s), ":{") }

// inLabel is what labels keep of a set: its name. Of a place they keep the last part of a path, since
// the folders above are nobody else's business and addresses may hold keys, and a hash, which tells it
// from others.
func (s Set) inLabel() string {
	if !s.isPlace() {
		return string(s)
	}
	last := "place"
	if !strings.ContainsAny(string(s), ":{") {
		last = path.Base(strings.ReplaceAll(string(s), `\`, "/"))
	}
	sum := sha256.Sum256([]byte(s))
	return "…/" + last + "#" + hex.EncodeToString(sum[:4])
}

// named refuses a set that a label names by its place: a file from elsewhere opens none of this
// machine, and no address.
func (s Set) named() error {
	if s.isPlace() {
		return badinput.Errorf("the label names the place %q instead of a dataset by name, and places of labels are not opened", s)
	}
	return nil
}

// isPath reports whether the run of a label would be opened as a path.
func isPath(run string) bool { return strings.ContainsAny(run, `/\`) || run == "." || run == ".." }

// again rebuilds the request of a label. given are the files that the label names but does not
// contain.
func again(l provenance.Label, given map[string]File) (App, error) {
	if step, ok := l.Settings[stepKey]; ok {
		return nil, badinput.Errorf("this was drawn during training, after step %s, whose weights are gone; for samples that can be reproduced: atelier generate %s", step, l.Run)
	}
	if kind, ok := l.Settings[serverKey]; ok {
		return nil, badinput.Errorf("this was written by %s at a server (%s), which need not give the same answer twice: it cannot be made again", l.Run, kind)
	}
	if isPath(l.Run) { // a file from elsewhere opens none of this machine
		return nil, badinput.Errorf("the label names the path %q instead of a run or weights by name, and paths of labels are not opened; atelier weights add stores weights under a name", l.Run)
	}
	name := cmp.Or(l.Settings[appSetting], generateApp)
	a, err := Apps.New(name)
	if err != nil {
		return nil, badinput.Errorf("the label says that it was made by atelier %s, which this version does not have: a newer atelier may; this version has %s", name, strings.Join(Apps.Names(), ", "))
	}
	if _, ok := a.(composer); ok {
		return nil, badinput.Errorf("this sheet was made by atelier %s and shows more than samples; the samples are the seeds %s of %s%s", name, seedsOf(l.Seeds), l.Run, shownAgain(a, l))
	}
	files, err := restored(l.Inputs, given)
	if err != nil {
		return nil, err
	}
	for _, in := range Inputs(a) {
		if _, several := in.Files(); several {
			in.restoreFiles(files)
			continue
		}
		text, set := l.Settings[in.Name]
		file, handed := files[in.Name]
		switch {
		case handed && in.File() != nil:
			in.Value.Set(reflect.ValueOf(file))
		case in.IsModel() && l.Run != "":
			in.Value.SetString(l.Run)
		case set:
			if err := in.Restore(text); err != nil {
				return nil, badinput.Errorf("the label's %s cannot be read: %w", in.Name, err)
			}
		}
	}
	if r, ok := a.(restorer); ok {
		if err := r.restore(l); err != nil {
			return nil, err
		}
	}
	return a, Check(a, Out{Apart: true})
}

// labelOf is the label in a file or, if it has no room for one, in its sidecar.
func labelOf(file, beside []byte) (provenance.Label, error) {
	if len(file) == 0 && beside == nil {
		return provenance.Label{}, badinput.Errorf("the file is empty")
	}
	if beside != nil && !provenance.Carries(file) {
		return provenance.Parse(beside)
	}
	label, err := provenance.Read(file)
	switch {
	case beside != nil && errors.Is(err, provenance.ErrNoLabel): // a text that looks like ABC
		return provenance.Parse(beside)
	case err != nil && !provenance.Carries(file):
		err = badinput.Errorf("%w; the label of a text is in a separate file, with .json appended to its name", err)
	}
	return label, err
}

// Made reports whether a file, with its sidecar or nil, is a result of a request with a run or
// weights, nil if it takes none, judging by its label: the same checkpoint, files, settings and marks.
// Inputs that the request leaves open may differ.
func Made(a App, by *Maker, m Marking, file []byte, beside []byte) bool {
	label, err := labelOf(file, beside)
	if err != nil || by != nil && (label.Run != by.Name || label.Checkpoint != by.Hash) {
		return false
	}
	if cmp.Or(label.Settings[appSetting], generateApp) != Name(a) || label.Marks != m.marks() {
		return false
	}
	for key, value := range settings(a, by) {
		if label.Settings[key] != value {
			return false
		}
	}
	files := handedIn(a)
	for key, file := range files {
		if label.Inputs[key].SHA256 != file.SHA256 {
			return false
		}
	}
	return len(label.Inputs) == len(files)
}

// seedsOf lists seeds for people, consecutive ones as a range.
func seedsOf(seeds []uint64) string {
	last := len(seeds) - 1
	if last > 1 && seeds[last] == seeds[0]+uint64(last) {
		return fmt.Sprintf("%d to %d", seeds[0], seeds[last])
	}
	more := ""
	if len(seeds) > mostSeeds {
		seeds, more = seeds[:mostSeeds], " and more"
	}
	return listed(seeds) + more
}

// mostSeeds is how many seeds are listed, which is as many as nearest takes.
const mostSeeds = 64

// listed are seeds as --seeds takes them.
func listed(seeds []uint64) string {
	texts := make([]string, len(seeds))
	for i, s := range seeds {
		texts[i] = strconv.FormatUint(s, 10)
	}
	return strings.Join(texts, ",")
}

// shownAgain says how the samples of a sheet are looked at again, if a command alone does that.
func shownAgain(a App, l provenance.Label) string {
	if _, ok := a.(*Nearest); !ok || len(l.Seeds) > mostSeeds {
		return ""
	}
	line := fmt.Sprintf("; look at them with: atelier nearest %s --seeds %s", l.Run, listed(l.Seeds))
	for _, key := range []string{"class", "truncation"} {
		if v := l.Settings[key]; v != "" && v != "1" {
			line += " --" + key + " " + v
		}
	}
	return line
}
