package metric

import (
	"bytes"
	"slices"
)

// A runFinder finds common substrings of some texts and a stream of others of any length, read
// once: a suffix automaton of the texts (Blumer et al. 1985, doi:10.1016/0304-3975(85)90157-4),
// whose memory is bounded by their length.
type runFinder struct {
	states []suffixes
	edges  []suffixEdge
	ends   [][]int32 // of each text, the state after each byte
	whole  int32     // the state of everything so far

	// For reading, the edges sorted by state: those of state i are at first[i] to first[i+1].
	first []int32
	by    []byte
	to    []int32

	state  int32 // current state of the stream
	length int32
}

// suffixes is a state: substrings with the same end positions.
type suffixes struct {
	length int32 // of the longest
	link   int32 // suffix link; -1 for the first state
	edges  int32 // the first, -1 for none
	run    int32 // the longest found in the stream
}

type suffixEdge struct {
	to, next int32
	by       byte
}

// border separates texts; it does not occur in UTF-8.
const border = 0xff

// newRunFinder prepares texts, in UTF-8.
func newRunFinder(texts []string) *runFinder {
	f := &runFinder{states: []suffixes{{link: -1, edges: -1}}}
	for _, text := range texts {
		ends := make([]int32, len(text))
		for i := range len(text) {
			f.extend(text[i])
			ends[i] = f.whole
		}
		f.ends = append(f.ends, ends)
		f.extend(border)
	}
	f.by, f.to = make([]byte, 0, len(f.edges)), make([]int32, 0, len(f.edges))
	for i := range f.states {
		f.first = append(f.first, int32(len(f.by)))
		for e := f.states[i].edges; e >= 0; e = f.edges[e].next {
			f.by, f.to = append(f.by, f.edges[e].by), append(f.to, f.edges[e].to)
		}
	}
	f.first, f.edges = append(f.first, int32(len(f.by))), nil
	return f
}

// edge returns the edge of a state for a byte, nil if there is none.
func (f *runFinder) edge(state int32, by byte) *suffixEdge {
	for i := f.states[state].edges; i >= 0; i = f.edges[i].next {
		if f.edges[i].by == by {
			return &f.edges[i]
		}
	}
	return nil
}

func (f *runFinder) connect(from int32, by byte, to int32) {
	f.edges = append(f.edges, suffixEdge{to, f.states[from].edges, by})
	f.states[from].edges = int32(len(f.edges) - 1)
}

func (f *runFinder) add(s suffixes) int32 {
	f.states = append(f.states, s)
	return int32(len(f.states) - 1)
}

// extend appends a byte to the texts.
func (f *runFinder) extend(by byte) {
	now := f.add(suffixes{length: f.states[f.whole].length + 1, edges: -1})
	at := f.whole
	f.whole = now
	for ; at >= 0; at = f.states[at].link {
		e := f.edge(at, by)
		if e == nil {
			f.connect(at, by, now)
			continue
		}
		to := e.to
		if f.states[to].length == f.states[at].length+1 {
			f.states[now].link = to
			return
		}
		f.states[now].link = f.divide(at, by, to)
		return
	}
}

// divide splits a state for the suffixes that also end here.
func (f *runFinder) divide(at int32, by byte, to int32) int32 {
	part := f.add(suffixes{length: f.states[at].length + 1, link: f.states[to].link, edges: -1})
	for i := f.states[to].edges; i >= 0; i = f.edges[i].next {
		f.connect(part, f.edges[i].by, f.edges[i].to)
	}
	f.states[to].link = part
	for ; at >= 0; at = f.states[at].link {
		e := f.edge(at, by)
		if e == nil || e.to != to {
			break
		}
		e.to = part
	}
	return part
}

// read continues the stream.
func (f *runFinder) read(text string) {
	state, length := f.state, f.length
	for i := range len(text) {
		by := text[i]
		if by == border {
			state, length = 0, 0
			continue
		}
		at := f.follow(state, by)
		for at < 0 && state != 0 {
			state = f.states[state].link
			length = f.states[state].length
			at = f.follow(state, by)
		}
		if at < 0 {
			continue
		}
		state = f.to[at]
		length++
		if s := &f.states[state]; length > s.run {
			s.run = length
		}
	}
	f.state, f.length = state, length
}

// follow returns the edge of a state for a byte, -1 if there is none.
func (f *runFinder) follow(state int32, by byte) int {
	from := int(f.first[state])
	at := bytes.IndexByte(f.by[from:f.first[state+1]], by)
	if at < 0 {
		return -1
	}
	return from + at
}

// apart ends a text of the stream.
func (f *runFinder) apart() { f.state, f.length = 0, 0 }

// runs returns for each text, after the stream is read, the number of bytes up to each of its bytes
// that occur in the stream.
func (f *runFinder) runs() [][]int32 {
	order := make([]int32, len(f.states))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return int(f.states[b].length - f.states[a].length) })
	for _, i := range order { // a longer match implies those of its suffixes
		if s := f.states[i]; s.run > 0 && s.link > 0 {
			f.states[s.link].run = f.states[s.link].length
		}
	}
	slices.Reverse(order)
	for _, i := range order { // for a state that was not reached, the longest suffix that was
		if s := &f.states[i]; s.run == 0 && s.link > 0 {
			s.run = f.states[s.link].run
		}
	}
	out := make([][]int32, len(f.ends))
	for i, ends := range f.ends {
		out[i] = make([]int32, len(ends))
		for j, state := range ends {
			out[i][j] = f.states[state].run
		}
	}
	return out
}
