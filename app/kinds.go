package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A Model names a run by its name, number or path, or is one of the words in its tag.
type Model string

// A Set names works to train on or to score: a folder, an archive, an address, or a
// dataset.
type Set string

// Strings are texts, each as it is given: a flag of such takes one, and can be given several
// times.
type Strings []string

// A kind describes the inputs of a Go type.
type kind struct {
	name    string // in help
	want    string // what is wanted, in words
	example string // of several
	parse   func(text string) (reflect.Value, error)
	words   func(reflect.Value) string               // what parse, or restore, reads
	restore func(text string) (reflect.Value, error) // reads what a label holds; nil if parse does
	size    func(reflect.Value) float64              // the number that a range limits; nil if there is none
	number  func(tag string) (float64, error)        // reads the bound of a range
	schema  map[string]any                           // JSON schema, without range and default
}

// kinds are the supported types of inputs.
var kinds = map[reflect.Type]kind{
	reflect.TypeFor[bool]():   kindOf("bool", "true or false", strconv.ParseBool, strconv.FormatBool, nil, schemaOf("boolean")),
	reflect.TypeFor[string](): kindOf("string", "a text", asIs[string], spelt[string], nil, schemaOf("string")),
	reflect.TypeFor[int](): kindOf("int", "a whole number",
		func(s string) (int, error) { n, err := strconv.ParseInt(s, 0, 64); return int(n), err },
		strconv.Itoa, func(n int) float64 { return float64(n) }, schemaOf("integer")),
	reflect.TypeFor[uint64](): kindOf("uint64", "a whole number from 0 to 18446744073709551615",
		func(s string) (uint64, error) { return strconv.ParseUint(s, 0, 64) },
		func(n uint64) string { return strconv.FormatUint(n, 10) }, func(n uint64) float64 { return float64(n) },
		map[string]any{"type": "integer", "minimum": 0}),
	reflect.TypeFor[float64](): kindOf("float64", "a number", ParseNumber,
		func(x float64) string { return fmt.Sprint(x) }, func(x float64) float64 { return x }, schemaOf("number")),
	reflect.TypeFor[time.Duration](): durations(),
	reflect.TypeFor[[]uint64]():      several(kindOf("seeds", "whole numbers separated by commas, such as 1,7,12", ParseSeeds, seedWords, nil, arrayOf(map[string]any{"type": "integer", "minimum": 0})), "1,7,12"),
	reflect.TypeFor[[]string]():      several(kindOf("stringSlice", `names separated by commas; quote a name that has a comma or a quote in it: '"a, b",c'`, parseNames, nameWords, nil, arrayOf(schemaOf("string"))), "a,b"),
	reflect.TypeFor[[]Model]():       several(kindOf("runs", "names of runs separated by commas", namesOf[Model], wordsOf[Model], nil, arrayOf(schemaOf("string"))), "1,2"),
	reflect.TypeFor[[]Set]():         several(kindOf("sets", "places separated by commas", namesOf[Set], wordsOf[Set], nil, arrayOf(schemaOf("string"))), "photos,more.zip"),
	reflect.TypeFor[Strings]():       stringsKind(),
	reflect.TypeFor[Files]():         filesKind(),
	reflect.TypeFor[Model]():         kindOf("run", "a run", asIs[Model], spelt[Model], nil, schemaOf("string")),
	reflect.TypeFor[Set]():           kindOf("set", "a folder, an archive, an address or a dataset", asIs[Set], spelt[Set], nil, schemaOf("string")),
	reflect.TypeFor[File](): kindOf("file", "a file", func(s string) (File, error) { return File{Name: s}, nil },
		func(f File) string { return f.Name }, nil, map[string]any{"type": "string", "contentEncoding": "base64"}),
}

// Want describes what an input of a named type accepts; empty if no type has the name.
func Want(name string) string {
	for _, k := range kinds {
		if k.name == name {
			return k.want
		}
	}
	return ""
}

func kindOf[T any](name, want string, parse func(string) (T, error), words func(T) string, size func(T) float64, schema map[string]any) kind {
	k := kind{name: name, want: want, schema: schema,
		parse: func(text string) (reflect.Value, error) { v, err := parse(text); return reflect.ValueOf(v), err },
		words: func(v reflect.Value) string { return words(v.Interface().(T)) },
	}
	if size != nil {
		k.size = func(v reflect.Value) float64 { return size(v.Interface().(T)) }
		k.number = func(tag string) (float64, error) { return strconv.ParseFloat(tag, 64) }
	}
	return k
}

// several is a list kind, whose range limits the length.
func several(k kind, example string) kind {
	k.example = example
	k.size = func(v reflect.Value) float64 { return float64(v.Len()) }
	k.number = func(tag string) (float64, error) { return strconv.ParseFloat(tag, 64) }
	return k
}

// stringsKind is the kind of [Strings]. A label holds them as JSON.
func stringsKind() kind {
	k := kindOf("strings", "a text that is not empty", func(s string) (Strings, error) {
		if s == "" {
			return nil, errors.New("it is empty")
		}
		return Strings{s}, nil
	}, func(all Strings) string {
		if len(all) == 0 {
			return ""
		}
		text, _ := json.Marshal(all) // strings: it does not fail
		return string(text)
	}, nil, arrayOf(schemaOf("string")))
	k.restore = func(text string) (reflect.Value, error) {
		var all Strings
		err := json.Unmarshal([]byte(text), &all)
		return reflect.ValueOf(all), err
	}
	return k
}

// durations have bounds that are durations.
func durations() kind {
	k := kindOf("duration", "a duration such as 90s or 5m", time.ParseDuration, time.Duration.String,
		func(d time.Duration) float64 { return float64(d) }, map[string]any{"type": "string", "examples": []string{"90s", "5m"}})
	k.number = func(tag string) (float64, error) { d, err := time.ParseDuration(tag); return float64(d), err }
	return k
}

func asIs[T ~string](s string) (T, error) { return T(s), nil }

func spelt[T ~string](s T) string { return string(s) }

// namesOf is parseNames of names of a kind.
func namesOf[T ~string](text string) ([]T, error) {
	words, err := parseNames(text)
	names := make([]T, len(words))
	for i, w := range words {
		names[i] = T(w)
	}
	return names, err
}

// wordsOf is nameWords of names of a kind.
func wordsOf[T ~string](names []T) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = string(n)
	}
	return nameWords(words)
}

// parseNames reads names as a line of CSV.
func parseNames(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	return csv.NewReader(strings.NewReader(text)).Read()
}

// nameWords writes names as a line of CSV.
func nameWords(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(names) // to memory: it does not fail
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// ParseNumber reads a finite number.
func ParseNumber(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
		err = errors.New("it is not finite")
	}
	return x, err
}

// ParseSeeds reads comma-separated seeds.
func ParseSeeds(text string) ([]uint64, error) {
	var seeds []uint64
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("want whole numbers separated by commas, such as 1,7,12; got %q", text)
		}
		seeds = append(seeds, n)
	}
	return seeds, nil
}

// seedWords writes comma-separated seeds.
func seedWords(seeds []uint64) string {
	words := make([]string, len(seeds))
	for i, n := range seeds {
		words[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(words, ",")
}
