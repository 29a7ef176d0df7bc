package provenance

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/internal/mesh"
)

// solids are a 3-D model in both formats, and a page.
func solids(t testing.TB) map[string][]byte {
	front, body := mesh.Field{W: 2, H: 2, Heights: make([]float32, 4)}.Relief(0.2, 0.1, 0.01, 0.01)
	s := &mesh.Scene{Name: "a board", Parts: []mesh.Part{front, body}, Materials: []mesh.Material{{Name: "all"}}}
	glb, err := s.GLB()
	if err != nil {
		t.Fatal(err)
	}
	usdz, err := s.USDZ()
	if err != nil {
		t.Fatal(err)
	}
	page := "<!doctype html>\n<html>\n<head>\n" + PageLines + "<title>A page</title>\n</head><body>what is here stays</body></html>\n"
	return map[string][]byte{"glb": glb, "usdz": usdz, "html": []byte(page)}
}

// Models and pages carry labels, a later one replaces the first, the work is the same below it, and
// files that were damaged anywhere are read or refused.
func TestWriteReadSolids(t *testing.T) {
	long := example
	for i := range 3000 {
		long.Seeds = append(long.Seeds, uint64(i)<<32)
	}
	altered := example
	altered.Source = Enhanced
	for name, plain := range solids(t) {
		if _, err := Read(plain); !errors.Is(err, ErrNoLabel) {
			t.Errorf("%s without a label: %v", name, err)
		}
		for _, l := range []Label{example, long, altered} {
			labelled := write(t, plain, l)
			if got, err := Read(labelled); err != nil || !cmp.Equal(got, l) {
				t.Errorf("%s: %s, error %v", name, cmp.Diff(got, l), err)
			}
			other := Label{Run: "0003-other"}
			if !bytes.Equal(write(t, labelled, other), write(t, plain, other)) {
				t.Errorf("%s: the first label is still there after the second", name)
			}
			c, err := Check(labelled, nil)
			if err != nil || !c.Whole() || c.Content != Unchanged || (c.Statement.AIGC == nil) != (l.Source == Enhanced) {
				t.Errorf("%s: %+v, error %v", name, c, err)
			}
		}
		labelled := write(t, plain, example)
		step := max(1, len(labelled)/1500)
		for n := 0; n < len(labelled); n += step {
			flipped := bytes.Clone(labelled)
			flipped[n] ^= 0x81
			for _, file := range [][]byte{labelled[:n:n], flipped} {
				if l, err := Read(file); err == nil {
					Write(file, l)
				}
			}
		}
	}
}

// The packet of another program stays, beside ours in it.
func TestPacketsStay(t *testing.T) {
	text, data, err := mesh.Chunks(solids(t)["glb"])
	if err != nil {
		t.Fatal(err)
	}
	theirs := strings.Replace(string(text), `"asset":{`, `"extensionsUsed":["KHR_xmp_json_ld"],"extensions":{"KHR_xmp_json_ld":{"packets":[{"@context":{"dc":"http://purl.org/dc/elements/1.1/"},"dc:rights":"mine"}]}},"asset":{"extensions":{"KHR_xmp_json_ld":{"packet":0}},`, 1)
	labelled := write(t, mesh.JoinChunks([]byte(theirs), data), example)
	text, _, err = mesh.Chunks(labelled)
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		ExtensionsUsed []string
		Extensions     map[string]struct{ Packets []map[string]any }
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	packets := g.Extensions[gltfXMP].Packets
	if len(packets) != 1 || packets[0]["dc:rights"] != "mine" || packets[0][ldStatement] != example.Source.address() || len(g.ExtensionsUsed) != 1 {
		t.Errorf("packets %v, extensions %v", packets, g.ExtensionsUsed)
	}
	for prefix, space := range map[string]string{"dc": "http://purl.org/dc/elements/1.1/", "TC260": aigcSpace, "Iptc4xmpExt": iptcSpace} {
		if got := packets[0][ldContext].(map[string]any)[prefix]; got != space {
			t.Errorf("the prefix %s means %v", prefix, got)
		}
	}
	// Without a label, it is the only property again.
	bare, err := glbFile{}.write(labelled, Statement{}, nil)
	if err != nil || bytes.Contains(bare, []byte("atelier:label")) || !bytes.Contains(bare, []byte(`"dc:rights":"mine"`)) {
		t.Errorf("%s, error %v", bare[:400], err)
	}
}

func FuzzReadSolids(f *testing.F) {
	for _, plain := range solids(f) {
		f.Add(write(f, plain, example))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if l, err := Read(file); err == nil {
			Write(file, l)
		}
		Check(file, nil)
	})
}
