package run

import (
	"context"
	"encoding/json"
	"fmt"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/durable"
)

const (
	configFile  = "run.toml"
	factsFile   = "facts.json"
	factsFormat = 2 // 1 where the codec has no files
)

// Facts is what a run knows of its data and its maker: what it needs to be used
// without its training files, and to be told from another.
type Facts struct {
	Format int `json:"format"`
	// Family is the kind of model.
	Family string `json:"family"`
	// Set is the name by which people know the data; it may be empty.
	Set string `json:"set,omitempty"`
	// Dataset is the stored version that the run learns from, such as "faces@2", and
	// DatasetHash its hash; both are empty for other data.
	Dataset     string `json:"dataset,omitempty"`
	DatasetHash string `json:"dataset_hash,omitempty"`
	// Spec is the contract of the data.
	Spec data.Spec `json:"spec"`
	// Train and Test are hashes of both parts of the data as the networks see them.
	Train         string `json:"train"`
	Test          string `json:"test"`
	TrainExamples int    `json:"train_examples"`
	TestExamples  int    `json:"test_examples"`
	// Codec is the hash of the files of what the codec learned; empty if it has none.
	Codec string `json:"codec,omitempty"`
	// Program and Engine say which version and which path of the engine began the run.
	Program string `json:"program"`
	Engine  string `json:"engine"`
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

// dataset names the stored version that the data come from, if they do.
func (c *Config) dataset() (name, hash string) {
	v, ok := c.Data.Value.(data.Cataloged)
	if !ok {
		return "", ""
	}
	hash, err := v.VersionHash(context.Background())
	if err != nil {
		return "", "" // it was there when the data were loaded
	}
	return v.VersionName(), hash
}

// recordRun tells the stored version, if there is one, that the run learns from it.
func (t *trainer) recordRun(ctx context.Context) {
	if v, ok := t.config.Data.Value.(data.Cataloged); ok {
		if err := v.RecordRun(ctx, t.dir.Path()); err != nil {
			t.studio.notice(fmt.Sprintf("the dataset's catalog does not know of this run: %v", err))
		}
	}
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

// Facts reads what the run knows of its data and its maker.
func (d *Dir) Facts() (Facts, error) {
	var f Facts
	err := readJSON(d.Path(factsFile), factsFormat, &f)
	return f, err
}

// The most that is read of the files of a run, in bytes.
const (
	mostFacts = 16 << 20  // of a file of facts: 5,000 classes have a megabyte of names
	mostLines = 512 << 20 // of a file that grows by a line
)

// readJSON reads a file of the run that carries a "format", which must not be
// newer than this program's.
func readJSON(path string, newest int, into any) error {
	text, err := durable.ReadFile(path, mostFacts)
	if err != nil {
		return err
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	if head.Format > newest {
		return badinput.Errorf("%s has format %d; this version of atelier reads formats up to %d: use a newer one", path, head.Format, newest)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	return nil
}
