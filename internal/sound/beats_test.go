package sound

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// clicks is a recording with a tone that begins anew at given times, in seconds.
func clicks(rate int, seconds float64, at ...float64) *Recording {
	r := newRecording(rate, int(seconds*float64(rate)))
	for _, s := range at {
		for i := range rate / 5 {
			k := int(s*float64(rate)) + i
			if k >= len(r.Left) {
				break
			}
			v := float32(0.8 * math.Sin(2*math.Pi*660*float64(i)/float64(rate)) * math.Exp(-12*float64(i)/float64(rate)))
			r.Left[k] += v
			r.Right[k] += v
		}
	}
	return r
}

// Onsets are heard where tones begin, and nowhere else.
func TestPulses(t *testing.T) {
	at := []float64{0.5, 1.25, 2, 2.5}
	pulses := clicks(22050, 3.2, at...).Pulses(12)
	var heard []float64
	for i, p := range pulses {
		if p.Loudness < 0 || p.Loudness > 1 || p.Onset < 0 || p.Onset > 1 {
			t.Fatalf("moment %d: %+v", i, p)
		}
		if p.Onset > 0.3 {
			heard = append(heard, float64(i)/12)
		}
	}
	if len(heard) != len(at) {
		t.Fatalf("onsets at %v, want %v", heard, at)
	}
	for i := range at {
		if math.Abs(heard[i]-at[i]) > 1.01/12 {
			t.Errorf("onset at %g, want %g", heard[i], at[i])
		}
	}
	for _, p := range newRecording(8000, 8000).Pulses(10) {
		if p != (Pulse{}) {
			t.Errorf("silence pulses: %+v", p)
		}
	}
}

// What was written is read again.
func TestReadsWhatIsWritten(t *testing.T) {
	r := clicks(8000, 0.4, 0.1)
	for _, bits := range []int{16, 24} {
		for name, write := range map[string]func(int, string) ([]byte, error){"wav": r.WAV, "flac": r.FLAC} {
			file, err := write(bits, "title")
			if err != nil {
				t.Fatal(err)
			}
			got, err := Read(file)
			if err != nil || got.Rate != r.Rate || len(got.Left) != len(r.Left) || !IsRecording(file) {
				t.Fatalf("%s: %v", name, err)
			}
			for i := range r.Left {
				if math.Abs(float64(got.Left[i]-r.Left[i])) > 1e-4 || math.Abs(float64(got.Right[i]-r.Right[i])) > 1e-4 {
					t.Fatalf("%s of %d bits: sample %d was %g and is %g", name, bits, i, r.Left[i], got.Left[i])
				}
			}
		}
	}
}

// A WAV whose samples are fewer than it says is refused, unless it was written without knowing how many
// there would be.
func TestCutWAV(t *testing.T) {
	r := clicks(800, 0.05, 0.01)
	file, err := r.WAV(16, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(file[:len(file)/2]); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("half a file: %v", err)
	}
	for _, open := range []uint32{0x7fffffff, 0xffffffff} {
		piped := bytes.Clone(file)
		binary.LittleEndian.PutUint32(piped[bytes.Index(piped, []byte("data"))+4:], open)
		if got, err := Read(piped); err != nil || len(got.Left) != len(r.Left) {
			t.Errorf("a size of %#x: %v", open, err)
		}
	}
}

func FuzzReadRecording(f *testing.F) {
	r := clicks(800, 0.05, 0.01)
	for _, write := range []func(int, string) ([]byte, error){r.WAV, r.FLAC} {
		file, err := write(16, "")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<16 {
			return
		}
		if got, err := Read(file); err == nil && len(got.Left) != len(got.Right) {
			t.Error("sides of two lengths")
		}
	})
}
