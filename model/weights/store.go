package weights

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/internal/mapped"
)

// Our own metadata keys.
const (
	formatKey = "atelier.format"
	frozenKey = "atelier.frozen" // JSON list of the variables that are not trainable
	format    = 1
)

// A File is a parsed and validated file of weights. Its tensors are named by the paths of the
// variables, as in "generator/dense_0/weights".
type File struct {
	Metadata map[string]string // what the writer added

	name    string // for messages
	tensors map[string]Tensor
	frozen  []string
}

// Save writes every variable of the store that has a value, and metadata, to the file at path,
// atomically.
func Save(path string, store *model.Store, metadata map[string]string) error {
	return durable.Write(path, func(w io.Writer) error { return Write(w, store, metadata) })
}

// Write writes every variable of the store that has a value, and metadata, in
// the safetensors format. The same variables give the same bytes.
func Write(w io.Writer, store *model.Store, metadata map[string]string) error {
	f, err := Take(store, metadata)
	if err != nil {
		return err
	}
	return f.Write(w)
}

// Take copies every variable of the store that has a value.
func Take(store *model.Store, metadata map[string]string) (*File, error) {
	f := &File{Metadata: metadata, tensors: map[string]Tensor{}, frozen: []string{}}
	for v := range store.IterVariables() {
		if !v.HasValue() {
			continue
		}
		t, err := snapshot(v)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", nameOf(v), err)
		}
		f.tensors[nameOf(v)] = t
		if !v.Trainable {
			f.frozen = append(f.frozen, nameOf(v))
		}
	}
	slices.Sort(f.frozen)
	return f, nil
}

// Write writes the file in the safetensors format. The same tensors give the same bytes.
func (f *File) Write(w io.Writer) error {
	list, err := json.Marshal(f.frozen)
	if err != nil {
		return err
	}
	own := map[string]string{formatKey: strconv.Itoa(format), frozenKey: string(list)}
	maps.Copy(own, f.Metadata)
	return Encode(w, f.tensors, own)
}

// Load reads the file at path.
func Load(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Read(path, data)
}

// Map is [Load] without a copy: the tensors share the memory of the file, which must not change
// until it is closed.
func Map(path string) (f *File, closed func(), err error) {
	m, err := mapped.Open(path, math.MaxInt64)
	if of := new(fs.PathError); errors.As(err, &of) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s %w", path, err)
	}
	f, err = Read(path, m.Bytes)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	return f, func() { m.Close() }, nil
}

// Read reads a file of weights from memory; name is its name in messages. Files written by other
// programs are accepted.
func Read(name string, data []byte) (*File, error) {
	all, metadata, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &File{Metadata: metadata, name: name, tensors: all}
	if v, ok := metadata[formatKey]; ok {
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > format {
			return nil, badinput.Errorf("%s: weights of format %s; this version of the program reads formats up to %d: use a newer one", name, v, format)
		}
	}
	if list, ok := metadata[frozenKey]; ok {
		if err := json.Unmarshal([]byte(list), &f.frozen); err != nil {
			return nil, fmt.Errorf("%s: metadata %s: %w", name, frozenKey, err)
		}
	}
	delete(metadata, formatKey)
	delete(metadata, frozenKey)
	return f, nil
}

// Names returns the names of the tensors, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Learning returns the number of elements of each trainable tensor, by name.
func (f *File) Learning() map[string]int {
	sizes := map[string]int{}
	for name, t := range f.tensors {
		if !slices.Contains(f.frozen, name) {
			sizes[name] = t.shape().Size()
		}
	}
	return sizes
}

// Tensor returns a copy of the named tensor as a value for graphs: owned by a backend, so that its
// graphs use it without another copy, or by none if backend is nil.
func (f *File) Tensor(backend compute.Backend, name string) (*tensors.Tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return nil, fmt.Errorf("%s has no tensor %q", f.name, name)
	}
	return tensors.FromRaw(backend, 0, t.shape(), t.Data)
}

// Preload creates a variable in the store for every tensor of the file, so that networks built
// later find them. The store must not have them yet.
func (f *File) Preload(store *model.Store) error {
	return f.preload(nil, store, func(string) bool { return true })
}

func (f *File) preload(backend compute.Backend, store *model.Store, counts func(name string) bool) error {
	for _, name := range f.Names() {
		if !counts(name) {
			continue
		}
		if store.GetVariable("/"+name) != nil {
			return fmt.Errorf("%s: variable %s already exists", f.name, name)
		}
		value, err := f.Tensor(backend, name)
		if err != nil {
			return err
		}
		v, err := store.CreateVariable("/"+name, value)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		v.SetTrainable(!slices.Contains(f.frozen, name))
	}
	return nil
}

// Restore sets every variable of the store. If file and store do not have the
// same variables with the same shapes, nothing is set and the error names the
// first difference.
func (f *File) Restore(store *model.Store) error {
	var missing []string
	for v := range store.IterVariables() {
		if _, ok := f.tensors[nameOf(v)]; !ok {
			missing = append(missing, nameOf(v))
		}
	}
	if len(missing) > 0 {
		return badinput.Errorf("%s: checkpoint of another architecture: it has no %s", f.name, slices.Min(missing))
	}
	for _, name := range f.Names() {
		v := store.GetVariable("/" + name)
		if v == nil {
			return badinput.Errorf("%s: checkpoint of another architecture: there is no %s here", f.name, name)
		}
		if has := f.tensors[name].shape(); !has.Equal(v.Shape()) {
			return badinput.Errorf("%s: checkpoint of another architecture: %s is %s there and %s here", f.name, name, has, v.Shape())
		}
	}
	for v := range store.IterVariables() {
		if err := f.assign(v); err != nil {
			return err
		}
	}
	return nil
}

// Fit sets the variables whose name and shape are in the file, and returns the names of those and
// of the others, sorted.
func (f *File) Fit(variables iter.Seq[*model.Variable]) (taken []string, left []Misfit, err error) {
	sorted := slices.SortedFunc(variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	for _, v := range sorted {
		name := nameOf(v)
		t, ok := f.tensors[name]
		switch {
		case !ok:
			left = append(left, Misfit{name, "missing"})
		case !t.shape().Equal(v.Shape()):
			left = append(left, Misfit{name, fmt.Sprintf("it is %s there and %s here", dimensions(t.shape()), dimensions(v.Shape()))})
		default:
			if err := f.assign(v); err != nil {
				return nil, nil, err
			}
			taken = append(taken, name)
		}
	}
	return taken, left, nil
}

func (f *File) assign(v *model.Variable) error {
	value, err := f.Tensor(nil, nameOf(v))
	if err != nil {
		return err
	}
	return v.SetValue(value)
}

func (t Tensor) shape() shapes.Shape { return shapes.Make(t.DType, t.Dims...) }

// snapshot copies the value of a variable.
func snapshot(v *model.Variable) (Tensor, error) {
	value, err := v.Value()
	if err != nil {
		return Tensor{}, err
	}
	t := Tensor{DType: value.DType(), Dims: value.Shape().Dimensions}
	err = value.ConstBytes(func(data []byte) { t.Data = slices.Clone(data) })
	return t, err
}

// nameOf is the path of a variable without the leading slash.
func nameOf(v *model.Variable) string { return strings.TrimPrefix(v.Path(), "/") }

// Serve loads the selected tensors into an empty store of a backend, as [File.Preload] does, and
// makes it reject any other variable that networks ask for, which would otherwise be random: they
// would be of another architecture.
func (f *File) Serve(backend compute.Backend, store *model.Store, counts func(name string) bool) error {
	if err := f.preload(backend, store, counts); err != nil {
		return err
	}
	store.SetLoader(complete{f})
	return nil
}

// complete is the loader of a complete store.
type complete struct{ file *File }

// LoadVariable implements [model.Loader]. Graphs are built where panics are caught.
func (c complete) LoadVariable(_ *model.Store, path string) (*tensors.Tensor, bool) {
	panic(badinput.Errorf("%s: checkpoint of another architecture: it has no %s", c.file.name, strings.TrimPrefix(path, "/")))
}

// DeleteVariable implements [model.Loader].
func (complete) DeleteVariable(*model.Store, string) error { return nil }
