package data

import (
	"sort"

	"atelier/internal/noise"
)

// windows are the examples of a part of texts: windows of equal size cut from the tokens of its
// Items, none across the border of two Items. They overlap by one token, so that each token but an
// Item's first is predicted exactly once.
type windows struct {
	size  int       // tokens of a window
	texts [][]int32 // one per Item, none shorter than a window
	class []int32   // of each text, where texts have labels
	first []int     // index of each text's first window
	n     int       // windows in all
}

// leastWindow is the shortest window with a token to predict.
const leastWindow = 2

// stride is the distance between the starts of windows.
func (w *windows) stride() int { return w.size - 1 }

// add appends the windows of a text of a class. A remainder too short for a window is left out.
func (w *windows) add(text []int32, class int32) {
	w.texts, w.class, w.first = append(w.texts, text), append(w.class, class), append(w.first, w.n)
	w.n += w.count(text)
}

// count is the number of windows of a text.
func (w *windows) count(text []int32) int { return (len(text)-w.size)/w.stride() + 1 }

// window returns window i, moved by a shift as far as its text goes, and the class of the text.
func (w *windows) window(i, shift int) (tokens []int32, class int32) {
	at := sort.SearchInts(w.first, i+1) - 1
	text := w.texts[at]
	begin := min((i-w.first[at])*w.stride()+shift, len(text)-w.size)
	return text[begin : begin+w.size], w.class[at]
}

// shiftOf is the shift of the windows of an epoch, chosen so that over the epochs every token is at
// every position of a window.
func (w *windows) shiftOf(seed, epoch uint64) int {
	return noise.Stream(seed, shiftStream, epoch).IntN(w.stride())
}
