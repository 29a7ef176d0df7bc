package main

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"atelier/app"
	"atelier/bench"
	"atelier/data"
	"atelier/internal/registry"
	"atelier/internal/registry/registrytest"
	"atelier/model/arch"
	"atelier/model/family"
	"atelier/model/run"
	"atelier/model/train"
)

// The settings of every plug-in survive the run file of a trained run.
func TestSettingsSurvive(t *testing.T) {
	for _, r := range registry.All() {
		t.Run(r.Kind(), func(t *testing.T) { registrytest.RoundTrip(t, r) })
	}
}

// What Check refuses of a run file is refused as well where Go code has set it.
func TestUnfitSettingsAreRefused(t *testing.T) {
	refused := 0
	for _, r := range registry.All() {
		for _, name := range r.Names() {
			for i := range registry.Fields(pick(t, r, name)) {
				settings := pick(t, r, name)
				use := user(settings.Interface())
				wrong := spoil(settings, registry.Fields(settings)[i])
				if use == nil || wrong == nil {
					continue
				}
				refused++
				if err := use(t); err == nil || !strings.Contains(err.Error(), wrong.Error()) {
					t.Errorf("%s %s: error %v, want %v", r.Kind(), name, err, wrong)
				}
			}
		}
	}
	if refused < 50 {
		t.Errorf("only %d settings were refused", refused)
	}
}

// pick is the settings of a plug-in.
func pick(t *testing.T, r registry.Index, name string) reflect.Value {
	t.Helper()
	c, err := r.Pick(name)
	if err != nil {
		t.Fatal(err)
	}
	return reflect.ValueOf(c).Elem().FieldByName("Value").Elem()
}

// spoil gives a setting a value that the whole refuses for it, and returns what Check
// says of it; nil if there is none.
func spoil(whole reflect.Value, f registry.Field) error {
	check := checking(whole.Interface())
	if check == nil || check() != nil {
		return nil // some are not fit before more is said
	}
	var values []any
	switch {
	case f.Value.CanInt():
		values = []any{-1, 0, math.MaxInt32}
	case f.Value.CanFloat():
		values = []any{-1.0, math.NaN(), 1e9}
	case f.Value.Kind() == reflect.String:
		values = []any{"no such thing", ""}
	case f.Value.Type() == reflect.TypeFor[[]string]():
		values = []any{[]string{"no such thing"}}
	}
	for _, v := range values {
		f.Value.Set(reflect.ValueOf(v).Convert(f.Value.Type()))
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checking is the check of a plug-in's settings, nil if it has none.
func checking(plugin any) func() error {
	switch p := plugin.(type) {
	case app.App:
		return func() error { return app.Check(p, app.Out{}) }
	case registry.Checker:
		return p.Check
	}
	return nil
}

// user is what makes something of a plug-in, without more than it needs to refuse its
// settings; nil where nothing is made of it before it is at work. Cleaners are refused by
// the library.
func user(plugin any) func(*testing.T) error {
	pictures := data.Spec{Fields: []data.Field{
		{Name: data.Target, Kind: data.Pixels, Shape: []int{32, 32, 1}, Low: -1, High: 1},
		{Name: data.Label, Kind: data.Classes, Classes: []string{"cat", "dog"}},
	}}
	texts := data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Tokens, Shape: []int{7}, Vocabulary: 5}}}
	switch p := plugin.(type) {
	case family.Family:
		if _, err := p.Model(pictures); err != nil {
			pictures = texts
		}
		return func(*testing.T) error { _, err := p.Model(pictures); return err }
	case arch.LanguageModelArch:
		return func(*testing.T) error { _, err := p.LanguageModel(texts); return err }
	case train.Schedule:
		return func(*testing.T) error { return (&train.Loop{Schedule: p}).Build(pictures, 2) }
	case data.Codec:
		return func(*testing.T) error { _, err := p.Spec([]string{"cat", "dog"}); return err }
	case data.Source:
		return func(t *testing.T) error {
			for _, err := range p.Items(t.Context(), data.Train) {
				return err
			}
			return nil
		}
	case bench.Suite:
		return func(t *testing.T) error { return p.Run(t.Context(), &bench.Machine{}, func(bench.Row) {}) }
	case app.App:
		return func(t *testing.T) error { return app.Run(t.Context(), p, &app.Env{Studio: &run.Studio{}}) }
	}
	return nil
}
