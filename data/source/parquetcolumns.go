package source

import (
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"atelier/internal/badinput"
)

// A parquetColumn is a column of the table: one leaf of the file's schema, or two for an embedded
// file, its bytes and its path.
type parquetColumn struct {
	name             string
	leaf, path       int // -1 if missing
	list, text, uuid bool
	moment           time.Duration // unit of a timestamp since 1970, 0 if it is not a time
}

// An unreadColumn is a column of an unsupported type.
type unreadColumn struct{ name, what string }

// saying are names of the leaf of an object that holds its text.
var saying = []string{"content", "text", "value"}

// A parquetLeaf is a leaf of the schema and its path.
type parquetLeaf struct {
	parquet.LeafColumn
	path []string
}

func (l parquetLeaf) last() string { return l.path[len(l.path)-1] }

// columnsOf maps a schema to columns, and lists the unsupported ones.
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

// columnOf is the column made of some leaves, or a description of their type if it is unsupported.
// Of objects, and lists of them, the leaf with the text is taken.
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

// of sets the type of the leaf, or describes an unsupported one.
func (c *parquetColumn) of(t parquet.Type) (what string) {
	if converted := t.ConvertedType(); converted != nil {
		switch *converted {
		case deprecated.Date:
			c.moment = day
		case deprecated.TimestampMillis:
			c.moment = time.Millisecond
		case deprecated.TimestampMicros:
			c.moment = time.Microsecond
		case deprecated.Decimal:
			return "a decimal"
		case deprecated.Interval:
			return "an interval"
		}
	}
	if logical := t.LogicalType(); logical != nil && logical.Value != nil {
		switch of := logical.Value.(type) {
		case *format.DateType:
			c.moment = day
		case *format.TimestampType:
			if unit := of.Unit.Value; unit != nil {
				c.moment = unit.Duration()
			}
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

const day = 24 * time.Hour

// when formats a time since 1970: a day as 2024-05-01.
func (c parquetColumn) when(n int64) string {
	if c.moment == day {
		return time.Unix(0, 0).UTC().AddDate(0, 0, int(n)).Format(time.DateOnly)
	}
	perSecond := int64(time.Second / c.moment)
	return time.Unix(n/perSecond, n%perSecond*int64(c.moment)).UTC().Format("2006-01-02T15:04:05.999999999")
}

// want checks the requested columns and returns those to be read.
func (p *parquetFile) want(c Columns) (map[string]bool, error) {
	for _, asked := range c.requested() {
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
	for _, name := range found.requested() {
		wanted[name] = true
	}
	delete(wanted, "")
	return wanted, nil
}

// remark lists the columns that are not read, or is empty.
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
	return "skipped columns of unsupported types: " + strings.Join(said, ", ")
}
