package registry

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

// scalar binds a number, a string, a boolean or a duration.
func (f *File) scalar(path string, x any, v reflect.Value) error {
	if v.Type() == durationType {
		s, ok := x.(string)
		d, err := time.ParseDuration(s)
		if !ok || err != nil {
			return f.mistyped(path, `a duration such as "10m" or "1h30m"`, x)
		}
		v.SetInt(int64(d))
		return nil
	}
	switch {
	case v.Kind() == reflect.Bool:
		if b, ok := x.(bool); ok {
			v.SetBool(b)
			return nil
		}
		return f.mistyped(path, "true or false", x)
	case v.Kind() == reflect.String:
		if s, ok := x.(string); ok {
			v.SetString(s)
			return nil
		}
		if word, ok := f.arguments[path]; ok {
			v.SetString(word.text)
			return nil
		}
		return f.mistyped(path, "a string", x)
	case v.CanInt():
		if n, ok := x.(int64); ok && !v.OverflowInt(n) {
			v.SetInt(n)
			return nil
		}
		return f.mistyped(path, "a whole number"+bounds(v), x)
	case v.CanUint():
		if n, ok := x.(int64); ok && n >= 0 && !v.OverflowUint(uint64(n)) {
			v.SetUint(uint64(n))
			return nil
		}
		return f.mistyped(path, "a whole number"+bounds(v), x)
	case v.CanFloat():
		if n, ok := number(x); ok && !math.IsInf(rounded(n, v), 0) {
			v.SetFloat(n)
			return nil
		}
		return f.mistyped(path, "a number", x)
	}
	return f.wrong(path, "%s: a %v cannot be set", path, v.Type())
}

// bounds describes the range of an integer type, where it matters to users.
func bounds(v reflect.Value) string {
	bits := v.Type().Bits()
	switch {
	case bits == 64 && v.CanUint():
		return " from 0 up"
	case v.CanUint():
		return fmt.Sprintf(" from 0 to %d", 1<<bits-1)
	case bits == 64:
		return ""
	}
	return fmt.Sprintf(" from %d to %d", -1<<(bits-1), 1<<(bits-1)-1)
}

// rounded is the number as represented by the type of v.
func rounded(n float64, v reflect.Value) float64 {
	if v.Kind() == reflect.Float32 {
		return float64(float32(n))
	}
	return n
}

// number is a TOML number as a float; an integer is accepted. NaN and infinity are not.
func number(x any) (float64, bool) {
	switch n := x.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n) && !math.IsInf(n, 0)
	}
	return 0, false
}

// slice replaces a slice by an array of the file.
func (f *File) slice(path string, x any, v reflect.Value) error {
	list, ok := x.([]any)
	if !ok {
		return f.mistyped(path, "an array in [ ]", x)
	}
	s := reflect.MakeSlice(v.Type(), len(list), len(list))
	for i, e := range list {
		if err := f.value(fmt.Sprintf("%s[%d]", path, i), e, s.Index(i)); err != nil {
			return err
		}
	}
	v.Set(s)
	return nil
}

// mapping replaces a map from names by a table of the file.
func (f *File) mapping(path string, x any, v reflect.Value) error {
	tree, ok := x.(map[string]any)
	if !ok {
		return f.mistyped(path, "a table", x)
	}
	m := reflect.MakeMapWithSize(v.Type(), len(tree))
	for _, key := range f.inOrder(path, tree) {
		e := reflect.New(v.Type().Elem()).Elem()
		if err := f.value(join(path, key), tree[key], e); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), e)
	}
	v.Set(m)
	return nil
}

func (f *File) mistyped(path, want string, got any) error {
	if err := f.arguments[path].err; err != nil {
		return f.wrong(path, "%s", plain(err))
	}
	return f.wrong(path, "%s: want %s, got %s", path, want, describe(got))
}

// describe names the type of a TOML value.
func describe(x any) string {
	switch x := x.(type) {
	case string:
		if len(x) > 40 {
			x = x[:37] + "..."
		}
		return "the string " + strconv.Quote(x)
	case int64:
		return fmt.Sprintf("the number %d", x)
	case float64:
		return "the number " + formatFloat(x, 64)
	case bool:
		return fmt.Sprint(x)
	case map[string]any:
		return "a table"
	case []any:
		return "an array"
	}
	return fmt.Sprintf("the time %v", x)
}
