package registry

import (
	"fmt"
	"sort"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines finds the line of every key path of a valid TOML text: of tables, dotted keys, inline
// tables and arrays of tables (model.penalty[0].gamma).
func lines(src []byte) map[string]int {
	ix := lineIndex{lines: map[string]int{}, count: map[string]int{}}
	for i, c := range src {
		if c == '\n' {
			ix.ends = append(ix.ends, i)
		}
	}
	var p unstable.Parser
	p.Reset(src)
	table := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			table = ix.key("", e)
		case unstable.ArrayTable:
			table = ix.element(e)
		case unstable.KeyValue:
			ix.pair(table, e)
		}
	}
	return ix.lines
}

type lineIndex struct {
	lines map[string]int // of each path
	count map[string]int // elements so far of each array of tables
	ends  []int          // offset of each end of line
}

// key records the dotted key of a node under the path and returns the path of its end.
func (ix *lineIndex) key(path string, n *unstable.Node) string {
	for it := n.Key(); it.Next(); {
		if at := ix.count[path]; at > 0 {
			path = fmt.Sprintf("%s[%d]", path, at-1)
		}
		path = join(path, string(it.Node().Data))
		ix.note(path, it.Node())
	}
	return path
}

// element records a [[table]] and returns its numbered path.
func (ix *lineIndex) element(n *unstable.Node) string {
	path := ix.key("", n)
	ix.count[path]++
	at := fmt.Sprintf("%s[%d]", path, ix.count[path]-1)
	for it := n.Key(); it.Next(); {
		ix.lines[at] = ix.line(it.Node())
	}
	return at
}

func (ix *lineIndex) pair(table string, n *unstable.Node) {
	ix.value(ix.key(table, n), n.Value())
}

// value records the keys inside inline tables and arrays.
func (ix *lineIndex) value(path string, n *unstable.Node) {
	switch n.Kind {
	case unstable.InlineTable:
		for it := n.Children(); it.Next(); {
			ix.pair(path, it.Node())
		}
	case unstable.Array:
		i := 0
		for it := n.Children(); it.Next(); i++ {
			at, e := fmt.Sprintf("%s[%d]", path, i), it.Node()
			if e.Kind == unstable.InlineTable && e.Child() != nil {
				for key := e.Child().Key(); key.Next(); {
					ix.note(at, key.Node())
				}
			}
			ix.value(at, e)
		}
	}
}

// note keeps the first line of a path: [model] comes before [model.loss].
func (ix *lineIndex) note(path string, n *unstable.Node) {
	if _, ok := ix.lines[path]; !ok {
		ix.lines[path] = ix.line(n)
	}
}

func (ix *lineIndex) line(n *unstable.Node) int {
	return 1 + sort.SearchInts(ix.ends, int(n.Raw.Offset))
}
