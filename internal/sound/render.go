package sound

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/memory"
	"atelier/internal/music"
	"atelier/internal/synth"
)

// A Recording is stereo sound; full scale is 1 or -1.
type Recording struct {
	Rate        int // samples per second
	Left, Right []float32
	// Lacking are the instruments of a piece that the font did not have, and Instead is the one of
	// the font that played their notes.
	Lacking []string
	Instead string
}

// Seconds is the length of the recording.
func (r *Recording) Seconds() float64 { return float64(len(r.Left)) / float64(r.Rate) }

// Settings of rendering.
const (
	Rate      = 44100
	Longest   = 2 * time.Hour
	voices    = 256
	longTail  = 15 * Rate       // longest decay after the last message, in samples
	inaudible = 1.0 / (1 << 17) // of full scale: half a step of 16 bits
	perSample = 40              // bytes of memory for both channels, levelled, and the file
)

// A message is a message to the synthesizer.
type message struct {
	at      int64 // tick
	order   int   // order within a tick
	channel uint8
	kind    uint8
	a, b    uint8
}

// The order of messages within a tick: notes end before others of their pitch begin.
const (
	ends = iota
	controls
	starts
)

// Clock formats a length as h:mm:ss, to the nearest second.
func Clock(length time.Duration) string { return music.Clock(length.Microseconds()) }

// Render plays a piece with a font, neither trimmed nor levelled.
func Render(ctx context.Context, s *music.Score, f *synth.Font, progress func(done, total int)) (*Recording, error) {
	micros := s.Micros()
	if micros > Longest.Microseconds() {
		return nil, badinput.Errorf("lasts %s; at most %s is rendered", music.Clock(micros), Clock(Longest))
	}
	length := time.Duration(micros) * time.Microsecond
	total := int(length.Seconds()*Rate) + longTail
	most := memory.Most()
	if err := most.Check(fmt.Sprintf("a recording of %s", Clock(length)), perSample*float64(total), fmt.Sprintf("up to about %.0f minutes fit", most.Bytes/perSample/Rate/60)); err != nil {
		return nil, err
	}
	p := player{synth: synth.New(f, Rate, voices), out: &Recording{Rate: Rate, Left: make([]float32, 0, total+Rate), Right: make([]float32, 0, total+Rate)}}
	messages, clock := messagesOf(s), s.Clock()
	const piece = 4 * Rate // samples between two looks at the context, in rests too
	told := -piece
	for _, m := range messages {
		for at := int(float64(clock(m.at)) * Rate / 1e6); ; {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			p.until(min(at, len(p.out.Left)+piece))
			if progress != nil && len(p.out.Left) >= told+piece {
				told = len(p.out.Left)
				progress(told, total)
			}
			if len(p.out.Left) >= at {
				break
			}
		}
		if p.send(m); p.synth.Err() != nil {
			return nil, fmt.Errorf("cannot be played: the SoundFont %w", p.synth.Err())
		}
	}
	for p.tail = true; len(p.out.Left) < total && !p.silent; {
		p.until(len(p.out.Left) + Rate/4)
	}
	programs, instead := p.synth.Lacking()
	for _, program := range programs {
		p.out.Lacking, p.out.Instead = append(p.out.Lacking, music.InstrumentName(program)), instead
	}
	return p.out, nil
}

// A player records the output of a synthesizer.
type player struct {
	synth    *synth.Synth
	out      *Recording
	sounding [16][128]int // number of sounding notes per pitch
	tail     bool         // whether all messages were sent
	silent   bool         // whether the last block was silent
}

// until plays up to a sample.
func (p *player) until(sample int) {
	from := len(p.out.Left)
	if sample <= from {
		return
	}
	p.out.Left, p.out.Right = p.out.Left[:sample], p.out.Right[:sample]
	left, right := p.out.Left[from:], p.out.Right[from:]
	p.synth.Render(left, right)
	if p.tail {
		p.silent = max(slices.Max(left), -slices.Min(left), slices.Max(right), -slices.Min(right)) < inaudible
	}
}

// send sends a message. A pitch shared by two notes of a channel sounds until both end.
func (p *player) send(m message) {
	sounding := &p.sounding[m.channel][m.a]
	switch m.kind {
	case noteOn:
		*sounding++
	case noteOff:
		if *sounding--; *sounding > 0 {
			return
		}
	}
	p.synth.Send(m.channel, m.kind, m.a, m.b)
}

// The kinds of messages.
const (
	noteOff       = 0x80
	noteOn        = 0x90
	programChange = 0xC0
	channelKinds  = 0xF0 // higher values are not channel messages
)

// messagesOf are the messages of a score, in order. Before a note with a new program, the channel's
// program is changed.
func messagesOf(s *music.Score) []message {
	var all []message
	for _, p := range s.Parts {
		for _, n := range p.Notes {
			all = append(all,
				message{n.At, starts, p.Channel, programChange, n.Program, 0},
				message{n.At, starts, p.Channel, noteOn, n.Pitch, n.Velocity},
				message{n.At + max(1, n.Length), ends, p.Channel, noteOff, n.Pitch, 0})
		}
	}
	for _, e := range s.Events {
		if kind := e.Message[0] & channelKinds; kind < channelKinds && len(e.Message) > 1 {
			m := message{at: e.At, order: controls, channel: e.Message[0] &^ channelKinds, kind: kind, a: e.Message[1]}
			if len(e.Message) > 2 {
				m.b = e.Message[2]
			}
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b message) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
	var programs [16]int // plus 1; 0 for none
	kept := all[:0]
	for _, m := range all {
		if m.kind == programChange {
			if programs[m.channel] == int(m.a)+1 {
				continue
			}
			programs[m.channel] = int(m.a) + 1
		}
		kept = append(kept, m)
	}
	return kept
}

// Play renders a piece, trimmed, at a loudness in LUFS. It returns the loudness reached.
func Play(ctx context.Context, s *music.Score, f *synth.Font, loudness float64, progress func(done, total int)) (*Recording, float64, error) {
	r, err := Render(ctx, s, f, progress)
	if err != nil {
		return nil, 0, err
	}
	r.trim(factorOf(silence + r.Loudness() - loudness)) // first, since silence would lower the loudness
	reached := r.Level(loudness)
	if math.IsInf(reached, -1) {
		return nil, 0, badinput.Errorf("makes no sound: its notes are too soft, or for instruments that the SoundFont does not have")
	}
	return r, reached, nil
}
