package tilemap

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// Facts are what a file of Tiled says of a map, in order.
type Facts []Fact

// A Fact is a property of a map: a text, a number or a truth value.
type Fact struct {
	Name  string
	Value any
}

// typeOf is the word of Tiled for the type of a value.
func typeOf(value any) string {
	switch value.(type) {
	case int:
		return "int"
	case float64:
		return "float"
	case bool:
		return "bool"
	}
	return ""
}

// TMX writes the map for Tiled, with the tileset that it was read with, or else a drawn one.
func (m *Map) TMX(drawn *Drawn, facts Facts) ([]byte, error) {
	numbers, width, height := m.numbersOf(drawn)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	fmt.Fprintf(&b, "<map version=\"1.8\" orientation=\"orthogonal\" renderorder=\"right-down\" width=\"%d\" height=\"%d\" tilewidth=\"%d\" tileheight=\"%d\" infinite=\"0\" nextlayerid=\"2\" nextobjectid=\"1\">\n", m.Width, m.Height, width, height)
	if len(facts) > 0 {
		b.WriteString(" <properties>\n")
		for _, f := range facts {
			writeProperty(&b, "  ", f)
		}
		b.WriteString(" </properties>\n")
	}
	if m.Own != nil {
		for _, e := range m.Own.elements {
			e.write(&b)
		}
	} else {
		drawn.tmx(&b)
	}
	fmt.Fprintf(&b, " <layer id=\"1\" name=\"level\" width=\"%d\" height=\"%d\">\n  <data encoding=\"csv\">\n", m.Width, m.Height)
	for i, r := range m.Cells {
		n, ok := numbers[r]
		if !ok && r != Void {
			return nil, fmt.Errorf("no tile of the tileset is %q", r)
		}
		fmt.Fprint(&b, n)
		switch {
		case i == len(m.Cells)-1:
			b.WriteByte('\n')
		case i%m.Width == m.Width-1:
			b.WriteString(",\n")
		default:
			b.WriteByte(',')
		}
	}
	b.WriteString("  </data>\n </layer>\n</map>\n")
	return b.Bytes(), nil
}

// numbersOf are the tiles' numbers by glyph and their size in pixels.
func (m *Map) numbersOf(drawn *Drawn) (numbers map[rune]uint32, width, height int) {
	if m.Own != nil {
		return m.Own.Numbers, m.Own.Width, m.Own.Height
	}
	return drawn.numbers(), drawn.Side, drawn.Side
}

// write writes a tileset as it was read.
func (e *tilesetElement) write(b *bytes.Buffer) {
	fmt.Fprintf(b, " <tileset firstgid=\"%d\"", e.First)
	if e.Source != "" {
		fmt.Fprintf(b, " source=\"%s\"", escaped(e.Source))
	}
	for _, a := range e.Others {
		fmt.Fprintf(b, " %s=\"%s\"", a.Name.Local, escaped(a.Value))
	}
	if len(e.Inner) == 0 {
		b.WriteString("/>\n")
		return
	}
	b.WriteByte('>')
	b.Write(e.Inner)
	b.WriteString("</tileset>\n")
}

func writeProperty(b *bytes.Buffer, indent string, f Fact) {
	fmt.Fprintf(b, "%s<property name=\"%s\"", indent, escaped(f.Name))
	if t := typeOf(f.Value); t != "" {
		fmt.Fprintf(b, " type=\"%s\"", t)
	}
	fmt.Fprintf(b, " value=\"%s\"/>\n", escaped(fmt.Sprint(f.Value)))
}

func escaped(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) // to memory: it does not fail
	return b.String()
}
