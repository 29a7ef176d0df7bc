package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atelier/data"
)

func pgm(shade byte) string { return "P5 2 1 255\n" + string([]byte{shade, 255 - shade}) }

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExport(t *testing.T) {
	const grey = "image/x-portable-graymap"
	pictures := []Row{
		{Item: item("a", grey, pgm(1), "../x"), Split: data.Train},
		{Item: item("b", grey, pgm(2), "y"), Split: data.Train},
		{Item: item("c", grey, pgm(3), "y"), Split: data.Test},
	}
	texts := []Row{{Item: item("a", "text/plain", "one < two", ""), Split: data.Train}}
	head := "file_name,split,label,caption,group,licence,creator,attribution,place\n"
	for _, c := range []struct {
		format string
		rows   []Row
		want   map[string]string
	}{
		{"dir", pictures, map[string]string{
			"train/_._x/00000000.pgm": pgm(1), "train/y/00000001.pgm": pgm(2), "test/y/00000002.pgm": pgm(3),
			"labels.csv": head + "train/_._x/00000000.pgm,train,../x,,,,,,\ntrain/y/00000001.pgm,train,y,,,,,,\ntest/y/00000002.pgm,test,y,,,,,,\n",
		}},
		{"jsonl", texts, map[string]string{"train.jsonl": `{"text":"one < two","media_type":"text/plain","split":"train","name":"a"}` + "\n"}},
		{"jsonl", pictures[2:], map[string]string{"test.jsonl": `{"base64":"UDUgMiAxIDI1NQoD/A==","media_type":"` + grey + `","label":"y","split":"test","name":"c"}` + "\n"}},
		{"idx", pictures, map[string]string{
			"train-images-idx3-ubyte": "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02\x01\xfe\x02\xfd",
			"train-labels-idx1-ubyte": "\x00\x00\x08\x01\x00\x00\x00\x02\x00\x01",
			"t10k-images-idx3-ubyte":  "\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02\x03\xfc",
			"t10k-labels-idx1-ubyte":  "\x00\x00\x08\x01\x00\x00\x00\x01\x01",
		}},
	} {
		v := written(t, t.TempDir(), c.rows, nil)
		to := filepath.Join(t.TempDir(), "new", "out")
		if err := Export(context.Background(), v, to, c.format); err != nil {
			t.Fatal(err)
		}
		got := tree(t, to)
		if c.format == "dir" { // the label that leads outside keeps to its place
			for name := range got {
				if strings.Contains(name, "..") {
					t.Errorf("a file %s", name)
				}
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.format, d)
		}
	}
}

func TestExportParquet(t *testing.T) {
	v := written(t, t.TempDir(), manyRows(10, 100), nil)
	to := filepath.Join(t.TempDir(), "out")
	if err := Export(context.Background(), v, to, "parquet"); err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{"train", "test"} {
		name := split + "-00000.parquet"
		want, _ := os.ReadFile(filepath.Join(v.dir, "data", name))
		got, err := os.ReadFile(filepath.Join(to, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not the shard: %v", name, err)
		}
	}
}

func TestExportRefuses(t *testing.T) {
	ctx := context.Background()
	text := []Row{{Item: item("a", "text/plain", "hello", ""), Split: data.Train}}
	used := t.TempDir()
	os.WriteFile(filepath.Join(used, "mine"), nil, 0o666)
	var many []Row
	for i := range 300 {
		many = append(many, Row{Item: item("a", "image/x-portable-graymap", pgm(1), fmt.Sprint(i)), Split: data.Train})
	}
	for _, c := range []struct {
		rows             []Row
		to, format, want string
	}{
		{text, "new", "tar", `no format "tar"`}, {text, used, "dir", "is not empty"}, {text, "new", "idx", "IDX holds pictures"},
		{many, "new", "idx", "has 300"},
	} {
		to := c.to
		if to == "new" {
			to = filepath.Join(t.TempDir(), "new")
		}
		err := Export(ctx, written(t, t.TempDir(), c.rows, nil), to, c.format)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.format, err, c.want)
		}
		if entries, _ := os.ReadDir(filepath.Dir(to)); c.to == "new" && len(entries) > 0 {
			t.Errorf("%s: left %v", c.format, entries)
		}
	}
}

// Damage of a version is named on export, and not blamed on the destination.
func TestExportOfDamagedVersion(t *testing.T) {
	for _, format := range []string{"dir", "jsonl", "parquet"} {
		for _, c := range []struct {
			damage func(path string) error
			want   string
		}{
			{func(path string) error { return os.WriteFile(path, []byte("x"), 0o666) }, " is damaged: it has 1 bytes instead of "},
			{os.Remove, " is missing; "},
			{func(path string) error { return os.Chmod(path, 0) }, "permission denied"},
		} {
			v := written(t, t.TempDir(), []Row{{Item: item("a", "text/plain", "hello", ""), Split: data.Train}}, nil)
			shard := filepath.Join(v.dir, filepath.FromSlash(v.manifest.Shards[0].Path))
			os.Chmod(shard, 0o666)
			if err := c.damage(shard); err != nil {
				t.Fatal(err)
			}
			if f, err := os.Open(shard); err == nil && c.want == "permission denied" {
				f.Close()
				continue // root can read it
			}
			to := filepath.Join(t.TempDir(), "new")
			err := Export(t.Context(), v, to, format)
			if err == nil || !strings.Contains(err.Error(), shard) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "cannot write") {
				t.Errorf("%s: %v, want %s%s", format, err, shard, c.want)
			}
			if entries, _ := os.ReadDir(filepath.Dir(to)); len(entries) > 0 {
				t.Errorf("%s: left %v", format, entries)
			}
		}
	}
}
