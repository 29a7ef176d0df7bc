package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"atelier/app"
	"atelier/internal/mesh"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/internal/picture"
	"atelier/model/run"
)

// A handedIn is a file as people hand it in.
type handedIn struct {
	name  string
	bytes []byte
	bad   bool // no app can take it for what it takes
}

// A diet is what some apps take: pictures or music.
type diet struct {
	accepts string // by which its inputs begin
	files   func(*testing.T) []handedIn
	good    string            // the name of one of the files that every app takes
	makes   map[string]string // extension of what an app makes; .png if it is not here
	open    func(app.File) error
}

// diets are those of all apps that take files of certain types.
var diets = []diet{
	{"image/", handedInFiles, "a.bmp", map[string]string{"animate": ".gif", "describe": ".txt", "relief": ".glb", "standee": ".glb", "exhibit": ".glb"}, openMade},
	{"audio/midi,", handedInMusic, "a.mid", map[string]string{"render": ".wav", "visualize": ".avi", "convert": ".musicxml", "transpose": ".abc", "quantise": ".mxl"}, openMade},
}

func openPicture(f app.File) error {
	_, err := picture.Open(f.Bytes)
	return err
}

// openMade opens a picture, a 3-D model, a recording, a piece of music, or a text by its name.
func openMade(f app.File) error {
	switch {
	case filepath.Ext(f.Name) == ".txt" && utf8.Valid(f.Bytes) && len(f.Bytes) > 0:
		return nil
	case mesh.IsGLB(f.Bytes):
		_, _, err := mesh.Chunks(f.Bytes)
		return err
	case music.FormatOf(f.Bytes) != "":
		_, err := music.Read(f.Bytes)
		return err
	case bytes.HasPrefix(f.Bytes, []byte("RIFF")) && len(f.Bytes) > 44:
		return nil
	}
	return openPicture(f)
}

// handedInMusic are pieces of music, whole and broken, and what is none.
func handedInMusic(t *testing.T) []handedIn {
	t.Helper()
	song := &midi.Song{Quarter: 96, Tracks: 1, Notes: []midi.Note{{Length: 96, Pitch: 60, Velocity: 80}, {At: 96, Length: 96, Pitch: 64, Velocity: 80}}}
	whole, err := song.Write()
	if err != nil {
		t.Fatal(err)
	}
	silent, err := (&midi.Song{Quarter: 96, Tracks: 1, End: 96}).Write()
	if err != nil {
		t.Fatal(err)
	}
	song.Notes[1].At = 1 << 30
	long, err := song.Write()
	if err != nil {
		t.Fatal(err)
	}
	slow := bytes.Clone(whole)
	copy(slow[12:], "\x00\x00")
	return []handedIn{
		{"empty.mid", nil, true},
		{"text.mid", []byte("This is no music.\n"), true},
		{"zeros.mid", make([]byte, 4096), true},
		{"head.mid", whole[:14], true},
		{"cut.mid", whole[:len(whole)-9], false},
		{"silent.mid", silent, true},
		{"long.mid", long, false},
		{"division.mid", slow, true},
		{"picture.mid", handedInFiles(t)[5].bytes, true},
		{"a.mid", whole, false},
		{"song.txt", whole, false},
		{"早 上 好.mid", whole, false},
	}
}

// handedInFiles are pictures of every kind, and what is no picture.
func handedInFiles(t *testing.T) []handedIn {
	t.Helper()
	shades := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i := range shades.Pix {
		shades.Pix[i] = uint8(i*7 | 3)
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 20, 20))
	for i := range deep.Pix {
		deep.Pix[i] = uint8(i * 5)
	}
	clear := image.NewPaletted(image.Rect(0, 0, 20, 20), color.Palette{color.NRGBA{}, color.NRGBA{255, 0, 0, 128}, color.White})
	for i := range clear.Pix {
		clear.Pix[i] = uint8(i % 3)
	}
	encoded := func(encode func(*bytes.Buffer) error) []byte {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	pngOf := func(m image.Image) []byte { return encoded(func(b *bytes.Buffer) error { return png.Encode(b, m) }) }
	whole := pngOf(shades)
	jpg := encoded(func(b *bytes.Buffer) error { return jpeg.Encode(b, shades, nil) })
	webp, err := picture.WebP.Encode(shades)
	if err != nil {
		t.Fatal(err)
	}
	printed := inPrintColours()
	if m, err := jpeg.Decode(bytes.NewReader(printed)); err != nil || m.ColorModel() != color.CMYKModel {
		t.Fatalf("the JPEG in the colours of print: %v", err)
	}
	return []handedIn{
		{"empty.png", nil, true},
		{"text.png", []byte("This is no picture.\n"), true},
		{"zeros.png", make([]byte, 4096), true},
		{"cut.png", whole[:len(whole)/2], true},
		{"cut.jpg", jpg[:len(jpg)/3], true},
		{"pixel.png", pngOf(image.NewGray(image.Rect(0, 0, 1, 1))), false},
		{"long.png", pngOf(image.NewGray(image.Rect(0, 0, 30_000, 1))), false},
		{"deep.png", pngOf(deep), false},
		{"clear.png", pngOf(clear), false},
		{"print.jpg", printed, false},
		{"turned.jpg", turnedJPEG(jpg, 6), false},
		{"moving.gif", encoded(func(b *bytes.Buffer) error {
			return gif.EncodeAll(b, &gif.GIF{Image: []*image.Paletted{clear, clear}, Delay: []int{5, 5}})
		}), false},
		{"a.webp", webp, false},
		{"a.bmp", encoded(func(b *bytes.Buffer) error { return bmp.Encode(b, shades) }), false},
		{"a.tiff", encoded(func(b *bytes.Buffer) error { return tiff.Encode(b, shades, nil) }), false},
		{"picture.txt", whole, false},
		{"早 上 好.png", whole, false},
	}
}

// turnedJPEG says in EXIF data how a JPEG is to be turned.
func turnedJPEG(jpg []byte, orientation uint16) []byte {
	body := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	body = append(binary.BigEndian.AppendUint16(body, orientation), 0, 0, 0, 0, 0, 0)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(out, body...), jpg[2:]...)
}

// inPrintColours is a JPEG of four components, as those for printing have, in the tables of
// one of a single component.
func inPrintColours() []byte {
	var grey bytes.Buffer
	jpeg.Encode(&grey, image.NewGray(image.Rect(0, 0, 8, 8)), nil)
	b := grey.Bytes()
	frame, scan := bytes.Index(b, []byte{0xff, 0xc0}), bytes.Index(b, []byte{0xff, 0xda})
	out := append(slices.Clone(b[:frame]), "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"...)
	out = append(out, 0xff, 0xc0, 0, 8+12, 8, 0, 8, 0, 8, 4)
	for i := range byte(4) {
		out = append(out, i+1, 0x11, 0)
	}
	out = append(out, b[frame+2+int(binary.BigEndian.Uint16(b[frame+2:])):scan]...)
	out = append(out, 0xff, 0xda, 0, 6+8, 4)
	for i := range byte(4) {
		out = append(out, i+1, 0)
	}
	// Four blocks that are as their predecessors, each 00 and 1010 in the usual tables.
	return append(out, 0, 63, 0, 0x28, 0xa2, 0x8a, 0xff, 0xd9)
}

// neededFlags are those without which an app does nothing, and those that make it quick.
var neededFlags = map[string][]string{
	"collage":   {"--place=mask=good.bmp"},
	"cutout":    {"--keep=2,2,4,4", "--drop=8,8,2,2"},
	"denoise":   {"--model=" + filepath.Join("..", "..", "model", "pixelnet", "testdata", "tiny.pth")},
	"describe":  {"--captions=" + filepath.Join("testdata", "captioned")},
	"enlarge":   {"--times=2"},
	"extend":    {"--left=8"},
	"infill":    {"--bars=1"},
	"inpaint":   {"--box=2,2,4,4"},
	"quantise":  {"--strength=1"},
	"rearrange": {"--move=2,2,4,4:10,10"},
	"retarget":  {"--size=20x20"},
	"search":    {"--in=" + filepath.Join("testdata", "captioned")},
	"terrain":   {"--size=40"},
	"tile":      {"--size=32"},
	"transpose": {"--by=2"},
	"visualize": {"--run=1"},
}

// A place is where an app is tried out.
type place struct {
	t      *testing.T
	dir    string
	app    string
	inputs []app.Input
	studio *run.Studio
	diet   diet
}

// taken and made are paths in the place, with the extension of what the app takes or makes.
func (p *place) taken(name string) string {
	return filepath.Join(p.dir, name+filepath.Ext(p.diet.good))
}
func (p *place) made(name string) string {
	return filepath.Join(p.dir, name+cmp.Or(p.diet.makes[p.app], ".png"))
}

// inputWords are the arguments of an app with a file in its first place for files, as small
// as the ranges of its inputs allow; empty if no run that there is can do what it needs.
func (p *place) inputWords(file string) (words []string) {
	dirs, err := run.List(p.studio.Runs)
	if err != nil {
		p.t.Fatal(err)
	}
	flag := func(in app.Input, word string) {
		if in.Argument() == "" {
			word = "--" + strings.ReplaceAll(in.Name, "_", "-") + "=" + word
		}
		words = append(words, word)
	}
	handed := 0
	for _, in := range p.inputs {
		switch {
		case in.File() != nil && (handed == 0 || in.Argument() != ""):
			flag(in, file)
			handed++
			file = p.taken("good")
		case in.Type() == "files" && in.Argument() != "":
			flag(in, file)
			handed++
		case in.Type() == "files":
			flag(in, p.taken("good"))
		case in.IsModel() && len(in.Besides()) > 0:
			flag(in, in.Besides()[0])
		case in.IsModel() && in.Argument() != "":
			i := slices.IndexFunc(dirs, func(d *run.Dir) bool { return in.Needs() == "" || d.Can(in.Needs()) })
			if i < 0 {
				return nil
			}
			flag(in, dirs[i].Name())
		case p.app == "continue" && in.Name == "frames": // of clips alone
		case in.Argument() == "" && in.Tag.Get("min") != "" && (in.Type() == "int" || in.Type() == "uint64"):
			flag(in, in.Tag.Get("min"))
		}
	}
	return words
}

// try runs the app and returns its exit code and what it says of a mistake.
func (p *place) try(file, out string, more ...string) (code int, line string) {
	p.t.Helper()
	words := append(append([]string{p.app}, p.inputWords(file)...), neededFlags[p.app]...)
	words = append(words, "--runs", p.studio.Runs, "--threads=1", "-o", out)
	var said, errs bytes.Buffer
	root := newRoot(&console{out: &said, err: &errs})
	root.SetArgs(append(words, more...))
	err := execute(p.t.Context(), root)
	if err == nil {
		return 0, ""
	}
	return exitCode(err), oneLine(err)
}

// listing is all that lies in the place.
func (p *place) listing() (all []string) {
	filepath.WalkDir(p.dir, func(path string, d os.DirEntry, _ error) error {
		if info, err := d.Info(); err == nil && !d.IsDir() {
			all = append(all, fmt.Sprintf("%s %d %v", path, info.Size(), info.ModTime()))
		} else {
			all = append(all, path)
		}
		return nil
	})
	return all
}

// Every app that takes files gets all that people hand in: it makes something whole of it,
// or says in a line what is wrong, with exit code 2, and leaves nothing behind. A new app is
// in this by being registered.
func TestFilesThatPeopleHandIn(t *testing.T) {
	studio := trainedFor(t)
	for _, d := range diets {
		tried := 0
		for e := range app.Apps.All() {
			inputs := app.Inputs(e.New())
			i := slices.IndexFunc(inputs, func(in app.Input) bool { return in.File() != nil || in.Type() == "files" })
			if i < 0 || !strings.HasPrefix(inputs[i].Tag.Get("accept"), d.accepts) {
				continue
			}
			tried++
			t.Run(e.Name, func(t *testing.T) {
				p := &place{t: t, dir: t.TempDir(), app: e.Name, inputs: inputs, studio: studio, diet: d}
				for _, f := range d.files(t) {
					if f.name == d.good {
						os.WriteFile(p.taken("good"), f.bytes, 0o666)
					}
				}
				if p.inputWords("x") == nil {
					t.Skip("there is no run that can do what it needs")
				}
				for _, f := range d.files(t) {
					p.handIn(f)
				}
				p.misplaced()
			})
		}
		if tried == 0 {
			t.Error("no app takes", d.accepts)
		}
	}
}

// handIn hands a file in.
func (p *place) handIn(f handedIn) {
	p.t.Helper()
	path := filepath.Join(p.dir, f.name)
	if err := os.WriteFile(path, f.bytes, 0o666); err != nil {
		p.t.Fatal(err)
	}
	out := p.made("made")
	before := p.listing()
	switch code, line := p.try(path, out); {
	case code == 0 && f.bad:
		p.t.Errorf("%s: it is taken for what it is not", f.name)
	case code == 0:
		b, err := os.ReadFile(out)
		if err == nil {
			err = p.diet.open(app.File{Name: out, Bytes: b})
		}
		if err != nil {
			p.t.Errorf("%s: what is made of it: %v", f.name, err)
		}
	case code != exitBadInput || !strings.Contains(line, f.name):
		p.t.Errorf("%s: exit code %d, %q; want %d and the name of the file", f.name, code, line, exitBadInput)
	case !slices.Equal(p.listing(), before):
		p.t.Errorf("%s: something is left behind: %q", f.name, p.listing())
	}
	os.Remove(out)
	os.Remove(out + ".json") // its label, where it stands beside it
}

// misplaced names files that are not there, and outputs that cannot be written.
func (p *place) misplaced() {
	p.t.Helper()
	good, there := p.taken("good"), p.made("there")
	os.WriteFile(there, []byte("keep"), 0o666)
	folder, locked := filepath.Join(p.dir, "folder"), filepath.Join(p.dir, "locked")
	os.Mkdir(folder, 0o777)
	os.Mkdir(locked, 0o555)
	name := filepath.Base(p.made("made"))
	for _, c := range []struct{ what, file, out string }{
		{"no file", p.taken("missing"), p.made("made")},
		{"a folder", folder, p.made("made")},
		{"an empty folder", folder, filepath.Join(p.dir, "many") + "/"},
		{"an output that is there", good, there},
		{"an output that is the input", good, good},
		{"an output below a file", good, filepath.Join(good, name)},
		{"an output in a locked folder", good, filepath.Join(locked, name)},
	} {
		if strings.HasPrefix(c.out, locked) && os.Getuid() == 0 {
			continue // who may write everywhere
		}
		before := p.listing()
		if code, line := p.try(c.file, c.out); code != exitBadInput || line == "" {
			p.t.Errorf("%s: exit code %d, %q; want %d", c.what, code, line, exitBadInput)
		}
		if now := p.listing(); !slices.Equal(now, before) {
			p.t.Errorf("%s: something is left behind: %q", c.what, now)
		}
	}
	if code, line := p.try(good, there, "--force"); code != 0 {
		p.t.Errorf("an output that may be replaced: %s", line)
	}
}

// trainedFor is a Studio with a small run of pictures.
func trainedFor(t *testing.T) *run.Studio {
	t.Helper()
	c := &cli{console: &console{out: &bytes.Buffer{}, err: &bytes.Buffer{}}, runs: filepath.Join(t.TempDir(), "runs")}
	c.engine.Threads = 1
	s, done, err := c.studio(newMeter(c.console))
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	config, err := app.ConfigOf("fashion", app.File{}, strings.Fields("name=clothes steps=1 pictures=1 save=1 batch=2 score.metrics=[] model.generator.width=1 model.discriminator.width=1 model.discriminator.hidden=[]"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Train(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return s
}
