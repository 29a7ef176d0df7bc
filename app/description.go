package app

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"atelier/internal/badinput"
	"atelier/internal/events"
	"atelier/internal/music"
	"atelier/internal/registry"
	"atelier/model/composing"
)

// A pieceDescription is what is asked of a piece in words: a style of a band, -1 for none, and what else
// words say of music.
type pieceDescription struct {
	music.Description
	style int
}

// described reads the name of a style, or words that name one and say what the piece is like, such
// as slow jazz with piano.
func (b *band) described(text string) (d pieceDescription, err error) {
	if d.style = -1; text == "" {
		return d, nil
	}
	styles := b.Vocabulary.Styles
	if d.style = slices.IndexFunc(styles, func(s string) bool { return strings.EqualFold(s, text) }); d.style >= 0 {
		return d, nil
	}
	words := music.Words(text)
	best, rival := likestStyle(styles, words)
	if rival >= 0 {
		return d, badinput.Mark(registry.Unfit("style", fmt.Sprintf("%q names both %s and %s: want one of them", text, styles[best], styles[rival])))
	}
	if d.style = best; best >= 0 {
		for i, w := range words {
			if slices.Contains(partsOf(styles[best]), w) {
				words[i] = "style"
			}
		}
	}
	d.Description = music.Describe(words)
	if m := d.Meter; m.Unit != 0 && meterOf(m.Count, m.Unit) < 0 {
		d.Unknown = append(d.Unknown, fmt.Sprintf("%d/%d", m.Count, m.Unit))
		d.Meter.Count, d.Meter.Unit = 0, 0
	}
	if best < 0 && d.Empty() {
		return d, badinput.Mark(registry.Unfit("style", fmt.Sprintf("%s has no style %q; %s", b.Name, text, registry.Suggest(text, styles))))
	}
	return d, nil
}

// likestStyle is the style that shares most words with a description, of those the one that says
// least else, -1 for none; rival is another that is as like, -1 for none.
func likestStyle(styles, words []string) (best, rival int) {
	best, rival = -1, -1
	most, rest := 0, 0
	for i, style := range styles {
		parts, shared := partsOf(style), 0
		for _, p := range parts {
			if slices.Contains(words, p) {
				shared++
			}
		}
		switch other := len(parts) - shared; {
		case shared == 0 || shared < most || shared == most && other > rest:
		case shared == most && other == rest:
			rival = i
		default:
			best, rival, most, rest = i, -1, shared, other
		}
	}
	return best, rival
}

// partsOf are the words in the name of a style, such as jazz and swing in jazz/swing.
func partsOf(style string) []string {
	return strings.FieldsFunc(strings.ToLower(style), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// meterOf is the value of a metre, -1 if events hold none such.
func meterOf(count, unit int) int {
	return slices.IndexFunc(events.Meters, func(m events.Meter) bool { return m.Count == count && m.Unit == unit })
}

// ask adds to a heading what the words say of what it leaves open.
func (d *pieceDescription) ask(h *composing.Heading) (err error) {
	h.Style = d.style
	if h.Tempo < 0 && d.Fastest > 0 {
		h.Tempos = [2]int{events.Tempo(d.Slowest), events.Tempo(d.Fastest)}
	}
	if h.Key < 0 {
		h.Minor, h.Major = d.Minor, d.Major
		if d.Key != nil {
			h.Key = events.KeyValue(*d.Key)
		}
	}
	if h.Meter < 0 && d.Meter.Unit != 0 {
		h.Meter = meterOf(d.Meter.Count, d.Meter.Unit)
	}
	for _, name := range d.Without {
		programs, drums := music.InstrumentsLike(name)
		if drums {
			h.Without = append(h.Without, events.Drums)
		}
		for _, p := range programs {
			h.Without = append(h.Without, int(p))
		}
	}
	asked, err := instrumentsOf(d.Instruments)
	if len(h.Parts) == 0 {
		h.Parts = asked
	}
	for _, p := range h.Parts {
		if err == nil && slices.Contains(h.Without, p) {
			err = registry.Unfit("style", "an instrument is both asked for and to be left out: want one of the two")
		}
	}
	return err
}

// tellUnknown says which words of a description do not count, and which known ones are like them.
func (e *Env) tellUnknown(b *band, unknown []string) {
	if len(unknown) == 0 {
		return
	}
	known := append(music.DescribingWords(), music.InstrumentNames()...)
	for _, s := range b.Vocabulary.Styles {
		known = append(known, partsOf(s)...)
	}
	var told []string
	for _, w := range unknown {
		if near := registry.Nearest(w, known); near != "" {
			w += fmt.Sprintf(" (did you mean %s?)", near)
		}
		told = append(told, w)
	}
	e.say("unknown words, which do not count: %s", strings.Join(told, ", "))
}
