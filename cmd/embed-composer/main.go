// Command embed-composer puts the weights of a run that learned music as events into the
// program, as the composer that the apps for music use unless they are told another:
//
//	atelier train music 'data={use="pieces", each=500}' codec.context=512 \
//	  'model.network={use="llama", layers=4, heads=4, width=96}' name=ensemble
//	go run ./cmd/embed-composer 0001-ensemble
//
// It writes ensemble.gguf and ensemble.json into model/composing/ensemble. The recipe in
// ensemble.json has all settings of the weights that are there.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	_ "atelier/data/augment"
	"atelier/data/codec"
	_ "atelier/data/source"
	"atelier/engine"
	"atelier/internal/durable"
	"atelier/model/composing"
	_ "atelier/model/metric"
	"atelier/model/run"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: embed-composer RUN")
		os.Exit(2)
	}
	if err := embed(os.Args[1], filepath.Join("model", "composing", "ensemble")); err != nil {
		fmt.Fprintln(os.Stderr, "embed-composer:", err)
		os.Exit(1)
	}
}

func embed(name, folder string) error {
	backend, err := engine.Open(engine.Options{})
	if err != nil {
		return err
	}
	studio := &run.Studio{Runs: "runs", Backend: backend, Kernels: engine.NewDots(engine.Options{})}
	r, err := studio.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	events, ok := r.Config.Codec.Value.(*codec.Events)
	if !ok {
		return fmt.Errorf("run %s did not learn music as events", name)
	}
	facts, err := r.Dir.Facts()
	if err != nil {
		return err
	}
	recipe, err := r.Config.Encode()
	if err != nil {
		return err
	}
	card := composing.Card{Format: 1, Train: facts.Train, Recipe: string(recipe)}
	stats, err := r.Dir.ReadStats()
	if err != nil {
		return err
	}
	for _, line := range stats.Lines {
		if loss, ok := line["held-out/loss"].(float64); ok {
			card.HeldOut = math.Exp(loss)
		}
	}
	return write(r, events, card, folder)
}

// write writes the weights and their card.
func write(r *run.Run, events *codec.Events, card composing.Card, folder string) error {
	m, err := r.Writer()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := composing.Save(&file, m.Config, m.Weights(), events.Vocabulary(), events.Instruments()); err != nil {
		return err
	}
	sum := sha256.Sum256(file.Bytes())
	card.SHA256 = hex.EncodeToString(sum[:])
	made, err := composing.Open(file.Bytes(), engine.NewDots(engine.Options{}))
	if err != nil {
		return err
	}
	card.Parameters = made.Model.Parameters()
	text, err := json.MarshalIndent(card, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(folder, composing.BuiltIn)
	if err := durable.WriteFile(path+".gguf", file.Bytes()); err != nil {
		return err
	}
	return durable.WriteFile(path+".json", append(text, '\n'))
}
