package source

import (
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"atelier/internal/badinput"
)

// A parquetColumn is a column of a table made of one leaf of the file, or of two,
// the bytes and the path of an embedded file.
type parquetColumn struct {
	name             string
	leaf, path       int // -1 for none
	list, text, uuid bool
}

// An unreadColumn is one of a type that stands for nothing a table has here.
type unreadColumn struct{ name, what string }

// saying are the leaves of an object that hold its words.
var saying = []string{"content", "text", "value"}

// A parquetLeaf is a leaf of the schema and its path.
type parquetLeaf struct {
	parquet.LeafColumn
	path []string
}

func (l parquetLeaf) last() string { return l.path[len(l.path)-1] }

// columnsOf finds what the columns of a schema are, and those that are not read.
func columnsOf(schema *parquet.Schema) (columns []parquetColumn, unread []unreadColumn) {
	var names []string
	leaves := map[string][]parquetLeaf{}
	for _, path := range schema.Columns()[:min(len(schema.Columns()), maxParquetColumns)] {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			continue
		}
		if leaves[path[0]] == nil {
			names = append(names, path[0])
		}
		leaves[path[0]] = append(leaves[path[0]], parquetLeaf{leaf, path})
	}
	for _, n := range names {
		if c, what := columnOf(n, leaves[n]); what == "" {
			columns = append(columns, c)
		} else {
			unread = append(unread, unreadColumn{n, what})
		}
	}
	return columns, unread
}

// columnOf is the column that some leaves are, or what they are where that is not read.
// Of objects, and of lists of them, the leaf that holds words is taken.
func columnOf(name string, leaves []parquetLeaf) (c parquetColumn, what string) {
	depth, isMap := 0, false
	for _, l := range leaves {
		depth = max(depth, l.MaxRepetitionLevel)
		isMap = isMap || len(l.path) > 2 && len(leaves) > 1 && (l.path[1] == "key_value" || l.path[1] == "map") && l.path[2] == "key"
	}
	c = parquetColumn{name: name, leaf: -1, path: -1, list: depth > 0}
	at := func(names ...string) int {
		return slices.IndexFunc(leaves, func(l parquetLeaf) bool { return l.MaxRepetitionLevel == depth && slices.Contains(names, l.last()) })
	}
	found := 0
	switch bytes := at("bytes"); {
	case isMap:
		return c, "a map"
	case depth > 1:
		return c, "a list of lists"
	case len(leaves) == 1:
	case depth == 0 && bytes >= 0 && len(leaves[bytes].path) == 2:
		if c.leaf, found = leaves[bytes].ColumnIndex, bytes; at("path") >= 0 {
			c.path = leaves[at("path")].ColumnIndex
		}
		return c, ""
	case at(saying...) >= 0:
		found = at(saying...)
	case depth == 1:
		return c, "a list of structs"
	default:
		return c, "a struct"
	}
	c.leaf = leaves[found].ColumnIndex
	what = c.of(leaves[found].Node.Type())
	return c, what
}

// of notes the type of the leaf, or says what it is where it is not read.
func (c *parquetColumn) of(t parquet.Type) (what string) {
	if converted := t.ConvertedType(); converted != nil {
		switch *converted {
		case deprecated.Decimal:
			return "a decimal"
		case deprecated.Interval:
			return "an interval"
		}
	}
	if logical := t.LogicalType(); logical != nil && logical.Value != nil {
		switch logical.Value.(type) {
		case *format.StringType, *format.EnumType, *format.JsonType:
			c.text = true
		case *format.UUIDType:
			c.uuid = true
		case *format.DecimalType:
			return "a decimal"
		case *format.Float16Type:
			return "a number of 16 bits"
		}
	}
	if t.Kind() == parquet.Int96 {
		return "a time in 96 bits"
	}
	return ""
}

// want checks the columns that were asked for, and returns which ones are to be read.
func (p *parquetFile) want(c Columns) (map[string]bool, error) {
	for _, asked := range c.asked() {
		for _, u := range p.unread {
			if u.name == asked {
				return nil, badinput.Errorf("the column %q is %s, which is not read; name one that holds a text, a number, a list of them or a file", asked, u.what)
			}
		}
	}
	found, err := c.readable(p.names())
	if err != nil && len(p.unread) > 0 {
		err = badinput.Errorf("%w; %s", err, p.remark())
	}
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{column(p.names(), usual.attribution, nil): true}
	for _, name := range found.asked() {
		wanted[name] = true
	}
	delete(wanted, "")
	return wanted, nil
}

// remark says which columns are not read, empty if all are.
func (p *parquetFile) remark() string {
	if len(p.unread) == 0 {
		return ""
	}
	const most = 5
	var said []string
	for i, u := range p.unread {
		if i == most {
			said = append(said, "and others")
			break
		}
		said = append(said, u.name+" ("+u.what+")")
	}
	return "columns of types that are not read were passed over: " + strings.Join(said, ", ")
}
