package pngchunk

import (
	"slices"
	"testing"
)

// What is inserted comes after acTL, wherever that stood, or at the end of an animation, so that players
// find it.
func TestInsert(t *testing.T) {
	for i, kinds := range [][]string{{"IHDR", "acTL", "fcTL", "IDAT", "IEND"}, {"IHDR", "tEXt", "acTL", "fcTL", "IDAT", "IEND"}, {"IHDR", "tEXt", "IDAT", "IEND"}, {"IHDR", "acTL", "fcTL", "IDAT", "IEND"}, {"IHDR", "IDAT", "IEND"}} {
		late := i > 2
		file := []byte(Signature)
		for _, k := range kinds {
			file = Append(file, k, []byte(k))
		}
		added := Append(nil, "iTXt", make([]byte, 10_000))
		out, at, err := Insert(file, added, late, func(c Chunk) bool { return c.Kind == "tEXt" })
		if err != nil || string(out[at:at+len(added)]) != string(added) {
			t.Fatalf("%v: at %d, error %v", kinds, at, err)
		}
		var got []string
		for c, err := range All(out) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.Kind)
		}
		want := slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == "tEXt" })
		behind := 1 + slices.Index(want, "acTL")
		if late && behind > 0 {
			behind = len(want) - 1
		}
		if want = slices.Insert(want, max(behind, 1), "iTXt"); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
