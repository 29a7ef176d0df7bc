package library

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"atelier/data"
)

// FuzzSpool reads records, one after another, with their bytes and without.
func FuzzSpool(f *testing.F) {
	r := record{Item: data.Item{Name: "n", Label: "l", Bytes: []byte("content")}, Changes: map[string]int{"x": 3}, Drop: &data.Drop{By: "a", Reason: "b"}}
	head, body := r.encode()
	whole := append(head, body...)
	f.Add(whole)
	f.Add(append(bytes.Clone(whole), whole[:20]...))
	f.Add([]byte{255, 255, 255, 63, 255, 255, 255, 63})
	f.Add(append([]byte{80, 0, 0, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{255}, 80)...))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, read := range []reading{readRecord, readDescription} {
			from := bufio.NewReader(bytes.NewReader(file))
			var r record
			for at, left := int64(0), int64(len(file)); ; {
				size, err := read(from, &r)
				if err != nil {
					break
				}
				if at += size; size < 8 || at > left {
					t.Fatalf("a record of %d bytes at %d of %d", size, at, left)
				}
			}
		}
	})
}

// A length that is damaged makes no room for what is not there.
func TestDamagedLengthTakesNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, lengths := range [][2]uint32{{largestRecord, 0}, {90, largestRecord}} {
		head := binary.LittleEndian.AppendUint32(nil, lengths[0])
		head = binary.LittleEndian.AppendUint32(head, lengths[1])
		var r record
		if _, err := readRecord(bytes.NewReader(append(head, make([]byte, 100)...)), &r); err == nil {
			t.Error("no error")
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("%d MiB for 108 bytes", took>>20)
	}
	large := bytes.Repeat([]byte("0123456789"), 1<<19)
	if got, err := readBytes(bytes.NewReader(large), len(large)); err != nil || !bytes.Equal(got, large) {
		t.Errorf("read %d of %d bytes, error %v", len(got), len(large), err)
	}
}

// FuzzSketches reads a file of sketches.
func FuzzSketches(f *testing.F) {
	one := make([]byte, sketchHead, sketchHead+11)
	one[16], one[18] = 1, 3
	f.Add(append(one, make([]byte, 11)...))
	f.Add(one)
	f.Add(bytes.Repeat([]byte{255}, 100))
	f.Fuzz(func(t *testing.T, file []byte) {
		end := int64(0)
		err := eachSketch(bufio.NewReader(bytes.NewReader(file)), func(s sketched) error {
			if s.signature < end || s.signature+int64(s.size) > int64(len(file)) {
				t.Fatalf("a signature of %d bytes at %d of %d, after %d", s.size, s.signature, len(file), end)
			}
			end = s.signature + int64(s.size)
			return nil
		})
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	})
}

// FuzzState reads how far a job has come.
func FuzzState(f *testing.F) {
	f.Add([]byte(`{"Spool":90,"Sketches":[4,5],"Spans":[{"Source":1,"Split":"train","Begin":0,"End":90,"Count":3,"Passed":1,"Done":true}],"Base":"x"}`))
	f.Add([]byte(`{"Spool":-1}`))
	f.Add([]byte(`{"Spans":[{"Source":-1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		st, err := parseState(text)
		if err != nil || !st.fits(2, 2) {
			return
		}
		for _, sp := range st.Spans {
			if sp.Source < 0 || sp.Source > 1 || sp.End < sp.Begin || sp.End > st.Spool {
				t.Fatalf("%+v", st)
			}
		}
	})
}

// A state that cannot be right is one error, that says what to do.
func TestDamagedState(t *testing.T) {
	for _, text := range []string{"", "[]", `{"Spool":-1}`, `{"Sketches":[-1]}`, `{"Spool":5,"Spans":[{"Begin":0,"End":6}]}`, `{"Spans":[{"Source":-2}]}`} {
		if _, err := parseState([]byte(text)); !errors.Is(err, errDamaged) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", text, err)
		}
	}
	if st, err := parseState([]byte(`{"Sketches":[1],"Spans":[{"Source":1}]}`)); err != nil || st.fits(1, 1) || st.fits(2, 2) || !st.fits(2, 1) {
		t.Errorf("%+v, error %v", st, err)
	}
}
