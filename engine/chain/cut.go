package chain

// A cut divides a space into tiles, and tiles into tasks. It depends only on the space and the
// program.
type cut struct {
	rows, cols int // of a tile, except the last ones
	across     int // tiles per row
	tiles      int
	each       int // tiles per task
	tasks      int
}

// heavy is the number of operations on tiles per task: a few microseconds.
const heavy = 64

// mostTasks is the largest number of tasks: each may keep a row of sums.
const mostTasks = 64

// rowsOfTile is the number of rows of a tile.
func (s Space) rowsOfTile() int {
	if s.Cols == 0 {
		return 1
	}
	return max(1, min(s.Rows, tileSize/s.Cols))
}

func (s Space) cut(steps int) cut {
	c := cut{rows: s.rowsOfTile(), cols: s.Cols, across: 1}
	if s.Rows*s.Cols == 0 {
		return c
	}
	if !s.Whole && s.Cols > tileSize {
		c.cols, c.across = tileSize, (s.Cols+tileSize-1)/tileSize
	}
	c.tiles = (s.Rows + c.rows - 1) / c.rows * c.across
	c.each = max(1, heavy/max(steps, 1), (c.tiles+mostTasks-1)/mostTasks)
	c.tasks = (c.tiles + c.each - 1) / c.each
	return c
}

// longestTile is the number of values of the largest tile.
func (c cut) longestTile() int { return c.rows * c.cols }

// part is the position of a tile in the space.
type part struct{ row, rows, col, cols int }

func (c cut) part(s Space, tile int) part {
	t := part{row: tile / c.across * c.rows, col: tile % c.across * c.cols}
	t.rows, t.cols = min(c.rows, s.Rows-t.row), min(c.cols, s.Cols-t.col)
	return t
}
