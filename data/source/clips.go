package source

import (
	"context"
	"fmt"
	"image"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/film"
	files "atelier/internal/picture"
	"atelier/internal/registry"
)

func init() {
	data.Sources.Add("clips", "clips below a folder: GIF, APNG, WebP, AVI of JPEG frames, y4m, folders of numbered frames, or the rows of sprite sheets; one sub-folder per class",
		func() data.Source { return &Clips{TestShare: 0.1} })
}

const (
	mostClipFile = 512 << 20 // bytes
	clipFrame    = 80 * time.Millisecond
	mostCell     = 1024
)

// Clips reads the clips below a folder, sorted by path; the first sub-folder is the class. Still
// pictures of a folder whose names end in numbers are the frames of one clip, in the order of the
// numbers. With cells, still pictures are sprite sheets, of which each row is a clip.
type Clips struct {
	Path      string  `help:"the folder"`
	Cut       int     `help:"cut clips into pieces of so many frames; 0 leaves them whole"`
	Cell      int     `help:"side of the cells of sprite sheets in pixels, 4 to 1024; 0 where there are none"`
	TestShare float64 `help:"share of the files, 0 to 0.9, held out as the test part, chosen by path"`
}

// Check rejects settings outside their range.
func (s *Clips) Check() error {
	switch {
	case s.Cut != 0 && s.Cut < 2:
		return registry.Unfit("cut", fmt.Sprintf("want 2 or more frames, or 0, got %d", s.Cut))
	case s.Cell != 0 && (s.Cell < 4 || s.Cell > mostCell):
		return registry.Unfit("cell", fmt.Sprintf("want 4 to %d pixels, or 0, got %d", mostCell, s.Cell))
	}
	return checkShare(s.TestShare)
}

// SetName is the name of the folder.
func (s *Clips) SetName() string { return filepath.Base(s.Path) }

// LocalPath implements [data.Local].
func (s *Clips) LocalPath() string { return s.Path }

// Items yields the clips, those that were put together or cut as animated PNG.
func (s *Clips) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		t, err := s.open()
		if err != nil {
			yield(data.Item{}, err)
			return
		}
		defer t.Close()
		r := clipReader{Clips: s, yield: yield}
		for l, err := range t.walk(ctx) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(data.Item{}, err)
				return
			}
			if isAboutTheSet(l.path) || splitOf(s.group(l.path), s.TestShare) != split {
				continue
			}
			if !r.take(l) {
				return
			}
		}
		r.flush()
	}
}

// A clipReader yields clips as their files come. Its methods report whether more are wanted.
type clipReader struct {
	*Clips
	yield  func(data.Item, error) bool
	stills []still // numbered frames of one folder
}

// take reads a file.
func (r *clipReader) take(l leaf) bool {
	if len(r.stills) > 0 && path.Dir(r.stills[0].item.Name) != path.Dir(l.path) && !r.flush() {
		return false
	}
	it := r.item(l.path)
	b, err := l.read(mostClipFile)
	if err != nil {
		return r.hand(it, data.Dropf("unreadable", "%v", plainly(err)))
	}
	it.Bytes, it.MediaType = b, mediaTypeOf(b)
	reel, err := film.Open(b)
	number, numbered := numberOf(l.path)
	switch {
	case err != nil:
		err = data.Dropf("no clip", "%v", err)
	case reel.N == 1 && r.Cell == 0 && numbered:
		r.stills = append(r.stills, still{it, number})
		return true
	case reel.N == 1 && r.Cell == 0:
		err = data.Dropf("still", "it is a still picture without a number; want a clip, or a folder of numbered frames")
	}
	return r.hand(it, err)
}

// flush hands on the clip of the numbered frames so far.
func (r *clipReader) flush() bool {
	of := r.stills
	r.stills = nil
	if len(of) == 0 {
		return true
	}
	it, err := r.joined(of)
	return r.hand(it, err)
}

// hand yields a clip in its pieces, or why it is dropped.
func (r *clipReader) hand(it data.Item, err error) bool {
	if err != nil {
		return r.yield(it, err) && isDrop(err)
	}
	for piece, err := range r.pieces(it) {
		if !r.yield(piece, err) {
			return false
		}
	}
	return true
}

// A still is a numbered frame.
type still struct {
	item   data.Item
	number int
}

// open opens the folder.
func (s *Clips) open() (tree, error) {
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("clips %w", err)
	}
	if s.Path == "" {
		return nil, badinput.Errorf("clips: path is not set; it names the folder with the clips")
	}
	root, err := os.OpenRoot(s.Path)
	if err != nil {
		return nil, badinput.Errorf("clips: %w; path must name a folder with clips", plainly(err))
	}
	return folderTree{root}, nil
}

// item is what is known about a clip before it is read.
func (s *Clips) item(file string) data.Item {
	it := data.Item{Name: file, Origin: data.Origin{Place: filepath.Join(s.Path, filepath.FromSlash(file))}}
	if class, _, deeper := strings.Cut(file, "/"); deeper {
		it.Label = className(class)
	}
	return it
}

// group is what decides the part of a file: the folder of a numbered picture, so that all frames of a
// clip are in one.
func (s *Clips) group(file string) string {
	if _, numbered := numberOf(file); numbered && s.Cell == 0 && kindOf(typeOfFile(file)) == pictures {
		return path.Dir(file)
	}
	return file
}

// mediaTypeOf is the media type of a clip by its bytes.
func mediaTypeOf(b []byte) string {
	if f := film.FormatOf(b); f != "" {
		return f.MediaType()
	}
	return typeOfBytes(b)
}

// numberOf is the number that the name of a file ends in.
func numberOf(file string) (n int, ok bool) {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	digits := name[len(strings.TrimRight(name, "0123456789")):]
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// joined is a clip of numbered frames.
func (s *Clips) joined(of []still) (data.Item, error) {
	slices.SortStableFunc(of, func(a, b still) int { return a.number - b.number })
	folder := path.Dir(of[0].item.Name)
	it := s.item(folder + "/")
	it.Name, it.Origin.Place = folder, filepath.Join(s.Path, filepath.FromSlash(folder))
	if len(of) < 2 {
		return it, data.Dropf("still", "it has one frame; want two or more")
	}
	var frames []image.Image
	for _, f := range of {
		m, err := decoded(f.item)
		if err != nil {
			return it, data.Dropf("unreadable", "its frame %s: %v", f.item.Name, err)
		}
		frames = append(frames, m)
	}
	return framed(it, frames)
}

// framed is a clip of frames as an Item.
func framed(it data.Item, frames []image.Image) (data.Item, error) {
	file, err := animation.APNG.Encode(frames, clipFrame)
	if err != nil {
		return it, data.Dropf("no clip", "%v", err)
	}
	it.Bytes, it.MediaType = file, animation.APNG.MediaType()
	return it, nil
}

// pieces cuts a clip, or a sprite sheet.
func (s *Clips) pieces(it data.Item) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		if s.Cell == 0 && s.Cut == 0 {
			yield(it, nil)
			return
		}
		reel, err := film.Open(it.Bytes)
		if err != nil {
			yield(it, data.Dropf("no clip", "%v", err))
			return
		}
		var frames []image.Image
		n := 0
		hand := func(name string) bool {
			piece := it
			piece.Name, piece.Group = it.Name+name, it.Name
			piece.Origin.Place += name
			of := frames
			frames = nil
			if len(of) < 2 {
				return true
			}
			n++
			return yield(framed(piece, of))
		}
		for m, err := range reel.Frames {
			if err != nil {
				yield(it, data.Dropf("unreadable", "%v", err))
				return
			}
			if s.Cell > 0 {
				for row := range m.Bounds().Dy() / s.Cell {
					if frames = cellsOf(m, row, s.Cell); !hand(fmt.Sprintf("#%d", row+1)) {
						return
					}
				}
				continue
			}
			if frames = append(frames, m); len(frames) == s.Cut && !hand(fmt.Sprintf("#%d", n+1)) {
				return
			}
		}
		if n == 0 {
			yield(it, data.Dropf("short", "it has no two frames, or fewer than %d", s.Cut))
		}
	}
}

// cellsOf are the cells of a row of a sprite sheet, up to the first that is empty.
func cellsOf(m image.Image, row, side int) (cells []image.Image) {
	sheet := files.NRGBA(m)
	for column := range sheet.Rect.Dx() / side {
		cell := image.NewNRGBA(image.Rect(0, 0, side, side))
		empty := true
		for y := range side {
			from := sheet.Pix[(row*side+y)*sheet.Stride+4*column*side:][:4*side]
			copy(cell.Pix[y*cell.Stride:], from)
			for x := 3; x < len(from); x += 4 {
				empty = empty && from[x] == 0
			}
		}
		if empty {
			break
		}
		cells = append(cells, cell)
	}
	return cells
}
