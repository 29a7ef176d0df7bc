package music

import (
	"fmt"
	"strconv"
	"strings"
)

// length reads a multiple of the unit length, as in 3, /, 3/2 or //.
func (l *abcLine) length() fraction {
	f := fraction{1, 1}
	if n := l.take(digits); n != "" {
		if f.num = bounded(n); strings.Trim(n, "0") == "" {
			l.lost.Add(LostInstant, 1)
		}
	}
	for strings.HasPrefix(l.rest, "/") {
		l.rest = l.rest[1:]
		by := int64(2)
		if n := l.take(digits); n != "" {
			by = bounded(n)
		}
		f.den = min(f.den*by, 1<<20)
	}
	return f
}

// bounded is a number of up to six digits, 1 or more.
func bounded(digits string) int64 {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > 999_999 {
		n = 999_999
	}
	return max(1, n)
}

// ticksOf is a multiple of the unit length in ticks, with the rhythm and tuplet it stands in.
func (l *abcLine) ticksOf(f fraction, counts bool) int64 {
	v := l.now()
	ticks, exact := f.of(v.unit)
	if counts {
		var ok bool
		if ticks, ok = v.broken.of(ticks); !ok {
			exact = false
		}
		v.broken = fraction{}
		if v.tuplet.left > 0 {
			v.tuplet.left--
			if ticks, ok = v.tuplet.by.of(ticks); !ok {
				exact = false
			}
		}
	}
	if !exact {
		l.lost.Add(LostRounded, 1)
	}
	return max(1, ticks)
}

// tie ties the last notes to the next of their pitch.
func (l *abcLine) tie() {
	v := l.now()
	for i := len(v.items) - 1; i >= 0; i-- {
		if v.items[i].kind == sounds {
			for j := range v.items[i].notes {
				v.items[i].notes[j].tied = true
			}
			v.carried[v.layer] = v.last
			return
		}
	}
}

// brokenRhythm makes the last note longer and the next shorter, or the other way round.
func (l *abcLine) brokenRhythm(c byte) error {
	n := 1 + len(l.take(string(c)))
	if n > 3 {
		return fmt.Errorf("want at most three %q in a row", c)
	}
	v := l.now()
	long, short := fraction{int64(2)<<n - 1, int64(1) << n}, fraction{1, int64(1) << n}
	if c == '<' {
		long, short = short, long
	}
	for i := len(v.items) - 1; i >= 0; i-- {
		if it := &v.items[i]; it.kind == sounds {
			it.length, _ = long.of(it.length)
			for j := range it.notes {
				if it.notes[j].length > 0 {
					it.notes[j].length, _ = long.of(it.notes[j].length)
				}
			}
			break
		}
	}
	v.broken = short
	return nil
}

// parenthesis reads a tuplet or the beginning of a slur.
func (l *abcLine) parenthesis() error {
	l.rest = l.rest[1:]
	if l.rest == "" || strings.IndexByte(digits[2:], l.rest[0]) < 0 {
		return nil
	}
	p := bounded(l.take(digits))
	q, n := int64(0), p
	if strings.HasPrefix(l.rest, ":") {
		l.rest = l.rest[1:]
		if d := l.take(digits); d != "" {
			q = bounded(d)
		}
		if strings.HasPrefix(l.rest, ":") {
			l.rest = l.rest[1:]
			if d := l.take(digits); d != "" {
				n = bounded(d)
			}
		}
	}
	if q == 0 {
		switch m := l.now().meter; {
		case p == 3 || p == 6:
			q = 2
		case p == 2 || p == 4 || p == 8:
			q = 3
		case m.Count%3 == 0 && m.Count > 3: // compound
			q = 3
		default:
			q = 2
		}
	}
	l.now().tuplet = tupletState{int(n), fraction{q, p}}
	return nil
}
