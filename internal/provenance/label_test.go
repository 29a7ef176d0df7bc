package provenance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/bep/imagemeta"
	"github.com/google/go-cmp/cmp"
)

var example = Label{
	Run: "0001-数字", Checkpoint: "9f86d081", Seeds: []uint64{1, 1<<64 - 1},
	Settings: map[string]string{"class": "T-shirt/top <&>", "n": "64"}, Version: "v0.1.0", Engine: "go",
}

func TestWriteRead(t *testing.T) {
	plain := picture(t)
	labelled := write(t, plain, example)
	got, err := Read(labelled)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example, got); diff != "" {
		t.Error(diff)
	}
	want, _ := png.Decode(bytes.NewReader(plain))
	if have, err := png.Decode(bytes.NewReader(labelled)); err != nil || !cmp.Equal(want, have) {
		t.Errorf("other pixels, error %v", err)
	}
	other := Label{Run: "0002-emoji"}
	if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
		t.Error("the first label is still there after the second")
	}
}

// TestSourceType reads the statement with another library. It knows XMP in JPEG
// only, so the packet of the PNG is put into a JPEG.
func TestSourceType(t *testing.T) {
	var packet []byte
	for c, err := range chunks(write(t, picture(t), example)) {
		if err != nil {
			t.Fatal(err)
		}
		if c.keyword() == "XML:com.adobe.xmp" {
			packet, _ = c.text()
		}
	}
	segment := append([]byte("http://ns.adobe.com/xap/1.0/\x00"), packet...)
	jpeg := []byte{0xff, 0xd8, 0xff, 0xe1}
	jpeg = binary.BigEndian.AppendUint16(jpeg, uint16(len(segment)+2))
	jpeg = append(append(jpeg, segment...), 0xff, 0xd9)
	var found []string
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(jpeg), ImageFormat: imagemeta.JPEG, Sources: imagemeta.XMP,
		HandleTag: func(tag imagemeta.TagInfo) error {
			if tag.Tag == "DigitalSourceType" && tag.Namespace == "http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {
				found = append(found, tag.Value.(string))
			}
			return nil
		},
	})
	if want := "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"; err != nil || len(found) != 1 || found[0] != want {
		t.Errorf("digital source type %q, error %v", found, err)
	}
}

func TestReadErrors(t *testing.T) {
	plain := picture(t)
	labelled := write(t, plain, example)
	flipped := bytes.Clone(labelled)
	flipped[60] ^= 1
	for _, c := range []struct {
		png  []byte
		want string
	}{
		{plain, ErrNoLabel.Error()},
		{[]byte("GIF89a"), "not a PNG file"},
		{nil, "not a PNG file"},
		{[]byte(signature), "cut short"},
		{labelled[:100], "cut short"},
		{flipped, "the checksum of chunk \"iTXt\" is wrong"},
		{withText(plain, "not JSON"), "label is damaged"},
		{withText(plain, `{"format":2}`), "has format 2; this version of atelier reads formats up to 1"},
		{withText(plain, strings.Repeat(" ", labelLimit+1)), "at most"},
		{withChunk(plain, "atelier\x00\x01\x00\x00\x00x"), "compressed"},
		{withChunk(plain, "atelier\x00\x00\x00en"), "cut short"},
	} {
		if _, err := Read(c.png); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: error %v, want %q", c.png, err, c.want)
		}
	}
	if _, err := Read(plain); !errors.Is(err, ErrNoLabel) {
		t.Errorf("error %v is not ErrNoLabel", err)
	}
	if _, err := Write([]byte("GIF89a"), example); err == nil {
		t.Error("labelled a GIF")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(picture(f))
	f.Add(write(f, picture(f), example))
	f.Add(withText(picture(f), `{"format":1,"seeds":[1.5]}`))
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

func picture(t testing.TB) []byte {
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
	raw := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	raw = append(raw, "iTXt"+data...)
	raw = binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw[4:]))
	const header = len(signature) + frame + 13
	return bytes.Join([][]byte{png[:header], raw, png[header:]}, nil)
}
