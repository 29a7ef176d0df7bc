package source

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
	score "atelier/internal/music"
)

// matElement is a data element of a MATLAB 5 file.
func matElement(kind uint32, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, kind), uint32(len(body)))
	return append(append(b, body...), make([]byte, -len(body)&7)...)
}

// matMatrix is a matrix: of cells (1) or doubles (6).
func matMatrix(class uint32, name string, rows, columns int, body []byte) []byte {
	words := func(all ...uint32) (b []byte) {
		for _, w := range all {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		return b
	}
	return matElement(14, bytes.Join([][]byte{matElement(6, words(class, 0)), matElement(5, words(uint32(rows), uint32(columns))), matElement(1, []byte(name)), body}, nil))
}

// rollsOf is a file with so many rolls of two frames in each part; in the second a key higher.
func rollsOf(pieces int) []byte {
	file := append([]byte("MATLAB 5.0"), make([]byte, 116)...)
	file = append(file, "IM"...)
	for _, name := range []string{"traindata", "validdata", "testdata"} {
		var cells []byte
		for i := range pieces {
			var numbers []byte
			for j := range 2 * 88 {
				v := 0.
				if j/2 == 39+i%12 && j%2 == 0 || j/2 == 40+i%12 && j%2 == 1 || j/2 == 30 {
					v = 1
				}
				numbers = binary.LittleEndian.AppendUint64(numbers, math.Float64bits(v))
			}
			cells = append(cells, matMatrix(6, "", 2, 88, matElement(9, numbers))...)
		}
		file = append(file, matMatrix(1, name, 1, pieces, cells)...)
	}
	return file
}

func TestRolls(t *testing.T) {
	path := filepath.Join(write(t, map[string][]byte{"a.mat": rollsOf(2)}), "a.mat")
	items, err := collect(&Rolls{Path: path, Tempo: 60}, data.Train)
	if err != nil || len(items) != 4 || items[0].Name != "train/000" || items[2].Name != "valid/000" {
		t.Fatal(len(items), err)
	}
	piece, err := score.Read(items[1].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var got [][3]int64
	for _, n := range piece.Parts[0].Notes {
		got = append(got, [3]int64{n.At, n.Length, int64(n.Pitch)})
	}
	want := [][3]int64{{0, 960, 51}, {0, 480, 61}, {480, 480, 62}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%v, want %v", got, want)
	}
	for name, file := range map[string][]byte{"no MATLAB": []byte("x"), "cut off": rollsOf(2)[:900], "has no cells": rollsOf(2)[:128]} {
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := collect(&Rolls{Path: path, Tempo: 60}, data.Test); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
