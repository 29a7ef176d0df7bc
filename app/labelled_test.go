package app

import (
	"bytes"
	"image"
	"image/color"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/music"
	"atelier/internal/provenance"
	"atelier/internal/watermark"
	"atelier/model/run"
)

// writers are requests that write every format there is, by app and inputs.
var writers = []struct {
	format, app string
	inputs      map[string]string
	signed      bool
}{
	{formatPNG, "sheet", nil, true},
	{formatJPEG, "sheet", nil, true},
	{formatWebP, "sheet", nil, true},
	{formatGIF, "interpolate", walking, true},
	{formatAPNG, "interpolate", walking, true},
	{formatWebP, "interpolate", walking, true},
	{formatText, "write", writing, false},
	{formatMarkdown, "write", writing, false},
	{formatJSON, "write", writing, false},
	{formatWAV, "render", nil, true},
	{formatFLAC, "render", nil, false},
	{string(music.MIDI), "convert", nil, false},
	{string(music.ABC), "convert", nil, false},
	{string(music.MusicXML), "convert", nil, false},
	{string(music.MXL), "convert", nil, false},
	{formatWebM, "animate", map[string]string{"frames": "4"}, false},
	{formatAVI, "animate", map[string]string{"frames": "4"}, false},
	{formatY4M, "animate", map[string]string{"frames": "4"}, false},
	{formatTMX, "level", nil, false},
	{formatTMJ, "level", nil, false},
	{formatCSV, "level", nil, false},
	{formatTSX, "sprites", map[string]string{"as": asTileset}, false},
	{formatGLB, "relief", nil, false},
	{formatUSDZ, "standee", nil, false},
	{formatHTML, "exhibit", nil, false},
}

var (
	walking = map[string]string{"run": clothes, "seeds": "1,2", "frames": "2", "scale": "4"}
	writing = map[string]string{"model": play, "prompt": "To be", "length": "12"}
)

// written runs an app with inputs as on a command line, and the files that it needs.
func written(t *testing.T, env *Env, name, format string, inputs map[string]string) (item data.Item, beside []byte, given map[string]File) {
	t.Helper()
	a, err := Apps.New(name)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewNRGBA(image.Rect(0, 0, 200, 160))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*i>>7 | 3)
	}
	files := map[string]File{"pictures": {Name: "a.png", Bytes: encoded(t, img)}, "picture": {Name: "a.png", Bytes: encoded(t, img)}, "piece": {Name: "a.abc", Bytes: []byte("X:1\nT:tune\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|\n")}}
	for _, in := range Inputs(a) {
		text, set := inputs[in.Name]
		file, needed := files[in.Name]
		switch {
		case in.Name == "format":
			text, set = format, true
		case needed && in.File() != nil:
			in.Value.Set(reflect.ValueOf(file))
		case needed:
			in.Value.Set(reflect.ValueOf(Files{file}))
		}
		if set {
			if err := in.Set(text, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	own := *env
	own.Out = Out{File: "out" + extensions[format][0], Apart: format == formatTMX || format == formatTMJ} // which go to a folder
	own.Emit = func(it data.Item) error { item = it; return nil }
	own.Beside = func(_ string, label []byte) error { beside = label; return nil }
	if err := Run(t.Context(), a, &own); err != nil {
		t.Fatalf("%s, %s: %v", name, format, err)
	}
	return item, beside, givenBy(a)
}

// Every format that is written carries a label that is whole, with the statements of IPTC and, if a
// model took part, of GB 45438-2025, and the marks that it has a place for; a change is noticed.
func TestEveryFormatIsLabelled(t *testing.T) {
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	keys := Keys{Folder: filepath.Join(t.TempDir(), "keys")}
	by, err := keys.Signer("", true)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Watermark("", true)
	if err != nil {
		t.Fatal(err)
	}
	env := &Env{Studio: s, Keys: keys, Marking: Marking{Producer: "工作室 & sons", Visible: "zh", Signer: by, Watermark: key, WherePossible: true}}
	verifier := Verifier{Studio: s, Signer: by, Key: key}
	left := map[string]bool{}
	for format := range extensions {
		left[format] = true
	}
	for _, w := range writers {
		delete(left, w.format)
		t.Run(w.app+" "+w.format, func(t *testing.T) {
			item, beside, given := written(t, env, w.app, w.format, w.inputs)
			v, err := verifier.Verify(File{Name: item.Name, Bytes: item.Bytes}, beside)
			if err != nil || !v.Whole || v.Content != provenance.Unchanged || v.By() != w.app || v.DigitalSourceType == "" {
				t.Fatalf("%+v, error %v", v, err)
			}
			synthetic := v.Label.Run != "" || v.Label.Source == provenance.Algorithm
			if model := v.Label.Run != ""; synthetic != (v.AIGC != nil) || model && (v.AIGC.Label != "1" || v.AIGC.ContentProducer != env.Marking.Producer || v.Maker != Here) {
				t.Errorf("AIGC %+v, made by %q, which is %s", v.AIGC, v.Label.Run, v.Maker)
			}
			if signed := v.Signature != nil; signed != w.signed || signed && (!v.Signature.Valid || v.Signature.Trust != Own) {
				t.Errorf("signature %+v", v.Signature)
			}
			if still := w.app == "sheet"; still != (v.Watermark != nil && v.Watermark.Found) || still && v.Label.Marks.Visible != "zh" {
				t.Errorf("watermark %+v, marks %+v", v.Watermark, v.Label.Marks)
			}
			r, err := Reproduce(t.Context(), &Env{Studio: s, Keys: keys}, File{Name: item.Name, Bytes: item.Bytes}, beside, given)
			if err != nil || !r.Same {
				t.Errorf("made again: %v, error %v", r, err)
			}
			changed := bytes.Clone(item.Bytes)
			changed[len(changed)/2] ^= 1
			if v, err := verifier.Verify(File{Name: item.Name, Bytes: changed}, beside); err == nil && v.Whole {
				t.Error("a change is not noticed")
			}
		})
	}
	if len(left) > 0 {
		t.Errorf("no row writes %v", left)
	}
}

// Marks that a work has no place for are refused where they were asked for.
func TestMarksRefused(t *testing.T) {
	key, err := watermark.ParseKey(make([]byte, watermark.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	small := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	small.Set(3, 3, color.White)
	png := data.Item{Name: "a.png", MediaType: "image/png", Bytes: encoded(t, small)}
	text := data.Item{Name: "a.txt", MediaType: "text/plain; charset=utf-8", Bytes: []byte("A text.\n")}
	for _, c := range []struct {
		marking Marking
		item    data.Item
		want    string
	}{
		{Marking{Visible: "en"}, text, "visible: pictures are marked, in png, jpeg, webp, gif or apng, but this is text/plain"},
		{Marking{Watermark: key}, text, "watermark: pictures that do not move hold one"},
		{Marking{Visible: "en"}, png, "visible: the visible mark needs"},
		{Marking{Watermark: key}, png, "watermark: the watermark needs at least 64×64 pixels, the picture has 20×20"},
	} {
		m, err := c.marking.fitting(c.item)
		if err == nil {
			_, err = m.finish(c.item, provenance.Label{})
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %s", c.marking, err, c.want)
		}
		c.marking.WherePossible = true
		if m, err := c.marking.fitting(c.item); err != nil || c.item.Name == "a.txt" && m.marks() != (provenance.Marks{}) {
			t.Errorf("where possible: %+v, error %v", m, err)
		}
		if c.item.Name == "a.png" {
			var said []string
			env := &Env{Marking: c.marking, Watcher: run.Watcher{Notice: func(line string) { said = append(said, line) }}}
			for range 2 {
				if _, err := env.finish(c.item, provenance.Label{Settings: map[string]string{}}); err != nil {
					t.Errorf("a small picture: %v", err)
				}
			}
			if len(said) != 1 || !strings.Contains(said[0], "the picture has 20×20") {
				t.Errorf("%q is said of a small picture", said)
			}
		}
	}
}
