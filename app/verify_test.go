package app

import (
	"os"
	"path/filepath"
	"testing"

	"atelier/internal/provenance"
	"atelier/model/run"
)

// What a label names is looked for among the names that are here, and nowhere else: a run outside of
// the studio's folder is not found, by path or by name.
func TestVerifyLeadsNowhere(t *testing.T) {
	s, err := runsOf()
	if err != nil {
		t.Fatal(err)
	}
	d, err := run.OpenDir(s.Runs, clothes)
	if err != nil {
		t.Fatal(err)
	}
	best, _, err := d.Best()
	if err != nil {
		t.Fatal(err)
	}
	builtIn, err := s.BuiltInHash(run.Illustrator)
	if err != nil || builtIn == "" {
		t.Fatalf("%q, error %v", builtIn, err)
	}
	outside := t.TempDir()
	if err := os.CopyFS(filepath.Join(outside, "0007-outside"), os.DirFS(d.Path())); err != nil {
		t.Fatal(err)
	}
	t.Chdir(outside)
	for _, c := range []struct {
		label provenance.Label
		want  Presence
	}{
		{provenance.Label{}, NoMaker},
		{provenance.Label{Run: clothes, Checkpoint: best.Hash}, Here},
		{provenance.Label{Run: clothes, Checkpoint: "0123"}, Otherwise},
		{provenance.Label{Run: clothes}, Here}, // a preview
		{provenance.Label{Run: "clothes", Checkpoint: best.Hash}, Absent},
		{provenance.Label{Run: "0007-outside", Checkpoint: best.Hash}, Absent},
		{provenance.Label{Run: filepath.Join(outside, "0007-outside"), Checkpoint: best.Hash}, NotOpened},
		{provenance.Label{Run: d.Path(), Checkpoint: best.Hash}, NotOpened},
		{provenance.Label{Run: "../" + filepath.Base(outside) + "/0007-outside"}, NotOpened},
		{provenance.Label{Run: `C:\runs\0001-clothes`}, NotOpened},
		{provenance.Label{Run: ".."}, NotOpened},
		{provenance.Label{Run: "remote:model", Settings: map[string]string{serverKey: "ollama"}}, Elsewhere},
		{provenance.Label{Run: "ensemble", Checkpoint: "0123"}, Otherwise},
		{provenance.Label{Run: run.Illustrator, Checkpoint: builtIn}, Here},
		{provenance.Label{Run: run.Illustrator, Checkpoint: "0123"}, Otherwise},
	} {
		beside, err := provenance.Beside([]byte("text"), c.label)
		if err != nil {
			t.Fatal(err)
		}
		v, err := Verifier{Studio: s}.Verify(File{Name: "a.txt", Bytes: []byte("text")}, beside)
		if err != nil || v.Maker != c.want || !v.Whole {
			t.Errorf("%s: %+v, error %v; want %s", c.label.Run, v, err, c.want)
		}
	}
}

// Whatever a label says, it is answered without a look outside of the runs, and nothing is written.
func FuzzVerify(f *testing.F) {
	folder := f.TempDir()
	runs := filepath.Join(folder, "runs")
	if err := os.MkdirAll(runs, 0o777); err != nil {
		f.Fatal(err)
	}
	for _, l := range []provenance.Label{{Run: "../a", Checkpoint: "x"}, {Run: "0001-a"}, {Run: "stories260k", Inputs: map[string]provenance.Input{"a": {Name: "/etc/passwd", Bytes: []byte("x")}}}} {
		beside, err := provenance.Beside([]byte("text"), l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte("text"), beside)
	}
	f.Fuzz(func(t *testing.T, file, beside []byte) {
		v, err := Verifier{Studio: &run.Studio{Runs: runs, Home: filepath.Join(folder, "home")}}.Verify(File{Name: "a", Bytes: file}, beside)
		if err == nil && v.Label != nil && v.Maker == Here && v.Label.Run != "stories260k" && v.Label.Run != "ensemble" {
			t.Errorf("found %q", v.Label.Run)
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
			t.Fatalf("%v, error %v", entries, err)
		}
	})
}
