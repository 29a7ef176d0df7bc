package store

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"atelier/data"
)

// A decoder decodes Parquet rows.
type decoder struct {
	at map[string]int // index of a leaf, by name
}

// newDecoder finds the columns of a shard.
func newDecoder(schema *parquet.Schema) (*decoder, error) {
	d := &decoder{at: map[string]int{}}
	for _, c := range columns(inImage|inText|inFile, true) {
		leaf, ok := schema.Lookup(strings.Split(c.name, ".")...)
		switch {
		case !ok:
			continue
		case leaf.MaxRepetitionLevel != 0:
			return nil, fmt.Errorf("its column %s is a list", c.name)
		}
		want := parquet.ByteArray
		if c.kind == moment {
			want = parquet.Int64
		}
		if got := leaf.Node.Type().Kind(); got != want {
			return nil, fmt.Errorf("its column %s holds %s instead of %s", c.name, got, want)
		}
		d.at[c.name] = leaf.ColumnIndex
	}
	for _, path := range schema.Columns() {
		if leaf, _ := schema.Lookup(path...); leaf.MaxRepetitionLevel != 0 {
			return nil, fmt.Errorf("its column %v is a list", path)
		}
	}
	return d, nil
}

// value is the value of a column, null if the shard lacks the column.
func (d *decoder) value(row parquet.Row, name string) parquet.Value {
	if i, ok := d.at[name]; ok && i < len(row) && row[i].Column() == i {
		return row[i]
	}
	return parquet.Value{}
}

func (d *decoder) string(row parquet.Row, name string) string {
	v := d.value(row, name)
	if v.IsNull() {
		return ""
	}
	return string(v.ByteArray())
}

// contentColumns are the columns that hold the bytes of Items.
var contentColumns = []string{"image.bytes", "text", "file.bytes"}

// bytes returns a copy of the content, nil if there is none.
func (d *decoder) bytes(row parquet.Row) []byte {
	for _, name := range contentColumns {
		if v := d.value(row, name); !v.IsNull() {
			return append([]byte{}, v.ByteArray()...)
		}
	}
	return nil
}

func (d *decoder) item(row parquet.Row) data.Item {
	it := data.Item{
		Name: d.string(row, "name"), MediaType: d.string(row, "media_type"), Bytes: d.bytes(row),
		Label: d.string(row, "label"), Caption: d.string(row, "caption"), Group: d.string(row, "group"),
		Origin: data.Origin{
			Place: d.string(row, "place"), Licence: d.string(row, "licence"),
			Creator: d.string(row, "creator"), Attribution: d.string(row, "attribution"),
		},
	}
	if v := d.value(row, "collected"); !v.IsNull() {
		it.Origin.Collected = time.UnixMicro(v.Int64()).UTC()
	}
	return it
}

func (d *decoder) sum(row parquet.Row) (sum [32]byte, err error) {
	text := d.string(row, "sha256")
	if text == "" {
		return sum, nil
	}
	if len(text) != 64 {
		return sum, errors.New("a SHA-256 has not 64 digits")
	}
	_, err = hex.Decode(sum[:], []byte(text))
	return sum, err
}

func (d *decoder) row(from parquet.Row, split data.Split) (Row, error) {
	r := Row{Item: d.item(from), Split: split}
	var err error
	if r.SHA256, err = d.sum(from); err != nil {
		return r, err
	}
	if changes := d.value(from, "changes"); !changes.IsNull() {
		err = json.Unmarshal(changes.ByteArray(), &r.Changes)
	}
	if err == nil && r.Bytes == nil {
		err = fmt.Errorf("%s has no bytes", r.Name)
	}
	return r, err
}

func (d *decoder) drop(from parquet.Row) (DropRow, error) {
	r := DropRow{Item: d.item(from)}
	r.Drop = data.Drop{By: d.string(from, "by"), Reason: d.string(from, "reason"), Detail: d.string(from, "detail")}
	var err error
	r.SHA256, err = d.sum(from)
	return r, err
}
