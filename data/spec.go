package data

import (
	"fmt"
	"slices"
	"strings"

	"atelier/internal/registry"
)

// A Kind says what the numbers of a field are.
type Kind string

// The kinds of field.
const (
	Pixels  Kind = "pixels"  // float32, shape [height, width, channels]
	Frames  Kind = "frames"  // float32, shape [frames, height, width, channels]
	Vector  Kind = "vector"  // float32, shape [width]
	Classes Kind = "classes" // int32 class index, shape []
	Tokens  Kind = "tokens"  // int32 in [0, vocabulary), shape [length]
)

// Label is the name of the field that holds an Example's class index.
const Label = "label"

// A Field is one named value of an example as the networks see it.
type Field struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Shape is that of one example, without the batch axis.
	Shape []int `json:"shape"`
	// Low and High bound the values of pixels, frames and vectors.
	Low  float32 `json:"low"`
	High float32 `json:"high"`
	// Classes are the class names of a field of kind Classes; index i is Classes[i].
	Classes []string `json:"classes,omitempty"`
	// Vocabulary is the number of different tokens of a field of kind Tokens.
	Vocabulary int `json:"vocabulary,omitempty"`
	// Begin is the token of a field of kind Tokens after which a work without a prompt begins.
	Begin int32 `json:"begin,omitempty"`
}

// whole reports whether the field's numbers are int32.
func (f Field) whole() bool { return f.Kind == Classes || f.Kind == Tokens }

// Class is the index of a class by its name. An empty name is [ErrUnlabelled].
func (f Field) Class(label string) (int32, error) {
	i := slices.Index(f.Classes, label)
	switch {
	case i >= 0:
		return int32(i), nil
	case label == "":
		return 0, ErrUnlabelled
	}
	return 0, fmt.Errorf("the label %q is not a class of the training part; %s", label, registry.Suggest(label, f.Classes))
}

// Frame is the field of one frame of a field of kind Frames, as a picture.
func (f Field) Frame() Field {
	f.Kind, f.Shape = Pixels, f.Shape[1:]
	return f
}

// Size is the count of numbers in one example of the field.
func (f Field) Size() int {
	n := 1
	for _, d := range f.Shape {
		n *= d
	}
	return n
}

func (f Field) String() string {
	if f.Kind == Classes {
		return fmt.Sprintf("%s of %d classes", f.Name, len(f.Classes))
	}
	if f.Kind == Tokens {
		return fmt.Sprintf("%s of %d tokens from a vocabulary of %d", f.Name, f.Size(), f.Vocabulary)
	}
	dims := strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Shape), " ", "×"), "[]")
	return fmt.Sprintf("%s %s in [%g, %g]", f.Name, dims, f.Low, f.High)
}

// A Spec is the contract between data and networks: the named fields of an example.
type Spec struct {
	Fields []Field `json:"fields"`
}

// Field returns the named field and whether there is one.
func (s Spec) Field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

// Target returns the field that a model learns to generate; the zero Field if there is none.
func (s Spec) Target() Field {
	f, _ := s.Field(Target)
	return f
}

// ClassNames returns the names of the classes, none if the set is unlabelled.
func (s Spec) ClassNames() []string {
	f, _ := s.Field(Label)
	return f.Classes
}

// Beside names the companion pictures of the target, in order.
func (s Spec) Beside() (names []string) {
	for _, f := range s.Fields {
		if f.Kind == Pixels && f.Name != Target {
			names = append(names, f.Name)
		}
	}
	return names
}

// Only returns the spec with only the named fields.
func (s Spec) Only(names ...string) Spec {
	var out Spec
	for _, f := range s.Fields {
		if slices.Contains(names, f.Name) {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// mostNumbers limits the size of a field of one example.
const mostNumbers = 1 << 28

// Check rejects an invalid spec read from a file.
func (s Spec) Check() error {
	seen := map[string]bool{}
	for _, f := range s.Fields {
		switch {
		case f.Name == "" || seen[f.Name]:
			return fmt.Errorf("a field is called %q, which is no name or that of another", f.Name)
		case f.Vocabulary < 0:
			return fmt.Errorf("the field %s has a vocabulary of %d", f.Name, f.Vocabulary)
		case f.Begin < 0 || f.Begin > 0 && int(f.Begin) >= f.Vocabulary:
			return fmt.Errorf("the field %s begins with token %d, but has a vocabulary of %d", f.Name, f.Begin, f.Vocabulary)
		}
		if f.Kind == Frames && len(f.Shape) != 4 {
			return fmt.Errorf("the field %s of frames has the shape %v", f.Name, f.Shape)
		}
		seen[f.Name] = true
		size := 1
		for _, d := range f.Shape {
			if d < 1 || d > mostNumbers/size {
				return fmt.Errorf("the field %s has the shape %v", f.Name, f.Shape)
			}
			size *= d
		}
	}
	return nil
}

// Equal reports whether two specs have the same fields in the same order.
func (s Spec) Equal(t Spec) bool {
	return slices.EqualFunc(s.Fields, t.Fields, func(a, b Field) bool {
		return a.Name == b.Name && a.Kind == b.Kind && a.Low == b.Low && a.High == b.High &&
			a.Vocabulary == b.Vocabulary && a.Begin == b.Begin && slices.Equal(a.Shape, b.Shape) && slices.Equal(a.Classes, b.Classes)
	})
}

func (s Spec) String() string {
	parts := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		parts[i] = f.String()
	}
	return strings.Join(parts, ", ")
}
