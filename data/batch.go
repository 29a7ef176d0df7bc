package data

import "slices"

// A Column holds one field of several examples, row-major: Floats
// for pixels and vectors, Ints for classes and tokens; the other is nil.
type Column struct {
	Field  Field
	Floats []float32
	Ints   []int32
}

// NewColumn returns a column of n zero examples.
func NewColumn(f Field, n int) Column {
	if f.whole() {
		return Column{Field: f, Ints: make([]int32, n*f.Size())}
	}
	return Column{Field: f, Floats: make([]float32, n*f.Size())}
}

// Row returns the floats of example i, backed by the column.
func (c *Column) Row(i int) []float32 {
	n := c.Field.Size()
	return c.Floats[i*n : (i+1)*n : (i+1)*n]
}

// Tokens returns the whole numbers of example i, backed by the column.
func (c *Column) Tokens(i int) []int32 {
	n := c.Field.Size()
	return c.Ints[i*n : (i+1)*n : (i+1)*n]
}

// rows returns the examples from up to but not including to, backed by the column.
func (c Column) rows(from, to int) Column {
	n := c.Field.Size()
	if c.Floats != nil {
		c.Floats = c.Floats[from*n : to*n : to*n]
	}
	if c.Ints != nil {
		c.Ints = c.Ints[from*n : to*n : to*n]
	}
	return c
}

// A Batch holds the fields of N examples.
type Batch struct {
	N       int
	Columns []Column
}

// Joined returns the examples of a and then those of b, which has the same columns in any
// order.
func Joined(a, b *Batch) *Batch {
	out := &Batch{N: a.N + b.N}
	for _, c := range a.Columns {
		other := b.Column(c.Field.Name)
		out.Set(Column{Field: c.Field, Floats: slices.Concat(c.Floats, other.Floats), Ints: slices.Concat(c.Ints, other.Ints)})
	}
	return out
}

// NewBatch returns a batch of n zero examples.
func NewBatch(s Spec, n int) *Batch {
	b := &Batch{N: n, Columns: make([]Column, len(s.Fields))}
	for i, f := range s.Fields {
		b.Columns[i] = NewColumn(f, n)
	}
	return b
}

// Column returns the named column, nil if there is none.
func (b *Batch) Column(name string) *Column {
	if b == nil {
		return nil
	}
	for i := range b.Columns {
		if b.Columns[i].Field.Name == name {
			return &b.Columns[i]
		}
	}
	return nil
}

// Set adds the column, or replaces the one of that name.
func (b *Batch) Set(c Column) {
	if old := b.Column(c.Field.Name); old != nil {
		*old = c
		return
	}
	b.Columns = append(b.Columns, c)
}

// copyRow copies an example of a batch into row at of b, for the columns that from has.
func (b *Batch) copyRow(at int, from *Batch, row int) {
	for j := range b.Columns {
		to := &b.Columns[j]
		c := from.Column(to.Field.Name)
		if c == nil {
			continue
		}
		n := c.Field.Size()
		if c.Ints != nil {
			copy(to.Ints[at*n:(at+1)*n], c.Ints[row*n:(row+1)*n])
			continue
		}
		copy(to.Row(at), c.Row(row))
	}
}

// Rows returns the examples from up to but not including to, backed by b.
func (b *Batch) Rows(from, to int) *Batch {
	out := &Batch{N: to - from, Columns: make([]Column, len(b.Columns))}
	for i, c := range b.Columns {
		out.Columns[i] = c.rows(from, to)
	}
	return out
}
