package music

import (
	"strconv"
	"strings"
)

// bracket reads what begins with a bracket: a field, an ending, a bar line or a chord.
func (l *abcLine) bracket() error {
	rest := l.rest[1:]
	switch {
	case rest == "":
		l.rest = ""
		return nil
	case len(rest) > 1 && rest[1] == ':' && isField(rest):
		l.rest = rest
		text, ok := l.until(']')
		if !ok {
			l.rest = ""
			return nil
		}
		return l.field(text[0], strings.TrimSpace(text[2:]))
	case rest[0] == '|':
		l.rest = rest
		return l.barLine()
	case strings.IndexByte(digits, rest[0]) >= 0:
		l.rest = rest
		return l.ending()
	}
	l.rest = rest
	return l.chord()
}

// chord reads notes that sound together. Their length is that of the first.
func (l *abcLine) chord() error {
	var all []played
	var lengths []fraction
	for l.rest != "" && l.rest[0] != ']' {
		c := l.rest[0]
		switch {
		case strings.IndexByte(notes+"^_=", c) >= 0:
			n, ok := l.pitch()
			f := l.length()
			if strings.HasPrefix(l.rest, "-") {
				l.rest = l.rest[1:]
				n.tied = true
			}
			if ok && len(all) < 128 {
				all, lengths = append(all, n), append(lengths, f)
			}
		case c == '"':
			if err := l.quoted(); err != nil {
				return err
			}
		case c == '!':
			l.rest = l.rest[1:]
			if mark, ok := l.until('!'); ok {
				l.decoration(mark)
			}
		default:
			if c != ' ' {
				l.lost.Add(LostUnread, 1)
			}
			l.rest = l.rest[1:]
		}
	}
	l.rest = strings.TrimPrefix(l.rest, "]")
	outer := l.length()
	if len(all) == 0 {
		return nil
	}
	times := func(f fraction) fraction { return fraction{min(f.num*outer.num, 1<<30), min(f.den*outer.den, 1<<30)} }
	v := l.now()
	broken, tuplet := v.broken, v.tuplet
	it := item{kind: sounds, length: l.ticksOf(times(lengths[0]), true), notes: all}
	after, left := v.broken, v.tuplet
	for i, f := range lengths {
		if f != lengths[0] {
			v.broken, v.tuplet = broken, tuplet
			all[i].length = l.ticksOf(times(f), true)
		}
	}
	v.broken, v.tuplet = after, left
	return l.add(it)
}

// barLine reads bar lines of all kinds.
func (l *abcLine) barLine() error {
	sign := l.take("|:]")
	if strings.HasSuffix(sign, "|") && strings.HasPrefix(l.rest, "[|") {
		l.rest = l.rest[1:]
		sign += l.take("|:]")
	}
	v := l.now()
	v.goOn(0)
	v.tuplet, v.broken = tupletState{}, fraction{}
	before := len(sign) - len(strings.TrimLeft(sign, ":"))
	after := len(sign) - len(strings.TrimRight(sign, ":"))
	if before == len(sign) { // ::
		before, after = (before+1)/2, before/2
		if len(sign) == 1 {
			l.lost.Add(LostUnread, 1)
			return nil
		}
	}
	var err error
	switch {
	case before > 0:
		err = l.add(item{kind: repeatEnd, times: before + 1})
	case after == 0 && (strings.Contains(sign, "||") || strings.Contains(sign, "|]")):
		err = l.add(item{kind: sectionEnd})
	case after == 0:
		err = l.add(item{kind: bars})
	}
	if err == nil && after > 0 {
		err = l.add(item{kind: repeatStart})
	}
	if err == nil && l.rest != "" && strings.IndexByte(digits, l.rest[0]) >= 0 {
		err = l.ending()
	}
	return err
}

// ending reads the passes of an ending, as in 1, 1,3 or 1-3.
func (l *abcLine) ending() error {
	var passes []int
	for _, part := range strings.Split(l.take(digits+",-."), ",") {
		from, to, span := strings.Cut(strings.Trim(part, ".-"), "-")
		low, err := strconv.Atoi(from)
		if err != nil {
			continue
		}
		high := low
		if span {
			if high, err = strconv.Atoi(to); err != nil {
				high = low
			}
		}
		for p := low; p <= min(high, mostPasses); p++ {
			passes = append(passes, p)
		}
	}
	return l.add(item{kind: ending, passes: passes})
}
