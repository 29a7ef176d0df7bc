package film

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/internal/animation"
	"atelier/internal/picture"
)

// moving is a film of a slope that moves, with a tone if it sounds.
func moving(n, w, h int, grey, sounds bool) *Film {
	of := &Film{Rate: 12}
	for i := range n {
		rect := image.Rect(0, 0, w, h)
		if grey {
			m := image.NewGray(rect)
			for p := range m.Pix {
				m.Pix[p] = uint8(255 * (p%w + i) / (w + n))
			}
			of.Frames = append(of.Frames, m)
			continue
		}
		m := image.NewNRGBA(rect)
		for p := range w * h {
			m.SetNRGBA(p%w, p/w, color.NRGBA{uint8(p % w * 200 / w), uint8(p / w * 200 / h), uint8(10 * i), 255})
		}
		of.Frames = append(of.Frames, m)
	}
	if sounds {
		of.Sound = &Sound{Rate: 8000, Channels: 2}
		for i := range 8000 * n / of.Rate {
			v := int16(8000 * math.Sin(float64(i)*2*math.Pi*440/8000))
			of.Sound.Samples = append(of.Sound.Samples, v, -v)
		}
	}
	return of
}

// apart is the mean distance of the channels of two pictures.
func apart(a, b image.Image) float64 {
	p, q := picture.NRGBA(a).Pix, picture.NRGBA(b).Pix
	sum := 0.
	for i := range p {
		sum += math.Abs(float64(p[i]) - float64(q[i]))
	}
	return sum / float64(len(p))
}

// What is read back is near what was written: grey y4m is exact.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grey := rapid.Bool().Draw(t, "grey")
		of := moving(rapid.IntRange(1, 5).Draw(t, "frames"), rapid.IntRange(8, 40).Draw(t, "width"), rapid.IntRange(8, 40).Draw(t, "height"), grey, rapid.Bool().Draw(t, "sound"))
		for _, f := range []Format{AVI, Y4M} {
			if f != AVI {
				of.Sound = nil
			}
			file, err := f.Encode(of)
			if err != nil {
				t.Fatal(err)
			}
			reel, err := Open(file)
			if err != nil || reel.N != len(of.Frames) || reel.Rate != of.Rate || FormatOf(file) != f {
				t.Fatalf("%s: %+v, error %v", f, reel, err)
			}
			got, err := reel.Take(100)
			if err != nil || len(got) != reel.N {
				t.Fatalf("%s: %d frames, error %v", f, len(got), err)
			}
			most := map[Format]float64{AVI: 8, Y4M: 1.5}[f]
			if f == Y4M && grey {
				most = 0
			}
			for i := range got {
				if far := apart(got[i], of.Frames[i]); far > most {
					t.Fatalf("%s: frame %d is off by %g", f, i, far)
				}
			}
		}
	})
}

// A WebM holds lossy frames and the same bytes each time.
func TestWebM(t *testing.T) {
	of := moving(3, 33, 20, false, false)
	file, err := WebM.Encode(of)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := WebM.Encode(of); err != nil || !bytes.Equal(file, again) {
		t.Error("other bytes the second time", err)
	}
	if n := bytes.Count(file, []byte{0x9d, 0x01, 0x2a}); n < 3 { // begins a key frame of VP8
		t.Errorf("%d key frames, want 3", n)
	}
}

func TestRefuses(t *testing.T) {
	grey := moving(2, 8, 8, true, false)
	for name, of := range map[string]*Film{
		"no frame": {Rate: 1}, "two sizes": {Rate: 1, Frames: append(moving(1, 4, 4, true, false).Frames, grey.Frames...)},
		"sound": moving(2, 8, 8, true, true),
	} {
		if _, err := Y4M.Encode(of); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	if _, err := Format("ogv").Encode(grey); err == nil || !strings.Contains(err.Error(), "ogv") {
		t.Error(err)
	}
	y4m, _ := Y4M.Encode(grey)
	for name, file := range map[string][]byte{
		"cut": y4m[:len(y4m)-1], "no frame": bytes.Replace(y4m, []byte("FRAME"), []byte("frame"), 1), "size": bytes.Replace(y4m, []byte("W8"), []byte("W0"), 1),
		"huge": bytes.Replace(y4m, []byte("W8"), []byte("W999999999"), 1), "deep": bytes.Replace(y4m, []byte("Cmono"), []byte("C420p10"), 1),
		"avi": []byte("RIFF\x04\x00\x00\x00AVI "), "nothing": []byte("no film"),
	} {
		if _, err := Open(file); err == nil {
			t.Errorf("%s is opened", name)
		}
	}
	webm, err := WebM.Encode(moving(2, 16, 16, false, false))
	if err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string][]byte{"WebM is not read; want AVI, y4m, GIF, APNG or WebP": webm, "not a clip that can be read; want AVI, y4m, GIF, APNG or WebP": []byte("no film")} {
		if _, err := Open(file); err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
	large := &Reel{N: 40, Size: image.Pt(4000, 4000), Frames: func(func(image.Image, error) bool) { t.Error("a frame is decoded") }}
	if _, err := large.Take(40); err == nil || !strings.Contains(err.Error(), "40 frames of 4000×4000 pixels are too many") {
		t.Error(err)
	}
}

// Animations and still pictures are opened as well.
func TestOpensAnimations(t *testing.T) {
	of := moving(3, 8, 8, true, false)
	for _, f := range []animation.Format{animation.GIF, animation.APNG, animation.WebP} {
		file, err := f.Encode(of.Frames, 80_000_000)
		if err != nil {
			t.Fatal(err)
		}
		if reel, err := Open(file); err != nil || reel.N != 3 {
			t.Errorf("%s: %+v, error %v", f, reel, err)
		}
	}
}

// Debian's ffprobe and ffmpeg see and decode the frames and the sound that were written.
func TestForeignPlayers(t *testing.T) {
	for _, program := range []string{"ffprobe", "ffmpeg"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s (Debian: ffmpeg)", program)
		}
	}
	of := moving(14, 64, 48, false, true)
	for _, f := range []Format{AVI, Y4M, WebM} {
		silent := *of
		if f != AVI {
			silent.Sound = nil
		}
		file, err := f.Encode(&silent)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "film."+string(f))
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", path).Output()
		if err != nil {
			t.Fatal(f, err)
		}
		var told struct {
			Streams []struct {
				Kind   string `json:"codec_type"`
				Codec  string `json:"codec_name"`
				Width  int    `json:"width"`
				Height int    `json:"height"`
				Rate   string `json:"r_frame_rate"`
				Frames string `json:"nb_read_frames"`
			} `json:"streams"`
		}
		if err := json.Unmarshal(out, &told); err != nil || len(told.Streams) == 0 {
			t.Fatal(f, string(out), err)
		}
		v := told.Streams[0]
		if v.Width != 64 || v.Height != 48 || v.Frames != "14" || v.Rate != "12/1" && f != WebM {
			t.Errorf("%s: %+v", f, v)
		}
		if f == AVI && (len(told.Streams) != 2 || told.Streams[1].Codec != "pcm_s16le") {
			t.Errorf("no sound: %+v", told.Streams)
		}
		said, err := exec.Command("ffmpeg", "-v", "warning", "-xerror", "-i", path, "-pix_fmt", "rgb24", "-f", "rawvideo", filepath.Join(filepath.Dir(path), "raw")).CombinedOutput()
		if err != nil || len(said) > 0 && f != AVI {
			t.Fatalf("%s: %v %s", f, err, said)
		}
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), "raw"))
		if err != nil || len(raw) != 14*64*48*3 {
			t.Fatalf("%s: %d bytes of frames, error %v", f, len(raw), err)
		}
		last := image.NewNRGBA(image.Rect(0, 0, 64, 48))
		for i := range 64 * 48 {
			copy(last.Pix[4*i:], append(raw[13*64*48*3+3*i:][:3:3], 255))
		}
		if far := apart(last, of.Frames[13]); far > 6 {
			t.Errorf("%s: the last frame is off by %g", f, far)
		}
	}
}

// Whatever the bytes are, the frames are as many as is said, or an error.
func FuzzOpen(f *testing.F) {
	for _, format := range []Format{AVI, Y4M} {
		file, err := format.Encode(moving(2, 4, 4, format == Y4M, false))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if reel, err := Open(file); err == nil && reel.N < 1000 {
			if got, err := reel.Take(1000); err == nil && len(got) != reel.N {
				t.Errorf("%d frames, said to be %d", len(got), reel.N)
			}
		}
	})
}
