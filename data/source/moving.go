package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/draw"

	"atelier/data"
	"atelier/internal/film"
	"atelier/internal/noise"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("moving", "clips of clothes that move and bounce off the walls, made on the fly with exact truth of positions and velocities (after Moving MNIST: Srivastava, Mansimov and Salakhutdinov 2015, arXiv 1502.04681)",
		func() data.Source {
			return &Moving{Size: 64, Frames: 16, Clothes: 2, Slowest: 1, Fastest: 3, Clips: 2000}
		})
}

const (
	movingStream = uint64(0x6d6f76696e67) // "moving"
	fashionSide  = 28
	movingRate   = 12 // frames per second
)

// Moving draws clothes of the starter set fashion, training pictures for training and test pictures
// for testing, that move at constant speed and bounce off the walls. Where they overlap, the
// brighter one is seen. Clothes have 28/64 of the side of the clip.
type Moving struct {
	Size    int     `help:"height and width in pixels, 16 to 256"`
	Frames  int     `help:"number of frames, 2 to 256"`
	Clothes int     `help:"number of clothes, 1 to 8"`
	Slowest float64 `help:"least speed along each axis, in pixels per frame"`
	Fastest float64 `help:"greatest speed along each axis, in pixels per frame, at most 8"`
	Clips   int     `help:"number of training clips; a quarter as many more are test clips"`
	Seed    uint64  `help:"seed of the draws"`

	mu   sync.Mutex
	read map[data.Split][]layer
}

// A Mover is the truth about one piece of clothing in a clip.
type Mover struct {
	// Class is its class.
	Class string
	// Sprite are its pixels, Side × Side, 0 to 255.
	Sprite []byte
	Side   int
	// At are the positions of its left upper corner in each frame, in pixels, and Velocity how it
	// moves there, in pixels per frame.
	At, Velocity [][2]float64
}

// Check rejects settings for which nothing can be drawn.
func (s *Moving) Check() error {
	switch {
	case s.Size < 16 || s.Size > 256:
		return registry.Unfit("size", fmt.Sprintf("want 16 to 256 pixels, got %d", s.Size))
	case s.Frames < 2 || s.Frames > 256:
		return registry.Unfit("frames", fmt.Sprintf("want 2 to 256, got %d", s.Frames))
	case s.Clothes < 1 || s.Clothes > 8:
		return registry.Unfit("clothes", fmt.Sprintf("want 1 to 8, got %d", s.Clothes))
	case !(s.Slowest >= 0 && s.Slowest <= s.Fastest):
		return registry.Unfit("slowest", fmt.Sprintf("want 0 to the greatest speed, %g, got %g", s.Fastest, s.Slowest))
	case !(s.Fastest <= 8):
		return registry.Unfit("fastest", fmt.Sprintf("want at most 8 pixels per frame, got %g", s.Fastest))
	}
	return checkCount("clips", s.Clips, maxPoints)
}

// SetName is "moving".
func (*Moving) SetName() string { return "moving" }

// Divided reports that the parts hold different clothes.
func (*Moving) Divided() bool { return true }

// Count is the number of clips of a part.
func (s *Moving) Count(_ context.Context, split data.Split) (int, error) { return s.size(split), nil }

func (s *Moving) size(split data.Split) int {
	if split == data.Test {
		return max(s.Clips/4, 1)
	}
	return s.Clips
}

// Items yields the clips as y4m; their captions tell the truth. Clip i depends only on the
// settings, the part and i.
func (s *Moving) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	if err := s.Check(); err != nil {
		return fails(fmt.Errorf("moving %w", err))
	}
	return func(yield func(data.Item, error) bool) {
		for i := range s.size(split) {
			if err := ctx.Err(); err != nil {
				yield(data.Item{}, err)
				return
			}
			it, err := s.item(ctx, split, i)
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

func (s *Moving) item(ctx context.Context, split data.Split, i int) (data.Item, error) {
	movers, err := s.Truth(ctx, split, i)
	if err != nil {
		return data.Item{}, err
	}
	of := &film.Film{Rate: movingRate}
	for t := range s.Frames {
		of.Frames = append(of.Frames, s.Draw(movers, t))
	}
	file, err := film.Y4M.Encode(of)
	it := data.Item{Name: fmt.Sprintf("%s/%d", split, i), MediaType: film.Y4M.MediaType(), Bytes: file}
	it.Origin = data.Origin{Place: "moving/" + it.Name, Licence: "MIT", Attribution: "Fashion-MNIST, Han Xiao, Kashif Rasul, Roland Vollgraf, Zalando Research, 2017"}
	var words []string
	for _, m := range movers {
		words = append(words, fmt.Sprintf("%s at %.3f,%.3f moving %.3f,%.3f", m.Class, m.At[0][0], m.At[0][1], m.Velocity[0][0], m.Velocity[0][1]))
	}
	it.Caption = strings.Join(words, "; ")
	return it, err
}

// Truth is what moves in clip i of a part.
func (s *Moving) Truth(ctx context.Context, split data.Split, i int) ([]Mover, error) {
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("moving %w", err)
	}
	clothes, err := s.clothes(ctx, split)
	if err != nil {
		return nil, err
	}
	part := uint64(0)
	if split == data.Test {
		part = 1
	}
	rng := noise.Stream(s.Seed, movingStream, part, uint64(i))
	side := s.side()
	room := float64(s.Size - side)
	movers := make([]Mover, s.Clothes)
	for k := range movers {
		l := clothes[rng.IntN(len(clothes))]
		m := Mover{Class: l.class, Sprite: shrunk(l.grey, side), Side: side}
		var from, velocity [2]float64
		for axis := range from {
			from[axis] = rng.Float64() * room
			velocity[axis] = s.Slowest + rng.Float64()*(s.Fastest-s.Slowest)
			if rng.IntN(2) == 0 {
				velocity[axis] = -velocity[axis]
			}
		}
		for t := range s.Frames {
			var at, v [2]float64
			for axis := range at {
				at[axis], v[axis] = bounced(from[axis]+float64(velocity[axis]*float64(t)), velocity[axis], room)
			}
			m.At, m.Velocity = append(m.At, at), append(m.Velocity, v)
		}
		movers[k] = m
	}
	return movers, nil
}

// side is the side of a piece of clothing in pixels.
func (s *Moving) side() int { return max(1, (s.Size*fashionSide+32)/64) }

// clothes are the pictures of a part, read once.
func (s *Moving) clothes(ctx context.Context, split data.Split) ([]layer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all := s.read[split]; all != nil {
		return all, nil
	}
	set := &layerSet{}
	if err := set.fill(fashionItems(ctx, split)); err != nil {
		return nil, err
	}
	if len(set.layers) == 0 {
		return nil, cmp.Or(ctx.Err(), errors.New("moving: the starter set fashion is empty"))
	}
	if s.read == nil {
		s.read = map[data.Split][]layer{}
	}
	s.read[split] = set.layers
	return set.layers, nil
}

// bounced folds a position into the room between two walls, and turns the velocity.
func bounced(x, v, room float64) (at, velocity float64) {
	if room <= 0 {
		return 0, 0
	}
	x = math.Mod(x, 2*room)
	if x < 0 {
		x += 2 * room
	}
	if x > room {
		return 2*room - x, -v
	}
	return x, v
}

// shrunk is a piece of clothing of another side.
func shrunk(grey []byte, side int) []byte {
	if side == fashionSide {
		return grey
	}
	from := &image.Gray{Pix: grey, Stride: fashionSide, Rect: image.Rect(0, 0, fashionSide, fashionSide)}
	to := image.NewGray(image.Rect(0, 0, side, side))
	draw.BiLinear.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
	return slices.Clip(to.Pix)
}

// Draw draws a frame of a clip. Between pixels, clothes are interpolated bilinearly.
func (s *Moving) Draw(movers []Mover, t int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, s.Size, s.Size))
	for _, m := range movers {
		m.Over(m.At[t], func(x, y int, v float64) {
			if x >= 0 && y >= 0 && x < s.Size && y < s.Size {
				p := &out.Pix[y*out.Stride+x]
				*p = max(*p, uint8(v+0.5))
			}
		})
	}
	return out
}

// Over calls a function with the pixels of the piece at a position, 0 to 255.
func (m *Mover) Over(at [2]float64, put func(x, y int, v float64)) {
	left, top := math.Floor(at[0]), math.Floor(at[1])
	fx, fy := at[0]-left, at[1]-top
	pixel := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= m.Side || y >= m.Side {
			return 0
		}
		return float64(m.Sprite[y*m.Side+x])
	}
	for y := range m.Side + 1 {
		for x := range m.Side + 1 {
			above := float64(fx*pixel(x-1, y-1)) + float64((1-fx)*pixel(x, y-1))
			below := float64(fx*pixel(x-1, y)) + float64((1-fx)*pixel(x, y))
			put(int(left)+x, int(top)+y, float64(fy*above)+float64((1-fy)*below))
		}
	}
}
