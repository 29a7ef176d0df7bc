// Command embed-illustrator puts a run that learned pictures with captions into the program, as the
// run that draw uses unless it is given another:
//
//	atelier data add emoji-captions
//	atelier train words
//	go run ./cmd/embed-illustrator 0001-words
//
// It writes into model/run/illustrator: the run file, the facts, the words, and the weights that
// samples are drawn from, in half precision.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	_ "atelier/data/augment"
	_ "atelier/data/codec"
	_ "atelier/data/source"
	_ "atelier/data/store"
	"atelier/engine"
	_ "atelier/model/metric"
	"atelier/model/run"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: embed-illustrator RUN")
		os.Exit(2)
	}
	if err := embed(os.Args[1], filepath.Join("model", "run", run.Illustrator)); err != nil {
		fmt.Fprintln(os.Stderr, "embed-illustrator:", err)
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
	defer r.Close()
	return r.WriteBuiltIn(folder)
}
