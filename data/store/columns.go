package store

import (
	"encoding/json"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"atelier/data"
)

// A content is a set of content columns.
type content uint8

const (
	inImage content = 1 << iota // struct{bytes, path}, a picture for Hugging Face
	inText                      // a string
	inFile                      // struct{bytes, path} of anything else
)

// contentOf is the content column of an Item.
func contentOf(it *data.Item) content {
	switch {
	case strings.HasPrefix(it.MediaType, "image/"):
		return inImage
	case strings.HasPrefix(it.MediaType, "text/") && utf8.Valid(it.Bytes):
		return inText
	}
	return inFile
}

// A kind is the encoding of a column.
type kind uint8

const (
	words  kind = iota // a string that hardly repeats
	choice             // a string that often repeats
	moment             // a time in microseconds
	blob               // bytes
)

// A column is a leaf of the schema.
type column struct {
	name     string // "image.bytes" is the leaf bytes of the group image
	kind     kind
	required bool
}

// columns lists the leaves, in order, of shards with the given content columns, or of the shard of
// dropped Items.
func columns(c content, drops bool) []column {
	var out []column
	if c&inImage != 0 {
		out = append(out, column{name: "image.bytes", kind: blob}, column{name: "image.path"})
	}
	if c&inText != 0 {
		out = append(out, column{name: "text"})
	}
	if c&inFile != 0 {
		out = append(out, column{name: "file.bytes", kind: blob}, column{name: "file.path"})
	}
	if drops {
		out = append(out, column{name: "reason", kind: choice, required: true},
			column{name: "detail"}, column{name: "by", kind: choice})
	}
	return append(out,
		column{name: "label", kind: choice}, column{name: "caption"}, column{name: "group", kind: choice},
		column{name: "name", required: true}, column{name: "media_type", kind: choice},
		column{name: "sha256"}, column{name: "licence", kind: choice},
		column{name: "creator", kind: choice}, column{name: "attribution", kind: choice}, column{name: "place"},
		column{name: "collected", kind: moment}, column{name: "changes", kind: choice})
}

// An ordered group keeps its fields in the given order.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o *ordered) Fields() []parquet.Field { return o.fields }

type field struct {
	parquet.Node
	name string
}

func (f field) Name() string { return f.name }

// Value is only needed to write Go structs.
func (f field) Value(base reflect.Value) reflect.Value { return base.MapIndex(reflect.ValueOf(f.name)) }

func group(fields ...parquet.Field) parquet.Node {
	g := &ordered{Group: parquet.Group{}, fields: fields}
	for _, f := range fields {
		g.Group[f.Name()] = f
	}
	return g
}

// schemaOf returns the schema of a shard.
func schemaOf(cols []column) *parquet.Schema {
	var top []parquet.Field
	for i := 0; i < len(cols); i++ {
		if outer, inner, nested := strings.Cut(cols[i].name, "."); nested { // two leaves: bytes and path
			g := group(field{leaf(cols[i]), inner}, field{leaf(cols[i+1]), "path"})
			top = append(top, field{parquet.Optional(g), outer})
			i++
			continue
		}
		top = append(top, field{leaf(cols[i]), cols[i].name})
	}
	return parquet.NewSchema("atelier", group(top...))
}

func leaf(c column) parquet.Node {
	var n parquet.Node
	switch c.kind {
	case words:
		n = parquet.Encoded(parquet.String(), &parquet.Plain)
	case choice:
		n = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	case moment:
		n = parquet.Encoded(parquet.Timestamp(parquet.Microsecond), &parquet.Plain)
	case blob:
		n = parquet.Encoded(parquet.Leaf(parquet.ByteArrayType), &parquet.Plain)
	}
	if c.required {
		return n
	}
	return parquet.Optional(n)
}

// features describes the columns for Hugging Face's library datasets, in the metadata of a Parquet
// file under the key "huggingface".
func features(cols []column) string {
	f := map[string]any{}
	for _, c := range cols {
		name, inner, nested := strings.Cut(c.name, ".")
		switch {
		case name == "image":
			f[name] = map[string]any{"_type": "Image"}
		case nested:
			of, _ := f[name].(map[string]any)
			if of == nil {
				of = map[string]any{}
			}
			of[inner] = value(c)
			f[name] = of
		default:
			f[name] = value(c)
		}
	}
	text, err := json.Marshal(map[string]any{"info": map[string]any{"features": f}})
	if err != nil {
		panic(err) // maps of strings cannot fail
	}
	return string(text)
}

func value(c column) any {
	t := "string"
	switch c.kind {
	case moment:
		t = "timestamp[us, tz=UTC]"
	case blob:
		t = "binary"
	}
	return map[string]any{"_type": "Value", "dtype": t}
}
