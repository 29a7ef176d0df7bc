package registry

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// Encode writes the settings of a struct, or of a pointer to one, as the TOML of a run file: every
// setting, defaults included, in field order, plain values before tables. The same settings give
// the same bytes. Values that could not be read back are an error.
func Encode(v any) ([]byte, error) {
	var e encoder
	e.table("", Fields(addressable(reflect.ValueOf(v))))
	if e.err == nil && e.Len() > MaxFile {
		e.err = fmt.Errorf("want settings of at most %d KiB in all, got %d", MaxFile>>10, e.Len()>>10)
	}
	return e.Bytes(), badinput.Mark(e.err)
}

// addressable returns an addressable copy of v.
func addressable(v reflect.Value) reflect.Value {
	v = pointed(v)
	if v.CanAddr() {
		return v
	}
	p := reflect.New(v.Type()).Elem()
	p.Set(v)
	return p
}

type encoder struct {
	bytes.Buffer
	err error // the first
}

// A section is a table to be written under its own header.
type section struct {
	path   string
	use    string
	fields []Field
}

// table writes plain fields, then tables.
func (e *encoder) table(path string, fields []Field) {
	var sections []section
	for _, f := range fields {
		at := join(path, key(f.Name))
		use, inner, isTable := e.tableOf(f.Value)
		switch {
		case isTable && use == "" && inner == nil: // nothing chosen
		case isTable:
			sections = append(sections, section{at, use, inner})
		default:
			fmt.Fprintf(e, "%s = %s\n", key(f.Name), e.inline(at, f.Value, true))
		}
	}
	for _, s := range sections {
		if e.Len() > 0 {
			e.WriteByte('\n')
		}
		fmt.Fprintf(e, "[%s]\n", s.path)
		if s.use != "" {
			fmt.Fprintf(e, "use = %s\n", quote(s.use))
		}
		e.table(s.path, s.fields)
	}
}

// tableOf returns the contents of a table: the name of a choice, and the settings. An empty choice
// has neither.
func (e *encoder) tableOf(v reflect.Value) (use string, fields []Field, ok bool) {
	if c := asChooser(v); c != nil {
		name, settings := c.chosen()
		if name == "" {
			return "", nil, true
		}
		return name, Fields(addressable(settings)), true
	}
	switch v.Kind() {
	case reflect.Struct:
		fields = Fields(v)
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			if !utf8.ValidString(k.String()) {
				e.fail(fmt.Errorf("want names in UTF-8, got %q", k.String()))
			}
			fields = append(fields, Field{Name: k.String(), Value: addressable(v.MapIndex(k))})
		}
	default:
		return "", nil, false
	}
	if fields == nil {
		fields = []Field{}
	}
	return "", fields, true
}

func sortedKeys(v reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
}

// inline writes a value after its key: top-level arrays of tables have a line per element,
// everything else is on one line.
func (e *encoder) inline(path string, v reflect.Value, top bool) string {
	use, fields, isTable := e.tableOf(v)
	switch {
	case isTable:
		var parts []string
		if use != "" {
			parts = append(parts, "use = "+quote(use))
		}
		for _, f := range fields {
			if c := asChooser(f.Value); c != nil {
				if name, _ := c.chosen(); name == "" {
					continue
				}
			}
			parts = append(parts, key(f.Name)+" = "+e.inline(join(path, f.Name), f.Value, false))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case v.Kind() == reflect.Slice:
		parts := make([]string, v.Len())
		lines := false
		for i := range parts {
			parts[i] = e.inline(path, v.Index(i), false)
			lines = lines || top && parts[i][0] == '{'
		}
		if lines {
			return "[\n  " + strings.Join(parts, ",\n  ") + ",\n]"
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	text, err := scalarText(v)
	if err != nil {
		e.fail(fmt.Errorf("%s: %w", path, err))
	}
	return text
}

// fail records the first error.
func (e *encoder) fail(err error) { e.err = cmp.Or(e.err, err) }

// scalarText writes a plain value, or returns an error if a run file cannot hold it.
func scalarText(v reflect.Value) (string, error) {
	switch {
	case v.Type() == durationType:
		return quote(time.Duration(v.Int()).String()), nil
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case v.Kind() == reflect.String:
		if !utf8.ValidString(v.String()) {
			return "", fmt.Errorf("want UTF-8, got %q", v.String())
		}
		return quote(v.String()), nil
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanUint():
		if v.Uint() > math.MaxInt64 {
			return "", fmt.Errorf("want at most %d, got %d", math.MaxInt64, v.Uint())
		}
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.CanFloat():
		if _, ok := number(v.Float()); !ok {
			return "", fmt.Errorf("want a finite number, got %g", v.Float())
		}
		return formatFloat(v.Float(), v.Type().Bits()), nil
	}
	return "", fmt.Errorf("a %v cannot be a setting", v.Type())
}

// formatFloat writes the shortest number that reads back the same, as a float.
func formatFloat(x float64, bits int) string {
	s := strconv.FormatFloat(x, 'g', -1, bits)
	if !strings.ContainsAny(s, ".eIN") {
		s += ".0"
	}
	return s
}

// key writes a key, quoted if necessary.
func key(name string) string {
	if step().MatchString(name) && !strings.Contains(name, "[") {
		return name
	}
	return quote(name)
}

// quote writes a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
