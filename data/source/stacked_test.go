package source

import (
	"bytes"
	"context"
	"image/color"
	"image/png"
	"reflect"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/registry"
)

// digits is an IDX set of pictures of 1×2 pixels, two of each of ten classes to train on
// and one of each to test: of digit d the pixels (d, 100), (d, 101) and (d, 200).
func digits(t *testing.T) registry.Choice[data.Source] {
	var train, test, trainLabels, testLabels []byte
	for d := range byte(10) {
		train = append(train, d, 100, d, 101)
		trainLabels = append(trainLabels, d, d)
		test = append(test, d, 200)
		testLabels = append(testLabels, d)
	}
	return registry.Choice[data.Source]{Use: "idx", Value: &IDX{Path: write(t, map[string][]byte{
		"train-images-idx3-ubyte": idxOf(train, 20, 1, 2), "train-labels-idx1-ubyte": idxOf(trainLabels, 20),
		"t10k-images-idx3-ubyte": idxOf(test, 10, 1, 2), "t10k-labels-idx1-ubyte": idxOf(testLabels, 10),
	})}}
}

// Each channel holds a digit, the label names the three, and parts do not mix.
func TestStacked(t *testing.T) {
	s := &Stacked{Of: digits(t), Size: 2000, Seed: 1}
	names := s.ClassNames()
	if len(names) != 1000 || names[0] != "000" || names[314] != "314" || names[999] != "999" {
		t.Fatalf("%d classes", len(names))
	}
	for split, n := range map[data.Split]int{data.Train: 2000, data.Test: 500} {
		items, err := collect(s, split)
		if err != nil || len(items) != n {
			t.Fatal(split, len(items), err)
		}
		seconds, found := map[uint8]bool{}, map[string]bool{}
		for _, it := range items {
			img, err := png.Decode(bytes.NewReader(it.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			class, second := color.NRGBAModel.Convert(img.At(0, 0)).(color.NRGBA), color.NRGBAModel.Convert(img.At(1, 0)).(color.NRGBA)
			if got := string([]byte{'0' + class.R, '0' + class.G, '0' + class.B}); got != it.Label {
				t.Fatalf("%s holds %s, its label is %s", it.Name, got, it.Label)
			}
			seconds[second.R], seconds[second.G], seconds[second.B] = true, true, true
			found[it.Label] = true
		}
		want := map[data.Split]map[uint8]bool{data.Train: {100: true, 101: true}, data.Test: {200: true}}[split]
		if !reflect.DeepEqual(seconds, want) {
			t.Errorf("%s holds pictures %v, want %v", split, seconds, want)
		}
		// Of 2,000 draws among 1,000 on average 1000·(1 - 1/e²) = 865 are found.
		if n := len(found); split == data.Train && (n < 830 || n > 900) {
			t.Errorf("%d classes are found", n)
		}
	}
}

func TestStackedFollowsTheSeed(t *testing.T) {
	of := digits(t)
	labels := func(seed uint64, size int) (all []string) {
		items, err := collect(&Stacked{Of: of, Size: size, Seed: seed}, data.Train)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			all = append(all, it.Label)
		}
		return all
	}
	first := labels(1, 30)
	if !slices.Equal(labels(1, 40)[:30], first) || slices.Equal(labels(2, 30), first) {
		t.Error("the first pictures depend on the size, or not on the seed")
	}
}

func TestStackedMistakes(t *testing.T) {
	for _, c := range []struct {
		of   data.Source
		want string
	}{
		{nil, `of is not set; it names the set of the pictures, such as of = {use = "card", name = "mnist"}`},
		{&Folder{Path: write(t, map[string][]byte{"a/1.png": pngOf(t, 2), "b/2.png": pngOf(t, 3)}), Kind: pictures, Label: "folder"}, "3×3 pixels, others have not"},
		{&Folder{Path: write(t, map[string][]byte{"1.png": pngOf(t, 2)}), Kind: pictures, Label: "folder"}, "1.png has no label"},
		{&Folder{Path: write(t, map[string][]byte{"a/1.png": pngOf(t, 2)}), Kind: pictures, Label: "folder"}, "the set has 1 classes; want 2 to 10"},
		{&Folder{Path: write(t, map[string][]byte{"a/1.png": pngOf(t, 2)[:60]}), Kind: pictures, Label: "folder"}, "1.png: "},
	} {
		s := &Stacked{Of: registry.Choice[data.Source]{Value: c.of}, Size: 4}
		if _, err := collect(s, data.Train); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	s := &Stacked{Of: digits(t), Size: 4}
	if _, err := collect(s, data.Train); err != nil {
		t.Fatal(err)
	}
	cancel()
	for _, err := range s.Items(stopped, data.Train) {
		if err == nil {
			t.Error("continues after it was stopped")
		}
	}
}
