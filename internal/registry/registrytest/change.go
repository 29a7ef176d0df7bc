package registrytest

import (
	"reflect"
	"regexp"
	"time"

	"atelier/internal/registry"
)

// odd is a text that has to be escaped in every way that there is.
const odd = "é \"'\n\t\\\x00\x7f\u2028 # [a.b] = {c}"

// deepest is how far choices within choices are changed.
const deepest = 3

// change gives every setting another value that the whole finds fit, those of choices
// and tables among them, and returns the keys of those for which it found none.
func change(settings reflect.Value) (kept []string) {
	return newChanger(settings).fields("", settings, 0)
}

func newChanger(settings reflect.Value) changer {
	return changer{settings.Interface(), registry.Check(settings.Interface()) == nil}
}

// A changer changes settings and keeps the whole fit, if it was so to begin with.
type changer struct {
	whole any
	fit   bool
}

func (c changer) fields(path string, v reflect.Value, depth int) (kept []string) {
	for _, f := range registry.Fields(v) {
		kept = append(kept, c.setting(path+f.Name, f.Value, f.Help, depth)...)
	}
	return kept
}

// setting changes one setting.
func (c changer) setting(path string, v reflect.Value, help string, depth int) (kept []string) {
	if choice, ok := v.Addr().Interface().(interface{ Index() registry.Index }); ok {
		return c.choice(path, v, choice.Index(), depth)
	}
	if v.Kind() == reflect.Struct {
		return c.fields(path+".", v, depth)
	}
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	hint := help
	for range 2 {
		var err error
		for _, other := range others(old, hint, depth) {
			v.Set(other)
			if err = registry.Check(c.whole); !c.fit || err == nil {
				return nil
			}
		}
		if err != nil {
			hint = err.Error() // what is wrong with a value tells which would be right
		}
	}
	v.Set(old)
	return []string{path}
}

// choice chooses something else, if there is anything that is fit, and changes its
// settings.
func (c changer) choice(path string, v reflect.Value, r registry.Index, depth int) (kept []string) {
	if depth == deepest {
		return nil
	}
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	for _, name := range r.Names() {
		if name == old.FieldByName("Use").String() {
			continue
		}
		other, err := r.Pick(name)
		if err != nil {
			panic(err) // it is one of the registry's names
		}
		v.Set(reflect.ValueOf(other).Elem())
		if !c.fit || registry.Check(c.whole) == nil {
			return c.fields(path+".", v.FieldByName("Value"), depth+1)
		}
	}
	v.Set(old)
	return c.fields(path+".", v.FieldByName("Value"), depth+1)
}

// words are what a help tag or an error may name as a value.
var words = regexp.MustCompile(`[\pL\d_*+-]+`)

// others are values of a setting that it does not have, the oddest first.
func others(v reflect.Value, hint string, depth int) (all []reflect.Value) {
	add := func(x any) {
		if w := reflect.ValueOf(x).Convert(v.Type()); !w.Equal(v) {
			all = append(all, w)
		}
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		for _, d := range []time.Duration{1, time.Millisecond, time.Second} {
			add(time.Duration(v.Int()) + d)
		}
	case v.Kind() == reflect.Bool:
		add(!v.Bool())
	case v.Kind() == reflect.String:
		for _, s := range append([]string{v.String() + odd, odd, "ab", ";", "http://a.b/c"}, words.FindAllString(hint, -1)...) {
			add(s)
		}
	case v.CanInt():
		for _, n := range []int64{v.Int() + 1, v.Int() - 1, 2 * v.Int(), 1, 2, 3, 4, 64, 1024} {
			add(n)
		}
	case v.CanUint():
		for _, n := range []uint64{v.Uint() + 1, 1, 2} {
			add(n)
		}
	case v.CanFloat():
		for _, x := range []float64{v.Float()*0.3 + 0.1, v.Float() / 2, 0.5, 1, 2, 1.0 / 3} {
			add(x)
		}
	case v.Kind() == reflect.Slice:
		all = append(all, elements(v.Type(), hint, depth)...)
	case v.Kind() == reflect.Map:
		m := reflect.MakeMap(v.Type())
		for i, e := range elements(reflect.SliceOf(v.Type().Elem()), hint, depth) {
			m.SetMapIndex(reflect.ValueOf([]string{odd, "", "a.b"}[i%3]).Convert(v.Type().Key()), e.Index(0))
		}
		all = append(all, m)
	}
	return all
}

// elements are slices of two elements of what an element can be. None is the one that
// is there, for it may be all that is fit.
func elements(t reflect.Type, hint string, depth int) (all []reflect.Value) {
	first := reflect.New(t.Elem()).Elem()
	if choice, ok := first.Addr().Interface().(interface{ Index() registry.Index }); ok {
		s := reflect.MakeSlice(t, 0, 2)
		for _, name := range choice.Index().Names() {
			c, err := choice.Index().Pick(name)
			if err != nil {
				panic(err) // it is one of the registry's names
			}
			if depth < deepest {
				newChanger(chosen(c)).fields("", chosen(c), depth+1)
			}
			s = reflect.Append(s, reflect.ValueOf(c).Elem())
		}
		return []reflect.Value{s}
	}
	if first.Kind() == reflect.Struct {
		newChanger(first).fields("", first, depth+1)
		return []reflect.Value{reflect.Append(reflect.MakeSlice(t, 0, 1), first)}
	}
	for _, other := range others(first, hint, depth) {
		second := reflect.New(t.Elem()).Elem()
		all = append(all, reflect.Append(reflect.MakeSlice(t, 0, 2), other, second), reflect.Append(reflect.MakeSlice(t, 0, 1), other))
	}
	return all
}
