package library

import (
	"context"
	"sync/atomic"

	"atelier/data"
)

// leaders are the first Items of a band that are not similar to each other.
type leaders struct {
	*comparison
	items      []int32
	briefs     []data.Brief
	signatures [mostLeaders][]byte // empty until read
	own        []byte              // signature of the Item compared with them
	alike      [][2]int32
}

// compare returns the similar pairs of each Item of a band and its leaders.
func (l *leaders) compare(ctx context.Context, b *batch) ([][2]int32, error) {
	l.alike = l.alike[:0]
	begin := 0
	for _, end := range b.ends {
		l.items, l.briefs = l.items[:0], l.briefs[:0]
		for _, i := range b.items[begin:end] {
			if err := l.add(i); err != nil {
				return nil, err
			}
		}
		begin = end
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return l.alike, nil
}

// add compares an Item with the leaders. If it is similar to none, it becomes one.
func (l *leaders) add(i int32) error {
	l.own = l.own[:0]
	joined := false
	brief := l.comparison.signatures.brief(i)
	for at, leader := range l.items {
		if brief != nil && l.hasty.Unlike(&l.briefs[at], brief) {
			continue
		}
		alike, err := l.ask(at, leader, i)
		if err != nil {
			return err
		}
		if alike {
			joined = true
			l.alike = append(l.alike, [2]int32{leader, i})
		}
	}
	if joined || len(l.items) == mostLeaders {
		return nil
	}
	l.signatures[len(l.items)] = append(l.signatures[len(l.items)][:0], l.own...)
	l.items = append(l.items, i)
	if brief != nil {
		l.briefs = append(l.briefs, *brief)
	}
	return nil
}

// ask reports whether the Item is similar to the leader. The result of a slow comparison is
// remembered, since pairs share several bands.
func (l *leaders) ask(at int, leader, i int32) (alike bool, err error) {
	if l.hasty == nil {
		if alike, known := l.verdicts.of(leader, i); known {
			return alike, nil
		}
	}
	if len(l.own) == 0 {
		if l.own, err = l.comparison.signatures.read(l.own, i); err != nil {
			return false, err
		}
	}
	if len(l.signatures[at]) == 0 {
		if l.signatures[at], err = l.comparison.signatures.read(l.signatures[at], leader); err != nil {
			return false, err
		}
	}
	if l.hasty != nil {
		if !l.hasty.Resemble(l.signatures[at], l.own) {
			return false, nil
		}
		if alike, known := l.verdicts.of(leader, i); known {
			return alike, nil
		}
	}
	alike = l.cleaner.Alike(l.signatures[at], l.own)
	l.verdicts.remember(leader, i, alike)
	return alike, nil
}

// verdicts remembers the results for pairs, in a direct-mapped cache.
type verdicts []atomic.Uint64

// The number of verdicts per Item, up to a maximum; the size is a power of two.
const (
	verdictsEach = 64
	mostVerdicts = 1 << 20
)

func newVerdicts(items int) verdicts {
	n := 1
	for n < min(items*verdictsEach, mostVerdicts) {
		n *= 2
	}
	return make(verdicts, n)
}

// pack is a pair of Items in 62 bits, never 0.
func pack(a, b int32) uint64 { return uint64(a)<<31 | uint64(b) }

func (v verdicts) at(pair uint64) *atomic.Uint64 {
	return &v[pair*0x9e3779b97f4a7c15>>32&uint64(len(v)-1)]
}

func (v verdicts) of(a, b int32) (alike, known bool) {
	pair := pack(a, b)
	found := v.at(pair).Load()
	return found&1 != 0, found>>1 == pair
}

func (v verdicts) remember(a, b int32, alike bool) {
	pair := pack(a, b)
	found := pair << 1
	if alike {
		found |= 1
	}
	v.at(pair).Store(found)
}
