package app

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"maps"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/internal/provenance"
)

// What was made of a file is made again: of what the label holds of it, or of what is handed
// in, which must be that file.
func TestHandedInAgain(t *testing.T) {
	small := File{Name: "small.png", Bytes: encoded(t, image.NewGray(image.Rect(0, 0, 28, 28)))}
	other := File{Name: "other.png", Bytes: encoded(t, image.NewGray(image.Rect(0, 0, 29, 28)))}
	large := File{Name: "large.png", Bytes: append(bytes.Clone(small.Bytes), make([]byte, mostCarried)...)}
	label := func(f File) provenance.Label {
		a := &Variations{From: clothes, Picture: f, N: 3, Strength: 0.2, Seed: 1, Candidates: 4}
		return provenance.Label{Run: clothes, Settings: settings(a, nil), Inputs: handedIn(a)}
	}
	older := label(File{})
	older.Settings[givenSetting] = base64.StdEncoding.EncodeToString(small.Bytes)
	earlier := label(small) // earlier versions kept pictures
	kept := earlier.Inputs["picture"]
	kept.Bytes = small.Bytes
	earlier.Inputs["picture"] = kept
	damaged := label(small)
	damaged.Inputs = maps.Clone(damaged.Inputs)
	changed := damaged.Inputs["picture"]
	changed.Bytes = other.Bytes
	damaged.Inputs["picture"] = changed
	for _, c := range []struct {
		what  string
		label provenance.Label
		given map[string]File
		want  []byte
		err   string
	}{
		{"in the label", earlier, nil, small.Bytes, ""},
		{"in the label and given", earlier, map[string]File{"picture": small}, small.Bytes, ""},
		{"a picture, which is private", label(small), nil, nil, "the label does not hold small.png, of "},
		{"as an older program labelled", older, nil, small.Bytes, ""},
		{"too large for the label", label(large), nil, nil, "the label does not hold large.png, of 262"},
		{"given", label(large), map[string]File{"picture": large}, large.Bytes, ""},
		{"another one", label(large), map[string]File{"picture": other}, nil, "other.png is not the file that this was made from, large.png: its SHA-256 is "},
		{"by another name", label(large), map[string]File{"photo": large}, nil, `the label names no input "photo"; it names picture`},
		{"for nothing", provenance.Label{Run: clothes}, map[string]File{"photo": large}, nil, `the label names no input "photo"; it names none`},
		{"damaged", damaged, nil, nil, "the label is damaged"},
	} {
		a, err := again(c.label, c.given)
		if c.err != "" {
			if !errors.Is(err, badinput.Err) || !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%s: error %v", c.what, err)
			}
			continue
		}
		if err != nil || !bytes.Equal(a.(*Variations).Picture.Bytes, c.want) {
			t.Errorf("%s: error %v", c.what, err)
		}
	}
}

// A label holds no picture, no recording and no folder of the user, whereas short texts and pieces
// of music are held.
func TestPrivateInputs(t *testing.T) {
	small := File{Name: "/home/someone/secret/face.png", Bytes: encoded(t, image.NewGray(image.Rect(0, 0, 28, 28)))}
	in := handedIn(&Inpaint{Picture: small, Mask: File{Name: `C:\secret\mask.png`, Bytes: small.Bytes}})
	for key, want := range map[string]string{"picture": "face.png", "mask": "mask.png"} {
		if f := in[key]; f.Name != want || f.Bytes != nil || f.SHA256 != small.Hash() || f.Size != len(small.Bytes) {
			t.Errorf("%s: %+v", key, f)
		}
	}
	tune := File{Name: "a/b.abc", Bytes: []byte("X:1\nT:tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n")}
	if f := handedIn(&Transpose{Piece: tune})["piece"]; f.Name != "b.abc" || !bytes.Equal(f.Bytes, tune.Bytes) {
		t.Errorf("a piece: %+v", f)
	}
}

// A request knows what it made, and what others made.
func TestMade(t *testing.T) {
	s := shared(t)
	r, err := s.Open(clothes)
	if err != nil {
		t.Fatal(err)
	}
	bag := File{Name: "bag.png", Bytes: encoded(t, image.NewGray(image.Rect(0, 0, 28, 28)))}
	a := Variations{From: clothes, Picture: bag, N: 1, Strength: 0.2, Seed: 1, Candidates: 2}
	q := &request{App: &a}
	if err := q.run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	file := q.made[0].Bytes
	stranger, kept, png := a, a, a
	stranger.Picture.Bytes = append(bytes.Clone(bag.Bytes), 0)
	kept.Strength = 0.3
	png.Format = formatPNG // what it was, though not asked for
	for _, c := range []struct {
		what string
		app  App
		want bool
	}{{"itself", a, true}, {"the format that it chose", png, true}, {"another picture", stranger, false}, {"another strength", kept, false}, {"another app", Nearest{From: clothes, N: 1, K: 1, Seed: 1, Truncation: 1}, false}} {
		if got := Made(c.app, madeBy(r), Marking{}, file, nil); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
	if Made(a, madeBy(r), Marking{}, bag.Bytes, nil) || Made(a, madeBy(r), Marking{}, nil, nil) {
		t.Error("a file without label is taken for one of the request")
	}
}

// givenBy are the files of a request as reproduce is given them.
func givenBy(a App) map[string]File {
	out := map[string]File{}
	for _, in := range Inputs(a) {
		if f := in.File(); f != nil && len(f.Bytes) > 0 {
			out[in.Name] = *f
		}
		several, _ := in.Files()
		for i, f := range several {
			out[in.keyOf(i)] = f
		}
	}
	return out
}
