package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

const (
	configFile  = "run.toml"
	factsFile   = "facts.json"
	factsFormat = 2 // 1 where the codec has no files
)

// Facts describe the data and the program of a run: what it takes to use it without its
// training files, and to distinguish it from others.
type Facts struct {
	Format int `json:"format"`
	// Family is the kind of model.
	Family string `json:"family"`
	// Set is the name of the data for people; it may be empty.
	Set string `json:"set,omitempty"`
	// Dataset is the stored version that the run is trained on, such as "faces@2", and
	// DatasetHash its hash; both are empty for other data.
	Dataset     string `json:"dataset,omitempty"`
	DatasetHash string `json:"dataset_hash,omitempty"`
	// Spec is the spec of the data.
	Spec data.Spec `json:"spec"`
	// Train and Test are hashes of both parts of the data as the networks see them.
	Train         string `json:"train"`
	Test          string `json:"test"`
	TrainExamples int    `json:"train_examples"`
	TestExamples  int    `json:"test_examples"`
	// Codec is the hash of the learned files of the codec; empty if it has none.
	Codec string `json:"codec,omitempty"`
	// Program and Engine are the version and engine path that started the run.
	Program string `json:"program"`
	Engine  string `json:"engine"`
	// Continued lists where another version or engine path resumed the run.
	Continued []Continued `json:"continued,omitempty"`
}

// Continued records that another version of the program or another engine path resumed a
// run.
type Continued struct {
	Step    int    `json:"step"` // last step before
	Program string `json:"program"`
	Engine  string `json:"engine"`
}

// last returns the program and engine that trained up to a step.
func (f Facts) last(step int) Continued {
	now := Continued{0, f.Program, f.Engine}
	for _, c := range f.Continued {
		if c.Step < step {
			now = c
		}
	}
	return now
}

// changed says how data differ from those that the run was trained on, empty if they are the same.
func (f Facts) changed(d set) string {
	if d.train.Hash() == f.Train && d.test.Hash() == f.Test {
		return ""
	}
	return fmt.Sprintf("%d and %d examples now, %d and %d then, or other ones", d.train.Len(), d.test.Len(), f.TrainExamples, f.TestExamples)
}

// data reads the data of the run again, and says how they differ from those that it was trained on.
func (r *Run) data(ctx context.Context) (d set, changed string, err error) {
	if d, err = r.studio.load(ctx, r.Config, nil); err != nil {
		return d, "", err
	}
	facts, err := r.Dir.Facts()
	if changed = facts.changed(d); changed != "" {
		changed = fmt.Sprintf("the data of run %s differ from its record: %s", r.Dir.Name(), changed)
	}
	return d, changed, err
}

func (t *trainer) facts() Facts {
	train, test := t.data.train, t.data.test
	f := Facts{
		Format: 1, Family: t.config.Model.Use, Set: train.Name(), Spec: train.Spec(),
		Train: train.Hash(), Test: test.Hash(), TrainExamples: train.Len(), TestExamples: test.Len(),
		Program: t.studio.Program, Engine: t.studio.Engine,
	}
	f.Dataset, f.DatasetHash = t.config.dataset()
	return f
}

// dataset names the stored version that the data come from, if any.
func (c *Config) dataset() (name, hash string) {
	v, ok := c.Data.Value.(data.Cataloged)
	if !ok {
		return "", ""
	}
	hash, err := v.VersionHash(context.Background())
	if err != nil {
		return "", "" // it existed when the data were loaded
	}
	return v.VersionName(), hash
}

// recordRun records in the catalog that the run is trained on the stored version, if any.
func (t *trainer) recordRun(ctx context.Context) {
	if v, ok := t.config.Data.Value.(data.Cataloged); ok {
		if err := v.RecordRun(ctx, t.dir.Path()); err != nil {
			t.studio.notice(fmt.Sprintf("this run could not be recorded in the dataset's catalog: %v", err))
		}
	}
}

// recordMaker records in the facts that another version of the program or engine path
// resumes the run, which may change the result.
func (t *trainer) recordMaker() error {
	f, err := t.dir.Facts()
	if err != nil {
		return err
	}
	step := t.loop.Step
	was, now := f.last(step), Continued{step, t.studio.Program, t.studio.Engine}
	kept := slices.DeleteFunc(slices.Clone(f.Continued), func(c Continued) bool { return c.Step >= step })
	other := now.Program != was.Program || now.Engine != was.Engine
	if other {
		kept = append(kept, now)
		t.studio.notice(fmt.Sprintf("the steps so far were trained by program %s on engine %s, the next ones by program %s on engine %s: the result may differ from that of either alone; recorded in %s",
			was.Program, was.Engine, now.Program, now.Engine, factsFile))
	}
	if !other && len(kept) == len(f.Continued) {
		return nil
	}
	f.Continued = kept
	return t.dir.writeFacts(f)
}

func (d *Dir) writeFacts(f Facts) error {
	if f.Codec != "" {
		f.Format = factsFormat
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(d.Path(factsFile), append(text, '\n'))
}

// Facts reads the facts of the run.
func (d *Dir) Facts() (Facts, error) {
	path := d.Path(factsFile)
	text, err := durable.ReadFile(path, mostFacts)
	if err != nil {
		return Facts{}, err
	}
	f, err := parseFacts(text)
	if err != nil {
		return f, fmt.Errorf("%s %w", path, err)
	}
	return f, nil
}

// parseFacts reads facts. The error completes a sentence that begins with the file's name.
func parseFacts(text []byte) (f Facts, err error) {
	if err := decode(text, factsFormat, &f); err != nil {
		return f, err
	}
	if err := f.Spec.Check(); err != nil {
		return f, fmt.Errorf("is damaged: %w", err)
	}
	return f, nil
}

// Size limits of the files of a run, in bytes.
const (
	mostFacts = 16 << 20 // of a file of facts: 5,000 classes have a megabyte of names
	mostLines = 64 << 20 // of a file that grows by a line
)

// decode reads a file of the run that carries a "format", which must not be newer than
// this program's. The error completes a sentence that begins with the file's name.
func decode(text []byte, newest int, into any) error {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("is damaged: %w", err)
	}
	if head.Format > newest {
		return badinput.Errorf("has format %d; this version of atelier reads formats up to %d: use a newer one", head.Format, newest)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("is damaged: %w", err)
	}
	return nil
}
