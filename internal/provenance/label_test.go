package provenance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/bep/imagemeta"
	"github.com/google/go-cmp/cmp"
	"gitlab.com/gomidi/midi/v2/smf"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/picture"
	"atelier/internal/pngchunk"
)

var example = Label{
	Run: "0001-数字", Checkpoint: "9f86d081", Seeds: []uint64{1, 1<<64 - 1},
	Settings: map[string]string{"class": "T-shirt/top <&>", "n": "64"}, Version: "v0.1.0", Engine: "go",
}

// Every format carries a label of any length, in place of an older one, and the same
// pixels as before.
func TestWriteRead(t *testing.T) {
	long := example
	for i := range 20_000 { // more than a segment of a JPEG holds
		long.Seeds = append(long.Seeds, uint64(i)<<32)
	}
	for name, plain := range files(t) {
		for _, l := range []Label{example, long, {Run: "0002-emoji"}} {
			labelled := write(t, plain, l)
			got, err := Read(labelled)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(l, got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if !cmp.Equal(decoded(t, plain), decoded(t, labelled)) {
				t.Errorf("%s: other pixels", name)
			}
			other := Label{Run: "0003-other"}
			if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
				t.Errorf("%s: the first label is still there after the second", name)
			}
		}
		if _, err := Read(plain); !errors.Is(err, ErrNoLabel) {
			t.Errorf("%s without a label: %v", name, err)
		}
	}
}

// files are pictures in every format that carries labels.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	img := decoded(t, testPicture(t))
	all := map[string][]byte{}
	for _, f := range []picture.Format{picture.PNG, picture.JPEG, picture.WebP} {
		file, err := f.Encode(img)
		if err != nil {
			t.Fatal(err)
		}
		all[string(f)] = file
	}
	var b bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 5, 3), color.Palette{color.Black, color.White})
	frame.SetColorIndex(1, 1, 1)
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{5, 5}}); err != nil {
		t.Fatal(err)
	}
	all["gif"] = b.Bytes()
	all["jpeg with JFIF"] = slices.Concat(all["jpeg"][:2], []byte("\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), all["jpeg"][2:])
	return all
}

func decoded(t testing.TB, file []byte) image.Image {
	t.Helper()
	f, err := picture.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := f.Decode()
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Cut anywhere and changed anywhere, a file is read or refused.
func TestDamaged(t *testing.T) {
	for name, plain := range files(t) {
		labelled := write(t, plain, example)
		for n := range labelled {
			cut := labelled[:n:n]
			flipped := bytes.Clone(labelled)
			flipped[n] ^= 0x81
			for _, file := range [][]byte{cut, flipped} {
				if l, err := Read(file); err == nil {
					Write(file, l)
				}
			}
		}
		if _, err := Read(labelled[:40]); err == nil || !errors.Is(err, badinput.Err) {
			t.Errorf("%s, cut: %v", name, err)
		}
	}
}

// TestSourceType reads the statement with another library, which knows XMP in JPEG and
// WebP, so the packet of the PNG is put into a JPEG.
func TestSourceType(t *testing.T) {
	all := files(t)
	var packet []byte
	for c, err := range pngchunk.All(write(t, all["png"], example)) {
		if err != nil {
			t.Fatal(err)
		}
		if keyword(c) == "XML:com.adobe.xmp" {
			packet, _ = textOf(c)
		}
	}
	inJPEG := segment([]byte(startOfImage), markApp1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), packet...))
	for name, file := range map[string][]byte{
		"png": append(inJPEG, 0xff, 0xd9), "jpeg": write(t, all["jpeg"], example), "webp": write(t, all["webp"], example),
	} {
		format := imagemeta.JPEG
		if name == "webp" {
			format = imagemeta.WebP
		}
		var found []string
		_, err := imagemeta.Decode(imagemeta.Options{
			R: bytes.NewReader(file), ImageFormat: format, Sources: imagemeta.XMP,
			HandleTag: func(tag imagemeta.TagInfo) error {
				if tag.Tag == "DigitalSourceType" && tag.Namespace == "http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ||
					tag.Tag == "AIGC" && tag.Namespace == "http://www.tc260.org.cn/ns/AIGC/1.0/" {
					found = append(found, tag.Value.(string))
				}
				return nil
			},
		})
		if want := "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"; err != nil || len(found) != 2 || found[0] != want || !strings.HasPrefix(found[1], `{"Label":"1","ContentProducer":"atelier","ProduceID":"`) {
			t.Errorf("%s: statement %q, error %v", name, found, err)
		}
	}
	checked, err := Check(write(t, all["gif"], example), nil)
	if want := "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"; err != nil || checked.Statement.Source != want || checked.Statement.AIGC == nil || checked.Statement.AIGC.Label != "1" {
		t.Errorf("the GIF states %+v, error %v", checked.Statement, err)
	}
}

// What a person wrote in the XMP of a picture stays, beside what the label states, in place
// of what an older one stated.
func TestXMPStays(t *testing.T) {
	const user = `<r:Description r:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="mine"/>`
	const packet = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` + user + `</r:RDF></x:xmpmeta>`
	all := files(t)
	webp := bytes.Clone(all["webp"])
	webp = append(append(webp, "XMP \x00\x00\x00\x00"...), packet...)
	binary.LittleEndian.PutUint32(webp[len(webp)-len(packet)-4:], uint32(len(packet)))
	if len(packet)%2 > 0 {
		webp = append(webp, 0)
	}
	binary.LittleEndian.PutUint32(webp[4:], uint32(len(webp)-8))
	for name, file := range map[string][]byte{
		"png":  withChunk(all["png"], "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+packet),
		"jpeg": slices.Concat(all["jpeg"][:2], segment(nil, markApp1, []byte(xmpHead+packet)), all["jpeg"][2:]),
		"webp": webp,
	} {
		l := example
		l.Source = Enhanced
		labelled := write(t, file, l)
		for _, want := range []string{user, "digitalsourcetype/algorithmicallyEnhanced<"} {
			if bytes.Count(labelled, []byte(want)) != 1 {
				t.Errorf("%s: %q stands there %d times", name, want, bytes.Count(labelled, []byte(want)))
			}
		}
		if got, err := Read(labelled); err != nil || !cmp.Equal(got, l) {
			t.Errorf("%s: %+v, error %v", name, got, err)
		}
		other := Label{Run: "0003-other"}
		if again := write(t, labelled, other); !bytes.Equal(again, write(t, file, other)) || bytes.Contains(again, []byte("algorithmicallyEnhanced")) {
			t.Errorf("%s: the first label is still there after the second", name)
		}
		if !cmp.Equal(decoded(t, labelled), decoded(t, file)) {
			t.Errorf("%s: other pixels", name)
		}
	}
}

func TestReadErrors(t *testing.T) {
	plain := testPicture(t)
	labelled := write(t, plain, example)
	flipped := bytes.Clone(labelled)
	flipped[60] ^= 1
	for _, c := range []struct {
		png  []byte
		want string
	}{
		{plain, ErrNoLabel.Error()},
		{[]byte("GIF89a"), "the GIF is damaged or cut short"},
		{[]byte("BM"), "not a file that can carry a label; PNG, JPEG, GIF, WebP, MIDI, ABC, MusicXML, WAV, FLAC, AVI, WebM, GLB, USDZ and HTML pages of works can"},
		{nil, "not a file that can carry a label"},
		{[]byte(pngchunk.Signature), "cut short"},
		{labelled[:100], "cut short"},
		{flipped, "the checksum of chunk \"iTXt\" is wrong"},
		{withText(plain, "not JSON"), "label is damaged"},
		{withText(plain, `{"format":1,"source":"a photograph"}`), "label is damaged"},
		{withText(plain, `{"format":2}`), "has format 2; this version of atelier reads formats up to 1"},
		{withText(plain, strings.Repeat(" ", labelLimit+1)), "at most"},
		{withChunk(plain, "atelier\x00\x01\x00\x00\x00x"), "compressed"},
		{withChunk(plain, "atelier\x00\x00\x00en"), "cut short"},
	} {
		if _, err := Read(c.png); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: error %v, want %q", c.png, err, c.want)
		}
	}
	if _, err := Read(plain); !errors.Is(err, ErrNoLabel) {
		t.Errorf("error %v is not ErrNoLabel", err)
	}
	if _, err := Write([]byte("BM"), example); err == nil {
		t.Error("labelled a bitmap")
	}
	if _, err := Write([]byte("RIFF\x0e\x00\x00\x00WEBPVP8L\x02\x00\x00\x00xx"), example); err == nil {
		t.Error("labelled a WebP that has no room for it")
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range files(f) {
		f.Add(file)
		f.Add(write(f, file, example))
	}
	f.Add(withText(testPicture(f), `{"format":1,"seeds":[1.5]}`))
	f.Fuzz(func(t *testing.T, png []byte) {
		l, err := Read(png)
		if err != nil {
			return
		}
		again, err := Write(png, l)
		if err != nil {
			return // damaged behind the label
		}
		if got, err := Read(again); err != nil || !cmp.Equal(got, l) {
			t.Errorf("label %v became %v, error %v", l, got, err)
		}
	})
}

func testPicture(t testing.TB) []byte {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.Set(3, 4, color.White)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func write(t testing.TB, png []byte, l Label) []byte {
	t.Helper()
	out, err := Write(png, l)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func withText(png []byte, text string) []byte {
	return withChunk(png, "atelier\x00\x00\x00\x00\x00"+text)
}

// withChunk puts an iTXt chunk behind IHDR.
func withChunk(png []byte, data string) []byte {
	raw := pngchunk.Append(nil, "iTXt", []byte(data))
	const header = len(pngchunk.Signature) + 12 + 13
	return bytes.Join([][]byte{png[:header], raw, png[header:]}, nil)
}

// Music carries a label of any length, in place of an older one, which other programs
// read as text, and the same notes as before.
func TestWriteReadMIDI(t *testing.T) {
	song := &midi.Song{Quarter: 480, Tracks: 2, Tempos: []midi.Tempo{{Micros: 600_000}}, End: 960,
		Notes: []midi.Note{{At: 0, Length: 480, Pitch: 60, Velocity: 80}, {At: 480, Length: 480, Track: 1, Channel: 1, Pitch: 64, Velocity: 90}}}
	plain, err := song.Write()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(plain); !errors.Is(err, ErrNoLabel) {
		t.Error(err)
	}
	long := example
	for i := range 20_000 {
		long.Seeds = append(long.Seeds, uint64(i)<<32)
	}
	for _, l := range []Label{example, long, {Run: "0002-emoji"}} {
		labelled := write(t, plain, l)
		got, err := Read(labelled)
		if diff := cmp.Diff(l, got); diff != "" || err != nil {
			t.Errorf("%s, error %v", diff, err)
		}
		read, repairs, err := midi.Read(labelled)
		if err != nil || len(repairs) > 0 || !slices.Equal(read.Notes, song.Notes) || !slices.Equal(read.Tempos, song.Tempos) || read.End != song.End {
			t.Errorf("%+v, repairs %v, error %v", read, repairs, err)
		}
		other := Label{Run: "0003-other"}
		if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
			t.Error("the first label is still there after the second")
		}
		again, err := read.Write() // as another program would save it
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Read(again); err != nil || got.Run != l.Run {
			t.Errorf("saved again: %v, error %v", got.Run, err)
		}
		file, err := smf.ReadFrom(bytes.NewReader(labelled))
		if err != nil || len(file.Tracks) != 2 {
			t.Fatal(err)
		}
		var texts []string
		for _, e := range file.Tracks[0] {
			if text := ""; e.Message.GetMetaText(&text) {
				texts = append(texts, text)
			}
		}
		if len(texts) != 3 || !strings.HasPrefix(texts[0], `atelier:{"format":1,`) || texts[1] != "DigitalSourceType: http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia" || !strings.HasPrefix(texts[2], `AIGC:{"Label":"1",`) {
			t.Errorf("another program reads %.80q", texts)
		}
	}
	labelled := write(t, plain, example)
	for n := range labelled {
		flipped := bytes.Clone(labelled)
		flipped[n] ^= 0x81
		for _, file := range [][]byte{labelled[:n:n], flipped} {
			if l, err := Read(file); err == nil {
				Write(file, l)
			}
		}
	}
	if _, err := Write(plain[:20], example); !errors.Is(err, badinput.Err) {
		t.Errorf("cut: %v", err)
	}
}
