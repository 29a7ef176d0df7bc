package run

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/internal/badinput"
	"atelier/internal/tensorfile"
	"atelier/model/pixelnet"
	"atelier/model/weights"
)

// tensorsOf are the tensors of weights by their names: those of picture networks, or of a .safetensors file.
func (i *WeightsInit) tensorsOf(home string) (tensorfile.Set, error) {
	if strings.EqualFold(filepath.Ext(i.Name), ".safetensors") {
		return safetensors(i.Name)
	}
	return pixelnet.Tensors(home, i.Name)
}

func safetensors(path string) (tensorfile.Set, error) {
	f, err := weights.Load(path)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	set := tensorfile.Set{}
	for _, name := range f.Names() {
		t, err := f.Tensor(nil, name)
		if err != nil {
			return nil, err
		}
		if t.DType() != dtypes.Float32 {
			continue
		}
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		set[name] = tensorfile.Tensor{Shape: t.Shape().Dimensions, Values: values}
	}
	return set, nil
}

// renamed are the names of tensors by those of the variables that take them.
func (i *WeightsInit) renamed() (map[string]string, error) {
	names := map[string]string{}
	for _, pair := range i.Map {
		ours, theirs, ok := strings.Cut(pair, "=")
		if !ok || ours == "" || theirs == "" {
			return nil, badinput.Errorf("init.map: want pairs such as \"painter/layer_00_kernel=Variable\", got %q", pair)
		}
		names[ours] = theirs
	}
	return names, nil
}

// adoptTensors sets the variables of a new run that tensors fit: of the same name, or of the name in the map, and
// of the same shape, or of one that says the same.
func (i *WeightsInit) adoptTensors(t *trainer) error {
	set, err := i.tensorsOf(t.studio.Home)
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	names, err := i.renamed()
	if err != nil {
		return err
	}
	taken, used := 0, map[string]bool{}
	for _, v := range slices.SortedFunc(networks(t.store), func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) }) {
		ours := strings.TrimPrefix(v.Path(), "/")
		theirs, named := names[ours]
		delete(names, ours)
		if !named {
			theirs = ours
		}
		tensor, ok := set[theirs]
		if !ok && !named {
			theirs = strings.ReplaceAll(ours, "/", ".") // as PyTorch writes them
			tensor, ok = set[theirs]
		}
		if !ok {
			t.studio.notice(fmt.Sprintf("not taken: %s: %s has no %s", ours, i.Name, theirs))
			continue
		}
		values, ok := shaped(tensor, v.Shape().Dimensions)
		if !ok || v.Shape().DType != dtypes.Float32 {
			t.studio.notice(fmt.Sprintf("not taken: %s: it is %v there and %v here", ours, tensor.Shape, v.Shape().Dimensions))
			continue
		}
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			return err
		}
		taken++
		used[theirs] = true
	}
	for ours := range names {
		return badinput.Errorf("init.map: the model has no weight %s", ours)
	}
	t.studio.notice(fmt.Sprintf("%d weights taken from %s, which has %d other tensors", taken, i.Name, len(set)-len(used)))
	if taken == 0 {
		return badinput.Errorf("init: no tensor of %s fits this model; init.map names which goes where", i.Name)
	}
	return nil
}

// shaped are the numbers of a tensor in another shape that says the same: kernels [height, width, in, out] are the rows of
// one product, and those of PyTorch [out, in, height, width] and [out, in] are turned.
func shaped(t tensorfile.Tensor, shape []int) ([]float32, bool) {
	if slices.Equal(t.Shape, shape) {
		return t.Values, true
	}
	s := t.Shape
	switch {
	case len(s) == 4 && len(shape) == 2 && s[0]*s[1]*s[2] == shape[0] && s[3] == shape[1]:
		return t.Values, true
	case len(s) == 4 && (slices.Equal(shape, []int{s[2], s[3], s[1], s[0]}) || slices.Equal(shape, []int{s[2] * s[3] * s[1], s[0]})):
		return turned(t.Values, s[0], s[1], s[2]*s[3]), true
	case len(s) == 2 && slices.Equal(shape, []int{s[1], s[0]}):
		return turned(t.Values, s[0], s[1], 1), true
	}
	return nil, false
}

// turned puts numbers [out, in, places] into the order [places, in, out].
func turned(values []float32, out, in, places int) []float32 {
	all := make([]float32, 0, len(values))
	for p := range places {
		for i := range in {
			for o := range out {
				all = append(all, values[(o*in+i)*places+p])
			}
		}
	}
	return all
}
