package arrange

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/internal/noise"
)

// An Order says what piece is wanted. What is zero is drawn from the seed.
type Order struct {
	Style string // one of [Styles]
	Seed  uint64
	Bars  int         // 2 to 256; those that are drawn are 8, 12 and 16
	Tempo int         // beats a minute, of 6/8 dotted quarters
	Meter *midi.Meter // one that the style has grooves and parts for
	Key   *music.Key
	// Loose is how far drums are from the grid: 0 not at all, 1 as the feel is played.
	Loose float64
}

// genres are the grooves that go with each style; classical music has none.
var genres = map[string][]string{
	"rock": {"rock", "punk", "metal", "blues", "funk"}, "jazz": {"jazz", "latin", "blues"},
	"folk": {"folk", "pop", "country", "reggae", "dance"},
}

// HasDrums reports whether there are pieces of a style with drums.
func HasDrums(style string) bool { return len(genres[style]) > 0 }

// classicalMeters are those of pieces without drums, by how often they are drawn.
var classicalMeters = []string{"4/4", "4/4", "4/4", "3/4", "3/4", "6/8"}

// mostBars is how many bars a piece may have.
const mostBars = 256

// purpose is the key of the streams of random numbers of this package.
const purpose = 0x61727261

// A plan is what a piece is made of.
type plan struct {
	order  Order
	rng    *rand.Rand
	groove *Groove // nil without drums
	meter  midi.Meter
	feel   Feel
	tempo  int
	key    music.Key
	bars   int
	chords [][]Numeral // of each bar
	parts  map[Role][]*Part
}

// Arrange arranges a piece: sections of four bars over one or two progressions, with drums but
// for classical music, and a last bar that rests on the tonic. The same order gives the same piece.
func (b *Book) Arrange(o Order) (*music.Score, error) {
	if !slices.Contains(Styles, o.Style) {
		return nil, badinput.Errorf("no style %q; want one of %s", o.Style, strings.Join(Styles, ", "))
	}
	if o.Bars != 0 && (o.Bars < 2 || o.Bars > mostBars) || o.Tempo != 0 && (o.Tempo < 20 || o.Tempo > 300) {
		return nil, badinput.Errorf("want 2 to %d bars and a tempo of 20 to 300, got %d and %d", mostBars, o.Bars, o.Tempo)
	}
	p := &plan{order: o}
	p.rng = p.stream()
	if err := b.choose(p); err != nil {
		return nil, err
	}
	return b.perform(p), nil
}

// stream are the random numbers of the order.
func (p *plan) stream() *rand.Rand {
	return noise.Stream(p.order.Seed, purpose, uint64(slices.Index(Styles, p.order.Style)+2))
}

// suits reports whether a part can be played in a meter and a feel.
func (p *Part) suits(style string, role Role, m midi.Meter, f Feel) bool {
	return p.Style == style && p.Role == role && p.Meter == m && (p.Feel == anyFeel || p.Feel == f.written())
}

// fitting returns the parts of each role; false if there is none of one.
func (b *Book) fitting(style string, m midi.Meter, f Feel) (map[Role][]*Part, bool) {
	all := map[Role][]*Part{}
	for i := range b.Parts {
		for _, role := range Roles {
			if b.Parts[i].suits(style, role, m, f) {
				all[role] = append(all[role], &b.Parts[i])
			}
		}
	}
	return all, len(all) == len(Roles)
}

// choose draws what the order leaves open.
func (b *Book) choose(p *plan) error {
	o := p.order
	p.feel = Straight
	slowest, fastest := 66, 132
	if of := genres[o.Style]; of != nil {
		var fit []*Groove
		for i := range b.Grooves {
			g := &b.Grooves[i]
			if _, ok := b.fitting(o.Style, g.Meter, g.Feel); ok && slices.Contains(of, g.Genre) && (o.Meter == nil || *o.Meter == g.Meter) {
				fit = append(fit, g)
			}
		}
		if len(fit) == 0 {
			return badinput.Errorf("there are no %s grooves in this metre", o.Style)
		}
		p.groove = fit[p.rng.IntN(len(fit))]
		p.meter, p.feel, slowest, fastest = p.groove.Meter, p.groove.Feel, p.groove.Slowest, p.groove.Fastest
	} else {
		p.meter = meters[classicalMeters[p.rng.IntN(len(classicalMeters))]]
		if o.Meter != nil {
			p.meter = *o.Meter
		}
		if p.meter.Unit == 8 {
			slowest, fastest = 40, 84
		}
	}
	var ok bool
	if p.parts, ok = b.fitting(o.Style, p.meter, p.feel); !ok {
		return badinput.Errorf("there are no %s parts in %d/%d", o.Style, p.meter.Count, p.meter.Unit)
	}
	p.tempo = slowest + p.rng.IntN(fastest-slowest+1)
	if o.Tempo > 0 {
		p.tempo = o.Tempo
	}
	return b.harmonise(p)
}

// harmonise draws key, length and chords.
func (b *Book) harmonise(p *plan) error {
	o := p.order
	var fit []*Progression
	for i := range b.Progressions {
		one := &b.Progressions[i]
		long := len(one.Bars) == 12
		if slices.Contains(one.Styles, o.Style) && (o.Key == nil || one.Minor == o.Key.Minor) && (!long || o.Bars == 0 || o.Bars == 12) {
			fit = append(fit, one)
		}
	}
	if len(fit) == 0 {
		return badinput.Errorf("there are no %s progressions in such a key", o.Style)
	}
	first := fit[p.rng.IntN(len(fit))]
	p.key = music.KeyOf(p.rng.IntN(12), first.Minor)
	if o.Key != nil {
		p.key = *o.Key
	}
	switch {
	case o.Bars > 0:
		p.bars = o.Bars
	case len(first.Bars) == 12:
		p.bars = 12
	default:
		p.bars = 8 * (1 + p.rng.IntN(2))
	}
	var alike []*Progression // that the middle of a longer piece can go over to
	for _, one := range fit {
		if one.Minor == first.Minor && len(one.Bars) != 12 {
			alike = append(alike, one)
		}
	}
	second := first
	if len(alike) > 0 {
		second = alike[p.rng.IntN(len(alike))]
	}
	for bar := range p.bars {
		from := first
		if p.middle(bar) {
			from = second
		}
		p.chords = append(p.chords, from.Bars[bar%len(from.Bars)])
	}
	p.chords[p.bars-1] = []Numeral{first.tonic()}
	return nil
}

// middle reports whether a bar is of the contrasting section of a piece of 16 bars.
func (p *plan) middle(bar int) bool { return p.bars >= 16 && bar/4%4 == 2 }

// spans are the chords of the piece, one after another.
func (p *plan) spans() (all []span) {
	bar := int64(sixteenths(p.meter)) * sixteenth
	for i, in := range p.chords {
		for j, n := range in {
			from := int64(i)*bar + bar*int64(j)/int64(len(in))
			all = append(all, span{from, int64(i)*bar + bar*int64(j+1)/int64(len(in)), n.in(p.key)})
		}
	}
	return all
}

// perform plays the plan.
func (b *Book) perform(p *plan) *music.Score {
	s := newScore(p.meter, p.tempo)
	s.Title = fmt.Sprintf("%s in %v", strings.ToUpper(p.order.Style[:1])+p.order.Style[1:], p.key)
	s.Keys, s.SaysKey = []music.Key{p.key}, true
	spans := p.spans()
	for _, c := range spans {
		s.Chords = append(s.Chords, music.Chord{At: c.from, Name: c.chord.name})
	}
	bar := int64(sixteenths(p.meter)) * sixteenth
	s.End = int64(p.bars) * bar
	for i, role := range Roles {
		pl := newPlayer(role, p.feel, uint8(i), spans, p.rng)
		p.perform(pl, bar)
		s.Parts = append(s.Parts, pl.part)
	}
	if d := p.drums(b, s); d != nil {
		s.Parts = append(s.Parts, *d)
	}
	s.Sort()
	return s
}

// perform plays a part: two patterns by turns, a third in the middle section.
func (p *plan) perform(pl *player, bar int64) {
	of := p.parts[pl.role]
	order := p.rng.Perm(len(of))
	pick := func(i int) *Part { return of[order[i%len(order)]] }
	program := pick(0).Sounds[p.rng.IntN(len(pick(0).Sounds))]
	pl.part.Name = strings.ToUpper(string(pl.role[:1])) + string(pl.role[1:])
	turns := 1 // bass and chords keep to one pattern within a section
	if pl.role == Lead {
		turns = 2
	}
	for i := range p.bars - 1 {
		which := i / 2 % turns
		if p.middle(i) {
			which = turns
		}
		pl.play(pick(which).Bars[i%2], program, int64(i)*bar)
	}
	last := Figure{Tones: []Tone{{Degree: 1}}, Length: sixteenths(p.meter), Accented: true}
	if pl.role == Chords {
		last.Tones, last.Chord = nil, true
	}
	pl.figure(last, program, int64(p.bars-1)*bar, int64(p.bars)*bar)
}

// newDrummer returns a drummer with the fills that go with a groove.
func newDrummer(s *music.Score, g *Groove, fills []Fill, seed uint64, loose float64) *drummer {
	d := &drummer{score: s, groove: g, rng: noise.Stream(seed, purpose, 1), loose: loose, bar: int64(sixteenths(g.Meter)) * sixteenth}
	d.part = music.Part{Name: "Drums", Channel: midi.DrumChannel}
	for _, f := range fills {
		if f.Meter == g.Meter && slices.Contains(f.Genres, g.Genre) {
			d.fills = append(d.fills, f)
		}
	}
	return d
}

// drums plays the groove: a fill at the end of eight bars, and of four every other time, then a
// crash; in the last bar only a stroke. A piece of folk or jazz may have none.
func (p *plan) drums(b *Book, s *music.Score) *music.Part {
	if p.groove == nil || p.order.Style != "rock" && p.rng.IntN(6) == 0 {
		return nil
	}
	d := newDrummer(s, p.groove, b.Fills, p.order.Seed, p.order.Loose)
	crash := d.rng.IntN(2) == 0
	for i := range p.bars - 1 {
		var fill *Fill
		if len(d.fills) > 0 && (i%8 == 7 || i == p.bars-2 || i%4 == 3 && d.rng.IntN(2) == 0) {
			fill = &d.fills[d.rng.IntN(len(d.fills))]
		}
		d.play(i, fill, crash)
		crash = fill != nil
	}
	for _, class := range []int{classKick, classCrash} {
		d.strike(p.bars-1, 0, class, 100)
	}
	return &d.part
}
