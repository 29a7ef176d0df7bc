package bench

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"atelier/internal/durable"
	"atelier/internal/registry"
)

// A suitePart is one of the measurements of the suite S.
type suitePart[S Suite] struct {
	name    string
	measure func(s S, ctx context.Context, on *Machine, emit func(Row)) error
}

// suiteParts are the measurements of a suite, in their order.
type suiteParts[S Suite] []suitePart[S]

// check rejects a name in the setting "only" that no part has.
func (p suiteParts[S]) check(only []string) error {
	var names []string
	for _, one := range p {
		names = append(names, one.name)
	}
	for _, name := range only {
		if !slices.Contains(names, name) {
			return registry.Unfit("only", fmt.Sprintf("no part %q; %s", name, registry.Suggest(name, names)))
		}
	}
	return nil
}

// sorted are the parts in the order of their names.
func (p suiteParts[S]) sorted() suiteParts[S] {
	return slices.SortedFunc(slices.Values(p), func(a, b suitePart[S]) int { return cmp.Compare(a.name, b.name) })
}

// run measures the parts of a suite that only names, or all if it names none. The rows of each part
// are kept beside the runs until all are measured, so that a suite that was interrupted goes on with
// the part that it was in.
func (p suiteParts[S]) run(ctx context.Context, on *Machine, name string, suite S, only []string, emit func(Row)) error {
	if err := registry.Check(suite); err != nil {
		return err
	}
	settings, err := settingsOf(suite)
	if err != nil {
		return err
	}
	k := keptRows{path: filepath.Join(on.Runs, "bench-"+name, "rows.jsonl")}
	if err := k.read(); err != nil {
		return err
	}
	var through []string
	for _, one := range p {
		if len(only) > 0 && !slices.Contains(only, one.name) {
			continue
		}
		through = append(through, one.name)
		if had := k.of(one.name, settings, on.Studio.Program); had != nil {
			on.Tell(fmt.Sprintf("%s was measured before the suite was interrupted, on %s", one.name, had.At.Format(time.DateTime)))
			for _, row := range had.Rows {
				emit(row)
			}
			continue
		}
		rows := []Row{}
		if err := one.measure(suite, ctx, on, func(r Row) { rows = append(rows, r); emit(r) }); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		if err := k.add(keptPart{one.name, settings, on.Studio.Program, time.Now().UTC().Truncate(time.Second), rows}); err != nil {
			return err
		}
	}
	return k.forget(through)
}

// settingsOf are the settings of a suite on which its rows depend.
func settingsOf(suite Suite) (string, error) {
	text, err := json.Marshal(suite)
	if err != nil {
		return "", err
	}
	var settings map[string]any
	if err := json.Unmarshal(text, &settings); err != nil {
		return "", err
	}
	delete(settings, "Only")
	text, err = json.Marshal(settings)
	return string(text), err
}

// keptRows is the file of what an interrupted suite has measured: a part a line.
type keptRows struct {
	path string
	all  []keptPart
}

// A keptPart are the rows of a part.
type keptPart struct {
	Part     string    `json:"part"`
	Settings string    `json:"settings"`
	Program  string    `json:"program"`
	At       time.Time `json:"at"`
	Rows     []Row     `json:"rows"`
}

// mostKept is the largest file of rows that is read, in bytes.
const mostKept = 16 << 20

func (k *keptRows) read() error {
	text, err := durable.ReadFile(k.path, mostKept)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for line := range bytes.Lines(text) {
		var one keptPart
		if json.Unmarshal(line, &one) == nil { // else it is half a line
			k.all = append(k.all, one)
		}
	}
	return nil
}

// of is what this program measured of a part with these settings, nil if nothing.
func (k *keptRows) of(name, settings, program string) *keptPart {
	for i, one := range k.all {
		if one.Part == name && one.Settings == settings && one.Program == program {
			return &k.all[i]
		}
	}
	return nil
}

// add keeps the rows of a part.
func (k *keptRows) add(one keptPart) error {
	line, err := json.Marshal(one)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o777); err != nil {
		return durable.Explain(k.path, err)
	}
	k.all = append(k.all, one)
	return durable.AppendLine(k.path, line)
}

// forget removes the rows of the parts with these names: they are measured anew the next time.
func (k *keptRows) forget(names []string) error {
	if len(k.all) == 0 {
		return nil
	}
	var rest []byte
	for _, one := range k.all {
		if slices.Contains(names, one.Part) {
			continue
		}
		line, err := json.Marshal(one)
		if err != nil {
			return err
		}
		rest = append(append(rest, line...), '\n')
	}
	if len(rest) > 0 {
		return durable.WriteFile(k.path, rest)
	}
	if err := durable.RemoveLines(k.path); err != nil {
		return err
	}
	os.Remove(filepath.Dir(k.path)) // stays if something else is in it
	return nil
}
