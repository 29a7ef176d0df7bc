package main

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"atelier/app"
	"atelier/internal/registry"
)

// seeds is a flag of whole numbers with commas between them. What is given first
// takes the place of the default, what is given again is added.
type seeds struct {
	at    *[]uint64
	given bool
}

func (s *seeds) Set(text string) error {
	more, err := app.ParseSeeds(text)
	if err != nil {
		return err
	}
	if !s.given {
		*s.at = nil
	}
	*s.at, s.given = append(*s.at, more...), true
	return nil
}

func (s *seeds) Type() string { return "seeds" }

func (s *seeds) String() string {
	if s.at == nil {
		return ""
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(*s.at), " ", ","), "[]")
}

// addFlags makes a flag of every input of an app, and returns those that are
// arguments instead: tagged arg:"NAME". An input of one letter is also a
// shorthand. An input of a type that no flag can hold panics.
func addFlags(fs *pflag.FlagSet, inputs any) (arguments []registry.Field) {
	for _, f := range registry.Fields(reflect.ValueOf(inputs)) {
		if f.Tag.Get("arg") != "" {
			arguments = append(arguments, f)
			continue
		}
		name, short := strings.ReplaceAll(f.Name, "_", "-"), ""
		if len(name) == 1 {
			short = name
		}
		switch p := f.Value.Addr().Interface().(type) {
		case *bool:
			fs.BoolVarP(p, name, short, *p, f.Help)
		case *string:
			fs.StringVarP(p, name, short, *p, f.Help)
		case *int:
			fs.IntVarP(p, name, short, *p, f.Help)
		case *uint64:
			fs.Uint64VarP(p, name, short, *p, f.Help)
		case *float64:
			fs.Float64VarP(p, name, short, *p, f.Help)
		case *time.Duration:
			fs.DurationVarP(p, name, short, *p, f.Help)
		case *[]uint64:
			fs.VarP(&seeds{at: p}, name, short, f.Help)
		case *[]string:
			fs.StringSliceVarP(p, name, short, *p, f.Help)
		default:
			panic(fmt.Sprintf("input %s: no flag can hold a %v", f.Name, f.Value.Type()))
		}
	}
	return arguments
}
