package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"atelier/data"
)

// An encoder encodes rows with the same columns as Parquet rows.
type encoder struct {
	content content
	digest  digester
}

// row encodes a kept row; it fills in missing fields and checks the others.
func (e *encoder) row(to parquet.Row, r *Row) (parquet.Row, [32]byte, error) {
	sum := sha256.Sum256(r.Bytes)
	if r.SHA256 != ([32]byte{}) && r.SHA256 != sum {
		return nil, sum, fmt.Errorf("%s: its bytes are not those of its SHA-256", r.Name)
	}
	r.SHA256 = sum
	changes, err := clean(&r.Item, &r.Changes)
	if err != nil {
		return nil, sum, err
	}
	v := values{row: to}
	e.bytes(&v, &r.Item, true)
	e.item(&v, &r.Item, sum)
	v.string(changes)
	return v.row, e.digest.row(r), nil
}

// drop encodes a dropped row.
func (e *encoder) drop(to parquet.Row, r *DropRow) (parquet.Row, [32]byte, error) {
	if _, err := clean(&r.Item, nil); err != nil {
		return nil, r.SHA256, err
	}
	for _, s := range []*string{&r.Drop.By, &r.Drop.Reason, &r.Drop.Detail} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	v := values{row: to}
	e.bytes(&v, &r.Item, r.Bytes != nil)
	v.required(r.Drop.Reason)
	v.string(r.Drop.Detail)
	v.string(r.Drop.By)
	e.item(&v, &r.Item, r.SHA256)
	v.string("")
	return v.row, e.digest.drop(r), nil
}

// bytes appends the content columns.
func (e *encoder) bytes(v *values, it *data.Item, there bool) {
	lies := contentOf(it)
	for _, c := range []content{inImage, inText, inFile} {
		switch is := there && c == lies; {
		case e.content&c == 0:
		case c == inText && is:
			v.add(parquet.ByteArrayValue(it.Bytes), 1)
		case c == inText:
			v.add(parquet.Value{}, 0)
		case is:
			v.add(parquet.ByteArrayValue(it.Bytes), 2)
			v.add(parquet.ByteArrayValue([]byte(path.Base(it.Name))), 2)
		default:
			v.add(parquet.Value{}, 0)
			v.add(parquet.Value{}, 0)
		}
	}
}

// item appends the columns that kept and dropped rows share.
func (e *encoder) item(v *values, it *data.Item, sum [32]byte) {
	v.string(it.Label)
	v.string(it.Caption)
	v.string(it.Group)
	v.required(it.Name)
	v.string(it.MediaType)
	if sum == ([32]byte{}) {
		v.add(parquet.Value{}, 0)
	} else {
		v.add(parquet.ByteArrayValue(hex.AppendEncode(nil, sum[:])), 1)
	}
	v.string(it.Origin.Licence)
	v.string(it.Origin.Creator)
	v.string(it.Origin.Attribution)
	v.string(it.Origin.Place)
	if it.Origin.Collected.IsZero() {
		v.add(parquet.Value{}, 0)
	} else {
		v.add(parquet.Int64Value(it.Origin.Collected.UnixMicro()), 1)
	}
}

// values collects the values of a row.
type values struct{ row parquet.Row }

func (v *values) add(x parquet.Value, level int) {
	v.row = append(v.row, x.Level(0, level, len(v.row)))
}

// string appends a string, null if it is empty.
func (v *values) string(s string) {
	if s == "" {
		v.add(parquet.Value{}, 0)
		return
	}
	v.add(bytesOf(s), 1)
}

func (v *values) required(s string) { v.add(bytesOf(s), 0) }

func bytesOf(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }

// clean turns all strings into valid UTF-8, as Parquet requires, and returns the changes as JSON,
// "" if there are none.
func clean(it *data.Item, changes *map[string]int) (string, error) {
	for _, s := range []*string{
		&it.Name, &it.MediaType, &it.Label, &it.Caption, &it.Group,
		&it.Origin.Place, &it.Origin.Licence, &it.Origin.Creator, &it.Origin.Attribution,
	} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	if changes == nil || len(*changes) == 0 {
		return "", nil
	}
	valid := make(map[string]int, len(*changes))
	for k, n := range *changes {
		if !utf8.ValidString(k) {
			k = strings.ToValidUTF8(k, "\uFFFD")
		}
		valid[k] += n
	}
	*changes = valid
	text, err := json.Marshal(valid)
	return string(text), err
}
