package app

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"atelier/internal/badinput"
	"atelier/internal/registry"
)

// An Input is one exported field of an app, from which flags, help, completion, schemas,
// checks and labels are derived. Its tags are those of [registry.Field] and
//
//	arg:"RUN"         it is an argument of that name, and not a flag
//	lead:"RUN"        it is a flag that can be given as an argument before the others, too
//	min:"1" max:"64"  the range of a number, or of how many there are of several
//	enum:"png,webp"   the words that it can be
//	accept:"image/*"  the media types of a [File], or of [Files], separated by commas
//	web:"page"        a [File] can be an address of the web, which the app fetches
//	needs:"draws"     the ability that the run of a [Model] must have, see [run.Abilities]
//	or:"colour"       a [File] can be a colour instead, which is a name without bytes
//	or:"run"          a run can be given instead of files, which the input run takes
//	words:"none"      words that a [Model] accepts instead of a run
//	names:"classes"   it names classes of the run
//	zero:"unset"      0 means that it is not given, and so cannot be given
//	label:"written"   recorded in labels only of works generated token by token
//
// The app's default is always in range.
type Input struct {
	registry.Field
	// Usual is the default.
	Usual reflect.Value
	kind  kind
}

// The tags of inputs.
const (
	argTag   = "arg"
	leadTag  = "lead"
	enumTag  = "enum"
	needsTag = "needs"
	wordsTag = "words"
	labelTag = "label"
	webTag   = "web"
	namesTag = "names"
	zeroTag  = "zero"
)

// Inputs returns the inputs of an app in order. It panics if the type of an input is not
// supported.
func Inputs(a App) []Input {
	fields := registry.Fields(reflect.ValueOf(a))
	usual := fields
	if fresh, err := Apps.New(Name(a)); err == nil {
		usual = registry.Fields(reflect.ValueOf(fresh))
	}
	all := make([]Input, len(fields))
	for i, f := range fields {
		k, ok := kinds[f.Value.Type()]
		if !ok {
			panic(fmt.Sprintf("input %s: there is no kind of input for a %v", f.Name, f.Value.Type()))
		}
		all[i] = Input{f, reflect.ValueOf(usual[i].Value.Interface()), k}
	}
	return all
}

// New returns the app of a type, such as *Train, with its default inputs. It panics if
// [Apps] has none.
func New[T App]() T {
	for e := range Apps.All() {
		if a, ok := e.New().(T); ok {
			return a
		}
	}
	panic(fmt.Sprintf("there is no app %v", reflect.TypeFor[T]()))
}

// Name returns the name of an app in [Apps], empty if it is not registered.
func Name(a App) string {
	if name, ok := nameOf.Load(structOf(a)); ok {
		return name.(string)
	}
	for e := range Apps.All() {
		if structOf(e.New()) == structOf(a) {
			nameOf.Store(structOf(a), e.Name)
			return e.Name
		}
	}
	return ""
}

// nameOf are the names of apps that were asked for, by the type of their struct.
var nameOf sync.Map

func structOf(a App) reflect.Type {
	t := reflect.TypeOf(a)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// Copy returns a copy of an app, whose inputs can be changed independently.
func Copy(a App) App {
	v := reflect.New(structOf(a))
	v.Elem().Set(reflect.Indirect(reflect.ValueOf(a)))
	return v.Interface().(App)
}

// Argument is the name of a positional argument, empty for a flag.
func (in Input) Argument() string { return in.Tag.Get(argTag) }

// Lead is the name of an input that is a flag, as an argument before the others; empty if
// it cannot be one.
func (in Input) Lead() string { return in.Tag.Get(leadTag) }

// Type is the word for the input's type in help.
func (in Input) Type() string { return in.kind.name }

// Words writes the input as on a command line.
func (in Input) Words() string { return in.kind.words(in.Value) }

// Set parses the input as on a command line; more appends to the value of a list.
func (in Input) Set(text string, more bool) error {
	v, err := in.kind.parse(text)
	switch {
	case err != nil:
		return err
	case more && in.Value.Kind() == reflect.Slice:
		v = reflect.AppendSlice(slicesClone(in.Value), v)
	}
	in.Value.Set(v.Convert(in.Value.Type()))
	return nil
}

// Given reports a value that a person cannot have meant to give: 0 where that means none was.
func (in Input) Given() error {
	if in.Tag.Get(zeroTag) != "unset" || !in.Value.IsZero() {
		return nil
	}
	return badinput.Errorf("want %s to %s, got 0", in.Tag.Get("min"), in.Tag.Get("max"))
}

// Restore parses what [Input.Words] wrote.
func (in Input) Restore(text string) error {
	if in.kind.restore == nil {
		return in.Set(text, false)
	}
	v, err := in.kind.restore(text)
	if err == nil {
		in.Value.Set(v)
	}
	return err
}

// slicesClone returns a copy of a slice.
func slicesClone(v reflect.Value) reflect.Value {
	return reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)
}

// Choices are the allowed words, none if any word is allowed.
func (in Input) Choices() []string { return list(in.Tag.Get(enumTag)) }

// Needs is the ability that the named run must have.
func (in Input) Needs() string { return in.Tag.Get(needsTag) }

// Besides are the words that a [Model] accepts instead of a run.
func (in Input) Besides() []string { return list(in.Tag.Get(wordsTag)) }

// IsClass reports whether the input names classes of the run of another input.
func (in Input) IsClass() bool { return in.Tag.Get(namesTag) == "classes" }

// IsModel reports whether the input is a [Model].
func (in Input) IsModel() bool { return in.Value.Type() == reflect.TypeFor[Model]() }

// IsAddress reports whether the input is a [File] by its address, of an app that fetches it.
func (in Input) IsAddress() bool {
	f := in.File()
	return f != nil && in.Tag.Get(webTag) != "" && isAddress(f.Name)
}

// File returns the input if it is a [File], nil otherwise.
func (in Input) File() *File {
	if f, ok := in.Value.Interface().(File); ok {
		return &f
	}
	return nil
}

// list splits a comma-separated list of words.
func list(words string) []string {
	if words == "" {
		return nil
	}
	return strings.Split(words, ",")
}

// checkInputs reports the first input, other than files, that violates its tags.
func checkInputs(a App) error {
	for _, in := range Inputs(a) {
		if reflect.DeepEqual(in.Value.Interface(), in.Usual.Interface()) {
			continue
		}
		if want := in.unfit(); want != "" {
			return registry.Unfit(in.Name, want)
		}
	}
	return nil
}

// unfit says what an input should be and what it is; it is empty if the input is valid.
func (in Input) unfit() string {
	if choices := in.Choices(); len(choices) > 0 && !slices.Contains(choices, in.Words()) {
		return fmt.Sprintf("no %s %q; %s", in.Name, in.Words(), registry.Suggest(in.Words(), choices))
	}
	low, high := in.Tag.Get("min"), in.Tag.Get("max")
	if in.kind.size == nil || low == "" && high == "" {
		return ""
	}
	size := in.kind.size(in.Value)
	if (low == "" || size >= in.bound(low)) && (high == "" || size <= in.bound(high)) {
		return ""
	}
	want := "want at least " + low
	switch {
	case low == "":
		want = "want at most " + high
	case high != "":
		want = fmt.Sprintf("want %s to %s", low, high)
	}
	got := in.Words()
	if in.Value.Kind() == reflect.Slice {
		want, got = want+", such as "+in.kind.example+";", fmt.Sprint(in.Value.Len())
	} else {
		if usual := in.kind.size(in.Usual); low != "" && usual < in.bound(low) && in.Tag.Get(zeroTag) != "unset" {
			want += ", or " + in.kind.words(in.Usual)
		}
		want += ","
	}
	return want + " got " + got
}

// bound parses the number in a tag.
func (in Input) bound(tag string) float64 {
	n, err := in.kind.number(tag)
	if err != nil {
		panic(fmt.Sprintf("input %s: the bound %q: %v", in.Name, tag, err))
	}
	return n
}
