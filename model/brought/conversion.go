package brought

import "atelier/internal/quant"

// A conversion produces a matrix for export.
type conversion struct {
	parts      []quant.Matrix // stacked vertically
	to         *quant.Type    // nil keeps the type
	transposed bool
	heads      int  // the width of heads whose dimensions are reordered, 0 if they are not
	pairs      bool // whether into pairs
}

// kind is the type of the matrix: F16 if its rows are not whole blocks of the requested type.
func (c *conversion) kind() quant.Type {
	t := c.parts[0].Type
	for _, m := range c.parts {
		if m.Type != t {
			t = quant.F32
		}
	}
	if c.to != nil {
		t = *c.to
	}
	if elements, _ := t.Block(); c.parts[0].Cols%elements != 0 {
		return quant.F16
	}
	return t
}

func (c *conversion) dims() []int {
	rows, cols := 0, c.parts[0].Cols
	for _, m := range c.parts {
		rows += m.Rows
	}
	if c.transposed {
		rows, cols = cols, rows
	}
	return []int{rows, cols}
}

// bytes produces the matrix.
func (c *conversion) bytes() ([]byte, error) {
	kind := c.kind()
	var data []byte
	for _, m := range c.parts {
		if c.heads > 0 {
			m = regroup(m, c.heads, c.pairs)
		}
		part := m.Data
		if m.Type != kind {
			var err error
			if part, err = convert(m, kind); err != nil {
				return nil, err
			}
		}
		if len(c.parts) == 1 {
			data = part
		} else {
			data = append(data, part...)
		}
	}
	if !c.transposed {
		return data, nil
	}
	dims := c.dims()
	m, err := quant.NewMatrix(kind, dims[1], dims[0], data)
	if err == nil {
		m, err = transpose(m)
	}
	return m.Data, err
}

// convert converts a matrix to another type.
func convert(m quant.Matrix, to quant.Type) ([]byte, error) {
	c, err := quant.Quantize(to, m.Rows, m.Cols, m.Values())
	return c.Data, err
}
