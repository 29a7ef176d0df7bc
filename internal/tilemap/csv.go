package tilemap

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// ReadCSV reads a map with a cell of CSV for each tile: its glyph, or nothing for no tile.
func ReadCSV(text []byte) (*Map, error) {
	r := csv.NewReader(bytes.NewReader(text))
	rows, err := r.ReadAll()
	if err != nil {
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) && errors.Is(err, csv.ErrFieldCount) {
			return nil, badinput.Errorf("line %d has another number of cells than the first", wrong.Line)
		}
		return nil, badinput.Errorf("the map is no CSV: %w", err)
	}
	if len(rows) == 0 {
		return nil, badinput.Errorf("the map is empty")
	}
	if err := sized(len(rows[0]), len(rows)); err != nil {
		return nil, err
	}
	m := New(len(rows[0]), len(rows), Void)
	for y, row := range rows {
		for x, cell := range row {
			if cell = strings.TrimSpace(cell); cell == "" {
				continue
			}
			glyph, size := utf8.DecodeRuneInString(cell)
			if size != len(cell) || glyph == utf8.RuneError {
				return nil, badinput.Errorf("row %d, column %d has %q; want one character for a tile", y+1, x+1, cell)
			}
			m.Cells[y*m.Width+x] = glyph
		}
	}
	return m, nil
}

// CSV writes the map with a cell for each tile, empty for none.
func (m *Map) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := make([]string, m.Width)
	for y := range m.Height {
		for x := range row {
			if row[x] = string(m.At(x, y)); m.At(x, y) == Void {
				row[x] = ""
			}
		}
		if m.Width == 1 && row[0] == "" { // an empty line is no row
			row[0] = " "
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
