package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"atelier/data"
)

// jsonRows yields a row for each line with a JSON object, or for each element of a
// file that is an array of objects.
func jsonRows(l *lineReader) iter.Seq2[row, error] {
	start, _ := l.Peek(4 << 10)
	if inner, ok := bytes.CutPrefix(bytes.TrimSpace(start), []byte("[")); ok {
		if inner = bytes.TrimSpace(inner); len(inner) == 0 || inner[0] == '{' {
			return jsonElements(l)
		}
	}
	return func(yield func(row, error) bool) {
		for at := 1; ; at++ {
			line, err := l.line()
			if err == io.EOF && len(line) == 0 {
				return
			}
			r := row{at: at}
			switch {
			case errors.Is(err, errLongLine):
				err = longLine(at)
			case err != nil && err != io.EOF:
				yield(r, fmt.Errorf("line %d: %w", at, damaged(err)))
				return
			case len(bytes.TrimSpace(line)) == 0:
				continue
			default:
				if r.record, err = jsonRecord(bytes.TrimSpace(line)); err != nil {
					err = data.Dropf("bad line", "line %d is not a JSON object (%v)", at, err)
				}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func longLine(at int) error {
	return data.Dropf("bad line", "line %d is longer than %d MiB, the limit", at, maxLine>>20)
}

// jsonElements yields a row for each element of an array, counted from 1. After a syntax error in
// the array it stops.
func jsonElements(l *lineReader) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		d := json.NewDecoder(l)
		for at := 1; ; {
			_, err := d.Token() // [
			for ; err == nil && d.More(); at++ {
				l.from.row = maxLine
				var element json.RawMessage
				if err = d.Decode(&element); err != nil {
					break
				}
				r := row{at: at}
				var bad error
				if r.record, bad = jsonRecord(element); bad != nil {
					bad = data.Dropf("bad line", "element %d is not a JSON object (%v)", at, bad)
				}
				if !yield(r, bad) {
					return
				}
			}
			if err == nil {
				_, err = d.Token() // ]
			}
			if err == nil && !d.More() {
				return
			}
			if err != nil {
				yield(row{at: at}, fmt.Errorf("element %d of the array, byte %d: %w", at, d.InputOffset(), damaged(err)))
				return
			}
		}
	}
}

// jsonRecord reads the keys of an object and keeps the values unparsed.
func jsonRecord(line []byte) (record, error) {
	var object map[string]json.RawMessage
	if !utf8.Valid(line) {
		return record{}, errNotUTF8
	}
	err := json.Unmarshal(line, &object)
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		return record{}, errors.New("its JSON has the type " + kind.Value)
	}
	switch {
	case err != nil && notANumber(line):
		return record{}, errors.New("JSON has no NaN and no Infinity: write null")
	case err != nil:
		return record{}, err
	}
	if twice := repeatedKey(line); twice != "" {
		return record{}, fmt.Errorf("it has the key %q more than once", twice)
	}
	if half := loneSurrogate(line); half != "" {
		return record{}, fmt.Errorf("it has %s, which is half of a character", half)
	}
	if object == nil {
		return record{}, errors.New("it is null")
	}
	r := record{names: slices.Sorted(maps.Keys(object))}
	for _, n := range r.names {
		r.values = append(r.values, object[n])
	}
	r.names = named(r.names)
	return r, nil
}

// notANumber reports whether invalid JSON would be valid without NaN and infinities.
func notANumber(line []byte) bool {
	without := line
	for _, none := range []string{"-Infinity", "Infinity", "NaN"} {
		without = bytes.ReplaceAll(without, []byte(none), []byte("0"))
	}
	return len(without) < len(line) && json.Valid(without)
}

// repeatedKey returns a duplicate key of an object, empty if there is none.
func repeatedKey(object []byte) string {
	d := json.NewDecoder(bytes.NewReader(object))
	seen := map[string]bool{}
	_, err := d.Token() // {
	for err == nil && d.More() {
		var key json.Token
		if key, err = d.Token(); err != nil {
			break
		}
		name, _ := key.(string)
		if seen[name] {
			return name
		}
		seen[name] = true
		var value json.RawMessage
		err = d.Decode(&value)
	}
	return ""
}

// loneSurrogate returns an unpaired surrogate escape in valid JSON, which Go would decode as
// U+FFFD; empty if there is none.
func loneSurrogate(text []byte) string {
	const size = len(`\uD83D`)
	for at := 0; ; {
		n := bytes.IndexByte(text[at:], '\\')
		if n < 0 {
			return ""
		}
		at += n
		first := codeAt(text[at:])
		switch {
		case first < 0:
			at += 2
		case !utf16.IsSurrogate(first):
			at += size
		case utf16.DecodeRune(first, codeAt(text[at+size:])) == unicode.ReplacementChar:
			return string(text[at : at+size])
		default:
			at += 2 * size
		}
	}
}

// codeAt reads an escape such as \uD83D, -1 if there is none.
func codeAt(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	if err != nil {
		return -1
	}
	return rune(n)
}

var errNotUTF8 = errors.New("it is not in UTF-8; save the table as UTF-8")
