package chatform

import (
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/exec"
)

// Filters and methods of strings and dictionaries that templates may use.
var (
	filterNames = []string{
		"trim", "length", "count", "upper", "lower", "capitalize", "title", "tojson", "string", "int", "float", "abs", "round",
		"default", "d", "first", "last", "join", "list", "map", "select", "reject", "selectattr", "rejectattr", "items",
		"replace", "reverse", "sort", "unique", "dictsort", "safe", "min", "max", "attr",
	}
	textMethods = []string{
		"strip", "lstrip", "rstrip", "split", "rsplit", "partition", "rpartition", "splitlines", "startswith", "endswith",
		"upper", "lower", "title", "capitalize", "find", "rfind", "replace", "join", "removeprefix", "removesuffix",
		"isdigit", "isspace", "isupper", "islower", "isalpha", "isalnum",
	}
	dictMethods = []string{"get", "items", "keys", "values"}
)

// tests are those of the library.
func tests() *exec.TestSet { return builtins.Tests }

// functions are those that a template can call. There is no strftime_now: a conversation would
// be another one every day.
func (b *bounds) functions() map[string]any {
	namespace, _ := builtins.GlobalFunctions.Get("namespace")
	dict, _ := builtins.GlobalFunctions.Get("dict")
	return map[string]any{
		"namespace": namespace, "dict": dict, "range": numbers,
		"raise_exception": func(_ *exec.Evaluator, given *exec.VarArgs) *exec.Value {
			return exec.AsValue(b.fail(refusal(oneLine(given.First().String()).Error())))
		},
	}
}

// numbers is Python's range, of at most [maxRange] numbers.
func numbers(_ *exec.Evaluator, given *exec.VarArgs) ([]int, error) {
	at := [3]int{0, 0, 1}
	for i, v := range given.Args {
		if i > 2 || !v.IsInteger() {
			return nil, fmt.Errorf("range takes one to three integers")
		}
		at[i] = v.Integer()
	}
	from, to, step := at[0], at[1], at[2]
	if len(given.Args) == 1 {
		from, to = 0, from
	}
	if step == 0 {
		return nil, fmt.Errorf("range takes a step other than 0")
	}
	var all []int
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		if all = append(all, i); len(all) > maxRange {
			return nil, fmt.Errorf("range has more than %d numbers", maxRange)
		}
	}
	return all, nil
}

// grows bounds what a filter or method makes of its input and its arguments, and counts a step.
func (b *bounds) grows(name, in string, elements int, given *exec.VarArgs) error {
	for _, v := range given.Args {
		if v.IsInteger() && (v.Integer() > maxRange || v.Integer() < -maxRange) {
			return fmt.Errorf("%s: %d is more than %d", name, v.Integer(), maxRange)
		}
	}
	longest := 0
	for _, v := range given.Args {
		if v.IsString() {
			longest = max(longest, len(v.String()))
		}
	}
	pieces := 0
	switch name {
	case "replace":
		pieces = len(in) + 1
	case "join":
		pieces = max(elements, 1)
		longest = max(longest, len(in))
	}
	if pieces*longest > 16*maxValue {
		return b.fail(errValue)
	}
	return b.step()
}

// replace is Python's, all of whose arguments the library's requires.
func replace(self string, _ *exec.Value, given *exec.VarArgs) (any, error) {
	n := -1
	switch len(given.Args) {
	case 3:
		n = given.Args[2].Integer()
	case 2:
	default:
		return nil, fmt.Errorf("replace takes two or three arguments")
	}
	return strings.Replace(self, given.Args[0].String(), given.Args[1].String(), n), nil
}

// filters are those that a template may use, bounded.
func (b *bounds) filters() *exec.FilterSet {
	all := map[string]exec.FilterFunction{}
	for _, name := range filterNames {
		of, ok := builtins.Filters.Get(name)
		if !ok {
			continue
		}
		all[name] = func(e *exec.Evaluator, in *exec.Value, given *exec.VarArgs) *exec.Value {
			text, elements := "", 0
			switch {
			case in.IsString():
				text = in.String()
			case in.IsList():
				elements = in.Len()
			}
			if !fits(in.Interface()) {
				return exec.AsValue(b.fail(errValue))
			}
			if err := b.grows(name, text, elements, given); err != nil {
				return exec.AsValue(err)
			}
			out := of(e, in, given)
			if out != nil && !out.IsError() && !fits(out.Interface()) {
				return exec.AsValue(b.fail(errValue))
			}
			return out
		}
	}
	return exec.NewFilterSet(all)
}

// methods are those that a template may use, bounded.
func (b *bounds) methods() exec.Methods {
	text := map[string]exec.Method[string]{}
	for _, name := range textMethods {
		of, ok := builtins.Methods.Str.Get(name)
		if !ok {
			continue
		}
		if name == "replace" {
			of = replace
		}
		text[name] = func(self string, v *exec.Value, given *exec.VarArgs) (any, error) {
			elements := 0
			if name == "join" && given.First().IsList() {
				elements = given.First().Len()
			}
			if len(self) > maxValue {
				return nil, b.fail(errValue)
			}
			if err := b.grows(name, self, elements, given); err != nil {
				return nil, err
			}
			out, err := of(self, v, given)
			if s, is := out.(string); is && len(s) > maxValue {
				return nil, b.fail(errValue)
			}
			return out, err
		}
	}
	dict := map[string]exec.Method[map[string]any]{}
	for _, name := range dictMethods {
		if of, ok := builtins.Methods.Dict.Get(name); ok {
			dict[name] = of
		}
	}
	return exec.Methods{
		Bool: exec.NewMethodSet(map[string]exec.Method[bool]{}), Int: exec.NewMethodSet(map[string]exec.Method[int]{}),
		Float: exec.NewMethodSet(map[string]exec.Method[float64]{}), Str: exec.NewMethodSet(text),
		Dict: exec.NewMethodSet(dict), List: exec.NewMethodSet(map[string]exec.Method[[]any]{}),
	}
}
