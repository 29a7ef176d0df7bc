// Command embed-classifier puts the weights of a classifier's run into the
// program, as the feature space that the scores of an embedded set are measured
// in:
//
//	atelier train classifier-fashion
//	go run ./cmd/embed-classifier 0001-classifier-fashion
//
// It writes SET.safetensors and SET.json into model/feature/classifier.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/ml/model"

	_ "atelier/data/augment"
	_ "atelier/data/source"
	"atelier/engine"
	"atelier/internal/durable"
	"atelier/model/feature"
	"atelier/model/run"
	"atelier/model/weights"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: embed-classifier RUN")
		os.Exit(2)
	}
	if err := embed(os.Args[1], filepath.Join("model", "feature", "classifier")); err != nil {
		fmt.Fprintln(os.Stderr, "embed-classifier:", err)
		os.Exit(1)
	}
}

func embed(name, folder string) error {
	backend, err := engine.Open(engine.Options{})
	if err != nil {
		return err
	}
	studio := &run.Studio{Runs: "runs", Backend: backend}
	r, err := studio.Open(name)
	if err != nil {
		return err
	}
	facts, err := r.Dir.Facts()
	if err != nil {
		return err
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		return err
	}
	if facts.Set == "" || len(scores) == 0 || scores[0].Name != "accuracy" {
		return fmt.Errorf("run %s is no finished classifier of a set with a name", name)
	}
	recipe, err := r.Config.Encode()
	if err != nil {
		return err
	}
	path := filepath.Join(folder, facts.Set)
	if err := writeNetwork(r.Weights(), path+".safetensors"); err != nil {
		return err
	}
	content, err := os.ReadFile(path + ".safetensors")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	card, err := json.MarshalIndent(feature.Card{
		Format: 1, Spec: facts.Spec, Train: facts.Train, Accuracy: scores[len(scores)-1].Value,
		Recipe: string(recipe), SHA256: hex.EncodeToString(sum[:]),
	}, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(path+".json", append(card, '\n'))
}

// writeNetwork copies the network's weights, without the optimizer's moments.
func writeNetwork(from, to string) error {
	f, err := weights.Load(from)
	if err != nil {
		return err
	}
	store := model.NewStore()
	if err := f.Preload(store); err != nil {
		return err
	}
	if err := store.DeleteVariablesInScope("/optimizer"); err != nil {
		return err
	}
	return weights.Save(to, store, nil)
}
