package app

import (
	"context"

	"atelier/internal/badinput"
	"atelier/model/run"
)

func init() {
	Apps.Add("compare", "compare the scores of runs on the same data, and say which differences are noise",
		func() App { return &Comparing{} })
}

// Comparing compares runs, see [Compare].
type Comparing struct {
	Runs  []Model `min:"2" help:"the runs: their names, numbers or paths"`
	Sheet bool    `help:"also draw samples of the same seeds in one PNG, a row per run"`
}

// Example implements [App].
func (a Comparing) Example() string { return "0001-fashion 0002-fashion --to compare.png" }

// composes implements [composer]: the sheet shows samples of several runs.
func (a Comparing) composes() {}

// Check implements [Checker].
func (a Comparing) Check(out Out) error {
	if len(a.Runs) < 2 {
		return badinput.Errorf("want two runs or more to compare")
	}
	if a.Sheet {
		return CheckPNG(out.File)
	}
	return nil
}

// Run implements [App].
func (a Comparing) Run(ctx context.Context, env *Env) error {
	var dirs []*run.Dir
	for _, name := range a.Runs {
		d, err := run.OpenDir(env.Studio.Runs, string(name))
		if err != nil {
			return err
		}
		dirs = append(dirs, d)
	}
	found, err := Compare(dirs)
	if err != nil {
		return err
	}
	if a.Sheet {
		if err := a.draw(ctx, env, dirs); err != nil {
			return err
		}
	}
	env.found(found)
	return nil
}

// draw draws a row for each run.
func (a Comparing) draw(ctx context.Context, env *Env, dirs []*run.Dir) error {
	if err := env.expect(comparedFile); err != nil {
		return err
	}
	var runs []*run.Run
	for _, d := range dirs {
		r, err := env.open(Model(d.Path()))
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	sheet, err := ComparedSheet(ctx, env, runs)
	if err != nil {
		return err
	}
	return env.Emit(sheet)
}

// comparedFile is the file name of the sheet.
const comparedFile = "compare.png"
