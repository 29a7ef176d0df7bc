// Command embed-run puts a run into the program, under the name by which apps open it:
//
//	atelier train pair
//	go run ./cmd/embed-run runs/0001-pair finder
//
// It writes the folder of that name in model/run: settings, facts, what the codec learned, and the
// weights in half precision.
package main

import (
	"errors"
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
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: embed-run RUN NAME")
		os.Exit(2)
	}
	if err := embed(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "embed-run:", err)
		os.Exit(1)
	}
}

func embed(name, as string) error {
	if as != run.Illustrator && as != run.Finder {
		return errors.New("want the name of a run that comes with the program: " + run.Illustrator + " or " + run.Finder)
	}
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
	return r.WriteBuiltIn(filepath.Join("model", "run", as))
}
