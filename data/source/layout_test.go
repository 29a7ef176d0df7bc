package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"atelier/data"
)

// Folders divide a set, or are its classes, as people mean them.
func TestLayout(t *testing.T) {
	for _, c := range []struct{ files, want string }{
		{"cat/1 dog/2", "train:cat train:dog"},
		{"1 2", "train: train:"},
		{"cat/1", "train:cat"},
		{"set/cat/1 set/dog/2", "train:cat train:dog"},
		{"cats/tabby/1 cats/siamese/2", "train:siamese train:tabby"},
		{"train/1 test/2", "test: train:"},
		{"Train/cat/1 TEST/dog/2", "test:dog train:cat"},
		{"a/b/train/cat/1 a/b/val/cat/2", "train:cat test:cat"},
		{"train/1 test/2 preview", "gone test: train:"},
		{"train/cat/1 test/cat/2 unlabelled/3", "test:cat train:cat gone"},
		{"train/1 valid/2 test/3", "test: train: test:"},
		{"train/cat/1 train/dog/2", "train:cat train:dog"},
		{"train/1 train/2", "train: train:"},
		{"train/cat/1 train/dog/2 preview", "gone train:cat train:dog"},
		{"test/cat/1 test/dog/2", "train:cat train:dog"},
		{"1 2 val/3", "train: train: test:"},
		{"car/1 bus/2 train/3", "train:bus train:car train:train"},
		{"car/1 test/2", "train:car train:test"},
		{"train_station/1 test_tube/2 cat/3", "train:cat train:test_tube train:train_station"},
		{"train2017/1 val2017/2", "train: test:"},
		{"train_images/cat/1 test_images/cat/2", "test:cat train:cat"},
		{"cat/train/1 cat/test/2 dog/train/3 dog/test/4", "test:cat train:cat test:dog train:dog"},
		{"cat/train/1 cat/test/2 dog/train/3", "test:cat train:cat train:dog"},
		{"cat/train/1 cat/test/2 cat/9 dog/train/3 odd", "gone test:cat train:cat train:dog gone"},
		{"cat/train/1 cat/test/2 dog/3", "train:cat train:cat train:dog"},
		{"images/train/1 images/val/2 labels/train/3 labels/val/4", "train:images test:images train:labels test:labels"},
		{"train/cat/1 test/cat/2 VAL2017/cat/3", "test:cat test:cat train:cat"},
		{"train/cat/1 test/cat/2 train2/cat/3", "test:cat train:cat train:cat"},
		{"train/cat/1 test/cat/2 test_tube/cat/3", "test:cat gone train:cat"},
		{"train/cat/1 holdout/cat/2", "test:cat train:cat"},
		{"train/cat/1 held-out/cat/2", "test:cat train:cat"},
		{"images/train/cat/1 images/test/cat/2", "test:cat train:cat"},
		{"train/images/cat/1 train/images/dog/2 test/images/cat/3", "test:cat train:cat train:dog"},
		{"train/images/cat/1 val/images/dog/2", "train:cat test:dog"},
		{"train/images/1 test/images/2", "test:images train:images"},
	} {
		files := map[string][]byte{}
		for f := range strings.FieldsSeq(c.files) {
			files[f+".png"] = pngOf(t, 1)
		}
		for _, s := range treesOf(t, files) {
			items, parts, drops := take(t, s)
			var got []string
			for _, f := range slices.Sorted(func(yield func(string) bool) {
				for f := range files {
					if !yield(f) {
						return
					}
				}
			}) {
				switch _, here := items[f]; {
				case drops[f] == "outside the parts":
					got = append(got, "gone")
				case here:
					got = append(got, fmt.Sprint(parts[f], ":", items[f].Label))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%T of %s: got %s, want %s", s, c.files, strings.Join(got, " "), c.want)
			}
			if classes := s.(data.Classed).ClassNames(); slices.Contains(classes, "unlabelled") {
				t.Errorf("%T of %s has the classes %v", s, c.files, classes)
			}
		}
	}
}

// Of pictures with boxes in texts beside them, as YOLO has it, the pictures are read.
func TestBoxes(t *testing.T) {
	for _, files := range []string{
		"images/train/1.png images/val/2.png labels/train/1.txt labels/val/2.txt classes.txt data.yaml",
		"train/images/1.png train/labels/1.txt val/images/2.png val/labels/2.txt README.txt",
	} {
		content := map[string][]byte{}
		for f := range strings.FieldsSeq(files) {
			content[f] = []byte("0 0.5 0.5 0.1 0.1\n")
			if strings.HasSuffix(f, ".png") {
				content[f] = pngOf(t, 1)
			}
		}
		for _, s := range treesOf(t, content) {
			items, parts, drops := take(t, s)
			if len(items) != 2 || len(s.(data.Classed).ClassNames()) > 0 {
				t.Errorf("%T of %s: %d works, classes %v", s, files, len(items), s.(data.Classed).ClassNames())
			}
			for f := range items {
				if (parts[f] == data.Test) != strings.Contains(f, "val/") {
					t.Errorf("%s is for %s", f, parts[f])
				}
			}
			for f, why := range drops {
				if strings.HasSuffix(f, ".txt") && why != "boxes" {
					t.Errorf("%s: %s", f, why)
				}
			}
		}
	}
	// Folders that are called so by chance are classes.
	s := &Folder{Path: write(t, map[string][]byte{"labels/1.txt": []byte("a"), "letters/1.txt": []byte("b")})}
	if items, _, _ := take(t, s); items["labels/1.txt"].Label != "labels" {
		t.Errorf("%v", items)
	}
}
