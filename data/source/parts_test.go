package source

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
)

// The values of a column split mean what folders of that name do; a work of another part
// is not learned from.
func TestPartsOfRows(t *testing.T) {
	want := map[string]string{
		"train": "train", "Training": "train", "train2017": "train", "train_a": "train", "": "train", "NaN": "train",
		"test": "test", "test-a": "test", "test1": "test", "val2017": "test", " Validation ": "test", "dev": "test", "holdout": "test", "held-out": "test", "hold_out": "test", "Held Out 2": "test",
		"unlabeled": "gone", "prod": "gone", "foo": "gone", "1": "gone", "trainer": "gone", "testament": "gone",
	}
	files, csv, lines := map[string][]byte{}, "file_name,label,split\n", ""
	texts, one, two := "text,split\n", "text,split\n", "text,split\n"
	names := map[string]string{} // of the values
	for part := range want {
		name := fmt.Sprintf("%d.png", len(names))
		files["cat/"+name], names["cat/"+name] = pngOf(t, len(names)+1), part
		csv += "cat/" + name + ",a," + part + "\n"
		texts += name + "," + part + "\n"
		line, _ := json.Marshal(map[string]string{"text": "cat/" + name, "split": part})
		lines += string(line) + "\n"
		if len(names)%2 == 0 {
			one += name + "," + part + "\n"
		} else {
			two += name + "," + part + "\n"
		}
	}
	files["labels.csv"] = []byte(csv)
	dir := write(t, map[string][]byte{"t.csv": []byte(texts), "t.jsonl": []byte(lines), "two/a.csv": []byte(one), "two/b.csv": []byte(two)})
	base := filepath.Join(dir, "parts.db")
	execute(t, "sqlite", base, "CREATE TABLE works (text TEXT, split TEXT)")
	for name, part := range names {
		execute(t, "sqlite", base, fmt.Sprintf("INSERT INTO works VALUES ('%s', '%s')", name, part))
	}
	sources := append(treesOf(t, files), &CSV{Path: filepath.Join(dir, "t.csv"), TestShare: 0.5}, &CSV{Path: filepath.Join(dir, "two"), TestShare: 0.5},
		&JSONL{Path: filepath.Join(dir, "t.jsonl"), TestShare: 0.5}, &SQL{Address: sqliteScheme + base, TestShare: 0.5})
	for _, s := range sources {
		got := map[string]int{}
		for _, split := range []data.Split{data.Train, data.Test} {
			for it, err := range s.Items(context.Background(), split) {
				switch {
				case isDrop(err) && asDrop(err).Reason == "unknown part":
					got["gone"]++
					continue
				case err != nil:
					t.Fatal(err)
				}
				got[string(split)]++
				name := it.Name
				if it.MediaType != "image/png" {
					name = "cat/" + strings.TrimPrefix(string(it.Bytes), "cat/")
				}
				if want[names[name]] != string(split) {
					t.Errorf("%T: %q of %s is for %s", s, names[name], name, split)
				}
			}
		}
		if got["train"] != 6 || got["test"] != 10 || got["gone"] != 6 {
			t.Errorf("%T: %v", s, got)
		}
	}
}

// What the name of a file and a row say of the part must agree.
func TestPartsThatContradict(t *testing.T) {
	dir := write(t, map[string][]byte{"train.csv": []byte("text,split\na,train\nb,test\n"), "test.csv": []byte("text,split\nc,\nd,train\n")})
	items, parts, drops := take(t, &CSV{Path: dir, TestShare: 0.5})
	if len(items) != 2 || parts["train.csv/2"] != data.Train || parts["test.csv/2"] != data.Test || joinedMap(drops) != "test.csv/3:conflict train.csv/3:conflict" {
		t.Error(items, parts, drops)
	}
}
