package bench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"time"

	"atelier/internal/picture"
	"atelier/model/patch"
)

// Targets for filled holes: how much better than G'MIC's patches they should be.
const (
	morePSNR, moreSSIM = .8, .06
	leastDetail        = .7
	mostDetail         = 1.1
	leastSeam          = .9
	mostSeam           = 1.2
	fillSeconds        = .15 // at 256 pixels
	doubleSeconds      = 1.
	largeSeconds       = 8.
	largeMemory        = 500. // MB
)

func (s *Patch) inpaint(ctx context.Context, on *Machine, emit func(Row)) error {
	return s.holes(ctx, on, "inpaint", 0, s.Side, fillSeconds, emit)
}

// otherMasks are holes that were not used for tuning.
func (s *Patch) otherMasks(ctx context.Context, on *Machine, emit func(Row)) error {
	return s.holes(ctx, on, "other masks", 1, s.Side, fillSeconds, emit)
}

func (s *Patch) double(ctx context.Context, on *Machine, emit func(Row)) error {
	return s.holes(ctx, on, "twice the size", 0, min(2*s.Side, 512), doubleSeconds, emit)
}

// holes fills the holes of a set of cases with each of the fillers.
func (s *Patch) holes(ctx context.Context, on *Machine, name string, set, side int, seconds float64, emit func(Row)) error {
	ours, err := fillWith(on)
	if err != nil {
		return err
	}
	fillers := append([]filler{ours}, s.peers(ctx, on)...)
	scores := make([][]holeScore, len(fillers))
	cases := holeCases(set)
	if s.Cases < len(cases) {
		cases = cases[:s.Cases]
	}
	for _, c := range cases {
		truth, err := photo(c.photo, side)
		if err != nil {
			return err
		}
		hole := c.hole(truth.Rect.Size(), uint64(set+1))
		for i, f := range fillers {
			score, out, err := f.score(ctx, truth, hole)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", f.name, c.photo, err)
			}
			scores[i] = append(scores[i], score)
			if err := s.look(fmt.Sprintf("%s-%d-%s-%s-%s", name, side, c.photo, c.kind, f.name), out); err != nil {
				return err
			}
		}
		kind := scores[0][len(scores[0])-1]
		emit(Row{Name: fmt.Sprintf("%s %s %s PSNR", name, c.photo, c.kind), Value: kind.psnr, Unit: "dB", Holds: true, N: 1})
	}
	emitHoles(name, seconds, fillers, scores, emit)
	return nil
}

// emitHoles prints our means, beside those of the peers.
func emitHoles(name string, seconds float64, fillers []filler, scores [][]holeScore, emit func(Row)) {
	n := len(scores[0])
	got := meanScore(scores[0])
	rows := []Row{{Name: name + " PSNR", Value: got.psnr, Unit: "dB", Holds: true, N: n}, {Name: name + " SSIM", Value: got.ssim, Holds: true, N: n}}
	for i, f := range fillers[1:] {
		peer := meanScore(scores[i+1])
		if f.name == gmicName {
			rows[0] = notBelow(name+" PSNR", got.psnr, "dB", peer.psnr+morePSNR, n)
			rows[1] = notBelow(name+" SSIM", got.ssim, "", peer.ssim+moreSSIM, n)
			rows[0].Peer, rows[1].Peer = &peer.psnr, &peer.ssim
		}
		emit(Row{Name: fmt.Sprintf("%s by %s: PSNR", name, f.name), Value: peer.psnr, Unit: "dB", Holds: true, N: n})
		emit(Row{Name: fmt.Sprintf("%s by %s: SSIM", name, f.name), Value: peer.ssim, Holds: true, N: n})
		emit(Row{Name: fmt.Sprintf("%s by %s: detail", name, f.name), Value: peer.detail, Holds: true, N: n})
		emit(Row{Name: fmt.Sprintf("%s by %s: time", name, f.name), Value: peer.seconds, Unit: "s", Holds: true, N: n})
	}
	rows = append(rows, between(name+" detail", got.detail, "of the truth", leastDetail, mostDetail, n),
		between(name+" edge", got.seam, "of the truth", leastSeam, mostSeam, n), notAbove(name+" time", got.seconds, "s", seconds, n))
	for _, r := range rows {
		emit(r)
	}
}

// A filler is a way of filling holes.
type filler struct {
	name string
	runs int // the fastest of them counts
	fill func(ctx context.Context, img *image.NRGBA, hole []bool) (*image.NRGBA, error)
}

// score fills the hole in a picture, and compares with the original.
func (f filler) score(ctx context.Context, truth *image.NRGBA, hole []bool) (holeScore, *image.NRGBA, error) {
	cut := &image.NRGBA{Pix: slices.Clone(truth.Pix), Stride: truth.Stride, Rect: truth.Rect}
	for i, in := range hole {
		if in {
			copy(cut.Pix[4*i:4*i+3], []uint8{0, 0, 0})
		}
	}
	var out *image.NRGBA
	best := 0.
	for i := range f.runs {
		began := time.Now()
		var err error
		if out, err = f.fill(ctx, cut, hole); err != nil {
			return holeScore{}, nil, err
		}
		if took := time.Since(began).Seconds(); i == 0 || took < best {
			best = took
		}
	}
	score := scoreHole(out, truth, hole)
	score.seconds = best
	return score, out, nil
}

// fillWith fills with this program.
func fillWith(on *Machine) (filler, error) {
	m, err := anyMatcher(on)
	return filler{"atelier", 3, func(ctx context.Context, img *image.NRGBA, hole []bool) (*image.NRGBA, error) {
		out, _, err := patch.Fill(ctx, m, img, hole, patch.Filling{Seed: 1}, nil)
		return out, err
	}}, err
}

// large fills a hole of a large photo in its own process.
func (s *Patch) large(ctx context.Context, on *Machine, emit func(Row)) error {
	if s.Large == "" {
		on.Tell("large: skipped; large=PHOTO names a photo of about 12 megapixels")
		return nil
	}
	b, err := os.ReadFile(s.Large)
	if err != nil {
		return err
	}
	f, err := picture.Open(b)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "large")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w, h := f.Width*316/1000, f.Height*316/1000
	cmd := on.Program(ctx, "inpaint", s.Large, "--box", fmt.Sprintf("%d,%d,%d,%d", f.Width/3, f.Height/3, w, h), "-o", filepath.Join(dir, "out.png"))
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	peak := watch(cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		return &ChildError{Command: cmd.Args, How: err, Said: said.String()}
	}
	took := time.Since(began).Seconds()
	emit(notAbove(fmt.Sprintf("large, a hole of 10 %% of %d×%d: time", f.Width, f.Height), took, "s", largeSeconds, 1))
	emit(notAbove("large: memory", peak()*(1<<20)/1e6, "MB at most", largeMemory, 1))
	if s.Look == "" {
		return nil
	}
	out, err := os.ReadFile(filepath.Join(dir, "out.png"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Look, "large.png"), out, 0o666)
}
