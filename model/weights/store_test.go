package weights

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func TestSaveLoadRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := Save(path, network(t, 2), map[string]string{"step": "12"}); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if names := fmt.Sprint(f.Names()); names != "[generator/dense_0/weights generator/state random]" || f.Metadata["step"] != "12" || len(f.Metadata) != 1 {
		t.Errorf("names %s, metadata %v", names, f.Metadata)
	}
	if learning := fmt.Sprint(f.Learning()); learning != "map[generator/dense_0/weights:2]" {
		t.Errorf("what learns: %s", learning)
	}
	store := network(t, 2)
	if err := store.GetVariable("/generator/dense_0/weights").SetValue(tensors.FromValue([][]float32{{9, 9}})); err != nil {
		t.Fatal(err)
	}
	if err := f.Restore(store); err != nil {
		t.Fatal(err)
	}
	empty := model.NewStore()
	if err := f.Preload(empty); err != nil {
		t.Fatal(err)
	}
	want := written(t, network(t, 2))
	if !bytes.Equal(written(t, store), want) || !bytes.Equal(written(t, empty), want) {
		t.Error("not the weights that were saved")
	}
	if empty.GetVariable("/generator/state").Trainable || !empty.GetVariable("/generator/dense_0/weights").Trainable {
		t.Error("Preload lost which variables learn")
	}
	if err := f.Preload(empty); err == nil {
		t.Error("Preload into a full store: no error")
	}
}

func TestRestoreOtherArchitecture(t *testing.T) {
	f, err := Read("w.safetensors", written(t, network(t, 2)))
	if err != nil {
		t.Fatal(err)
	}
	more, fewer := network(t, 2), network(t, 2)
	add(t, more, "/extra", []float32{1})
	if err := fewer.DeleteVariable("/random"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		store *model.Store
		want  string
	}{
		{network(t, 3), "w.safetensors: checkpoint of another architecture: generator/dense_0/weights is (Float32)[1, 2] there and (Float32)[1, 3] here"},
		{more, "w.safetensors: checkpoint of another architecture: it has no extra"},
		{fewer, "w.safetensors: checkpoint of another architecture: there is no random here"},
	} {
		before := written(t, c.store)
		if err := f.Restore(c.store); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
		if !bytes.Equal(written(t, c.store), before) {
			t.Error("weights changed")
		}
	}
}

// Stores that a mapped file served keep their values when it is closed.
func TestMap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := Save(path, network(t, 2), nil); err != nil {
		t.Fatal(err)
	}
	f, closed, err := Map(path)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	err = f.Serve(nil, store, func(string) bool { return true })
	closed()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written(t, store), written(t, network(t, 2))) {
		t.Error("other weights than the file's")
	}
	if _, _, err := Map(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: error %v", err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Map(empty); err == nil || err.Error() != empty+" is empty" {
		t.Errorf("an empty file: error %v", err)
	}
}

func TestFit(t *testing.T) {
	f, err := Read("w.safetensors", written(t, network(t, 2)))
	if err != nil {
		t.Fatal(err)
	}
	store := network(t, 3)
	add(t, store, "/extra", []float32{1})
	taken, left, err := f.Fit(store.IterVariables())
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(taken); got != "[generator/state random]" {
		t.Errorf("taken %s", got)
	}
	if got := fmt.Sprint(left); got != "[extra: missing generator/dense_0/weights: it is 1 × 2 float32 there and 1 × 3 float32 here]" {
		t.Errorf("left %s", got)
	}
}

func TestReadNewerFormat(t *testing.T) {
	var file bytes.Buffer
	if err := Encode(&file, nil, map[string]string{formatKey: "2"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Read("w", file.Bytes()); err == nil || !strings.Contains(err.Error(), "use a newer one") {
		t.Errorf("error %v", err)
	}
}

// network is a store as a small network leaves it, with width outputs.
func network(t *testing.T, width int) *model.Store {
	store := model.NewStore()
	row := make([]float32, width)
	for i := range row {
		row[i] = float32(i) + 0.5
	}
	add(t, store, "/generator/dense_0/weights", [][]float32{row})
	add(t, store, "/generator/state", true).SetTrainable(false)
	add(t, store, "/random", []uint64{1, 2, 3}).SetTrainable(false)
	return store
}

func add(t *testing.T, store *model.Store, path string, value any) *model.Variable {
	v, err := store.CreateVariable(path, tensors.MustFromAnyValue(value))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func written(t *testing.T, store *model.Store) []byte {
	var file bytes.Buffer
	if err := Write(&file, store, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}
